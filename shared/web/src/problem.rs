//! Problem replies (RFC 9457).

use api::problem::{self, Kind};
use kernel::Lang;
use loyalty::problem::Fault;
use loyalty::redemption::Limit;
use membership::profile::Language;
use serde_json::{Map, Value, json};
use store::StoreError;

use crate::reply::Reply;

/// Words of a problem. The language is chosen when the reply is written.
#[derive(Debug, Clone)]
pub enum Text {
    /// For the client's developer: the parser's words, a header to send.
    Plain(String),
    /// A fault of a sale or programme, worded by `loyalty`.
    Fault(Fault),
    /// A limit on spending, worded by `loyalty`.
    Limit(Limit),
    /// Words in Russian, Kazakh and English.
    Words([String; 3]),
}

impl Text {
    fn in_language(&self, language: Language) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Fault(fault) => fault.text(lang(language)),
            Self::Limit(limit) => limit.text(lang(language)),
            Self::Words([ru, kk, en]) => match language {
                Language::Ru => ru.clone(),
                Language::Kk => kk.clone(),
                Language::En => en.clone(),
            },
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

/// The language of `membership` as that of `loyalty`: two pure crates that do not know each other.
#[must_use]
pub const fn lang(language: Language) -> Lang {
    match language {
        Language::Ru => Lang::Ru,
        Language::Kk => Lang::Kk,
        Language::En => Lang::En,
    }
}

/// A problem on its way to the client. Small, because every call returns one or a reply.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: &'static Kind,
    particulars: Box<Particulars>,
}

/// What a problem says besides its kind.
#[derive(Debug, Clone, Default)]
struct Particulars {
    /// What happened this time; the title says what kind of thing it is.
    detail: Option<Text>,
    /// Fields at fault: JSON pointer (or `?name`) and what is wrong.
    errors: Vec<(String, Text)>,
    /// Further typed members (RFC 9457 section 3.2).
    members: Map<String, Value>,
    retry_after_seconds: Option<i64>,
    /// For the log, never for the client.
    internal: Option<String>,
}

/// Most field errors listed in one problem.
const ERRORS_MAX: usize = 100;

impl Problem {
    /// A problem of `kind` without particulars.
    #[must_use]
    pub fn of(kind: &'static Kind) -> Self {
        Self { kind, particulars: Box::default() }
    }

    /// An internal error; `cause` goes to the log only.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::of(&problem::INTERNAL).caused_by(cause.into())
    }

    fn caused_by(mut self, cause: String) -> Self {
        self.particulars.internal = Some(cause);
        self
    }

    /// Adds what happened this time.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Text>) -> Self {
        self.particulars.detail = Some(detail.into());
        self
    }

    /// Adds a field at fault.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, message: impl Into<Text>) -> Self {
        if self.particulars.errors.len() < ERRORS_MAX {
            self.particulars.errors.push((pointer.into(), message.into()));
        }
        self
    }

    /// Moves the fields at fault below `pointer`: what was read is a part of the body.
    #[must_use]
    pub fn within(mut self, pointer: &str) -> Self {
        for (at, _) in &mut self.particulars.errors {
            at.insert_str(0, pointer);
        }
        self
    }

    /// Adds a typed member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.particulars.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says when to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.particulars.retry_after_seconds = Some(seconds);
        self
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// What the log should say, if this is a fault of ours.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.particulars.internal.as_deref()
    }

    /// The reply in the client's language.
    #[must_use]
    pub fn into_reply(self, language: Language) -> Reply {
        let title = match language {
            Language::Ru => self.kind.ru,
            Language::Kk => self.kind.kk,
            Language::En => self.kind.en,
        };
        let Particulars { detail, errors, members, retry_after_seconds, internal: _ } = *self.particulars;
        let mut body = members;
        body.insert("type".to_owned(), json!(format!("/problems/{}", self.kind.slug)));
        body.insert("title".to_owned(), json!(title));
        body.insert("status".to_owned(), json!(self.kind.status));
        if let Some(detail) = detail {
            body.insert("detail".to_owned(), json!(detail.in_language(language)));
        }
        if !errors.is_empty() {
            let error = |(pointer, detail): &(String, Text)| json!({ "pointer": pointer, "detail": detail.in_language(language) });
            let errors: Vec<Value> = errors.iter().map(error).collect();
            body.insert("errors".to_owned(), json!(errors));
        }
        let reply = Reply::problem(self.kind.status, Value::Object(body).to_string())
            .header("content-language", language.code());
        match retry_after_seconds {
            Some(seconds) => reply.header("retry-after", seconds.max(1).to_string()),
            None => reply,
        }
    }
}

/// How long a client should wait when storage is busy.
const BUSY_RETRY_SECONDS: i64 = 1;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            Self::of(&problem::UNAVAILABLE).retry_after(BUSY_RETRY_SECONDS).caused_by(error.to_string())
        } else {
            Self::internal(error.to_string())
        }
    }
}

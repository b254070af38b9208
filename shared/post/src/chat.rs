//! A message as a brand's bot says it, with the buttons that the bot's dialogue has for it.

use club::personal::Personal;
use kernel::time::{DAY_MS, SECOND_MS};
use kernel::{Lang, Timestamp};
use membership::secrets::{Indexed, LinkSigner, Purpose};
use messaging::Topic;
use messaging::outcome::Outcome;
use partner::{Answer, Fault, Request};
use telegram::answer::{self, Failure};
use telegram::markup::{InlineButton, Markup};
use telegram::method::{Bot, Method, Words};
use telegram::press::{self, Press};
use telegram::text::{escape, fit};

use crate::carry::Call;

/// Characters of title and text together: Telegram takes 4,096, and tags are not cut.
const TEXT_CHARS_MAX: usize = 3_500;
/// Links of this kind are questions after a visit. Crate `care` signs them.
const QUESTIONS: &str = "feedback";
/// Longest wait that Telegram is believed: a wrong number must not end a bot. Others are believed for an hour
/// ([`partner::backoff::RETRY_AFTER_MS_MAX`]).
pub(crate) const BELIEVED_MS_MAX: i64 = DAY_MS;
/// Answers of a gateway that gave up waiting: whoever stands behind it may have done what was asked.
const NOBODY_KNOWS: [u16; 2] = [502, 504];

/// What a message asks of its reader, beyond being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Stars for the visit of this token.
    Stars(String),
    /// An answer about this ticket.
    Ticket(String),
}

impl Ask {
    /// What an intent's message asks. `link` is where its button leads.
    #[must_use]
    pub fn of(topic: Topic, data: &str, link: Option<&str>, personal: Personal<'_>) -> Option<Self> {
        match topic {
            Topic::FeedbackRequest => question(link?, personal).map(Self::Stars),
            Topic::TicketAnswer | Topic::TicketClosed => ticket(data).map(Self::Ticket),
            _ => None,
        }
    }

    /// The ticket to which what its reader writes next belongs.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        match self {
            Self::Ticket(ticket) => Some(ticket),
            Self::Stars(_) => None,
        }
    }
}

/// The ticket that an intent's data name.
fn ticket(data: &str) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    press::word(data.get("ticket")?.as_str()?)
}

/// The token in a link to a question: the part of it that was signed here, wherever the deployment's address has it.
fn question(link: &str, personal: Personal<'_>) -> Option<String> {
    let signer = LinkSigner::new(personal.secrets.key(Purpose::Links), QUESTIONS);
    let parts = link.split(|each: char| !(each.is_ascii_alphanumeric() || each == '_' || each == '-'));
    parts.filter_map(press::word).find(|part| signer.open(part).is_some())
}

/// The index of a chat with a brand's bot.
#[must_use]
pub fn index(brand: &str, chat: &str, personal: Personal<'_>) -> Vec<u8> {
    let chat = format!("{brand}:{chat}");
    personal.secrets.blind_indexer().index(Indexed::Chat, &chat).bytes().to_vec()
}

/// A message to a chat.
pub fn request(base_url: &str, token: &str, call: &Call) -> Result<Request, Outcome> {
    let chat = call.address.parse().map_err(|_| Outcome::AddressGone("not a chat's number".to_owned()))?;
    let text = fit(&call.words.text, TEXT_CHARS_MAX);
    let words = Words::html(format!("<b>{}</b>\n\n{}", escape(&call.words.title), escape(&text)));
    let method = Method::SendMessage { chat, words, markup: buttons(call), silent: false };
    Ok(Bot { base_url, token }.call(&method))
}

/// What can be pressed under the message: what its reader is asked for, then what there is to open.
fn buttons(call: &Call) -> Option<Markup> {
    let say = |[ru, kk, en]: [&'static str; 3]| match call.lang {
        Lang::Ru => ru,
        Lang::Kk => kk,
        Lang::En => en,
    };
    let mut rows = Vec::new();
    match &call.ask {
        Some(Ask::Stars(token)) => rows.push(press::stars(token)),
        Some(Ask::Ticket(ticket)) => {
            let answer = Press::Ticket(ticket.clone()).button(say(["Ответить", "Жауап беру", "Answer"]));
            rows.push(vec![answer]);
        }
        None => {}
    }
    if let Some(link) = &call.words.link {
        rows.push(vec![InlineButton::url(say(["Открыть", "Ашу", "Open"]), link)]);
    }
    (!rows.is_empty()).then(|| Markup::inline(rows))
}

/// What Telegram's answer means.
#[must_use]
pub fn outcome(answer: &Result<Answer, Fault>, now: Timestamp) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault @ Fault::NotSent(_)) => return Outcome::Failed { wanted: None, detail: fault.to_string() },
        Err(fault @ Fault::NoAnswer(_)) => return Outcome::Unknown(fault.to_string()),
    };
    let failure = match answer::sent(answer) {
        Ok(sent) => return Outcome::Accepted { provider_id: Some(sent.message.to_string()) },
        Err(failure) => failure,
    };
    let detail = failure.to_string();
    match failure {
        Failure::TooMany { retry_after_seconds } => {
            let wait_ms = i64::from(retry_after_seconds) * SECOND_MS;
            Outcome::Slower { until: now.plus_millis(wait_ms.min(BELIEVED_MS_MAX)), detail }
        }
        Failure::Unreachable(_) | Failure::Moved { .. } => Outcome::AddressGone(detail),
        Failure::Unauthorised => Outcome::Misconfigured(detail),
        Failure::Unavailable { code, .. } if NOBODY_KNOWS.contains(&code) => Outcome::Unknown(detail),
        Failure::Unavailable { .. } => Outcome::Failed { wanted: None, detail },
        Failure::Refused { .. } => Outcome::Refused(detail),
        Failure::NotModified | Failure::Unreadable(_) => Outcome::Unknown(detail),
    }
}

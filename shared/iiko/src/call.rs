//! One call: always a POST with a JSON body, and the ways in which it can be answered.

use http::Method;
use partner::{Answer, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long an answer may take. A menu of a large chain takes seconds.
pub const TIMEOUT_MS: u32 = 30_000;
/// Characters of a partner's words that are kept.
const WORDS_MAX: usize = 300;
/// When no other time is named.
const RETRY_AFTER_SECONDS: u32 = 60;

/// Where an account's API is, and the token that opens it.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Scheme and host, without a slash at the end.
    pub base_url: &'a str,
    pub token: &'a str,
}

impl Access<'_> {
    /// A call with this account's token.
    #[must_use]
    pub fn post(&self, path: &str, body: &impl Serialize) -> Request {
        let mut request = post(self.base_url, path, body);
        request.headers.push(("authorization", format!("Bearer {}", self.token)));
        request
    }
}

/// A call without a token.
#[must_use]
pub fn post(base_url: &str, path: &str, body: &impl Serialize) -> Request {
    Request {
        method: Method::POST,
        url: format!("{}{path}", base_url.trim_end_matches('/')),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
        ],
        body: serde_json::to_vec(body).expect("wire types have string keys and no failing parts"),
        timeout_ms: TIMEOUT_MS,
    }
}

/// Why an answer is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// 401: the token has run out, or the login is wrong.
    #[error("not authorised: {0}")]
    Unauthorised(String),
    /// 429: too many calls.
    #[error("too many calls; again in {retry_after_seconds} s")]
    TooMany { retry_after_seconds: u32 },
    /// 408: the terminal did not answer in time.
    #[error("the terminal does not answer: {0}")]
    TerminalSilent(String),
    /// 410: the command is too old to be asked about.
    #[error("gone: {0}")]
    Gone(String),
    /// Another 4xx: the same request will be refused again.
    #[error("refused with {status}: {words}")]
    Refused { status: u16, words: String },
    /// 5xx: it may pass.
    #[error("unavailable with {status}: {words}")]
    Unavailable { status: u16, words: String },
    /// 200 with something else than its documentation says.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

/// The two families of error bodies.
#[derive(serde::Deserialize)]
struct ErrorBody {
    #[serde(rename = "errorDescription")]
    description: Option<String>,
    error: Option<String>,
    message: Option<String>,
}

/// Reads an answer. What to do is decided by the status; the words are for people.
///
/// # Errors
/// See [`Failure`].
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    check(answer)?;
    serde_json::from_slice(&answer.body).map_err(|error| Failure::Unreadable(error.to_string()))
}

/// Refuses what is no success.
///
/// # Errors
/// See [`Failure`].
pub fn check(answer: &Answer) -> Result<(), Failure> {
    match answer.status {
        200..=299 => Ok(()),
        401 => Err(Failure::Unauthorised(words(answer))),
        408 => Err(Failure::TerminalSilent(words(answer))),
        410 => Err(Failure::Gone(words(answer))),
        429 => {
            let named = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
            Err(Failure::TooMany { retry_after_seconds: named.unwrap_or(RETRY_AFTER_SECONDS) })
        }
        status @ 500.. => Err(Failure::Unavailable { status, words: words(answer) }),
        status => Err(Failure::Refused { status, words: words(answer) }),
    }
}

/// What the partner says about its refusal.
fn words(answer: &Answer) -> String {
    let body: Option<ErrorBody> = serde_json::from_slice(&answer.body).ok();
    let text = body.and_then(|body| body.description.or(body.message).or(body.error)).unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect()
}

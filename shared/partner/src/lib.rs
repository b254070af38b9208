//! Calls to partners' systems as plain data: what is asked, what came back, and when to try again.
//!
//! The wire crates (`iiko`, `acquiring`) make a [`Request`] and read an [`Answer`]; `platform` carries it. Nothing here
//! sends anything, so a rule about retries is a function of its arguments.

pub mod backoff;
pub mod breaker;
pub mod bucket;

use http::Method;

/// A request to a partner's system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// How long to wait for the whole answer.
    pub timeout_ms: u32,
}

/// What a partner said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is one of success, 200 to 299.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the partner is in trouble, or we ask too often: the same request may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
    }

    /// A header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The partner cannot have seen the request: no grant, no address, no connection.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have arrived: nobody knows what became of it.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// The way out.
pub trait Exchange {
    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// When there is no answer; an answer of any status is none.
    fn exchange(&self, request: &Request) -> Result<Answer, Fault>;

    /// Sends requests that do not depend on each other and waits for all answers, in the order of the requests. An
    /// adapter that can has them under way at once.
    fn exchange_all(&self, requests: &[Request]) -> Vec<Result<Answer, Fault>> {
        requests.iter().map(|request| self.exchange(request)).collect()
    }
}

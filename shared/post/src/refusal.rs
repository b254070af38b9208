//! Why a use case did not happen.

use store::StoreError;

/// Everything that a use case of messages may refuse, and the failures beneath it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] club::Refusal),
    /// No such contact, message or topic, or not the caller's.
    #[error("unknown")]
    Unknown,
    /// The code was answered, exhausted or has expired, or none was sent.
    #[error("there is no code to answer; ask for a new one")]
    CodeEnded,
    /// Too many of these.
    #[error("too often; try again in {retry_after_seconds} s")]
    Limited { retry_after_seconds: i64 },
    /// It was told, or waits to be told.
    #[error("only what reached nobody can be sent again")]
    NotFailed,
    /// Told now it would be wrong: its time is over.
    #[error("it is out of date: {0}")]
    Outdated(&'static str),
    /// There is no way left to the guest.
    #[error("no way leads to the guest: {0}")]
    NoWay(&'static str),
}

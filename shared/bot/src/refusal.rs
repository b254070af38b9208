//! Why something that a guest asked for did not happen.

use store::StoreError;

/// A failure beneath us, or a refusal of the club's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] club::Refusal),
    #[error(transparent)]
    SignUp(#[from] club::signup::Refusal),
    #[error(transparent)]
    Card(#[from] club::card::Refusal),
    #[error(transparent)]
    Member(#[from] club::member::Refusal),
    /// The number cannot be a guest's.
    #[error("not a number to sign up with")]
    BadNumber,
    /// The account with this number is blocked.
    #[error("the account is blocked")]
    Blocked,
    /// What is required was not agreed to.
    #[error("required consents are missing")]
    ConsentsMissing,
    /// Too many of these.
    #[error("too often; try again in {retry_after_seconds} s")]
    Limited { retry_after_seconds: i64 },
    /// The link, or the visit behind it, is no longer good.
    #[error("the feedback link is not good")]
    FeedbackClosed,
    /// The brand takes no questions yet.
    #[error("no rules of feedback are in force")]
    NoDesk,
    /// No such ticket of this guest.
    #[error("no such ticket")]
    UnknownTicket,
    /// The brand has no referral programme.
    #[error("no referral programme is running")]
    NoReferral,
    /// Messages cannot go to the chat.
    #[error("no messages go to the chat")]
    Unreachable,
    /// A card cannot be drawn: a defect of what is stored.
    #[error("picture: {0}")]
    Picture(String),
}

impl Refusal {
    /// The failure of storage in it: the update is to come again then. Any other refusal is an answer.
    #[must_use]
    pub fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error)
            | Self::Club(club::Refusal::Store(error))
            | Self::SignUp(
                club::signup::Refusal::Store(error)
                | club::signup::Refusal::Club(club::Refusal::Store(error)),
            )
            | Self::Card(club::card::Refusal::Store(error))
            | Self::Member(
                club::member::Refusal::Store(error)
                | club::member::Refusal::Club(club::Refusal::Store(error)),
            ) => Some(error),
            _ => None,
        }
    }
}

impl From<post::Refusal> for Refusal {
    fn from(refusal: post::Refusal) -> Self {
        match refusal {
            post::Refusal::Store(error) => Self::Store(error),
            post::Refusal::Club(refusal) => Self::Club(refusal),
            _ => Self::Unreachable,
        }
    }
}

impl From<ledger::error::Refusal> for Refusal {
    fn from(refusal: ledger::error::Refusal) -> Self {
        Self::Club(refusal.into())
    }
}

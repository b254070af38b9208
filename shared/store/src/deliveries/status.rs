//! How deliveries stand.

use kernel::ParseError;

/// How an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits, or somebody is at it.
    Queued,
    /// A provider has it.
    Sent,
    /// A provider may have it: told again it might be twice.
    Unconfirmed,
    /// It was decided not to tell it.
    Withheld,
    /// It became useless before it could be told.
    Expired,
    /// No way led to the guest.
    Dead,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Sent, Self::Unconfirmed, Self::Withheld, Self::Expired, Self::Dead];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Unconfirmed => "unconfirmed",
            Self::Withheld => "withheld",
            Self::Expired => "expired",
            Self::Dead => "dead",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(ParseError("unknown status of a delivery"))
    }
}

//! What a call to a provider came to, and what follows from it.

use kernel::Timestamp;
use kernel::time::{MINUTE_MS, SECOND_MS};
use partner::backoff::Backoff;

use crate::channel::{Channel, Repeated};

/// Failed calls one way before another is taken: some twenty minutes of waiting in all.
pub const TRIES_MAX: u32 = 8;
/// Waits between tries.
pub const BACKOFF: Backoff = Backoff { first_ms: 10 * SECOND_MS as u32, ceiling_ms: 15 * MINUTE_MS as u32 };
/// Wait when the provider refuses us and not the message: a person has to do something.
pub const MISCONFIGURED_MS: i64 = 5 * MINUTE_MS;
/// Calls that a provider refuses because of us before another way is taken: a key that is being exchanged is good again
/// within ten minutes, and a guest whose account is held cannot wait for a person to find a revoked one.
pub const MISCONFIGURED_TRIES_MAX: u32 = 3;

/// What a call to a provider came to. The texts are for people, and name neither address nor words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has the message.
    Accepted { provider_id: Option<String> },
    /// The provider does not know the address any more, or the reader has shut it.
    AddressGone(String),
    /// The provider refuses this message for good; another way may take it.
    Refused(String),
    /// We ask too often: not before that time.
    Slower { until: Timestamp, detail: String },
    /// The message was certainly not taken, and may be later. With the provider's own wish when to come again.
    Failed { wanted: Option<Timestamp>, detail: String },
    /// Nobody knows whether the message was taken.
    Unknown(String),
    /// The provider does not know us: a key is wrong or missing.
    Misconfigured(String),
}

impl Outcome {
    /// The name in the record of tries.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::AddressGone(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Slower { .. } | Self::Failed { .. } | Self::Misconfigured(_) => "failed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// In words for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Accepted { .. } => "",
            Self::AddressGone(detail)
            | Self::Refused(detail)
            | Self::Slower { detail, .. }
            | Self::Failed { detail, .. }
            | Self::Unknown(detail)
            | Self::Misconfigured(detail) => detail,
        }
    }

    /// Whether it says that the provider is in trouble, for its circuit breaker. None where it says nothing.
    #[must_use]
    pub const fn is_trouble(&self) -> Option<bool> {
        match self {
            Self::Accepted { .. } | Self::AddressGone(_) | Self::Refused(_) => Some(false),
            Self::Failed { .. } | Self::Unknown(_) => Some(true),
            Self::Slower { .. } | Self::Misconfigured(_) => None,
        }
    }
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is told.
    Sent,
    /// It may have been told: told again it might be twice, so a person decides.
    Unconfirmed,
    /// Try the same way again at that time. Whether it counts as a try.
    Again { at: Timestamp, counts: bool },
    /// Take another way. Whether the address is to be forgotten.
    OtherWay { address_is_gone: bool },
}

/// What follows from an outcome. `tries` are the calls this way so far, this one included.
#[must_use]
pub fn next(outcome: &Outcome, channel: Channel, tries: u32, now: Timestamp, random: u64) -> Next {
    let again = |wanted: Option<Timestamp>| {
        if tries >= TRIES_MAX {
            Next::OtherWay { address_is_gone: false }
        } else {
            Next::Again { at: BACKOFF.next_at(tries, random, now, wanted), counts: true }
        }
    };
    match outcome {
        Outcome::Accepted { .. } => Next::Sent,
        Outcome::AddressGone(_) => Next::OtherWay { address_is_gone: true },
        Outcome::Refused(_) => Next::OtherWay { address_is_gone: false },
        Outcome::Slower { until, .. } => Next::Again { at: *until, counts: false },
        Outcome::Failed { wanted, .. } => again(*wanted),
        Outcome::Misconfigured(_) if tries >= MISCONFIGURED_TRIES_MAX => {
            Next::OtherWay { address_is_gone: false }
        }
        Outcome::Misconfigured(_) => Next::Again { at: now.plus_millis(MISCONFIGURED_MS), counts: true },
        // Not another way either, while this one may have worked.
        Outcome::Unknown(_) => match channel.repeated() {
            Repeated::ShownTwice => Next::Unconfirmed,
            Repeated::ShownOnce if tries >= TRIES_MAX => Next::Unconfirmed,
            Repeated::ShownOnce => again(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * SECOND_MS)
    }

    #[test]
    fn what_follows_from_what() {
        let words = || "why".to_owned();
        let accepted = Outcome::Accepted { provider_id: None };
        let failed = |wanted| Outcome::Failed { wanted, detail: words() };
        let unknown = Outcome::Unknown(words());
        let slower = Outcome::Slower { until: at(30), detail: words() };
        let another = |address_is_gone| Next::OtherWay { address_is_gone };
        let again = |seconds, counts| Next::Again { at: at(seconds), counts };
        use Channel::{Email, PushFcm, PushRustore, Sms, Telegram};
        for (outcome, channel, tries, expected) in [
            (&accepted, Sms, 1, Next::Sent),
            (&Outcome::AddressGone(words()), PushFcm, 1, another(true)),
            (&Outcome::Refused(words()), Email, 1, another(false)),
            (&slower, Telegram, 3, again(30, false)),
            (&failed(None), Telegram, 1, again(5, true)),
            (&failed(None), Telegram, 2, again(10, true)),
            (&failed(Some(at(77))), PushFcm, 2, again(77, true)),
            (&failed(None), PushFcm, TRIES_MAX, another(false)),
            (&unknown, Telegram, 1, Next::Unconfirmed),
            (&unknown, PushRustore, 1, Next::Unconfirmed),
            (&unknown, PushFcm, 1, again(5, true)),
            (&unknown, Sms, TRIES_MAX, Next::Unconfirmed),
            (&Outcome::Misconfigured(words()), Email, 1, again(300, true)),
            (&Outcome::Misconfigured(words()), PushFcm, MISCONFIGURED_TRIES_MAX, another(false)),
        ] {
            assert_eq!(next(outcome, channel, tries, at(0), 0), expected, "{outcome:?} {channel:?} {tries}");
        }
    }

    /// Whatever a provider answers, a way comes to an end after a bounded number of calls that count.
    #[test]
    fn every_way_ends() {
        for channel in Channel::ALL {
            for outcome in [
                Outcome::Failed { wanted: None, detail: String::new() },
                Outcome::Unknown(String::new()),
                Outcome::Misconfigured(String::new()),
            ] {
                let last = next(&outcome, channel, TRIES_MAX, at(0), 0);
                assert!(matches!(last, Next::OtherWay { .. } | Next::Unconfirmed), "{channel:?} {outcome:?}");
            }
        }
    }
}

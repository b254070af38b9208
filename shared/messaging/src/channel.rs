//! Channels: ways to a guest that different providers serve.

use kernel::ParseError;

/// A way to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// Firebase Cloud Messaging.
    PushFcm,
    /// RuStore's push service, for phones without Google's.
    PushRustore,
    /// The chain's bot.
    Telegram,
    /// E-mail to a confirmed address.
    Email,
    /// A text message to the member's phone.
    Sms,
}

/// What a guest chooses among: two push services are one thing to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Push,
    Telegram,
    Email,
    Sms,
}

/// What happens at the reader's when a message is sent twice, because nobody knows whether the first one arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The provider or the phone knows it again and shows it once.
    ShownOnce,
    /// The reader gets it twice.
    ShownTwice,
}

impl Channel {
    /// Every channel, the cheapest first: push and Telegram cost nothing, a text message some thousand times an e-mail.
    pub const ALL: [Self; 5] = [Self::PushFcm, Self::PushRustore, Self::Telegram, Self::Email, Self::Sms];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PushFcm => "push_fcm",
            Self::PushRustore => "push_rustore",
            Self::Telegram => "telegram",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|channel| channel.code() == code).ok_or(ParseError("unknown channel"))
    }

    /// What a guest chooses among.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::PushFcm | Self::PushRustore => Kind::Push,
            Self::Telegram => Kind::Telegram,
            Self::Email => Kind::Email,
            Self::Sms => Kind::Sms,
        }
    }

    /// FCM replaces a notification by one with the same tag; the gateways of e-mail and text messages know our ids
    /// again. RuStore and Telegram know neither.
    #[must_use]
    pub const fn repeated(self) -> Repeated {
        match self {
            Self::PushFcm | Self::Email | Self::Sms => Repeated::ShownOnce,
            Self::PushRustore | Self::Telegram => Repeated::ShownTwice,
        }
    }

    /// Who sends it: Telegram's limits want an outbox of its own.
    #[must_use]
    pub const fn lane(self) -> Lane {
        match self {
            Self::Telegram => Lane::Telegram,
            Self::PushFcm | Self::PushRustore | Self::Email | Self::Sms => Lane::Direct,
        }
    }
}

/// Which outbox sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Push, e-mail, text messages.
    Direct,
    Telegram,
}

impl Lane {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Telegram => "telegram",
        }
    }
}

impl Kind {
    /// Every kind, the cheapest first.
    pub const ALL: [Self; 4] = [Self::Push, Self::Telegram, Self::Email, Self::Sms];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Telegram => "telegram",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
            .ok_or(ParseError("unknown channel; use push, telegram, email or sms"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_cheap_comes_first() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.code()), Ok(channel));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Ok(kind));
        }
        assert!(Channel::ALL.is_sorted(), "the order of the type is the order of cost");
        assert!(Channel::ALL.is_sorted_by_key(|channel| channel.kind()));
    }
}

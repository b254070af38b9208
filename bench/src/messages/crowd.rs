//! Who is told what, and which way it must go: a mix that repeats every two thousand, known from a number alone.

use messaging::topic::{Class, Topic};
use messaging::{Channel, Kind};

/// How somebody is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    Fcm,
    Rustore,
    Telegram,
    Email,
    /// By nothing but their phone.
    Phone,
    /// The app was removed, and FCM says so; then by a mailbox.
    Moved,
}

/// Somebody who is told something, by number.
#[derive(Debug, Clone, Copy)]
pub struct Person(pub usize);

impl Person {
    /// Of a hundred.
    #[must_use]
    pub const fn reached(self) -> Reached {
        match self.0 % 100 {
            0..64 => Reached::Fcm,
            64..76 => Reached::Rustore,
            76..84 => Reached::Telegram,
            84..88 => Reached::Email,
            88..97 => Reached::Phone,
            _ => Reached::Moved,
        }
    }

    /// Of twenty: questions after a visit are the most.
    #[must_use]
    pub const fn topic(self) -> Topic {
        match (self.0 * 7 + self.0 / 100) % 20 {
            0..4 => Topic::TicketAnswer,
            4..14 => Topic::FeedbackRequest,
            14..17 => Topic::PointsDelayed,
            _ => Topic::BirthdayGift,
        }
    }

    /// Two of three agreed to advertising.
    #[must_use]
    pub const fn agreed(self) -> bool {
        !(self.0 / 100).is_multiple_of(3)
    }

    /// The topic's data.
    #[must_use]
    pub fn data(self) -> String {
        let number = self.0;
        match self.topic() {
            Topic::TicketAnswer => format!(r#"{{"ticket":"T-{number}"}}"#),
            Topic::PointsDelayed => r#"{"until":"2026-11-26T12:00:00Z"}"#.to_owned(),
            Topic::BirthdayGift => r#"{"points":"100"}"#.to_owned(),
            _ => format!(r#"{{"outlet":"o-{}","url":"https://club.example/f/{number}"}}"#, number % 1_200),
        }
    }

    /// The only channel that may have told it in the end; `None`: it is to be withheld.
    #[must_use]
    pub const fn expected(self) -> Option<Channel> {
        let (topic, reached) = (self.topic(), self.reached());
        let is_advertising = matches!(topic.class(), Class::Advertising);
        match reached {
            Reached::Phone if topic.is_worth_sms() => Some(Channel::Sms),
            Reached::Phone => None,
            _ if is_advertising && !self.agreed() => None,
            Reached::Fcm => Some(Channel::PushFcm),
            Reached::Rustore => Some(Channel::PushRustore),
            Reached::Telegram => Some(Channel::Telegram),
            Reached::Email | Reached::Moved => Some(Channel::Email),
        }
    }

    /// The address in a channel, in clear.
    #[must_use]
    pub fn address(self, channel: Channel) -> String {
        let number = self.0;
        match channel.kind() {
            Kind::Push => format!("{number:09}:APA91b{}", "x".repeat(140)),
            Kind::Telegram => (700_000_000 + number).to_string(),
            Kind::Email => format!("guest{number}@example.com"),
            Kind::Sms => format!("+7701{number:07}"),
        }
    }
}

//! What there is to tell, how urgent it is, and what its words are made of.

use kernel::ParseError;

/// What a message is about. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// A tier ends soon and was not earned again.
    TierEnding,
    /// How was it? After a visit.
    FeedbackRequest,
    /// The chain's answer to a guest's complaint or question.
    TicketAnswer,
    /// A complaint is settled.
    TicketClosed,
    /// Points come later than usual: something is being checked.
    PointsDelayed,
    /// The account is stopped until somebody has looked at it.
    AccountHeld,
    /// A card's number alone spends nothing for a while: the code is asked for.
    AccountChallenged,
    /// What became of an appeal against that.
    AppealDecided,
    /// An award in points.
    AwardGiven,
    /// A friend came, points for it.
    ReferralRewarded,
    /// Points for a birthday.
    BirthdayGift,
    /// An order was undone; what becomes of its money and points.
    OrderCancelled,
    /// The code that proves an e-mail address.
    EmailConfirm,
}

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It concerns the guest's own account, or something that they asked for.
    Service,
    /// The chain asks for something; nobody has to be asked often.
    Request,
    /// Advertising by law: only with a consent.
    Advertising,
}

/// What becomes of a message that reached nobody when a person has it told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is news still: it gets another while.
    Anew,
    /// Only as long as it was of use from the beginning: later it would be wrong.
    InTime,
    /// Never: the guest asks for another one.
    Never,
}

/// A value that words are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Shown as it is.
    Text,
    /// A tier's code, shown by its name.
    Tier,
    /// An outlet's code, shown by its name where it is known.
    Outlet,
    /// A whole number.
    Count,
    /// A decimal, counted in the language's plural forms.
    Points,
    /// An amount with its currency.
    Money,
    /// A business date.
    Date,
    /// An instant, shown in the guest's zone.
    PointInTime,
    /// A yes or no.
    Flag,
    /// An address that a button leads to: not part of the words.
    Link,
}

/// A member of an intent's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: FieldKind,
    pub required: bool,
}

const fn must(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, required: true }
}

const fn may(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, required: false }
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 13] = [
        Self::TierEnding,
        Self::FeedbackRequest,
        Self::TicketAnswer,
        Self::TicketClosed,
        Self::PointsDelayed,
        Self::AccountHeld,
        Self::AccountChallenged,
        Self::AppealDecided,
        Self::AwardGiven,
        Self::ReferralRewarded,
        Self::BirthdayGift,
        Self::OrderCancelled,
        Self::EmailConfirm,
    ];

    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TierEnding => "tier.ending",
            Self::FeedbackRequest => "feedback.request",
            Self::TicketAnswer => "ticket.answer",
            Self::TicketClosed => "ticket.closed",
            Self::PointsDelayed => "points.delayed",
            Self::AccountHeld => "account.held",
            Self::AccountChallenged => "account.challenged",
            Self::AppealDecided => "appeal.decided",
            Self::AwardGiven => "award.given",
            Self::ReferralRewarded => "referral.rewarded",
            Self::BirthdayGift => "birthday.gift",
            Self::OrderCancelled => "order.cancelled",
            Self::EmailConfirm => "email.confirm",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When there is no such topic.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|topic| topic.code() == code).ok_or(ParseError("unknown topic"))
    }

    /// The message's name in the texts.
    pub(crate) fn text_id(self) -> String {
        self.code().replace('.', "-")
    }

    /// Why it is sent.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::FeedbackRequest => Class::Request,
            Self::BirthdayGift => Class::Advertising,
            Self::TierEnding
            | Self::TicketAnswer
            | Self::TicketClosed
            | Self::PointsDelayed
            | Self::AccountHeld
            | Self::AccountChallenged
            | Self::AppealDecided
            | Self::AwardGiven
            | Self::ReferralRewarded
            | Self::OrderCancelled
            | Self::EmailConfirm => Class::Service,
        }
    }

    /// Whether it is worth a text message where nothing cheaper reaches the guest: somebody waits for it, or cannot pay
    /// with points until they know.
    #[must_use]
    pub const fn is_worth_sms(self) -> bool {
        matches!(
            self,
            Self::TicketAnswer
                | Self::TicketClosed
                | Self::AccountHeld
                | Self::AppealDecided
                | Self::OrderCancelled
        )
    }

    /// Whether it is told at any hour: somebody is waiting for it at this very moment, or stands at a till.
    #[must_use]
    pub const fn is_told_at_any_hour(self) -> bool {
        matches!(self, Self::AccountHeld | Self::OrderCancelled | Self::EmailConfirm)
    }

    /// Whether a person's own words go with it.
    #[must_use]
    pub const fn has_body(self) -> bool {
        matches!(self, Self::TicketAnswer | Self::EmailConfirm)
    }

    /// Whether a person has decided or written something for the guest, and believes that they read it: that nobody told
    /// them is shown to people.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::TicketAnswer | Self::TicketClosed | Self::AppealDecided)
    }

    /// Whether a person may have it told again. What tells of a day to come, asks about a visit that may be rated for so
    /// long, or congratulates is out of place when its time is over.
    #[must_use]
    pub const fn again(self) -> Again {
        match self {
            Self::TicketAnswer
            | Self::TicketClosed
            | Self::AccountHeld
            | Self::AppealDecided
            | Self::AwardGiven
            | Self::ReferralRewarded
            | Self::OrderCancelled => Again::Anew,
            Self::TierEnding
            | Self::FeedbackRequest
            | Self::PointsDelayed
            | Self::AccountChallenged
            | Self::BirthdayGift => Again::InTime,
            Self::EmailConfirm => Again::Never,
        }
    }

    /// Whether what was sealed with it is of no more use when it expires: it is never told again, or not after that.
    #[must_use]
    pub const fn is_sealed_until_expiry(self) -> bool {
        (self.has_body() || self.has_sealed_link()) && !matches!(self.again(), Again::Anew)
    }

    /// Whether it goes to the contact that its data names, and nowhere else.
    #[must_use]
    pub const fn is_for_one_contact(self) -> bool {
        matches!(self, Self::EmailConfirm)
    }

    /// Whether its link opens something by itself, without anybody signing in. Such a link is sealed where an intent's text by a
    /// person is, and forgotten with the telling; the data of older intents may have it plain.
    #[must_use]
    pub const fn has_sealed_link(self) -> bool {
        matches!(self, Self::FeedbackRequest)
    }

    /// What its words are made of.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        use FieldKind as K;
        match self {
            Self::TierEnding => {
                const { &[must("tier", K::Tier), must("ends_on", K::Date), must("grace_days", K::Count)] }
            }
            Self::FeedbackRequest => const { &[must("outlet", K::Outlet), may("url", K::Link)] },
            Self::TicketAnswer => const { &[must("ticket", K::Text)] },
            Self::TicketClosed => const { &[must("ticket", K::Text), may("points", K::Points)] },
            Self::PointsDelayed => const { &[must("until", K::PointInTime)] },
            Self::AccountHeld => const { &[may("appeal_url", K::Link)] },
            Self::AccountChallenged => const { &[may("until", K::PointInTime), may("appeal_url", K::Link)] },
            Self::AppealDecided => const { &[must("upheld", K::Flag), may("eased", K::Flag)] },
            Self::AwardGiven => const { &[must("points", K::Points), must("reason", K::Text)] },
            Self::ReferralRewarded | Self::BirthdayGift => const { &[must("points", K::Points)] },
            // `reason` as crate `ordering` names it.
            Self::OrderCancelled => {
                const {
                    &[
                        must("order", K::Text),
                        must("reason", K::Text),
                        may("money", K::Money),
                        may("points", K::Points),
                    ]
                }
            }
            Self::EmailConfirm => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.code()), Ok(topic));
        }
        assert!(Topic::parse("tier-ending").is_err());
    }

    /// What a person wrote, or a link that was sealed, is forgotten when a message expires: it could not be said again.
    #[test]
    fn what_is_told_anew_needs_nothing_that_was_forgotten() {
        for topic in Topic::ALL.into_iter().filter(|topic| topic.again() == Again::Anew) {
            assert!(topic.is_answer() || !(topic.has_body() || topic.has_sealed_link()), "{topic:?}");
        }
    }

    #[test]
    fn advertising_is_never_worth_a_text_message_at_night() {
        for topic in Topic::ALL.into_iter().filter(|topic| topic.class() != Class::Service) {
            assert!(!topic.is_worth_sms() && !topic.is_told_at_any_hour(), "{topic:?}");
        }
    }
}

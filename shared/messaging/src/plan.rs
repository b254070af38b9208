//! How an intent is told: the way to the guest, and when.

use kernel::{Timestamp, Zone};

use crate::channel::{Channel, Kind};
use crate::frequency::{self, Told};
use crate::quiet::Quiet;
use crate::topic::{Class, Topic};

/// An address of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub channel: Channel,
    /// The contact; none for the member's phone.
    pub contact: Option<i64>,
}

/// What a guest wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Comes first, whatever it costs.
    pub preferred: Option<Kind>,
    /// Never, as [`Kind::ALL`] is ordered.
    pub off: [bool; 4],
    pub quiet: Quiet,
    /// Agreed to advertising by text message.
    pub advertising_sms: bool,
    /// Agreed to advertising by anything else that is pushed to them.
    pub advertising_push: bool,
}

impl Wishes {
    /// Of a guest who said nothing.
    pub const NONE: Self = Self {
        preferred: None,
        off: [false; 4],
        quiet: Quiet::STANDARD,
        advertising_sms: false,
        advertising_push: false,
    };

    pub(crate) fn allows(&self, kind: Kind) -> bool {
        let off = Kind::ALL.into_iter().zip(self.off).any(|(each, off)| each == kind && off);
        !off
    }
}

/// Everything that decides how an intent is told.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    pub topic: Topic,
    /// The contact that the intent is for, where it is for one only.
    pub only: Option<i64>,
    /// Every address that is good, the newest of a channel first.
    pub ways: &'f [Way],
    pub wishes: &'f Wishes,
    /// Where it did not get through.
    pub failed: &'f [Way],
    /// What the guest was told before.
    pub told: &'f [Told],
    pub zone: &'f Zone,
    pub expires_at: Timestamp,
}

/// What to do with an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Tell it this way, not before that time.
    Tell { way: Way, at: Timestamp },
    /// Do not tell it.
    Withhold(Why),
}

/// Why an intent is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no address.
    Unreachable,
    /// The guest does not want messages the ways there are, or it is not worth the way that is left.
    Unwanted,
    /// Advertising without a consent.
    NoConsent,
    /// Every way was tried.
    Exhausted,
    /// It would be of no use any more when it may be told.
    TooLate,
    /// The member is blocked, and it is nothing that a blocked member has to know; or erased.
    Member,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Unreachable, Self::Unwanted, Self::NoConsent, Self::Exhausted, Self::TooLate, Self::Member];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unwanted => "unwanted",
            Self::NoConsent => "no_consent",
            Self::Exhausted => "exhausted",
            Self::TooLate => "too_late",
            Self::Member => "member_inactive",
        }
    }
}

/// Decides how and when an intent is told at `now`: the channel that the guest put first, then the cheapest, and within
/// a channel the address used last; not in quiet hours, not too often, and only while it is of use.
#[must_use]
pub fn plan(facts: &Facts<'_>, now: Timestamp) -> Plan {
    let way = match way(facts) {
        Ok(way) => way,
        Err(why) => return Plan::Withhold(why),
    };
    let mut at = now;
    // Waiting for the morning may end in a time that is too soon after another message, and the reverse.
    for _ in 0..2 {
        at = at.max(frequency::allowed_at(facts.topic, way.channel, facts.told, at));
        if !facts.topic.is_told_at_any_hour() {
            at = facts.wishes.quiet.allowed_at(at, facts.zone);
        }
    }
    if at >= facts.expires_at { Plan::Withhold(Why::TooLate) } else { Plan::Tell { way, at } }
}

/// The way that an intent goes, whenever that is.
///
/// # Errors
/// Why there is none.
pub fn way(facts: &Facts<'_>) -> Result<Way, Why> {
    let Facts { topic, only, ways, wishes, failed, .. } = facts;
    if let Some(only) = only {
        let found = ways.iter().find(|way| way.contact == Some(*only)).ok_or(Why::Unreachable)?;
        return if failed.contains(found) { Err(Why::Exhausted) } else { Ok(*found) };
    }
    if ways.is_empty() {
        return Err(Why::Unreachable);
    }
    let agreed = |way: &&Way| match (topic.class(), way.channel.kind()) {
        (Class::Service | Class::Request, _) => true,
        (Class::Advertising, Kind::Sms) => wishes.advertising_sms,
        (Class::Advertising, _) => wishes.advertising_push,
    };
    let agreed: Vec<&Way> = ways.iter().filter(agreed).collect();
    if agreed.is_empty() {
        return Err(Why::NoConsent);
    }
    let wanted = |way: &&&Way| {
        let kind = way.channel.kind();
        // Who puts text messages first gets them also for what is not worth one.
        let worth = kind != Kind::Sms || topic.is_worth_sms() || wishes.preferred == Some(Kind::Sms);
        wishes.allows(kind) && worth
    };
    let wanted: Vec<&Way> = agreed.iter().filter(wanted).copied().collect();
    if wanted.is_empty() {
        return Err(Why::Unwanted);
    }
    let left = wanted.into_iter().filter(|way| !failed.contains(way));
    // Of equals the first stays first.
    let best = left.min_by_key(|way| (Some(way.channel.kind()) != wishes.preferred, way.channel));
    best.copied().ok_or(Why::Exhausted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: Way = Way { channel: Channel::Sms, contact: None };
    const NEW: Way = Way { channel: Channel::PushFcm, contact: Some(2) };
    const OLD: Way = Way { channel: Channel::PushFcm, contact: Some(1) };
    const CHAT: Way = Way { channel: Channel::Telegram, contact: Some(3) };
    const MAIL: Way = Way { channel: Channel::Email, contact: Some(4) };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn facts<'f>(topic: Topic, ways: &'f [Way], wishes: &'f Wishes, failed: &'f [Way]) -> Facts<'f> {
        const UTC: &Zone = &Zone::UTC;
        Facts {
            topic,
            only: None,
            ways,
            wishes,
            failed,
            told: &[],
            zone: UTC,
            expires_at: at("2026-12-01T00:00:00Z"),
        }
    }

    fn way_of(plan: Plan) -> Result<Way, Why> {
        match plan {
            Plan::Tell { way, .. } => Ok(way),
            Plan::Withhold(why) => Err(why),
        }
    }

    #[test]
    fn the_preferred_then_the_cheapest_then_what_is_left() {
        let all = [NEW, OLD, CHAT, MAIL, PHONE];
        let prefers = |kind| Wishes { preferred: Some(kind), ..Wishes::NONE };
        let (mail_first, sms_first) = (prefers(Kind::Email), prefers(Kind::Sms));
        let no_push = Wishes { off: [true, false, false, false], ..Wishes::NONE };
        let nothing = Wishes { off: [true; 4], ..Wishes::NONE };
        let none = Wishes::NONE;
        use Topic::{FeedbackRequest as Ask, TicketAnswer as Answer};
        for (topic, ways, wishes, failed, expected) in [
            (Ask, &all[..], &none, &[][..], Ok(NEW)),
            (Ask, &all, &none, &[NEW], Ok(OLD)),
            (Ask, &all, &none, &[NEW, OLD], Ok(CHAT)),
            (Ask, &all, &none, &[NEW, OLD, CHAT], Ok(MAIL)),
            (Ask, &all, &none, &[NEW, OLD, CHAT, MAIL], Err(Why::Exhausted)),
            (Answer, &all, &none, &[NEW, OLD, CHAT, MAIL], Ok(PHONE)),
            (Answer, &all, &none, &[NEW, OLD, CHAT, MAIL, PHONE], Err(Why::Exhausted)),
            (Ask, &all, &mail_first, &[], Ok(MAIL)),
            (Ask, &all, &mail_first, &[MAIL], Ok(NEW)),
            (Ask, &all, &sms_first, &[], Ok(PHONE)),
            (Ask, &all, &no_push, &[], Ok(CHAT)),
            (Answer, &all, &nothing, &[], Err(Why::Unwanted)),
            (Ask, &[PHONE], &none, &[], Err(Why::Unwanted)),
            (Answer, &[PHONE], &none, &[], Ok(PHONE)),
            (Ask, &[], &none, &[], Err(Why::Unreachable)),
        ] {
            let plan = plan(&facts(topic, ways, wishes, failed), at("2026-11-25T12:00:00Z"));
            assert_eq!(way_of(plan), expected, "{topic:?} {wishes:?} {failed:?}");
        }
    }

    #[test]
    fn advertising_needs_a_consent_for_its_channel() {
        let push = Wishes { advertising_push: true, ..Wishes::NONE };
        let sms = Wishes { advertising_sms: true, preferred: Some(Kind::Sms), ..Wishes::NONE };
        for (ways, wishes, expected) in [
            (&[NEW, PHONE][..], &Wishes::NONE, Err(Why::NoConsent)),
            (&[NEW, PHONE], &push, Ok(NEW)),
            (&[PHONE], &push, Err(Why::NoConsent)),
            (&[NEW, PHONE], &sms, Ok(PHONE)),
        ] {
            let plan = plan(&facts(Topic::BirthdayGift, ways, wishes, &[]), at("2026-11-25T12:00:00Z"));
            assert_eq!(way_of(plan), expected, "{ways:?} {wishes:?}");
        }
    }

    #[test]
    fn night_and_frequency_together_and_what_comes_too_late() {
        let told = [Told {
            topic: Topic::FeedbackRequest,
            channel: Channel::PushFcm,
            at: at("2026-11-24T23:00:00Z"),
        }];
        let almaty = Zone::parse("Asia/Almaty").expect("a zone");
        let asked = |expires_at: &str| Facts {
            told: &told,
            zone: &almaty,
            expires_at: at(expires_at),
            ..facts(Topic::FeedbackRequest, &[NEW], &Wishes::NONE, &[])
        };
        // A day after the last is four in the morning in Almaty: nine it is.
        let expected = Plan::Tell { way: NEW, at: at("2026-11-26T09:00:00+05:00") };
        assert_eq!(plan(&asked("2026-12-01T00:00:00Z"), at("2026-11-25T12:00:00Z")), expected);
        assert_eq!(
            plan(&asked("2026-11-26T04:00:00Z"), at("2026-11-25T12:00:00Z")),
            Plan::Withhold(Why::TooLate)
        );
        let held = Facts { topic: Topic::AccountHeld, ..asked("2026-12-01T00:00:00Z") };
        let night = at("2026-11-25T23:00:00+05:00");
        assert_eq!(plan(&held, night), Plan::Tell { way: NEW, at: night });
    }

    #[test]
    fn what_is_for_one_contact_goes_nowhere_else() {
        let confirm =
            |only, failed| Facts { only, ..facts(Topic::EmailConfirm, &[NEW, MAIL], &Wishes::NONE, failed) };
        let now = at("2026-11-25T12:00:00Z");
        assert_eq!(way_of(plan(&confirm(Some(4), &[]), now)), Ok(MAIL));
        assert_eq!(way_of(plan(&confirm(Some(4), &[MAIL]), now)), Err(Why::Exhausted));
        assert_eq!(way_of(plan(&confirm(Some(9), &[]), now)), Err(Why::Unreachable));
    }
}

//! Why each channel did not carry a message that reached nobody: what people need to know to mend it.

use kernel::{ParseError, Timestamp};

use crate::channel::{Channel, Kind};
use crate::frequency;
use crate::plan::{Facts, Way, way};
use crate::topic::Class;

/// Why a channel did not carry a message. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// The deployment has no such carrier.
    NoCarrier,
    /// The guest has no address there.
    NoAddress,
    /// It was for one address only, and that is elsewhere.
    NotMeant,
    /// The guest switched the channel off.
    Off,
    /// It is advertising, and the guest did not agree to it there.
    NoConsent,
    /// It is not worth a text message.
    NotWorth,
    /// It was tried, and came to nothing.
    GivenUp,
    /// It was tried, and was waiting for the next try.
    Failing,
    /// Its carrier was at its limit, or left alone after failures.
    CarrierWaits,
    /// The guest's quiet hours were longer than it was of use.
    Quiet,
    /// The guest was told too much already.
    TooOften,
    /// It was allowed, and no run of ours came in time.
    Late,
    /// Another channel was to carry it.
    OtherFirst,
}

impl Missed {
    /// Every reason.
    pub const ALL: [Self; 13] = [
        Self::NoCarrier,
        Self::NoAddress,
        Self::NotMeant,
        Self::Off,
        Self::NoConsent,
        Self::NotWorth,
        Self::GivenUp,
        Self::Failing,
        Self::CarrierWaits,
        Self::Quiet,
        Self::TooOften,
        Self::Late,
        Self::OtherFirst,
    ];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCarrier => "no_carrier",
            Self::NoAddress => "no_address",
            Self::NotMeant => "not_meant",
            Self::Off => "off",
            Self::NoConsent => "no_consent",
            Self::NotWorth => "not_worth",
            Self::GivenUp => "given_up",
            Self::Failing => "failing",
            Self::CarrierWaits => "carrier_waits",
            Self::Quiet => "quiet_hours",
            Self::TooOften => "too_often",
            Self::Late => "late",
            Self::OtherFirst => "other_first",
        }
    }

    fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|missed| missed.code() == code)
            .ok_or(ParseError("unknown reason of a channel"))
    }
}

/// The reasons of all channels, the cheapest channel first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasons(pub Vec<(Channel, Missed)>);

impl Reasons {
    /// As stored: `push_fcm:off sms:not_worth`.
    #[must_use]
    pub fn text(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(channel, missed)| format!("{}:{}", channel.code(), missed.code())).collect();
        pairs.join(" ")
    }

    /// The reverse of [`Self::text`].
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let pair = |pair: &str| {
            let (channel, missed) = pair.split_once(':').ok_or(ParseError("no reason of a channel"))?;
            Ok((Channel::parse(channel)?, Missed::parse(missed)?))
        };
        text.split_ascii_whitespace().map(pair).collect::<Result<_, _>>().map(Self)
    }
}

/// What was done about a message so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoFar {
    /// The way that it went last; what follows is said of that.
    pub way: Option<Way>,
    /// It was called for.
    pub is_tried: bool,
    /// It waited for its carrier.
    pub carrier_waits: bool,
    /// Channels that were gone around: their carriers are in trouble for long.
    pub around: Vec<Channel>,
}

/// Why no channel carries a message at `now`. `carried` says which channels the deployment has.
#[must_use]
pub fn reasons(
    facts: &Facts<'_>,
    carried: &dyn Fn(Channel) -> bool,
    so_far: &SoFar,
    now: Timestamp,
) -> Reasons {
    let is_open = |way: &Way| {
        facts.ways.contains(way) && !facts.failed.contains(way) && of_channel(facts, way.channel).is_none()
    };
    let chosen = so_far.way.filter(is_open).or_else(|| way(facts).ok());
    let reason = |channel: Channel| {
        if !carried(channel) {
            return Missed::NoCarrier;
        }
        of_channel(facts, channel).unwrap_or(match chosen {
            Some(way) if way.channel == channel => of_time(facts, way, so_far, now),
            _ if so_far.around.contains(&channel) => Missed::CarrierWaits,
            _ => Missed::OtherFirst,
        })
    };
    Reasons(Channel::ALL.map(|channel| (channel, reason(channel))).to_vec())
}

/// Why a channel could not be chosen; `None` where it could.
fn of_channel(facts: &Facts<'_>, channel: Channel) -> Option<Missed> {
    let Facts { topic, only, ways, wishes, failed, .. } = facts;
    let kind = channel.kind();
    let here = || ways.iter().filter(|way| way.channel == channel);
    if let Some(only) = only {
        let meant = here().find(|way| way.contact == Some(*only));
        return match meant {
            None => Some(Missed::NotMeant),
            Some(way) => failed.contains(way).then_some(Missed::GivenUp),
        };
    }
    let is_agreed = match (topic.class(), kind) {
        (Class::Service | Class::Request, _) => true,
        (Class::Advertising, Kind::Sms) => wishes.advertising_sms,
        (Class::Advertising, _) => wishes.advertising_push,
    };
    if here().next().is_none() {
        Some(Missed::NoAddress)
    } else if !is_agreed {
        Some(Missed::NoConsent)
    } else if !wishes.allows(kind) {
        Some(Missed::Off)
    } else if kind == Kind::Sms && !topic.is_worth_sms() && wishes.preferred != Some(Kind::Sms) {
        Some(Missed::NotWorth)
    } else {
        here().all(|way| failed.contains(way)).then_some(Missed::GivenUp)
    }
}

/// Why the way that was chosen did not come in time.
fn of_time(facts: &Facts<'_>, way: Way, so_far: &SoFar, now: Timestamp) -> Missed {
    if now < facts.expires_at {
        let at = frequency::allowed_at(facts.topic, way.channel, facts.told, now);
        return if at >= facts.expires_at { Missed::TooOften } else { Missed::Quiet };
    }
    match so_far {
        // Another way than the one that it went.
        SoFar { way: Some(went), .. } if *went != way => Missed::Late,
        SoFar { carrier_waits: true, .. } => Missed::CarrierWaits,
        SoFar { is_tried: true, .. } => Missed::Failing,
        _ => Missed::Late,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Zone;

    use super::*;
    use crate::frequency::Told;
    use crate::plan::{Plan, Wishes, plan};
    use crate::topic::Topic;

    const PHONE: Way = Way { channel: Channel::Sms, contact: None };
    const DEVICE: Way = Way { channel: Channel::PushFcm, contact: Some(2) };
    const CHAT: Way = Way { channel: Channel::Telegram, contact: Some(3) };
    const MAIL: Way = Way { channel: Channel::Email, contact: Some(4) };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn facts<'f>(topic: Topic, ways: &'f [Way], wishes: &'f Wishes) -> Facts<'f> {
        const UTC: &Zone = &Zone::UTC;
        let expires_at = at("2026-11-26T06:00:00Z");
        Facts { topic, only: None, ways, wishes, failed: &[], told: &[], zone: UTC, expires_at }
    }

    fn said(facts: &Facts<'_>, so_far: &SoFar, now: &str) -> String {
        reasons(facts, &|channel| channel != Channel::PushRustore, so_far, at(now)).text()
    }

    #[test]
    fn every_channel_has_its_reason() {
        let all = [DEVICE, CHAT, MAIL, PHONE];
        let no_chat = Wishes { off: [false, true, false, false], ..Wishes::NONE };
        let night = "2026-11-25T23:00:00Z";
        let over = "2026-11-26T06:00:00Z";
        let none = &SoFar::default();
        let ask = facts(Topic::FeedbackRequest, &all, &no_chat);
        let rest = "push_rustore:no_carrier telegram:off email:other_first sms:not_worth";
        assert_eq!(said(&ask, none, night), format!("push_fcm:quiet_hours {rest}"));
        assert_eq!(said(&ask, none, over), format!("push_fcm:late {rest}"));
        let waits = SoFar { way: Some(DEVICE), carrier_waits: true, is_tried: true, ..SoFar::default() };
        assert_eq!(said(&ask, &waits, over), format!("push_fcm:carrier_waits {rest}"));
        let tried = SoFar { carrier_waits: false, ..waits };
        assert_eq!(said(&ask, &tried, over), format!("push_fcm:failing {rest}"));
        let told = [Told { topic: Topic::FeedbackRequest, channel: Channel::PushFcm, at: at(night) }];
        let often = Facts { told: &told, ..ask };
        assert_eq!(said(&often, none, night), format!("push_fcm:too_often {rest}"));
        let given_up = Facts { failed: &[DEVICE, MAIL], ..ask };
        assert_eq!(
            said(&given_up, none, over),
            "push_fcm:given_up push_rustore:no_carrier telegram:off email:given_up sms:not_worth"
        );
        let gift = facts(Topic::BirthdayGift, &[DEVICE], &Wishes::NONE);
        assert_eq!(
            said(&gift, none, night),
            "push_fcm:no_consent push_rustore:no_carrier telegram:no_address email:no_address sms:no_address"
        );
        let code = Facts { only: Some(4), ..facts(Topic::EmailConfirm, &all, &Wishes::NONE) };
        assert_eq!(
            said(&code, none, over),
            "push_fcm:not_meant push_rustore:no_carrier telegram:not_meant email:late sms:not_meant"
        );
    }

    /// The cheapest channel was in trouble, and it went another way: what became of it is said of that way.
    #[test]
    fn what_was_done_is_said_of_the_way_that_it_went() {
        let over = "2026-11-26T06:00:00Z";
        let all = [DEVICE, CHAT, MAIL];
        let ask = facts(Topic::FeedbackRequest, &all, &Wishes::NONE);
        let around = vec![Channel::PushFcm];
        let so_far = SoFar { way: Some(CHAT), is_tried: true, carrier_waits: false, around };
        let rest = "email:other_first sms:no_address";
        assert_eq!(
            said(&ask, &so_far, over),
            format!("push_fcm:carrier_waits push_rustore:no_carrier telegram:failing {rest}")
        );
        // Given up since: the next way was not tried.
        let given_up = Facts { failed: &[CHAT], ..ask };
        let so_far = SoFar { around: Vec::new(), ..so_far };
        assert_eq!(
            said(&given_up, &so_far, over),
            format!("push_fcm:late push_rustore:no_carrier telegram:given_up {rest}")
        );
    }

    #[test]
    fn reasons_are_read_as_they_are_written() {
        let all = Reasons(Missed::ALL.map(|missed| (Channel::Email, missed)).to_vec());
        assert_eq!(Reasons::parse(&all.text()), Ok(all));
        assert_eq!(Reasons::parse(""), Ok(Reasons::default()));
        for text in ["push_fcm", "push_fcm:", "pigeon:off", "email:why"] {
            assert!(Reasons::parse(text).is_err(), "{text}");
        }
    }

    /// Where nothing is planned, no channel is said to have been free.
    #[test]
    fn what_is_withheld_has_no_channel_that_only_waits_for_another() {
        let all = [DEVICE, CHAT, MAIL, PHONE];
        for topic in Topic::ALL {
            for mask in 0..16_u8 {
                let off = [0, 1, 2, 3].map(|bit| mask & (1 << bit) != 0);
                let wishes = Wishes { off, ..Wishes::NONE };
                let facts = facts(topic, &all, &wishes);
                let now = at("2026-11-25T12:00:00Z");
                if let Plan::Withhold(_) = plan(&facts, now) {
                    let found = reasons(&facts, &|_| true, &SoFar::default(), now);
                    assert!(found.0.iter().all(|(_, missed)| *missed != Missed::OtherFirst), "{found:?}");
                }
            }
        }
    }
}

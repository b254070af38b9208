//! What an event adds to what is known of its subjects.

use kernel::MemberId;
use kernel::time::{HOUR_MS, MINUTE_MS};

use crate::facts::{BadCode, Event, Facts, Trace};
use crate::geo;
use crate::state::{Known, Last, Measure, State};
use crate::subject::Subject;
use crate::window::Span;

/// An account is fresh for so long: three days.
pub const FRESH_HOURS: i64 = 72;
/// Nearer outlets say nothing: people walk, clocks differ, one shopping centre has two.
pub const JOURNEY_M_MIN: i64 = 20_000;
/// Faster than by road or rail. Whoever flies now and then makes such a journey, too: rules ask how many in a month.
pub const JOURNEY_KMH_MIN: i64 = 250;
/// Two tills' clocks are taken to differ by that at most.
const CLOCKS_DIFFER_MS: i64 = 10 * MINUTE_MS;

/// A member and what is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub member: MemberId,
    pub to: Shared,
}

/// What several members may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shared {
    Device(Trace),
    Payment(Trace),
}

/// What observing an event showed besides the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// From where the card was last, in metres; zero when that is near or unknown.
    pub travel_m: i64,
    /// How fast that was.
    pub travel_kmh: i64,
    /// Members seen with a device or payment token for the first time.
    pub links: Vec<Link>,
}

/// Counts an event. `known` holds what was known of [`crate::subject::subjects`] and afterwards what is.
pub fn observe(facts: &Facts, known: &mut Known) -> Observed {
    let mut observed = Observed::default();
    let Some(who) = facts.who else {
        codes(facts, known);
        return observed;
    };
    let member = Subject::Member(who.member);
    match facts.event {
        Event::Receipt => {
            receipt(facts, who.member, known);
            travel(facts, known.entry(&member), &mut observed);
        }
        Event::Hold => {
            known.entry(&member).count(Measure::Spends, &[Span::Day], facts.at);
            if age_hours(facts, who.joined_at) < FRESH_HOURS
                && let Some(place) = facts.place
            {
                let outlet = known.entry(&Subject::Outlet(place.outlet));
                outlet.count(Measure::FreshSpends, &[Span::Day], facts.at);
            }
        }
        Event::Return if facts.spends => {
            let measure = Measure::RefundsOfSpending;
            known.entry(&member).count(measure, &[Span::Month], facts.at);
            if let Some(staff) = &facts.staff {
                known.entry(&Subject::Staff(staff.clone())).count(measure, &[Span::Month], facts.at);
            }
        }
        Event::SignUp => {
            for subject in [facts.device.map(Subject::Device), prefix(facts)].into_iter().flatten() {
                known.entry(&subject).count(Measure::SignUps, &[Span::Hour, Span::Day], facts.at);
            }
        }
        Event::Referral => {
            if let Some(referrer) = facts.referrer {
                let spans = [Span::Day, Span::Month];
                known.entry(&Subject::Member(referrer)).count(Measure::Referrals, &spans, facts.at);
            }
        }
        Event::CodeAttempt => codes(facts, known),
        Event::Return | Event::SignIn | Event::Sweep => {}
    }
    meet(facts, who.member, known, &mut observed);
    observed
}

fn receipt(facts: &Facts, member: MemberId, known: &mut Known) {
    let measure = Measure::Receipts;
    known.entry(&Subject::Member(member)).count(measure, &[Span::Hour, Span::Day], facts.at);
    if let Some(place) = facts.place {
        known.entry(&Subject::Outlet(place.outlet)).count(measure, &[Span::Hour], facts.at);
    }
    if let Some(device) = facts.device {
        known.entry(&Subject::Device(device)).count(measure, &[Span::Day], facts.at);
    }
    if let Some(staff) = &facts.staff {
        let spans = [Span::Hour, Span::Month];
        known.entry(&Subject::Staff(staff.clone())).count(measure, &spans, facts.at);
        let pair = known.entry(&Subject::Pair(staff.clone(), member));
        pair.count(measure, &[Span::Hour, Span::Day, Span::Month], facts.at);
    }
}

/// From where the card was last to where it is now.
fn travel(facts: &Facts, member: &mut State, observed: &mut Observed) {
    let Some(position) = facts.place.and_then(|place| place.position) else { return };
    let at_ms = facts.at.millis();
    if let Some(last) = member.last {
        let metres = geo::distance_m(last.position, position);
        if metres >= JOURNEY_M_MIN {
            observed.travel_m = metres;
            observed.travel_kmh = geo::speed_kmh(metres, at_ms - last.at_ms, CLOCKS_DIFFER_MS);
        }
        if observed.travel_kmh >= JOURNEY_KMH_MIN {
            member.count(Measure::Journeys, &[Span::Month], facts.at);
        }
    }
    // A late receipt does not move the card back.
    if member.last.is_none_or(|last| last.at_ms <= at_ms) {
        member.last = Some(Last { at_ms, position });
    }
}

fn codes(facts: &Facts, known: &mut Known) {
    let Some(bad) = facts.bad_code else { return };
    let measure = match bad {
        BadCode::Wrong => Measure::WrongCodes,
        BadCode::Replayed => Measure::ReplayedCodes,
    };
    let subjects = [
        facts.who.map(|who| Subject::Member(who.member)),
        facts.place.map(|place| Subject::Outlet(place.outlet)),
        facts.device.map(Subject::Device),
        prefix(facts),
        facts.phone.map(Subject::Phone),
        facts.network.map(Subject::Network),
    ];
    for subject in subjects.into_iter().flatten() {
        known.entry(&subject).count(measure, &[Span::Hour, Span::Day], facts.at);
    }
}

/// Notes who was seen with what.
fn meet(facts: &Facts, member: MemberId, known: &mut Known, observed: &mut Observed) {
    // A code that failed is no sign that it was the member's device.
    if facts.event == Event::CodeAttempt {
        return;
    }
    if let Some(payment) = facts.payment {
        known.entry(&Subject::Member(member)).see(payment.raw(), facts.at);
        if known.entry(&Subject::Payment(payment)).see(member.raw(), facts.at) {
            observed.links.push(Link { member, to: Shared::Payment(payment) });
        }
    }
    if let Some(device) = facts.device {
        known.entry(&Subject::Member(member)).see_device(device.raw(), facts.at);
        if known.entry(&Subject::Device(device)).see(member.raw(), facts.at) {
            observed.links.push(Link { member, to: Shared::Device(device) });
        }
        let members = known.entry(&Subject::Device(device)).seen_in_month(facts.at);
        known.entry(&Subject::Member(member)).share(members, facts.at);
    }
}

fn prefix(facts: &Facts) -> Option<Subject> {
    facts.phone_prefix.clone().map(Subject::PhonePrefix)
}

/// Whole hours since the account was opened.
#[must_use]
pub const fn age_hours(facts: &Facts, joined_at: kernel::Timestamp) -> i64 {
    facts.at.millis().saturating_sub(joined_at.millis()).div_euclid(HOUR_MS)
}

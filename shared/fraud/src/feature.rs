//! What rules may ask of an event: a closed set of whole numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::observe::{Observed, age_hours};
use crate::state::{Known, Measure, State};
use crate::subject::Subject;
use crate::window::Span;

/// Fewer receipts of a member of staff say nothing about shares.
const SHARE_RECEIPTS_MIN: i64 = 30;

/// A number that is known of an event; one that is not known is absent, and no test of it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Receipts of the member within an hour.
    MemberReceiptsHour,
    /// Receipts of the member within 24 hours.
    MemberReceiptsDay,
    /// Receipts of this member by this member of staff within an hour.
    PairReceiptsHour,
    /// The same within 24 hours.
    PairReceiptsDay,
    /// The same within 30 days.
    PairReceiptsMonth,
    /// Share of this member in the receipts with a card by this member of staff within 30 days, in thousandths; absent
    /// below thirty receipts.
    PairShare,
    /// Different payment tokens with the member's card within 24 hours.
    MemberPaymentsDay,
    /// Members seen with the payment token within 30 days.
    PaymentMembers,
    /// Members seen with the device within 30 days; where the event names no device, with the member's own: the most
    /// when the member was seen on it.
    DeviceMembers,
    /// Members who joined on the device within 24 hours.
    DeviceSignUpsDay,
    /// Members with phones of one block of numbers who joined within an hour.
    PrefixSignUpsHour,
    /// Kilometres an hour from the outlet where the card was last, if that is 20 km away or more.
    TravelKmh,
    /// Journeys of the card within 30 days that are faster than by road or rail.
    JourneysMonth,
    /// Points held by the member so many times within 24 hours.
    SpendsDay,
    /// Receipts of the member that were paid with points and returned within 30 days.
    MemberRefundsMonth,
    /// The same at one member of staff.
    StaffRefundsMonth,
    /// Wrong codes for the member's cards within 24 hours.
    MemberWrongCodesDay,
    /// Codes of the member that were sent again after use, within 24 hours.
    MemberReplaysDay,
    /// Wrong codes at the outlet within an hour.
    OutletWrongCodesHour,
    /// Wrong one-time codes for phones of one block of numbers within an hour.
    PrefixWrongCodesHour,
    /// Hours since the account was opened.
    AccountAgeHours,
    /// Holds of points by accounts of less than three days at the outlet within 24 hours.
    OutletFreshSpendsDay,
    /// Accounts that share devices or payment tokens with this one, this one among them.
    RingMembers,
    /// Referrals among them.
    RingReferrals,
    /// 1 when a referrer and their friend share a device or a payment token.
    SelfReferral,
    /// Friends who used the member's code within 24 hours.
    ReferralsDay,
    /// 1 when points are spent.
    SpendsPoints,
    /// Receipts with a card at the outlet within an hour.
    OutletReceiptsHour,
    /// Receipts with a card by the member of staff within an hour.
    StaffReceiptsHour,
    /// Receipts with the device within 24 hours.
    DeviceReceiptsDay,
    /// Wrong one-time codes from the device within an hour.
    DeviceWrongCodesHour,
    /// Wrong one-time codes for the phone within 24 hours.
    PhoneWrongCodesDay,
    /// Wrong one-time codes from the network within an hour.
    NetworkWrongCodesHour,
}

/// Whom a number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// The member, alone or with somebody or something.
    Member,
    /// Whoever works there, whichever member's card it was.
    Place,
    /// A device, a block of numbers, a phone: nobody who is known.
    Nobody,
    /// Nothing but the kind of event.
    Any,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 33] = [
        Self::MemberReceiptsHour,
        Self::MemberReceiptsDay,
        Self::PairReceiptsHour,
        Self::PairReceiptsDay,
        Self::PairReceiptsMonth,
        Self::PairShare,
        Self::MemberPaymentsDay,
        Self::PaymentMembers,
        Self::DeviceMembers,
        Self::DeviceSignUpsDay,
        Self::PrefixSignUpsHour,
        Self::TravelKmh,
        Self::JourneysMonth,
        Self::SpendsDay,
        Self::MemberRefundsMonth,
        Self::StaffRefundsMonth,
        Self::MemberWrongCodesDay,
        Self::MemberReplaysDay,
        Self::OutletWrongCodesHour,
        Self::PrefixWrongCodesHour,
        Self::AccountAgeHours,
        Self::OutletFreshSpendsDay,
        Self::RingMembers,
        Self::RingReferrals,
        Self::SelfReferral,
        Self::ReferralsDay,
        Self::SpendsPoints,
        Self::OutletReceiptsHour,
        Self::StaffReceiptsHour,
        Self::DeviceReceiptsDay,
        Self::DeviceWrongCodesHour,
        Self::PhoneWrongCodesDay,
        Self::NetworkWrongCodesHour,
    ];

    /// Whom it is about.
    #[must_use]
    pub const fn concern(self) -> Concern {
        match self {
            Self::StaffRefundsMonth
            | Self::StaffReceiptsHour
            | Self::OutletReceiptsHour
            | Self::OutletWrongCodesHour
            | Self::OutletFreshSpendsDay => Concern::Place,
            Self::PrefixWrongCodesHour
            | Self::DeviceWrongCodesHour
            | Self::PhoneWrongCodesDay
            | Self::NetworkWrongCodesHour => Concern::Nobody,
            Self::SpendsPoints => Concern::Any,
            Self::MemberReceiptsHour
            | Self::MemberReceiptsDay
            | Self::PairReceiptsHour
            | Self::PairReceiptsDay
            | Self::PairReceiptsMonth
            | Self::PairShare
            | Self::MemberPaymentsDay
            | Self::PaymentMembers
            | Self::DeviceMembers
            | Self::DeviceSignUpsDay
            | Self::PrefixSignUpsHour
            | Self::TravelKmh
            | Self::JourneysMonth
            | Self::SpendsDay
            | Self::MemberRefundsMonth
            | Self::MemberWrongCodesDay
            | Self::MemberReplaysDay
            | Self::AccountAgeHours
            | Self::RingMembers
            | Self::RingReferrals
            | Self::SelfReferral
            | Self::ReferralsDay
            | Self::DeviceReceiptsDay => Concern::Member,
        }
    }
}

/// What is known of one event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features(pub BTreeMap<Feature, i64>);

impl Features {
    /// The number, if it is known.
    #[must_use]
    pub fn get(&self, feature: Feature) -> Option<i64> {
        self.0.get(&feature).copied()
    }
}

/// The features of an event that has been observed. Zero is left out except where it is a low number and no absence.
#[must_use]
pub fn features(facts: &Facts, known: &Known, observed: &Observed) -> Features {
    let mut all = Collected(BTreeMap::new());
    let at = facts.at;
    let member = facts.who.and_then(|who| known.of(&Subject::Member(who.member)));
    if let Some(who) = facts.who {
        // Zero is the youngest that an account can be.
        all.0.insert(Feature::AccountAgeHours, age_hours(facts, who.joined_at));
    }
    if let Some(member) = member {
        of_member(&mut all, member, facts);
    }
    if let Some(staff) = &facts.staff {
        of_staff(&mut all, staff, facts, known);
    }
    if let Some(outlet) = facts.place.and_then(|place| known.of(&Subject::Outlet(place.outlet))) {
        all.add(Feature::OutletWrongCodesHour, outlet.sum(Measure::WrongCodes, Span::Hour, at));
        all.add(Feature::OutletFreshSpendsDay, outlet.sum(Measure::FreshSpends, Span::Day, at));
        all.add(Feature::OutletReceiptsHour, outlet.sum(Measure::Receipts, Span::Hour, at));
    }
    if let Some(payment) = facts.payment.and_then(|trace| known.of(&Subject::Payment(trace))) {
        all.add(Feature::PaymentMembers, payment.seen_in_month(at));
    }
    if let Some(device) = facts.device.and_then(|trace| known.of(&Subject::Device(trace))) {
        if !device.is_of_crowd(at) {
            all.add(Feature::DeviceMembers, device.seen_in_month(at));
            all.add(Feature::DeviceSignUpsDay, device.sum(Measure::SignUps, Span::Day, at));
            all.add(Feature::DeviceReceiptsDay, device.sum(Measure::Receipts, Span::Day, at));
        }
        all.add(Feature::DeviceWrongCodesHour, device.sum(Measure::WrongCodes, Span::Hour, at));
    } else if let Some(member) = member {
        all.add(Feature::DeviceMembers, member.shared_in_month(at));
    }
    if let Some(prefix) =
        facts.phone_prefix.clone().and_then(|prefix| known.of(&Subject::PhonePrefix(prefix)))
    {
        all.add(Feature::PrefixSignUpsHour, prefix.sum(Measure::SignUps, Span::Hour, at));
        all.add(Feature::PrefixWrongCodesHour, prefix.sum(Measure::WrongCodes, Span::Hour, at));
    }
    if let Some(phone) = facts.phone.and_then(|trace| known.of(&Subject::Phone(trace))) {
        all.add(Feature::PhoneWrongCodesDay, phone.sum(Measure::WrongCodes, Span::Day, at));
    }
    if let Some(network) = facts.network.and_then(|trace| known.of(&Subject::Network(trace))) {
        all.add(Feature::NetworkWrongCodesHour, network.sum(Measure::WrongCodes, Span::Hour, at));
    }
    if let Some(referrer) = facts.referrer.and_then(|referrer| known.of(&Subject::Member(referrer))) {
        all.add(Feature::ReferralsDay, referrer.sum(Measure::Referrals, Span::Day, at));
        let shares = member.is_some_and(|member| member.shares_with(referrer));
        all.add(Feature::SelfReferral, i64::from(shares));
    }
    all.add(Feature::TravelKmh, observed.travel_kmh);
    all.add(Feature::SpendsPoints, i64::from(facts.spends));
    Features(all.0)
}

struct Collected(BTreeMap<Feature, i64>);

impl Collected {
    fn add(&mut self, feature: Feature, value: i64) {
        if value != 0 {
            self.0.insert(feature, value);
        }
    }
}

fn of_member(all: &mut Collected, member: &State, facts: &Facts) {
    let at = facts.at;
    let sum = |measure, span| member.sum(measure, span, at);
    all.add(Feature::MemberReceiptsHour, sum(Measure::Receipts, Span::Hour));
    all.add(Feature::MemberReceiptsDay, sum(Measure::Receipts, Span::Day));
    all.add(Feature::SpendsDay, sum(Measure::Spends, Span::Day));
    all.add(Feature::MemberRefundsMonth, sum(Measure::RefundsOfSpending, Span::Month));
    all.add(Feature::MemberWrongCodesDay, sum(Measure::WrongCodes, Span::Day));
    all.add(Feature::MemberReplaysDay, sum(Measure::ReplayedCodes, Span::Day));
    all.add(Feature::JourneysMonth, sum(Measure::Journeys, Span::Month));
    all.add(Feature::MemberPaymentsDay, member.seen_within(24, at));
    if let Some(ring) = member.ring {
        all.add(Feature::RingMembers, ring.members);
        all.add(Feature::RingReferrals, ring.referrals);
    }
}

fn of_staff(all: &mut Collected, code: &str, facts: &Facts, known: &Known) {
    let at = facts.at;
    let staff = known.of(&Subject::Staff(code.to_owned()));
    let receipts = staff.map_or(0, |staff| staff.sum(Measure::Receipts, Span::Month, at));
    let refunds = staff.map_or(0, |staff| staff.sum(Measure::RefundsOfSpending, Span::Month, at));
    all.add(Feature::StaffRefundsMonth, refunds);
    all.add(
        Feature::StaffReceiptsHour,
        staff.map_or(0, |staff| staff.sum(Measure::Receipts, Span::Hour, at)),
    );
    let Some(who) = facts.who else { return };
    let Some(pair) = known.of(&Subject::Pair(code.to_owned(), who.member)) else { return };
    let month = pair.sum(Measure::Receipts, Span::Month, at);
    all.add(Feature::PairReceiptsHour, pair.sum(Measure::Receipts, Span::Hour, at));
    all.add(Feature::PairReceiptsDay, pair.sum(Measure::Receipts, Span::Day, at));
    all.add(Feature::PairReceiptsMonth, month);
    if receipts >= SHARE_RECEIPTS_MIN {
        all.add(Feature::PairShare, month * 1_000 / receipts);
    }
}

//! The rules that a chain begins with. How they were found: docs/fraud.md.

use crate::facts::Event;
use crate::feature::Feature;
use crate::rules::{Rule, RuleSet, Test, Thresholds};

/// How long points are delayed, in hours: a weekend and a day.
const DELAY_HOURS: u32 = 72;

/// The standard rules. They ship observing only, and block nobody by themselves.
#[must_use]
pub fn rules() -> RuleSet {
    RuleSet {
        rules: TABLE
            .iter()
            .map(|(code, on, when, weight)| Rule {
                code: (*code).to_owned(),
                on: on.to_vec(),
                when: when.to_vec(),
                weight: *weight,
            })
            .collect(),
        thresholds: Thresholds {
            notify: Some(300),
            challenge: Some(400),
            delay_points: Some(500),
            hold: Some(1_000),
            block: None,
        },
        delay_hours: DELAY_HOURS,
    }
}

const fn at_least(feature: Feature, least: i64) -> Test {
    Test { feature, at_least: Some(least), at_most: None }
}

const fn at_most(feature: Feature, most: i64) -> Test {
    Test { feature, at_least: None, at_most: Some(most) }
}

type Row = (&'static str, &'static [Event], &'static [Test], u32);

/// Code, events, tests, weight.
///
/// A bound lies above what honest guests do, a weight says what one rule alone may lead to: 100 only adds, 200 needs another,
/// 300 is shown to a person, 400 asks for a code, 500 delays. Holding takes 1000: several signs that do not say the same. A
/// barista's regular who fetches coffee that colleagues pay for meets five rules on one card and one cashier; together they
/// stay below it (980).
#[rustfmt::skip]
const TABLE: &[Row] = &[
    // One member of staff, one card. Whoever fetches coffee for colleagues comes to four receipts in a row.
    ("staff_card_hour", &[Event::Receipt], &[at_least(Feature::PairReceiptsHour, 5)], 500),
    ("staff_card_day", &[Event::Receipt], &[at_least(Feature::PairReceiptsDay, 8)], 10),
    ("staff_card_month", &[Event::Receipt], &[at_least(Feature::PairReceiptsMonth, 32), at_least(Feature::PairShare, 30)], 400),
    ("card_of_many_payers", &[Event::Receipt], &[at_least(Feature::MemberPaymentsDay, 5)], 60),
    // Velocity. A family with one card comes to a dozen a day, whoever fetches for an office to fifteen; nobody spends eight times.
    ("card_hour", &[Event::Receipt], &[at_least(Feature::MemberReceiptsHour, 7)], 10),
    ("card_day", &[Event::Receipt], &[at_least(Feature::MemberReceiptsDay, 16)], 440),
    // Only adds: a till's tablet has many guests, too.
    ("device_day", &[Event::Receipt], &[at_least(Feature::DeviceReceiptsDay, 14)], 140),
    ("spends_day", &[Event::Hold], &[at_least(Feature::SpendsDay, 8)], 300),
    // Journeys. A weekly flyer makes four or five in a month, each at less than an airliner's speed.
    ("journey", &[Event::Receipt], &[at_least(Feature::TravelKmh, 1_000)], 100),
    ("journeys", &[Event::Receipt], &[at_least(Feature::JourneysMonth, 6)], 500),
    // Accounts that share. A family has up to four on a device; a company's card pays for fourteen who share nothing else,
    // so that payment alone only adds.
    // Farms are made for what is given to new accounts. Old ones on one device are a kiosk's or a tablet's as likely: what is
    // found of those together (`device_shared`, `device_day`, `ring`) is shown to a person and no more.
    ("device_farm", &[Event::SignUp, Event::SignIn, Event::Receipt, Event::Hold], &[at_least(Feature::DeviceMembers, 6), at_most(Feature::AccountAgeHours, 720)], 500),
    ("device_shared", &[Event::SignIn, Event::Receipt, Event::Hold], &[at_least(Feature::DeviceMembers, 6), at_least(Feature::AccountAgeHours, 721)], 150),
    ("device_sign_ups", &[Event::SignUp], &[at_least(Feature::DeviceSignUpsDay, 4)], 480),
    ("payment_farm", &[Event::Receipt], &[at_least(Feature::PaymentMembers, 7)], 200),
    // More than forty who share join nobody to a ring: so large a crowd on one card is looked at for itself.
    ("payment_crowd", &[Event::Receipt], &[at_least(Feature::PaymentMembers, 20)], 100),
    ("number_block", &[Event::SignUp], &[at_least(Feature::PrefixSignUpsHour, 25)], 300),
    ("ring", &[Event::Receipt, Event::Hold, Event::Referral, Event::Sweep], &[at_least(Feature::RingMembers, 7)], 100),
    ("referral_ring", &[Event::Receipt, Event::Hold, Event::Referral, Event::Sweep], &[at_least(Feature::RingMembers, 4), at_least(Feature::RingReferrals, 3)], 500),
    ("self_referral", &[Event::Referral], &[at_least(Feature::SelfReferral, 1)], 300),
    ("referrals_day", &[Event::Referral], &[at_least(Feature::ReferralsDay, 8)], 300),
    // Refunds of used points. Three in a month are service; a cashier takes back the returns of a whole outlet.
    ("refunds_member", &[Event::Return], &[at_least(Feature::MemberRefundsMonth, 4)], 500),
    ("refunds_staff", &[Event::Return], &[at_least(Feature::StaffRefundsMonth, 12)], 300),
    // Receipts with a card, whosever: twice what the busiest hour of a counter and of its outlet have. Of no member.
    ("staff_hour", &[Event::Receipt], &[at_least(Feature::StaffReceiptsHour, 120)], 300),
    ("outlet_hour", &[Event::Receipt], &[at_least(Feature::OutletReceiptsHour, 250)], 300),
    // Codes. A guest mistypes three times; whoever is tried out is a victim and is asked for a code at most.
    ("code_guessing", &[Event::CodeAttempt], &[at_least(Feature::MemberWrongCodesDay, 8)], 400),
    ("code_guessing_outlet", &[Event::CodeAttempt], &[at_least(Feature::OutletWrongCodesHour, 12)], 300),
    ("code_guessing_phones", &[Event::CodeAttempt], &[at_least(Feature::PrefixWrongCodesHour, 30)], 300),
    // Two whole codes spoilt are ten; a third in one day is nobody's thumb.
    ("code_guessing_phone", &[Event::CodeAttempt], &[at_least(Feature::PhoneWrongCodesDay, 12)], 300),
    // A network gets twenty codes an hour, unless a deployment allows more: that each of them is spoilt twice, nobody's guests do.
    ("code_guessing_network", &[Event::CodeAttempt], &[at_least(Feature::NetworkWrongCodesHour, 40)], 300),
    ("code_guessing_device", &[Event::CodeAttempt], &[at_least(Feature::DeviceWrongCodesHour, 10)], 300),
    ("code_replay", &[Event::CodeAttempt], &[at_least(Feature::MemberReplaysDay, 3)], 500),
    // Bonus harvesting. At an opening a crowd joins and spends within the hour, but every one on a device and a card of
    // their own: fresh accounts count where they share.
    ("fresh_spends", &[Event::Hold, Event::Sweep], &[at_least(Feature::OutletFreshSpendsDay, 12), at_most(Feature::AccountAgeHours, 71)], 200),
    ("fresh_payment", &[Event::Receipt], &[at_least(Feature::PaymentMembers, 5), at_most(Feature::AccountAgeHours, 71)], 500),
    ("fresh_ring", &[Event::Receipt, Event::Hold, Event::Sweep], &[at_least(Feature::RingMembers, 5), at_most(Feature::AccountAgeHours, 71)], 300),
    ("fresh_shared", &[Event::Hold], &[at_most(Feature::AccountAgeHours, 71), at_least(Feature::DeviceMembers, 4)], 400),
];

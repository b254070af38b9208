//! Segments whose guests a saved condition finds, instead of a list.

use kernel::{Currency, Date};
use serde::{Deserialize, Serialize};

use crate::amounts::Amounts;

/// Codes in one list of a rule.
pub const CODES_MAX: usize = 200;
/// Characters of a code.
pub const CODE_LEN_MAX: usize = 64;
/// Days that a rule looks back.
pub const DAYS_MAX: u32 = 730;

/// Who is in a segment: whoever meets every part that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentRule {
    /// The guest's tier is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<String>,
    /// The guest's home outlet is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// It is in one of these cities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cities: Vec<String>,
    /// Days since the guest joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_days_ago: Option<Days>,
    /// Days since the guest's last purchase. Whoever never bought is in no such segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_purchase_days_ago: Option<Days>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchases: Option<Purchases>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<Spent>,
}

/// A number of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Days {
    #[serde(default)]
    pub at_least: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// How often the guest bought lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Purchases {
    /// Within so many days.
    pub days: u32,
    #[serde(default)]
    pub at_least: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// What the guest spent lately, less what came back. In another currency the guest has spent nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spent {
    /// Within so many days.
    pub days: u32,
    /// One sum.
    pub at_least: Amounts,
    /// One sum of the same currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Amounts>,
}

impl Spent {
    /// The currency that is counted.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.at_least.0.first().map(|sum| sum.currency())
    }
}

/// What is known of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub tier: String,
    pub home_outlet: Option<String>,
    pub home_city: Option<String>,
    pub joined: Date,
    pub last_purchase: Option<Date>,
    /// Within the days of [`SegmentRule::purchases`].
    pub purchases: i64,
    /// Within the days of [`SegmentRule::spent`], in its currency.
    pub spent_minor: i64,
}

/// What is wrong with a rule, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentFault {
    #[error("the rule says nothing: everybody is no segment")]
    Empty,
    #[error("must have at most {CODES_MAX} items of 1 to {CODE_LEN_MAX} characters")]
    Codes,
    #[error("must be from 1 to {DAYS_MAX} days")]
    Days,
    #[error("at_most must not be below at_least")]
    Range,
    #[error("must be one sum, and at_most of the same currency")]
    Sums,
}

impl SegmentRule {
    /// Everything that is wrong with the rule, each with its pointer.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, SegmentFault)> {
        let mut found = Vec::new();
        if *self == Self::default() {
            found.push(("", SegmentFault::Empty));
        }
        let lawful = |code: &String| (1..=CODE_LEN_MAX).contains(&code.chars().count());
        for (pointer, codes) in
            [("/tiers", &self.tiers), ("/outlets", &self.outlets), ("/cities", &self.cities)]
        {
            if codes.len() > CODES_MAX || !codes.iter().all(lawful) {
                found.push((pointer, SegmentFault::Codes));
            }
        }
        let mut range = |pointer, at_least: u32, at_most: Option<u32>| {
            if at_most.is_some_and(|most| most < at_least) {
                found.push((pointer, SegmentFault::Range));
            }
        };
        for (pointer, days) in [
            ("/joined_days_ago", self.joined_days_ago),
            ("/last_purchase_days_ago", self.last_purchase_days_ago),
        ] {
            if let Some(days) = days {
                range(pointer, days.at_least, days.at_most);
            }
        }
        if let Some(purchases) = &self.purchases {
            range("/purchases", purchases.at_least, purchases.at_most);
        }
        let windows = [
            ("/purchases/days", self.purchases.as_ref().map(|purchases| purchases.days)),
            ("/spent/days", self.spent.as_ref().map(|spent| spent.days)),
        ];
        for (pointer, days) in windows {
            if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
                found.push((pointer, SegmentFault::Days));
            }
        }
        found.extend(self.spent.as_ref().and_then(check_sums));
        found
    }

    /// Whether a guest is in the segment.
    #[must_use]
    pub fn holds(&self, known: &Known, today: Date) -> bool {
        let listed = |codes: &[String], code: Option<&String>| {
            codes.is_empty() || code.is_some_and(|code| codes.contains(code))
        };
        let ago = |days: Option<Days>, since: Option<Date>| {
            days.is_none_or(|days| {
                since.is_some_and(|since| {
                    within(i64::from(today.days_since(since)), days.at_least, days.at_most)
                })
            })
        };
        listed(&self.tiers, Some(&known.tier))
            && listed(&self.outlets, known.home_outlet.as_ref())
            && listed(&self.cities, known.home_city.as_ref())
            && ago(self.joined_days_ago, Some(known.joined))
            && ago(self.last_purchase_days_ago, known.last_purchase)
            && self.purchases.is_none_or(|asked| within(known.purchases, asked.at_least, asked.at_most))
            && self.spent.as_ref().is_none_or(|asked| has_spent(asked, known.spent_minor))
    }
}

fn within(count: i64, at_least: u32, at_most: Option<u32>) -> bool {
    count >= i64::from(at_least) && at_most.is_none_or(|most| count <= i64::from(most))
}

fn has_spent(asked: &Spent, minor: i64) -> bool {
    let Some(currency) = asked.currency() else { return false };
    let most = asked.at_most.as_ref().and_then(|most| most.minor(currency));
    asked.at_least.minor(currency).is_some_and(|least| minor >= least)
        && most.is_none_or(|most| minor <= most)
}

fn check_sums(spent: &Spent) -> Option<(&'static str, SegmentFault)> {
    let [least] = spent.at_least.0[..] else { return Some(("/spent/at_least", SegmentFault::Sums)) };
    if least.minor() < 0 {
        return Some(("/spent/at_least", SegmentFault::Sums));
    }
    let most = spent.at_most.as_ref()?;
    match most.0[..] {
        [most] if most.currency() == least.currency() => {
            (most.minor() < least.minor()).then_some(("/spent/at_most", SegmentFault::Range))
        }
        _ => Some(("/spent/at_most", SegmentFault::Sums)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(value: Value) -> SegmentRule {
        serde_json::from_value(value).expect("a rule")
    }

    fn day(text: &str) -> Date {
        Date::parse(text).expect("a date")
    }

    fn sleeper() -> Known {
        Known {
            tier: "gold".into(),
            home_outlet: Some("001".into()),
            home_city: Some("Almaty".into()),
            joined: day("2026-01-10"),
            last_purchase: Some(day("2026-10-01")),
            purchases: 3,
            spent_minor: 450_000,
        }
    }

    #[test]
    fn a_rule_holds_when_every_part_does() {
        let today = day("2026-11-21");
        let rows = [
            (json!({ "tiers": ["gold", "black"] }), true),
            (json!({ "tiers": ["base"] }), false),
            (json!({ "cities": ["Almaty"], "outlets": ["002"] }), false),
            (json!({ "joined_days_ago": { "at_most": 30 } }), false),
            (json!({ "last_purchase_days_ago": { "at_least": 51 } }), true),
            (json!({ "last_purchase_days_ago": { "at_least": 52 } }), false),
            (json!({ "last_purchase_days_ago": { "at_least": 30, "at_most": 50 } }), false),
            (json!({ "purchases": { "days": 90, "at_least": 3, "at_most": 3 } }), true),
            (json!({ "purchases": { "days": 90, "at_least": 4 } }), false),
            (json!({ "spent": { "days": 90, "at_least": [{ "amount": "4500", "currency": "KZT" }] } }), true),
            (
                json!({ "spent": { "days": 90, "at_least": [{ "amount": "4500.01", "currency": "KZT" }] } }),
                false,
            ),
        ];
        for (value, expected) in rows {
            assert_eq!(rule(value.clone()).check(), [], "{value}");
            assert_eq!(rule(value.clone()).holds(&sleeper(), today), expected, "{value}");
        }
        let never = Known { last_purchase: None, ..sleeper() };
        let lately = rule(json!({ "last_purchase_days_ago": {} }));
        assert!(!lately.holds(&never, today), "whoever never bought did not buy long ago");
    }

    #[test]
    fn faults_have_their_place() {
        let kzt = |amount: &str| json!([{ "amount": amount, "currency": "KZT" }]);
        let rows = [
            (json!({}), "", SegmentFault::Empty),
            (json!({ "tiers": [""] }), "/tiers", SegmentFault::Codes),
            (json!({ "purchases": { "days": 0 } }), "/purchases/days", SegmentFault::Days),
            (
                json!({ "purchases": { "days": 9, "at_least": 2, "at_most": 1 } }),
                "/purchases",
                SegmentFault::Range,
            ),
            (json!({ "spent": { "days": 9, "at_least": [] } }), "/spent/at_least", SegmentFault::Sums),
            (
                json!({ "spent": { "days": 9, "at_least": kzt("2"), "at_most": kzt("1") } }),
                "/spent/at_most",
                SegmentFault::Range,
            ),
        ];
        for (value, pointer, fault) in rows {
            assert_eq!(rule(value.clone()).check(), [(pointer, fault)], "{value}");
        }
    }
}

//! A score, what is done about it, and why.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::facts::Event;
use crate::feature::{Feature, Features};
use crate::rules::{RuleSet, SCORE_MAX};

/// What rules make of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// From 0 to 1000.
    pub score: u32,
    pub action: Action,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Whether it is the member who is suspected. Whose codes are tried out at an outlet, among many others', is a victim:
    /// the case is the outlet's.
    #[must_use]
    pub fn suspects_member(&self, event: Event) -> bool {
        let of_member = |fact: &Measured| {
            matches!(fact.feature, Feature::MemberWrongCodesDay | Feature::MemberReplaysDay)
        };
        event != Event::CodeAttempt || self.reasons.iter().any(|reason| reason.facts.iter().any(of_member))
    }
}

/// A rule that held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub rule: String,
    pub weight: u32,
    /// What it was told by, in the order of its tests.
    pub facts: Vec<Measured>,
}

/// A number and the bound that it passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    pub feature: Feature,
    pub value: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
}

/// Judges an event by its features. The weights of all rules that hold add up, to 1000 at most.
#[must_use]
pub fn judge(rules: &RuleSet, event: Event, features: &Features) -> Verdict {
    let mut reasons = Vec::new();
    for rule in rules.rules.iter().filter(|rule| rule.on.contains(&event)) {
        if !rule.when.iter().all(|test| test.holds(features.get(test.feature))) {
            continue;
        }
        let facts = rule.when.iter().filter_map(|test| {
            let value = features.get(test.feature)?;
            Some(Measured { feature: test.feature, value, at_least: test.at_least, at_most: test.at_most })
        });
        reasons.push(Reason { rule: rule.code.clone(), weight: rule.weight, facts: facts.collect() });
    }
    // Stable, so that rules of one weight stay in their order.
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
    let sum = reasons.iter().fold(0u32, |sum, reason| sum.saturating_add(reason.weight));
    let score = sum.min(SCORE_MAX);
    Verdict { score, action: rules.thresholds.action(score).at(event), reasons }
}

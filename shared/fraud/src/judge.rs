//! A score, what is done about it, and why.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::facts::{Event, Facts};
use crate::feature::{Concern, Feature, Features};
use crate::rules::{RuleSet, SCORE_MAX};
use crate::subject::Subject;

/// What rules make of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// From 0 to 1000.
    pub score: u32,
    pub action: Action,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
    /// What is found of outlet and staff. Apart, because nothing of it is held against whoever's card it was: the 120th guest
    /// of an hour has done nothing.
    pub place: Option<Finding>,
    /// What is found of devices, networks, blocks of numbers and phones where no member is known: each for itself, so that
    /// neither what is loud nor what is trusted hides what is quiet. Set by [`Verdict::apart`].
    pub nobody: Vec<(Subject, Finding)>,
}

/// What is found of somebody or something beside the member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// From 0 to 1000.
    pub score: u32,
    /// Of a place at most that a person is shown it.
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

    /// The same, with what is about nobody who is known apart, by whom it is about; the score is that of the rest then.
    #[must_use]
    pub fn apart(mut self, rules: &RuleSet, facts: &Facts) -> Self {
        if facts.who.is_some() {
            return self;
        }
        let mut groups: Vec<(Subject, Vec<Reason>)> = Vec::new();
        let mut rest = Vec::new();
        for reason in self.reasons {
            let Some(subject) = reason.subject(facts) else {
                rest.push(reason);
                continue;
            };
            match groups.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, reasons)) => reasons.push(reason),
                None => groups.push((subject, vec![reason])),
            }
        }
        let action = |score| rules.thresholds.action(score).at(facts.event);
        self.nobody = groups
            .into_iter()
            .map(|(subject, reasons)| {
                let score = score(&reasons);
                (subject, Finding { score, action: action(score), reasons })
            })
            .collect();
        self.score = score(&rest);
        self.action = action(self.score);
        self.reasons = rest;
        self
    }

    /// The sternest of what is done to anybody.
    #[must_use]
    pub fn sternest(&self) -> Action {
        let beside = self.place.iter().chain(self.nobody.iter().map(|(_, finding)| finding));
        beside.map(|finding| finding.action).fold(self.action, Action::max)
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

impl Reason {
    /// The device, the network, the block of numbers or the phone that it is about, if it is about one.
    fn subject(&self, facts: &Facts) -> Option<Subject> {
        self.facts.iter().find_map(|fact| match fact.feature {
            Feature::DeviceWrongCodesHour => facts.device.map(Subject::Device),
            Feature::PrefixWrongCodesHour => facts.phone_prefix.clone().map(Subject::PhonePrefix),
            Feature::PhoneWrongCodesDay => facts.phone.map(Subject::Phone),
            Feature::NetworkWrongCodesHour => facts.network.map(Subject::Network),
            _ => None,
        })
    }

    /// Whether it says something of outlet or staff, and nothing of anybody else.
    fn is_of_place(&self) -> bool {
        let concerns = |wanted: Concern| self.facts.iter().any(|fact| fact.feature.concern() == wanted);
        concerns(Concern::Place) && !concerns(Concern::Member) && !concerns(Concern::Nobody)
    }
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

/// Judges an event by its features. The weights of all rules that hold add up, to 1000 at most: of those that say something
/// of the member, and apart from them of those that are about outlet and staff alone.
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
    let (of_place, reasons): (Vec<Reason>, Vec<Reason>) = reasons.into_iter().partition(Reason::is_of_place);
    let (place, score) = (score(&of_place), score(&reasons));
    let found = rules.thresholds.action(place).min(Action::Notify);
    Verdict {
        score,
        action: rules.thresholds.action(score).at(event),
        reasons,
        place: (place > 0).then_some(Finding { score: place, action: found, reasons: of_place }),
        nobody: Vec::new(),
    }
}

fn score(reasons: &[Reason]) -> u32 {
    reasons.iter().fold(0u32, |sum, reason| sum.saturating_add(reason.weight)).min(SCORE_MAX)
}

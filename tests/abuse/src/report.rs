//! What was found, held against the labels.

use std::collections::HashSet;
use std::fmt;

use fraud::Action;

use crate::attacks::Kind;
use crate::play::Outcome;
use crate::town::Town;

/// How well a kind of abuse is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub kind: Kind,
    pub attacks: usize,
    /// Attacks of which an event was shown to a person, or worse.
    pub noticed: usize,
    /// Attacks of which an event made a code necessary before anything is spent, or worse.
    pub challenged: usize,
    /// Attacks of which an event had its points delayed, or worse.
    pub delayed: usize,
    /// Members on whom rules meant for the kind acted, and how many of them are part of an attack of any kind; decisions
    /// where no member is known.
    pub hit: usize,
    pub hit_rightly: usize,
}

/// How well everything is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub rows: Vec<Row>,
    pub honest: usize,
    /// Honest guests by the sternest action that they met.
    pub noticed: usize,
    pub challenged: usize,
    pub delayed: usize,
    /// Who could not spend until a person had looked: held or blocked.
    pub stopped: usize,
    pub events: u64,
}

impl Report {
    /// Compares outcome and labels.
    #[must_use]
    pub fn new(town: &Town, outcome: &Outcome) -> Self {
        let rows = Kind::ALL.into_iter().map(|kind| row(town, outcome, kind)).collect();
        let honest: Vec<u32> =
            (0..town.members.len() as u32).filter(|m| town.members[*m as usize].attack.is_none()).collect();
        let met = |least: Action| {
            honest.iter().filter(|m| outcome.members.get(m).is_some_and(|met| *met >= least)).count()
        };
        Self {
            rows,
            honest: honest.len(),
            noticed: met(Action::Notify),
            challenged: met(Action::Challenge),
            delayed: met(Action::DelayPoints),
            stopped: met(Action::Hold),
            events: outcome.events,
        }
    }

    /// The largest share of honest guests stopped that this outcome is still compatible with, at 95 % confidence.
    #[must_use]
    pub fn stopped_bound(&self) -> f64 {
        upper_bound(self.stopped, self.honest)
    }
}

fn row(town: &Town, outcome: &Outcome, kind: Kind) -> Row {
    let own: Vec<u32> =
        (0..town.attacks.len() as u32).filter(|attack| town.attacks[*attack as usize] == kind).collect();
    let met = |least: Action| {
        own.iter().filter(|attack| outcome.attacks.get(attack).is_some_and(|met| *met >= least)).count()
    };
    let hit: HashSet<u32> =
        kind.rules().iter().filter_map(|rule| outcome.by_rule.get(*rule)).flatten().copied().collect();
    // Whose card is tried out is a victim: that their codes are watched is right.
    let victims: HashSet<u32> = if kind == Kind::CodeGuessing {
        let tried = town.happenings.iter().filter(|happening| happening.attack.is_some());
        tried
            .filter(|happening| happening.bad_code.is_some())
            .filter_map(|happening| happening.member)
            .collect()
    } else {
        HashSet::new()
    };
    let rightly =
        |member: &&u32| town.members[**member as usize].attack.is_some() || victims.contains(*member);
    let of_nobody = kind.rules().iter().filter_map(|rule| outcome.of_nobody.get(*rule));
    let (all, right) = of_nobody.fold((0, 0), |sum, found| (sum.0 + found.0, sum.1 + found.1));
    Row {
        kind,
        attacks: own.len(),
        noticed: met(Action::Notify),
        challenged: met(Action::Challenge),
        delayed: met(Action::DelayPoints),
        hit: hit.len() + all,
        hit_rightly: hit.iter().filter(rightly).count() + right,
    }
}

/// Clopper and Pearson's upper bound of a share at 95 % (one-sided): the share at which so few or fewer of so many come
/// in one of twenty cases.
#[must_use]
pub fn upper_bound(few: usize, many: usize) -> f64 {
    let (mut low, mut high) = (few as f64 / many as f64, 1.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if at_most(few, many, middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// How likely at most `few` of `many` are at a share.
fn at_most(few: usize, many: usize, share: f64) -> f64 {
    let (many, mut log_choose, mut sum) = (many as f64, 0.0, 0.0);
    for count in 0..=few {
        let count = count as f64;
        if count > 0.0 {
            log_choose += ((many - count + 1.0) / count).ln();
        }
        sum += (log_choose + count * share.ln() + (many - count) * (-share).ln_1p()).exp();
    }
    sum
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<22}{:>8}{:>10}{:>12}{:>10}{:>11}",
            "kind", "attacks", "noticed", "challenged", "delayed", "precision"
        )?;
        for row in &self.rows {
            let share = |part: usize, whole: usize| {
                if whole == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
            };
            let [noticed, challenged, delayed] =
                [row.noticed, row.challenged, row.delayed].map(|part| share(part, row.attacks));
            let precision = share(row.hit_rightly, row.hit);
            let name = format!("{:?}", row.kind);
            writeln!(
                f,
                "{name:<22}{:>8}{noticed:>10}{challenged:>12}{delayed:>10}{precision:>11}",
                row.attacks
            )?;
        }
        let of = |count: usize| format!("{count} ({:.2} in 10,000)", count as f64 * 1e4 / self.honest as f64);
        writeln!(f, "honest guests: {}, events: {}", self.honest, self.events)?;
        writeln!(f, "  shown to a person or worse: {}", of(self.noticed))?;
        writeln!(f, "  asked for the rotating code or worse: {}", of(self.challenged))?;
        writeln!(f, "  points delayed or worse: {}", of(self.delayed))?;
        write!(
            f,
            "  stopped from spending: {}; at most {:.2} in 10,000 at 95 % confidence",
            of(self.stopped),
            self.stopped_bound() * 1e4
        )
    }
}

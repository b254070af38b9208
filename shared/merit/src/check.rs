//! Whether a goal makes sense: every fault at once, each with a JSON pointer.

use kernel::Currency;

use crate::formula;
use crate::goal::{Goal, Prize, Subject};
use crate::metric::Metric;
use crate::period::Period;

/// Limits of a goal.
pub const NAME_LEN_MAX: usize = 80;
pub const COMPONENTS_MAX: usize = 8;
pub const MINIMUMS_MAX: usize = 4;
pub const LEVELS_MAX: usize = 8;
pub const PRIZES_MAX: usize = 4;
pub const CLASSES_MAX: usize = 5;
pub const WEIGHT_MAX: u16 = 100;
pub const PERCENT_MAX: u16 = 300;
pub const PLACE_MAX: u32 = 1_000;
pub const REACH_MAX: usize = 200;
pub const SETTLE_DAYS_MAX: u8 = 14;
pub const CORRECT_DAYS_MAX: u8 = 92;
/// What can be won with sales that go back the next day would be won that way.
pub const CORRECT_DAYS_MIN: u8 = 14;
pub const POINTS_DAYS_MAX: u16 = 1_095;
/// Most points of one prize, in hundredths: a typing error stays affordable.
pub const PRIZE_POINTS_MAX: i64 = 10_000_000;
/// Most money of one prize, in minor units.
pub const PRIZE_MINOR_MAX: i64 = 100_000_000;
const CODE_LEN_MAX: usize = 32;
const CAP_PERCENT_MIN: u16 = 100;

/// What is wrong at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("must have 1 to {0} characters, none of them control characters")]
    Text(usize),
    #[error("name at least one")]
    None,
    #[error("at most {0}")]
    TooMany(usize),
    #[error("must be from {0} to {1}")]
    Range(i64, i64),
    #[error(transparent)]
    Formula(#[from] formula::Fault),
    #[error("target and baseline are equal")]
    NoDistance,
    #[error("must be above the one before")]
    NotRising,
    #[error("a shift's period is a day")]
    ShiftPeriod,
    /// A plan is an outlet's.
    #[error("only outlets and groups of them have a plan")]
    NoPlan,
    /// A receipt is of one person, a rating is of a receipt; both can be counted for a shift. Hours cannot be told apart.
    #[error("a shift that goes on has no hours yet")]
    ShiftHours,
    #[error("an unknown currency")]
    Currency,
    #[error("outlets of one size class are compared with each other: no classes without outlets or people")]
    ClassSubject,
}

/// A fault and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    pub fault: Fault,
}

/// Everything wrong with a goal.
#[must_use]
pub fn check(goal: &Goal) -> Vec<Problem> {
    let mut found = Found::default();
    for (part, text) in [("ru", &goal.name.ru), ("kk", &goal.name.kk), ("en", &goal.name.en)] {
        found.text(&format!("/name/{part}"), text, NAME_LEN_MAX);
    }
    found.reach(goal);
    if goal.subject == Subject::Shift && goal.period != Period::Day {
        found.add("/period", Fault::ShiftPeriod);
    }
    found.components(goal);
    found.minimums(goal);
    found.prizes(goal);
    found.classes(goal);
    found.range("/settle_days", i64::from(goal.settle_days), 0, i64::from(SETTLE_DAYS_MAX));
    let is_worth_it = goal.prizes().any(|prize| !matches!(prize, Prize::Badge { .. }));
    let least = if is_worth_it { CORRECT_DAYS_MIN } else { 0 };
    found.range("/correct_days", i64::from(goal.correct_days), i64::from(least), i64::from(CORRECT_DAYS_MAX));
    found.range("/points_days", i64::from(goal.points_days), 1, i64::from(POINTS_DAYS_MAX));
    found.0
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, pointer: &str, fault: Fault) {
        self.0.push(Problem { pointer: pointer.to_owned(), fault });
    }

    fn range(&mut self, pointer: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.add(pointer, Fault::Range(least, most));
        }
    }

    fn text(&mut self, pointer: &str, text: &str, max: usize) {
        if !(1..=max).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            self.add(pointer, Fault::Text(max));
        }
    }

    fn count(&mut self, pointer: &str, count: usize, max: usize) {
        if count > max {
            self.add(pointer, Fault::TooMany(max));
        }
    }

    fn reach(&mut self, goal: &Goal) {
        let reach = &goal.reach;
        for (name, codes) in [
            ("countries", &reach.countries),
            ("cities", &reach.cities),
            ("franchisees", &reach.franchisees),
            ("groups", &reach.groups),
            ("outlets", &reach.outlets),
        ] {
            let pointer = format!("/reach/{name}");
            self.count(&pointer, codes.len(), REACH_MAX);
            for (index, code) in codes.iter().take(REACH_MAX).enumerate() {
                self.text(&format!("{pointer}/{index}"), code, NAME_LEN_MAX);
            }
        }
    }

    fn metric(&mut self, pointer: &str, metric: &Metric, subject: Subject) {
        match metric {
            Metric::RevenueToPlan {} if subject.is_person() => self.add(pointer, Fault::NoPlan),
            Metric::Hours {} | Metric::Shifts {} if subject == Subject::Shift => {
                self.add(pointer, Fault::ShiftHours);
            }
            _ => {}
        }
    }

    fn components(&mut self, goal: &Goal) {
        if goal.components.is_empty() {
            self.add("/components", Fault::None);
        }
        self.count("/components", goal.components.len(), COMPONENTS_MAX);
        for (index, component) in goal.components.iter().take(COMPONENTS_MAX).enumerate() {
            let at = format!("/components/{index}");
            if let Err(fault) = component.measure.check() {
                self.add(&format!("{at}/measure"), fault.into());
            }
            let mut metrics = Vec::new();
            component.measure.metrics(&mut metrics);
            for metric in metrics {
                self.metric(&format!("{at}/measure"), metric, goal.subject);
            }
            if component.baseline == component.target {
                self.add(&format!("{at}/target"), Fault::NoDistance);
            }
            self.range(&format!("{at}/weight"), i64::from(component.weight), 1, i64::from(WEIGHT_MAX));
            let cap = i64::from(component.cap_percent);
            self.range(&format!("{at}/cap_percent"), cap, i64::from(CAP_PERCENT_MIN), i64::from(PERCENT_MAX));
        }
    }

    fn minimums(&mut self, goal: &Goal) {
        self.count("/minimums", goal.minimums.len(), MINIMUMS_MAX);
        for (index, minimum) in goal.minimums.iter().take(MINIMUMS_MAX).enumerate() {
            let at = format!("/minimums/{index}/of");
            if let Err(fault) = formula::Formula::of(minimum.of.clone()).check() {
                self.add(&at, fault.into());
            }
            self.metric(&at, &minimum.of, goal.subject);
        }
    }

    fn prizes(&mut self, goal: &Goal) {
        self.count("/levels", goal.levels.len(), LEVELS_MAX);
        let mut before = 0;
        for (index, level) in goal.levels.iter().take(LEVELS_MAX).enumerate() {
            let at = format!("/levels/{index}");
            let percent = i64::from(level.at_least_percent);
            self.range(&format!("{at}/at_least_percent"), percent, 1, i64::from(PERCENT_MAX));
            if level.at_least_percent <= before {
                self.add(&format!("{at}/at_least_percent"), Fault::NotRising);
            }
            before = level.at_least_percent;
            self.prize_list(&at, &level.prizes);
        }
        self.count("/places", goal.places.len(), LEVELS_MAX);
        let mut before = 0;
        for (index, place) in goal.places.iter().take(LEVELS_MAX).enumerate() {
            let at = format!("/places/{index}");
            self.range(&format!("{at}/up_to"), i64::from(place.up_to), 1, i64::from(PLACE_MAX));
            if place.up_to <= before {
                self.add(&format!("{at}/up_to"), Fault::NotRising);
            }
            before = place.up_to;
            self.prize_list(&at, &place.prizes);
        }
    }

    fn prize_list(&mut self, at: &str, prizes: &[Prize]) {
        let list = format!("{at}/prizes");
        if prizes.is_empty() {
            self.add(&list, Fault::None);
        }
        self.count(&list, prizes.len(), PRIZES_MAX);
        for (index, prize) in prizes.iter().take(PRIZES_MAX).enumerate() {
            let at = format!("{list}/{index}");
            match prize {
                Prize::Points { hundredths } => {
                    self.range(&format!("{at}/hundredths"), *hundredths, 1, PRIZE_POINTS_MAX);
                }
                Prize::Badge { code } => self.text(&format!("{at}/code"), code, CODE_LEN_MAX),
                Prize::Money { minor, currency } => {
                    self.range(&format!("{at}/minor"), *minor, 1, PRIZE_MINOR_MAX);
                    if Currency::parse(currency).is_err() {
                        self.add(&format!("{at}/currency"), Fault::Currency);
                    }
                }
            }
        }
    }

    fn classes(&mut self, goal: &Goal) {
        self.count("/size_classes", goal.size_classes.len(), CLASSES_MAX);
        let mut before = 0;
        for (index, &bound) in goal.size_classes.iter().take(CLASSES_MAX).enumerate() {
            if bound <= before {
                self.add(&format!("/size_classes/{index}"), Fault::NotRising);
            }
            before = bound;
        }
        let classed = matches!(goal.subject, Subject::Person | Subject::Shift | Subject::Outlet);
        if !classed && !goal.size_classes.is_empty() {
            self.add("/size_classes", Fault::ClassSubject);
        }
    }
}

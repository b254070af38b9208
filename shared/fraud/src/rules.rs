//! Rules as data: tests of features with a weight, and what is done from which score on.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::facts::Event;
use crate::feature::Feature;

/// Most rules of a set.
pub const RULES_MAX: usize = 64;
/// Most tests of a rule.
pub const TESTS_MAX: usize = 6;
/// Most characters of a rule's code.
pub const CODE_LEN_MAX: usize = 64;
/// Highest weight of a rule, and highest score.
pub const SCORE_MAX: u32 = 1_000;
/// Longest that points are delayed, in hours: 30 days.
pub const DELAY_HOURS_MAX: u32 = 720;

/// What a brand holds suspicious, and what it does about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Each is tested alone; the weights of those that hold make up the score.
    pub rules: Vec<Rule>,
    pub thresholds: Thresholds,
    /// How long points are delayed, unless a person decides before.
    pub delay_hours: u32,
}

/// Something suspicious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique within the set: small letters, digits and underscores.
    pub code: String,
    /// The events that it is asked at.
    pub on: Vec<Event>,
    /// All must hold.
    pub when: Vec<Test>,
    /// What it adds to the score, from 1 to 1000.
    pub weight: u32,
}

/// A number within bounds. One that is not known is within none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub feature: Feature,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
}

impl Test {
    /// Whether the number is known and within the bounds.
    #[must_use]
    pub fn holds(&self, value: Option<i64>) -> bool {
        value.is_some_and(|value| {
            self.at_least.is_none_or(|least| value >= least) && self.at_most.is_none_or(|most| value <= most)
        })
    }
}

/// From which score on what is done; absent: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_points: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
}

impl Thresholds {
    /// The score from which on an action is taken.
    #[must_use]
    pub const fn of(&self, action: Action) -> Option<u32> {
        match action {
            Action::Allow => None,
            Action::Notify => self.notify,
            Action::Challenge => self.challenge,
            Action::DelayPoints => self.delay_points,
            Action::Hold => self.hold,
            Action::Block => self.block,
        }
    }

    /// The sternest action that a score reaches.
    #[must_use]
    pub fn action(&self, score: u32) -> Action {
        let reached =
            Action::ALL.into_iter().rev().find(|action| self.of(*action).is_some_and(|from| score >= from));
        reached.unwrap_or(Action::Allow)
    }
}

/// What is wrong with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing where something must be, or too much of it.
    Count { max: usize },
    /// Other characters than small letters, digits and underscores.
    Code,
    /// There before.
    Twice,
    /// Outside of its bounds.
    Range { max: u32 },
    /// A test without bounds, or whose bounds exclude each other.
    Bounds,
    /// A sterner action from a lower score on.
    Order,
}

impl Fault {
    /// In Russian, Kazakh and English.
    #[must_use]
    pub fn words(self) -> [String; 3] {
        match self {
            Self::Count { max } => [
                format!("нужно от 1 до {max}"),
                format!("1-ден {max}-ге дейін болуы керек"),
                format!("there must be 1 to {max}"),
            ],
            Self::Code => [
                "только строчные латинские буквы, цифры и подчёркивания".into(),
                "тек кіші латын әріптері, цифрлар және астын сызу".into(),
                "small letters, digits and underscores only".into(),
            ],
            Self::Twice => ["уже есть выше".into(), "жоғарыда бар".into(), "is there above".into()],
            Self::Range { max } => [
                format!("нужно число от 1 до {max}"),
                format!("1-ден {max}-ге дейінгі сан керек"),
                format!("must be from 1 to {max}"),
            ],
            Self::Bounds => [
                "нужна хотя бы одна граница, нижняя не больше верхней".into(),
                "кемінде бір шек керек, төменгісі жоғарғысынан аспасын".into(),
                "needs a bound, the lower one not above the upper".into(),
            ],
            Self::Order => [
                "более строгая мера при меньшем балле".into(),
                "қатаңырақ шара азырақ балда".into(),
                "a sterner action from a lower score on".into(),
            ],
        }
    }
}

/// A fault and where it is, as a JSON pointer.
pub type Problem = (String, Fault);

impl RuleSet {
    /// Everything that is wrong with the rules.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if !(1..=RULES_MAX).contains(&self.rules.len()) {
            found.push(("/rules".to_owned(), Fault::Count { max: RULES_MAX }));
        }
        for (index, rule) in self.rules.iter().enumerate().take(RULES_MAX) {
            rule.check(&format!("/rules/{index}"), &mut found);
            if self.rules[..index].iter().any(|earlier| earlier.code == rule.code) {
                found.push((format!("/rules/{index}/code"), Fault::Twice));
            }
        }
        if !(1..=DELAY_HOURS_MAX).contains(&self.delay_hours) {
            found.push(("/delay_hours".to_owned(), Fault::Range { max: DELAY_HOURS_MAX }));
        }
        let mut highest = 0;
        for action in Action::ALL {
            let Some(from) = self.thresholds.of(action) else { continue };
            let at = format!("/thresholds/{}", action.code());
            if !(1..=SCORE_MAX).contains(&from) {
                found.push((at, Fault::Range { max: SCORE_MAX }));
            } else if from < highest {
                found.push((at, Fault::Order));
            }
            highest = highest.max(from);
        }
        found
    }
}

impl Rule {
    fn check(&self, at: &str, found: &mut Vec<Problem>) {
        let lawful = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '_');
        if !(1..=CODE_LEN_MAX).contains(&self.code.len()) || !self.code.chars().all(lawful) {
            found.push((format!("{at}/code"), Fault::Code));
        }
        if !(1..=Event::ALL.len()).contains(&self.on.len()) {
            found.push((format!("{at}/on"), Fault::Count { max: Event::ALL.len() }));
        }
        if !(1..=TESTS_MAX).contains(&self.when.len()) {
            found.push((format!("{at}/when"), Fault::Count { max: TESTS_MAX }));
        }
        for (index, test) in self.when.iter().enumerate().take(TESTS_MAX) {
            let crossed = test.at_least.zip(test.at_most).is_some_and(|(least, most)| least > most);
            if crossed || (test.at_least.is_none() && test.at_most.is_none()) {
                found.push((format!("{at}/when/{index}"), Fault::Bounds));
            }
        }
        if !(1..=SCORE_MAX).contains(&self.weight) {
            found.push((format!("{at}/weight"), Fault::Range { max: SCORE_MAX }));
        }
    }
}

//! A goal as data: what, for whom, how far, and what for.

use std::collections::BTreeSet;

use kernel::{Currency, Lang, Money, Points};
use serde::{Deserialize, Serialize};

use crate::formula::Formula;
use crate::metric::Metric;
use crate::number::Number;
use crate::period::Period;

/// A goal. Immutable in its version; another version holds from a later period on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub name: Words,
    /// Who is measured.
    pub subject: Subject,
    /// At which outlets.
    #[serde(default, skip_serializing_if = "Reach::is_everything")]
    pub reach: Reach,
    pub period: Period,
    /// 1 to 8, whose weighted mean is the score.
    pub components: Vec<Component>,
    /// Without so much, there is no score: at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minimums: Vec<Minimum>,
    /// What a score brings; the highest level reached counts. At most 8, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// What a place brings, besides. At most 8, from the first place down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// What equal scores do to places.
    #[serde(default)]
    pub ties: Ties,
    /// Receipts a day at which an outlet belongs to the next larger class, rising; none: all in one. Places are those of
    /// a class. Measured in the period before, so that nobody chooses their rivals. At most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub size_classes: Vec<u32>,
    /// How a prize of an outlet or a group of outlets reaches people.
    #[serde(default)]
    pub team: Team,
    /// Days after the period's end in which late receipts and returns are waited for.
    #[serde(default)]
    pub settle_days: u8,
    /// Days after that in which a changed result corrects the awards; at least [`crate::check::CORRECT_DAYS_MIN`] where
    /// points or money can be won.
    #[serde(default = "returns_come")]
    pub correct_days: u8,
    /// Days for which points won are good: 1 to 1,095.
    #[serde(default = "year")]
    pub points_days: u16,
}

/// A text in three languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub ru: String,
    pub kk: String,
    pub en: String,
}

impl Words {
    /// The text in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ru => &self.ru,
            Lang::Kk => &self.kk,
            Lang::En => &self.en,
        }
    }
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A member of staff, wherever in the goal's reach they worked.
    Person,
    /// One shift of one person. The period is a day.
    Shift,
    Outlet,
    /// A franchisee's outlets together.
    Franchisee,
    /// A city's outlets together.
    City,
    /// A country's outlets together.
    Country,
    /// A named group of outlets together.
    Group,
}

impl Subject {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Shift => "shift",
            Self::Outlet => "outlet",
            Self::Franchisee => "franchisee",
            Self::City => "city",
            Self::Country => "country",
            Self::Group => "group",
        }
    }

    /// Whether it is several outlets together that are measured.
    #[must_use]
    pub const fn is_team(self) -> bool {
        matches!(self, Self::Franchisee | Self::City | Self::Country | Self::Group)
    }

    /// Whether it is one person who is measured.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Person | Self::Shift)
    }
}

/// At which outlets a goal holds: each list that is not empty must have something of the outlet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// ISO 3166.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub countries: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cities: BTreeSet<String>,
    /// Codes of legal entities.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub franchisees: BTreeSet<String>,
    /// Codes of named groups of outlets.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Codes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outlets: BTreeSet<String>,
}

/// An outlet, as far as a goal's reach and subjects go by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub code: String,
    pub country: String,
    pub city: String,
    pub franchisee: String,
    pub groups: BTreeSet<String>,
}

impl Reach {
    /// Whether no outlet is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the goal holds at an outlet.
    #[must_use]
    pub fn has(&self, site: &Site) -> bool {
        let one = |wanted: &BTreeSet<String>, have: &String| wanted.is_empty() || wanted.contains(have);
        one(&self.countries, &site.country)
            && one(&self.cities, &site.city)
            && one(&self.franchisees, &site.franchisee)
            && one(&self.outlets, &site.code)
            && (self.groups.is_empty() || !self.groups.is_disjoint(&site.groups))
    }
}

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Component {
    pub measure: Formula,
    /// The value that is worth nothing.
    #[serde(default = "nothing")]
    pub baseline: Number,
    /// The value that is worth the whole; below the baseline where less is better.
    pub target: Number,
    /// 1 to 100.
    #[serde(default = "one")]
    pub weight: u16,
    /// What the value may be worth at most, in percent of the whole: 100 to 300.
    #[serde(default = "hundred")]
    pub cap_percent: u16,
}

fn nothing() -> Number {
    Number::whole(0)
}

const fn one() -> u16 {
    1
}

const fn hundred() -> u16 {
    100
}

const fn returns_come() -> u8 {
    crate::check::CORRECT_DAYS_MIN
}

const fn year() -> u16 {
    365
}

/// What must be there for a score to mean anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    pub of: Metric,
    pub at_least: Number,
}

/// A threshold and what it brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// 1 to 300.
    pub at_least_percent: u16,
    pub prizes: Vec<Prize>,
}

/// Places and what they bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// From the place after the entry before, up to this one.
    pub up_to: u32,
    pub prizes: Vec<Prize>,
}

/// Something to win.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Prize {
    /// To the person's own guest account, if they linked one.
    Points {
        /// Hundredths of a point.
        hundredths: i64,
    },
    Badge {
        code: String,
    },
    /// For payroll.
    Money {
        minor: i64,
        /// ISO 4217.
        currency: String,
    },
}

impl Goal {
    /// Every prize that can be won.
    pub fn prizes(&self) -> impl Iterator<Item = &Prize> {
        let levels = self.levels.iter().flat_map(|level| &level.prizes);
        levels.chain(self.places.iter().flat_map(|place| &place.prizes))
    }

    /// Whether it makes a difference which outlets are in which groups.
    #[must_use]
    pub fn goes_by_groups(&self) -> bool {
        self.subject == Subject::Group || !self.reach.groups.is_empty()
    }

    /// Whether money can be won.
    #[must_use]
    pub fn pays_money(&self) -> bool {
        self.prizes().any(|prize| matches!(prize, Prize::Money { .. }))
    }
}

impl Prize {
    /// Points to be given; none for other prizes.
    #[must_use]
    pub const fn points(&self) -> Option<Points> {
        match self {
            Self::Points { hundredths } => Some(Points::from_hundredths(*hundredths)),
            Self::Badge { .. } | Self::Money { .. } => None,
        }
    }

    /// Money to be paid; none for other prizes.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        match self {
            Self::Money { minor, currency } => {
                Currency::parse(currency).ok().map(|currency| Money::new(*minor, currency))
            }
            Self::Points { .. } | Self::Badge { .. } => None,
        }
    }
}

/// What equal scores do to places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Equals have the better place: 1, 1, 3.
    #[default]
    Better,
    /// Equals have the worse place: 2, 2, 3.
    Worse,
    /// More receipts go first; who has as many as well shares the better place.
    Volume,
}

/// How a prize of several people reaches them. Whoever served a receipt in the period takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Team {
    /// Everybody gets it whole.
    #[default]
    Each,
    /// Shared in proportion to receipts, to the last hundredth. Badges go to everybody.
    Shared,
}

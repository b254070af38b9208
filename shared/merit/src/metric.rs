//! The closed set of things that are measured.

use serde::{Deserialize, Serialize};

use crate::Gap;
use crate::facts::{CategoryFacts, Facts, MoneyKind};
use crate::number::Fraction;

/// What is measured. A metric has a unit ([`Unit`]); money is in the currency's units, pieces in pieces, time in hours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "metric", rename_all = "snake_case", deny_unknown_fields)]
pub enum Metric {
    /// Receipts of which something was kept.
    Receipts {},
    /// Pieces sold.
    Items {},
    /// Money for goods, points paid included.
    Revenue {},
    /// Pieces by receipts.
    ItemsPerReceipt {},
    /// Revenue by receipts.
    MeanReceipt {},
    /// Share of receipts with a member, 0 to 1.
    MemberShare {},
    /// Share of receipts with something of a category of goods, 0 to 1.
    AttachRate { category: String },
    /// Pieces of a category.
    CategoryItems { category: String },
    /// Revenue of a category.
    CategoryRevenue { category: String },
    /// Revenue by the outlets' plan; 1 is as planned. Goals of outlets and groups of them only.
    RevenueToPlan {},
    /// Mean stars of the ratings given, once there are [`RATINGS_MIN`]: fewer would tell who gave them.
    Rating {},
    /// How many ratings were given.
    Ratings {},
    /// New members, by their first receipt.
    SignUps {},
    /// Hours of shifts that have ended.
    Hours {},
    /// Shifts that have ended.
    Shifts {},
}

/// What a number counts: powers of money, pieces, receipts, hours, ratings, people. A sum is lawful of like units only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Unit {
    pub money: i8,
    pub pieces: i8,
    pub receipts: i8,
    pub hours: i8,
    pub ratings: i8,
    pub people: i8,
    pub shifts: i8,
}

impl Unit {
    /// A pure number.
    pub const NONE: Self =
        Self { money: 0, pieces: 0, receipts: 0, hours: 0, ratings: 0, people: 0, shifts: 0 };

    /// The unit of a product, or with `sign` -1 of a quotient. None where a power leaves the range.
    #[must_use]
    pub fn combined(self, other: Self, sign: i8) -> Option<Self> {
        let power = |mine: i8, theirs: i8| mine.checked_add(theirs.checked_mul(sign)?);
        Some(Self {
            money: power(self.money, other.money)?,
            pieces: power(self.pieces, other.pieces)?,
            receipts: power(self.receipts, other.receipts)?,
            hours: power(self.hours, other.hours)?,
            ratings: power(self.ratings, other.ratings)?,
            people: power(self.people, other.people)?,
            shifts: power(self.shifts, other.shifts)?,
        })
    }
}

/// Thousandths in a piece, minutes in an hour.
const THOUSANDTHS: i128 = 1_000;
const MINUTES: i128 = 60;
/// Ratings below which no mean of them is shown or counts: a mean of one is a guest's answer.
pub const RATINGS_MIN: i64 = 5;

impl Metric {
    /// What it counts.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        let none = Unit::NONE;
        match self {
            Self::Receipts {} => Unit { receipts: 1, ..none },
            Self::Items {} | Self::CategoryItems { .. } => Unit { pieces: 1, ..none },
            Self::Revenue {} | Self::CategoryRevenue { .. } => Unit { money: 1, ..none },
            Self::ItemsPerReceipt {} => Unit { pieces: 1, receipts: -1, ..none },
            Self::MeanReceipt {} => Unit { money: 1, receipts: -1, ..none },
            Self::MemberShare {} | Self::AttachRate { .. } | Self::RevenueToPlan {} | Self::Rating {} => none,
            Self::Ratings {} => Unit { ratings: 1, ..none },
            Self::SignUps {} => Unit { people: 1, ..none },
            Self::Hours {} => Unit { hours: 1, ..none },
            Self::Shifts {} => Unit { shifts: 1, ..none },
        }
    }

    /// The category of goods it asks for.
    #[must_use]
    pub fn category(&self) -> Option<&str> {
        match self {
            Self::AttachRate { category }
            | Self::CategoryItems { category }
            | Self::CategoryRevenue { category } => Some(category),
            _ => None,
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// See [`Gap`].
    pub fn value(&self, facts: &Facts) -> Result<Fraction, Gap> {
        let receipts = i128::from(facts.receipts);
        let of = |category: &str| facts.categories.get(category).copied().unwrap_or_default();
        let pieces = |of: CategoryFacts| Fraction::new(i128::from(of.items), THOUSANDTHS);
        match self {
            Self::Receipts {} => Ok(Fraction::whole(facts.receipts)),
            Self::Items {} => Fraction::new(i128::from(facts.items), THOUSANDTHS),
            Self::Revenue {} => money(facts, facts.revenue_minor),
            Self::ItemsPerReceipt {} => Fraction::new(i128::from(facts.items), THOUSANDTHS * receipts),
            Self::MeanReceipt {} => money(facts, facts.revenue_minor)?.over(Fraction::whole(facts.receipts)),
            Self::MemberShare {} => Fraction::new(i128::from(facts.member_receipts), receipts),
            Self::AttachRate { category } => Fraction::new(i128::from(of(category).receipts), receipts),
            Self::CategoryItems { category } => pieces(of(category)),
            Self::CategoryRevenue { category } => money(facts, of(category).revenue_minor),
            Self::RevenueToPlan {} => {
                // Minor units on both sides: only that there is one currency matters.
                money(facts, facts.revenue_minor)?;
                Fraction::whole(facts.revenue_minor).over(facts.plan_minor.ok_or(Gap::NothingYet)?)
            }
            Self::Rating {} if facts.ratings < RATINGS_MIN => Err(Gap::NothingYet),
            Self::Rating {} => Fraction::new(i128::from(facts.stars), i128::from(facts.ratings)),
            Self::Ratings {} => Ok(Fraction::whole(facts.ratings)),
            Self::SignUps {} => Ok(Fraction::whole(facts.sign_ups)),
            Self::Hours {} => Fraction::new(i128::from(facts.minutes), MINUTES),
            Self::Shifts {} => Ok(Fraction::whole(facts.shifts)),
        }
    }
}

fn money(facts: &Facts, minor: i64) -> Result<Fraction, Gap> {
    match facts.money {
        MoneyKind::None => Ok(Fraction::ZERO),
        MoneyKind::One(currency) => Fraction::new(i128::from(minor), 10_i128.pow(currency.exponent())),
        MoneyKind::Several => Err(Gap::Currencies),
    }
}

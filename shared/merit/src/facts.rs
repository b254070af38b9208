//! What was counted for somebody in a period: integers only, sums of sums.

use std::collections::BTreeMap;

use kernel::Currency;

use crate::Gap;
use crate::number::Fraction;

/// Counted for a person, an outlet or a group of them. A return takes back from the day of the sale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Receipts of which something was kept.
    pub receipts: i64,
    /// Pieces sold less returned, in thousandths.
    pub items: i64,
    /// Money for goods less what was given back, points paid included, in minor units.
    pub revenue_minor: i64,
    /// Receipts with a member.
    pub member_receipts: i64,
    /// Members whose first receipt it was, soon after they joined.
    pub sign_ups: i64,
    /// Ratings given.
    pub ratings: i64,
    /// Their stars, summed.
    pub stars: i64,
    /// Worked in shifts that have ended.
    pub minutes: i64,
    pub shifts: i64,
    /// Planned revenue in minor units; a part of a month is a fraction.
    pub plan_minor: Option<Fraction>,
    /// Of which currency money is; several cannot be compared.
    pub money: MoneyKind,
    /// By category of goods, for those that the goal asks for.
    pub categories: BTreeMap<String, CategoryFacts>,
}

/// Counted of one category of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CategoryFacts {
    /// Receipts that kept something of the category.
    pub receipts: i64,
    /// In thousandths.
    pub items: i64,
    pub revenue_minor: i64,
}

/// The currency of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MoneyKind {
    /// No money yet.
    #[default]
    None,
    One(Currency),
    Several,
}

impl MoneyKind {
    /// The currency of a sum of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, kind) | (kind, Self::None) => kind,
            (Self::One(one), Self::One(same)) if one == same => self,
            _ => Self::Several,
        }
    }
}

impl Facts {
    /// Adds what was counted elsewhere.
    ///
    /// # Errors
    /// [`Gap::OutOfRange`].
    pub fn add(&mut self, other: &Self) -> Result<(), Gap> {
        for (mine, theirs) in [
            (&mut self.receipts, other.receipts),
            (&mut self.items, other.items),
            (&mut self.revenue_minor, other.revenue_minor),
            (&mut self.member_receipts, other.member_receipts),
            (&mut self.sign_ups, other.sign_ups),
            (&mut self.ratings, other.ratings),
            (&mut self.stars, other.stars),
            (&mut self.minutes, other.minutes),
            (&mut self.shifts, other.shifts),
        ] {
            *mine = mine.checked_add(theirs).ok_or(Gap::OutOfRange)?;
        }
        self.plan_minor = match (self.plan_minor, other.plan_minor) {
            (Some(mine), Some(theirs)) => Some(mine.plus(theirs)?),
            (mine, theirs) => mine.or(theirs),
        };
        self.money = self.money.with(other.money);
        for (category, theirs) in &other.categories {
            self.categories.entry(category.clone()).or_default().add(*theirs)?;
        }
        Ok(())
    }
}

impl CategoryFacts {
    /// Adds what was counted elsewhere.
    ///
    /// # Errors
    /// [`Gap::OutOfRange`].
    pub fn add(&mut self, other: Self) -> Result<(), Gap> {
        self.receipts = self.receipts.checked_add(other.receipts).ok_or(Gap::OutOfRange)?;
        self.items = self.items.checked_add(other.items).ok_or(Gap::OutOfRange)?;
        self.revenue_minor = self.revenue_minor.checked_add(other.revenue_minor).ok_or(Gap::OutOfRange)?;
        Ok(())
    }
}

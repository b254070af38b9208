//! What a run of receipts reached, and when: for rules that take effect at once.

use kernel::{Currency, Date, Money, Points, Timestamp};

use crate::error::{Refusal, add, sub};
use crate::programme::Programme;
use crate::tiers::rules::{Facts, Window};

/// A receipt as it counts: net of everything that was returned of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub sold_at: Timestamp,
    /// The local day at the member's home.
    pub day: Date,
    /// The outlet's business day: visits are counted by it.
    pub business_date: Date,
    /// Money paid in the home currency; nothing for a receipt in another.
    pub spend: Money,
    pub points: Points,
    /// Whether something of it was kept.
    pub kept: bool,
}

/// The highest tier that was reached, and what it was reached with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    pub tier: usize,
    /// What was counted when it was reached; when nothing was, at the end.
    pub facts: Facts,
    /// The receipt that reached it; `None` for the entry tier.
    pub at: Option<Timestamp>,
}

/// Counts receipts in the order of their times: the sum of all.
///
/// # Errors
/// [`Refusal::Overflow`].
pub fn total(counted: &[Counted], currency: Currency) -> Result<Facts, Refusal> {
    let mut running = Running::new(currency);
    for receipt in counted {
        running.enter(receipt)?;
    }
    Ok(running.facts)
}

/// The highest tier that the window reached at any moment from the day `since` on. `counted` is in the order of time
/// and begins where the window of that day does.
///
/// # Errors
/// [`Refusal::Overflow`].
pub fn reached(
    programme: &Programme,
    counted: &[Counted],
    since: Date,
    currency: Currency,
) -> Result<Reached, Refusal> {
    let rolling = match programme.tier_rules().window {
        Window::RollingDays { days } => Some(i32::try_from(days).unwrap_or(i32::MAX)),
        _ => None,
    };
    let mut running = Running::new(currency);
    let mut first = 0;
    let mut best = Reached { tier: 0, facts: running.facts, at: None };
    for receipt in counted {
        running.enter(receipt)?;
        if let Some(days) = rolling {
            let from = receipt.day.plus_days(1 - days);
            while counted[first].day < from {
                running.leave(&counted[first])?;
                first += 1;
            }
        }
        if receipt.day < since {
            continue;
        }
        let tier = programme.earned(&running.facts);
        if tier > best.tier {
            best = Reached { tier, facts: running.facts, at: Some(receipt.sold_at) };
        }
    }
    if best.at.is_none() {
        best.facts = running.facts;
    }
    Ok(best)
}

/// What is in the window now.
struct Running {
    facts: Facts,
    /// Receipts kept by business day; few, and in order but for outlets across zones.
    days: Vec<(Date, u32)>,
}

impl Running {
    const fn new(currency: Currency) -> Self {
        Self { facts: Facts::nothing(currency), days: Vec::new() }
    }

    fn enter(&mut self, receipt: &Counted) -> Result<(), Refusal> {
        self.facts.spend = add(self.facts.spend, receipt.spend)?;
        self.facts.points = self.facts.points.checked_add(receipt.points).ok_or(Refusal::Overflow)?;
        if receipt.kept {
            match self.days.iter_mut().rev().find(|(day, _)| *day == receipt.business_date) {
                Some((_, count)) => *count += 1,
                None => self.days.push((receipt.business_date, 1)),
            }
        }
        self.count_visits()
    }

    fn leave(&mut self, receipt: &Counted) -> Result<(), Refusal> {
        self.facts.spend = sub(self.facts.spend, receipt.spend)?;
        self.facts.points = self.facts.points.checked_sub(receipt.points).ok_or(Refusal::Overflow)?;
        if receipt.kept
            && let Some(place) = self.days.iter().position(|(day, _)| *day == receipt.business_date)
        {
            self.days[place].1 -= 1;
            if self.days[place].1 == 0 {
                self.days.remove(place);
            }
        }
        self.count_visits()
    }

    fn count_visits(&mut self) -> Result<(), Refusal> {
        self.facts.visits = u32::try_from(self.days.len()).map_err(|_| Refusal::Overflow)?;
        Ok(())
    }
}

//! How far the next tier is, where a calendar month's spend leads to it.

use kernel::Money;

use crate::error::{Refusal, sub};
use crate::programme::{Programme, Tier};
use crate::tiers::rules::Window;

/// A member's way to the next tier in the current calendar month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The tier the member is in.
    pub current: &'a Tier,
    /// Money spent so far in the month.
    pub spent: Money,
    /// `None` in the top tier, and where something else than a calendar month's spend leads to the next.
    pub next: Option<NextTier<'a>>,
}

/// The tier above a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextTier<'a> {
    pub tier: &'a Tier,
    pub threshold: Money,
    /// Still to be spent in the month; zero once the tier is reached.
    pub left: Money,
}

/// How far a member of tier `current` who has `spent` so much this month is from the next tier.
///
/// # Errors
/// [`Refusal::UnknownTier`]; [`Refusal::CurrencyNotInProgramme`] when tiers have no threshold in that currency.
pub fn progress<'a>(programme: &'a Programme, current: &str, spent: Money) -> Result<Progress<'a>, Refusal> {
    let index = programme.tiers.iter().position(|tier| tier.code == current).ok_or(Refusal::UnknownTier)?;
    let by_month = programme.tier_rules().window == Window::CalendarMonth {};
    let next = programme.tiers.get(index + 1).filter(|tier| by_month && tier.qualification.is_none());
    let next = match next {
        None => None,
        Some(tier) => {
            let currency = spent.currency();
            let threshold = tier.threshold(currency).ok_or(Refusal::CurrencyNotInProgramme { currency })?;
            let left = sub(threshold, spent)?;
            let left = if left.is_negative() { Money::zero(currency) } else { left };
            Some(NextTier { tier, threshold, left })
        }
    };
    Ok(Progress { current: &programme.tiers[index], spent, next })
}

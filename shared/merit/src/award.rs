//! Who gets what at a period's end.

use kernel::Overflow;
use kernel::split::largest_remainder;

use crate::Gap;
use crate::goal::{Goal, Prize, Team};
use crate::number::Fraction;
use crate::score::reaches;

/// What a score and a place bring.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Won {
    /// The level reached, in percent.
    pub level: Option<u16>,
    pub prizes: Vec<Prize>,
}

/// Least who must have a place for places to bring anything: nobody is ahead of nobody.
const RIVALS_MIN: u32 = 2;

/// What a score and a place among so many bring. Prizes of the same kind from level and place both count.
///
/// # Errors
/// [`Gap::OutOfRange`].
pub fn won(goal: &Goal, score: Fraction, place: u32, of: u32) -> Result<Won, Gap> {
    let mut won = Won::default();
    for level in &goal.levels {
        if reaches(score, level.at_least_percent)? {
            won = Won { level: Some(level.at_least_percent), prizes: level.prizes.clone() };
        }
    }
    // Whoever has achieved nothing wins nothing by others' having achieved no more.
    if score > Fraction::ZERO
        && of >= RIVALS_MIN
        && let Some(found) = goal.places.iter().find(|entry| place <= entry.up_to)
    {
        won.prizes.extend(found.prizes.iter().cloned());
    }
    Ok(won)
}

/// A prize of several people, for each of them in the order given. `receipts` are theirs in the period.
///
/// # Errors
/// When nobody has a receipt.
pub fn for_team(prize: &Prize, receipts: &[i64], team: Team) -> Result<Vec<Option<Prize>>, Overflow> {
    let share = |whole: i64, part: fn(i64, &Prize) -> Prize| {
        let parts = largest_remainder(whole, receipts)?;
        Ok(parts.into_iter().map(|share| (share > 0).then(|| part(share, prize))).collect())
    };
    match (team, prize) {
        (Team::Each, _) | (Team::Shared, Prize::Badge { .. }) => {
            Ok(receipts.iter().map(|_| Some(prize.clone())).collect())
        }
        (Team::Shared, Prize::Points { hundredths }) => {
            share(*hundredths, |hundredths, _| Prize::Points { hundredths })
        }
        (Team::Shared, Prize::Money { minor, .. }) => share(*minor, |minor, prize| match prize {
            Prize::Money { currency, .. } => Prize::Money { minor, currency: currency.clone() },
            other => other.clone(),
        }),
    }
}

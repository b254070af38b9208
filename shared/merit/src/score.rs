//! How far along somebody is.

use crate::Gap;
use crate::facts::Facts;
use crate::goal::Goal;
use crate::number::Fraction;

/// Percent in a whole.
const PERCENT: i128 = 100;

/// How far along somebody is towards a goal, with the arithmetic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// One per component of the goal.
    pub parts: Vec<Part>,
    /// The weighted mean of the parts' worth: 1 is the whole.
    pub score: Result<Fraction, NoScore>,
    /// Receipts, by which ties may be broken.
    pub volume: i64,
}

/// A component's value and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub value: Result<Fraction, Gap>,
    /// From nothing up to the component's cap.
    pub worth: Result<Fraction, Gap>,
}

/// Why somebody has no score, and so no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoScore {
    /// The goal's minimum of this index is not reached.
    BelowMinimum {
        index: usize,
    },
    Gap(Gap),
}

/// How far along somebody is by what was counted.
#[must_use]
pub fn standing(goal: &Goal, facts: &Facts) -> Standing {
    let parts: Vec<Part> = goal
        .components
        .iter()
        .map(|component| {
            let value = component.measure.value(facts);
            Part { value, worth: value.and_then(|value| worth(component, value)) }
        })
        .collect();
    Standing { score: score(goal, facts, &parts), parts, volume: facts.receipts }
}

fn worth(component: &crate::goal::Component, value: Fraction) -> Result<Fraction, Gap> {
    let baseline = component.baseline.fraction();
    let distance = component.target.fraction().minus(baseline)?;
    let worth = value.minus(baseline)?.over(distance)?;
    Ok(worth.max(Fraction::ZERO).min(Fraction::new(i128::from(component.cap_percent), PERCENT)?))
}

fn score(goal: &Goal, facts: &Facts, parts: &[Part]) -> Result<Fraction, NoScore> {
    for (index, minimum) in goal.minimums.iter().enumerate() {
        // What has no value yet is below every minimum.
        let reached = minimum.of.value(facts).is_ok_and(|value| value >= minimum.at_least.fraction());
        if !reached {
            return Err(NoScore::BelowMinimum { index });
        }
    }
    let (mut sum, mut weights) = (Fraction::ZERO, 0_i64);
    for (component, part) in goal.components.iter().zip(parts) {
        let weighted = part.worth.and_then(|worth| worth.times(Fraction::whole(i64::from(component.weight))));
        sum = weighted.and_then(|weighted| sum.plus(weighted)).map_err(NoScore::Gap)?;
        weights += i64::from(component.weight);
    }
    sum.over(Fraction::whole(weights)).map_err(NoScore::Gap)
}

/// Whether a score reaches so many percent.
///
/// # Errors
/// [`Gap::OutOfRange`].
pub fn reaches(score: Fraction, percent: u16) -> Result<bool, Gap> {
    Ok(score >= Fraction::new(i128::from(percent), PERCENT)?)
}

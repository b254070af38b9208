//! Who pays for a discount.
//!
//! A promotion names its funders with weights. The minor units of its discount are dealt out to them one after another
//! in a fixed cycle, each to the funder who is furthest behind their share; a line takes the units that follow those
//! of the line before. So every line's shares sum to the line, every funder's to their part of the whole, nobody is
//! ever more than one unit away, and dividing a line in two changes nobody's sum. Points that a promotion gives are
//! dealt out likewise, hundredth by hundredth.

use serde::{Deserialize, Serialize};

/// A party that bears a share of a discount or of the points a promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Funder {
    /// The chain's owner.
    Brand {},
    /// The legal entity that owns the outlet of the sale.
    Franchisee {},
    /// Somebody outside, such as a bank or a supplier of syrups.
    Partner { code: String },
}

/// What one funder bears of one discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    pub funder: Funder,
    /// Minor units of the cart's currency.
    pub amount_minor: i64,
}

/// What one funder bears of the points that one promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PointsShare {
    pub funder: Funder,
    /// Hundredths of points.
    pub points: i64,
}

/// A funder of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub funder: Funder,
    /// Their part of the sum of all weights.
    pub weight: u32,
}

/// Shares of the minor units from the `from`th up to and without the `until`th of a promotion's discount. Funders
/// whose share is nothing are left out. `parts` must have a positive weight each.
#[must_use]
pub fn shares(parts: &[Part], from: i64, until: i64) -> Vec<Share> {
    let (before, after) = (dealt(parts, from), dealt(parts, until));
    let amounts = after.iter().zip(&before).map(|(after, before)| after - before);
    let shares = parts.iter().zip(amounts);
    shares
        .filter(|(_, amount_minor)| *amount_minor != 0)
        .map(|(part, amount_minor)| Share { funder: part.funder.clone(), amount_minor })
        .collect()
}

/// The same of hundredths of points that a promotion gives.
#[must_use]
pub fn points_shares(parts: &[Part], from: i64, until: i64) -> Vec<PointsShare> {
    let shares = shares(parts, from, until).into_iter();
    shares.map(|share| PointsShare { funder: share.funder, points: share.amount_minor }).collect()
}

/// What each funder has of the first `units` minor units.
fn dealt(parts: &[Part], units: i64) -> Vec<i64> {
    let total: i64 = parts.iter().map(|part| i64::from(part.weight)).sum();
    if total <= 0 {
        return vec![0; parts.len()];
    }
    let (rounds, rest) = (units / total, units % total);
    let mut given = vec![0_i64; parts.len()];
    for unit in 1..=rest {
        // Furthest behind: weight/total of the units so far, less what was given; on a tie the earlier funder.
        let lag = |index: usize| i64::from(parts[index].weight) * unit - given[index] * total;
        let mut next = 0;
        for index in 1..parts.len() {
            if lag(index) > lag(next) {
                next = index;
            }
        }
        given[next] += 1;
    }
    given.iter().zip(parts).map(|(given, part)| given + rounds * i64::from(part.weight)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_unit_is_the_earlier_funders() {
        let parts =
            [Part { funder: Funder::Brand {}, weight: 1 }, Part { funder: Funder::Franchisee {}, weight: 1 }];
        assert_eq!(shares(&parts, 0, 1), [Share { funder: Funder::Brand {}, amount_minor: 1 }]);
        assert_eq!(shares(&parts, 1, 2), [Share { funder: Funder::Franchisee {}, amount_minor: 1 }]);
    }
}

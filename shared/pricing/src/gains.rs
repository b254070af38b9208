//! Points that promotions give: counted on what the goods cost in the end.

use kernel::Overflow;
use kernel::split::largest_remainder;

use crate::facts::Earning;
use crate::goods::{Goods, Piece};
use crate::prepare::{Candidate, Gain};

/// Hundredths of a point that a promotion gives, and how many of them each kind of goods brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) points: i64,
    pub(crate) by_kind: Vec<i64>,
}

/// What a promotion's points effects give on these prices.
pub(crate) fn gains(
    candidate: &Candidate<'_>,
    goods: &Goods<'_>,
    pieces: &[Piece],
    earning: Option<Earning>,
) -> Result<Given, Overflow> {
    let mut given = Given { points: 0, by_kind: vec![0; goods.kinds.len()] };
    let mut left = candidate.points_max.unwrap_or(i64::MAX);
    for gain in &candidate.gains {
        match gain {
            Gain::PerCart { points } => {
                // By what the goods cost; a cart that costs nothing shares by pieces.
                let paid = weights(goods, pieces, |piece| piece.now)?;
                let weights = if sum(&paid)? > 0 { paid } else { weights(goods, pieces, |_| 1)? };
                let wanted = if weights.is_empty() { 0 } else { (*points).min(left) };
                left -= share(&mut given, wanted, &weights)?;
            }
            Gain::PerPiece { on, points } => {
                let mut weights = vec![0_i64; goods.kinds.len()];
                for piece in pieces.iter().filter(|piece| candidate.may(on, piece)) {
                    weights[piece.kind] = weights[piece.kind].checked_add(*points).ok_or(Overflow)?;
                }
                let wanted = sum(&weights)?;
                left -= share(&mut given, wanted.min(left), &weights)?;
            }
            Gain::Multiplier { on, extra } => {
                let Some(earning) = earning else { continue };
                let mut weights = vec![0_i64; goods.kinds.len()];
                for piece in pieces.iter().filter(|piece| candidate.may(on, piece)) {
                    if goods.kinds[piece.kind].line.earns {
                        weights[piece.kind] = weights[piece.kind].checked_add(piece.now).ok_or(Overflow)?;
                    }
                }
                let wanted = extra_points(sum(&weights)?, *extra, earning)?;
                left -= share(&mut given, wanted.min(left), &weights)?;
            }
        }
    }
    Ok(given)
}

/// What the pieces of each kind weigh together.
fn weights(goods: &Goods<'_>, pieces: &[Piece], of: fn(&Piece) -> i64) -> Result<Vec<i64>, Overflow> {
    let mut weights = vec![0_i64; goods.kinds.len()];
    for piece in pieces {
        weights[piece.kind] = weights[piece.kind].checked_add(of(piece)).ok_or(Overflow)?;
    }
    Ok(weights)
}

fn sum(weights: &[i64]) -> Result<i64, Overflow> {
    weights.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight)).ok_or(Overflow)
}

fn share(given: &mut Given, points: i64, weights: &[i64]) -> Result<i64, Overflow> {
    if points <= 0 {
        return Ok(0);
    }
    given.points += points;
    for (kind, part) in given.by_kind.iter_mut().zip(largest_remainder(points, weights)?) {
        *kind += part;
    }
    Ok(points)
}

/// `base × rate × extra ÷ value of a point`, in hundredths, rounded down as all that is granted.
fn extra_points(base: i64, extra: i64, earning: Earning) -> Result<i64, Overflow> {
    if earning.point_value_minor <= 0 || extra <= 0 {
        return Ok(0);
    }
    // Millionths twice, and hundredths of a point: 10^12 ÷ 100.
    const SCALE: i128 = 10_000_000_000;
    let product = i128::from(base)
        .checked_mul(i128::from(earning.rate.millionths()))
        .and_then(|product| product.checked_mul(i128::from(extra)))
        .ok_or(Overflow)?;
    i64::try_from(product / (SCALE * i128::from(earning.point_value_minor))).map_err(|_| Overflow)
}

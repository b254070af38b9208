//! The most that a promotion can do to a cart, whatever the others do.

use crate::gains::gains;
use crate::goods::{Goods, Piece};
use crate::prepare::{Candidate, Mask, Move, share_of};

/// Optimistic figures of one promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Most {
    pub(crate) discount: i64,
    pub(crate) points: i64,
    pub(crate) gifts: u32,
}

/// The most that a candidate can do. Prices only fall, so that list prices bound them; a set effect takes no more off
/// than the dearest pieces that it could use would give.
pub(crate) fn most(
    candidate: &Candidate<'_>,
    goods: &Goods<'_>,
    earning: Option<crate::facts::Earning>,
) -> Most {
    let mut most = Most::default();
    for step in &candidate.moves {
        most.discount = most.discount.saturating_add(discount(step, goods));
        if let Move::Gift { pieces, .. } = step {
            most.gifts = most.gifts.saturating_add(*pieces as u32);
        }
    }
    if let Some(max) = candidate.discount_max {
        most.discount = most.discount.min(max.max(0));
    }
    most.points = gains(candidate, goods, &goods.pieces, earning).map_or(i64::MAX / 4, |given| given.points);
    most
}

fn discount(step: &Move, goods: &Goods<'_>) -> i64 {
    let pieces = &goods.pieces;
    let sum = |on: &Mask, of: &dyn Fn(&Piece) -> i64| -> i64 {
        pieces.iter().filter(|piece| on[piece.kind]).map(of).sum()
    };
    let list = |on: &Mask, count: usize| -> i64 {
        let mut prices: Vec<i64> =
            pieces.iter().filter(|piece| on[piece.kind]).map(|piece| piece.now).collect();
        prices.sort_unstable_by(|a, b| b.cmp(a));
        prices.iter().take(count).sum()
    };
    let count = |on: &Mask| pieces.iter().filter(|piece| on[piece.kind]).count();
    match step {
        Move::Percent { on, millionths, .. } => share_of(sum(on, &|piece| piece.now), *millionths),
        Move::AmountPerCart { minor, .. } => *minor,
        Move::AmountPerPiece { on, minor } => sum(on, &|_| *minor),
        Move::Fixed { on, minor } => sum(on, &|piece| (piece.now - minor).max(0)),
        Move::FreeModifier { off } => pieces.iter().map(|piece| off[piece.kind]).sum(),
        Move::ForPoints { on, pieces, .. } => list(on, *pieces),
        Move::Gift { of, pieces, .. } => list(of, *pieces),
        Move::Nth { on, nth, millionths, times } => {
            share_of(list(on, (count(on) / nth).min(*times)), *millionths)
        }
        Move::BuyGet { get, get_pieces, millionths, times, .. } => {
            let sets = (count(get) / get_pieces).min(*times);
            share_of(list(get, sets * get_pieces), *millionths)
        }
        Move::Bundle { slots, minor, times } => bundle(slots, *minor, *times, &list, &count),
    }
}

/// Over every number of bundles that there are pieces for: what the dearest pieces of each part cost, less the price.
fn bundle(
    slots: &[Mask],
    price: i64,
    times: usize,
    list: &dyn Fn(&Mask, usize) -> i64,
    count: &dyn Fn(&Mask) -> usize,
) -> i64 {
    let sets = slots.iter().map(count).min().unwrap_or(0).min(times);
    let best = (1..=sets).map(|sets| {
        let apart: i64 = slots.iter().map(|slot| list(slot, sets)).sum();
        apart - price.saturating_mul(sets as i64)
    });
    best.max().unwrap_or(0).max(0)
}

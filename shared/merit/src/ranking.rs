//! Places: equal scores are equal, and outlets are compared with outlets of their size.

use crate::goal::Ties;
use crate::number::Fraction;

/// Somebody to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runner {
    /// Places are given within a class.
    pub class: u8,
    pub score: Fraction,
    /// Receipts.
    pub volume: i64,
}

/// The place of each, from 1, in the order given.
#[must_use]
pub fn places(runners: &[Runner], ties: Ties) -> Vec<u32> {
    // What decides: the better, the later in this order. Volume decides only where the rule says so.
    let merit = |runner: &Runner| match ties {
        Ties::Volume => (runner.score, runner.volume),
        Ties::Better | Ties::Worse => (runner.score, 0),
    };
    let mut order: Vec<usize> = (0..runners.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&runners[a], &runners[b]);
        a.class.cmp(&b.class).then_with(|| merit(b).cmp(&merit(a)))
    });
    let mut places = vec![0; runners.len()];
    let (mut start, mut class_start) = (0, 0);
    while start < order.len() {
        let first = &runners[order[start]];
        if start > 0 && runners[order[start - 1]].class != first.class {
            class_start = start;
        }
        let equals = order[start..]
            .iter()
            .take_while(|&&index| {
                runners[index].class == first.class && merit(&runners[index]) == merit(first)
            })
            .count();
        let place = match ties {
            Ties::Better | Ties::Volume => start - class_start + 1,
            Ties::Worse => start - class_start + equals,
        };
        for &index in &order[start..start + equals] {
            places[index] = u32::try_from(place).unwrap_or(u32::MAX);
        }
        start += equals;
    }
    places
}

/// The size class of an outlet that took so many receipts in so many days of trading; the smallest is 0. None for one
/// that did not trade: it is compared with its like, in a class of their own.
#[must_use]
pub fn size_class(bounds: &[u32], receipts: i64, days: i64) -> Option<u8> {
    if days <= 0 {
        return None;
    }
    let passed = bounds.iter().filter(|&&bound| i128::from(receipts) >= i128::from(bound) * i128::from(days));
    u8::try_from(passed.count()).ok()
}

/// The class of outlets that did not trade in the period before.
pub const CLASS_NEW: u8 = u8::MAX;

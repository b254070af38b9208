//! From a long list of operations that shows a difference to a short one.

use crate::operation::{Act, Operation};

/// Removes operations as long as `diverges` says that the rest still shows a difference, in ever smaller pieces
/// (Zeller's delta debugging), then simplifies those that are left. `said` is told how many are left.
pub fn shrink(
    operations: &[Operation],
    diverges: &mut dyn FnMut(&[Operation]) -> bool,
    said: &mut dyn FnMut(usize),
) -> Vec<Operation> {
    let mut left = operations.to_vec();
    let mut piece = left.len().div_ceil(2).max(1);
    loop {
        let mut removed = false;
        let mut end = left.len();
        // From the back: what came last matters least to what came before it.
        while end > 0 {
            let start = end.saturating_sub(piece);
            let mut without = left.clone();
            without.drain(start..end);
            if !without.is_empty() && diverges(&without) {
                left = without;
                removed = true;
                said(left.len());
            }
            end = start.min(left.len());
        }
        if piece > 1 {
            piece = piece.div_ceil(2);
        } else if !removed {
            break;
        }
    }
    simplify(left, diverges)
}

/// Tries plainer versions of each operation.
fn simplify(mut left: Vec<Operation>, diverges: &mut dyn FnMut(&[Operation]) -> bool) -> Vec<Operation> {
    for index in 0..left.len() {
        while let Some(better) = plainer(&left[index]).into_iter().find_map(|plain| {
            let mut tried = left.clone();
            tried[index] = plain;
            diverges(&tried).then_some(tried)
        }) {
            left = better;
        }
    }
    left
}

/// Versions of an operation with less in them.
fn plainer(operation: &Operation) -> Vec<Operation> {
    let Act::Sell(sell) = &operation.act else { return Vec::new() };
    let mut versions = Vec::new();
    let mut push = |change: &dyn Fn(&mut crate::operation::Sell)| {
        let mut plain = sell.clone();
        change(&mut plain);
        if plain != *sell {
            versions.push(Operation { act: Act::Sell(plain), ..operation.clone() });
        }
    };
    for index in (0..sell.lines.len()).filter(|_| sell.lines.len() > 1) {
        push(&|plain| {
            plain.lines.remove(index);
        });
    }
    push(&|plain| (plain.rounding, plain.split) = (0, false));
    push(&|plain| (plain.late_ms, plain.date_off) = (0, 0));
    for index in 0..sell.lines.len() {
        push(&|plain| {
            let line = &mut plain.lines[index];
            (line.markdown, line.off, line.promo, line.told) = (0, 0, false, false);
        });
        push(&|plain| plain.lines[index].quantity = 1_000);
        push(&|plain| plain.lines[index].good = 1);
    }
    versions
}

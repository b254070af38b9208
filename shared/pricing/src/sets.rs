//! Effects that count pieces: every nth, buy some get others, bundles.

use kernel::Overflow;

use crate::apply::{Plan, amount, percent};
use crate::goods::Piece;
use crate::prepare::{Candidate, Mask};

/// Places by price, the dearest first; at one price in their own order.
pub(crate) fn dearest(places: &[usize], pieces: &[Piece]) -> Vec<usize> {
    let mut sorted: Vec<usize> = places.iter().copied().filter(|&place| !pieces[place].used).collect();
    sorted.sort_by(|&a, &b| pieces[b].now.cmp(&pieces[a].now).then(a.cmp(&b)));
    sorted
}

/// Of every `nth` pieces, counted from the dearest down, the last gets a share off: no other way of grouping takes
/// more off.
pub(crate) fn nth(
    candidate: &Candidate<'_>,
    places: &[usize],
    (nth, millionths, times): (usize, i64, usize),
    pieces: &[Piece],
) -> Result<Plan, Overflow> {
    let sorted = dearest(places, pieces);
    let mut used = Vec::new();
    let mut reduced = Vec::new();
    for group in sorted.chunks_exact(nth).take(times) {
        used.extend_from_slice(group);
        reduced.extend(group.last());
    }
    reduced_set(candidate, reduced, used, millionths, pieces)
}

/// Buys are taken from pieces that cannot be got first, then from the dearest; what is got are the dearest left.
pub(crate) fn buy_get(
    candidate: &Candidate<'_>,
    (buy, get): (&[usize], &[usize]),
    (buy_pieces, get_pieces): (usize, usize),
    (millionths, times): (i64, usize),
    pieces: &[Piece],
) -> Result<Plan, Overflow> {
    let (buyable, gettable) = (dearest(buy, pieces), dearest(get, pieces));
    let mut taken = vec![false; pieces.len()];
    let (mut used, mut reduced) = (Vec::new(), Vec::new());
    let mut sets = 0;
    while sets < times {
        let only = buyable.iter().filter(|place| !gettable.contains(place));
        let both = buyable.iter().filter(|place| gettable.contains(place));
        let bought: Vec<usize> =
            only.chain(both).copied().filter(|&place| !taken[place]).take(buy_pieces).collect();
        let free = |place: &usize| !taken[*place] && !bought.contains(place);
        let got: Vec<usize> = gettable.iter().copied().filter(free).take(get_pieces).collect();
        if bought.len() < buy_pieces || got.len() < get_pieces {
            break;
        }
        for &place in bought.iter().chain(&got) {
            taken[place] = true;
        }
        used.extend(bought);
        used.extend_from_slice(&got);
        reduced.extend(got);
        sets += 1;
    }
    let mut plan = reduced_set(candidate, reduced, used, millionths, pieces)?;
    plan.times = sets as u32;
    Ok(plan)
}

fn reduced_set(
    candidate: &Candidate<'_>,
    mut reduced: Vec<usize>,
    used: Vec<usize>,
    millionths: i64,
    pieces: &[Piece],
) -> Result<Plan, Overflow> {
    reduced.sort_unstable();
    let times = reduced.len() as u32;
    let weighed = reduced.into_iter().map(|place| (place, pieces[place].now)).collect();
    let off = percent(candidate, weighed, millionths, pieces)?;
    Ok(Plan { off, used, times, ..Plan::default() })
}

/// Bundles one after another, each of the dearest pieces that fill it, while they cost more apart than together.
pub(crate) fn bundles(
    candidate: &Candidate<'_>,
    slots: &[Mask],
    price: i64,
    times: usize,
    pieces: &[Piece],
) -> Result<Plan, Overflow> {
    let mut plan = Plan::default();
    let mut taken = vec![false; pieces.len()];
    while (plan.times as usize) < times {
        let Some(mut set) = fill(candidate, slots, &taken, pieces) else { break };
        set.sort_unstable();
        let apart: i64 = set.iter().map(|&place| pieces[place].now).sum();
        if apart <= price {
            break;
        }
        plan.off.extend(amount(candidate, &set, apart - price, pieces)?);
        for &place in &set {
            taken[place] = true;
        }
        plan.used.extend(set);
        plan.times += 1;
    }
    plan.off.sort_unstable();
    Ok(plan)
}

/// The dearest set of pieces that fills every slot. Sets that fill slots form a transversal matroid, so that taking
/// the dearest piece that can still be fitted in (moving the others where need be) finds it.
fn fill(candidate: &Candidate<'_>, slots: &[Mask], taken: &[bool], pieces: &[Piece]) -> Option<Vec<usize>> {
    let fits = |slot: usize, place: usize| candidate.may(&slots[slot], &pieces[place]);
    let places: Vec<usize> = (0..pieces.len()).filter(|&place| !taken[place]).collect();
    let mut filled: Vec<Option<usize>> = vec![None; slots.len()];
    for place in dearest(&places, pieces) {
        let mut tried = vec![false; slots.len()];
        fit(place, &fits, &mut filled, &mut tried);
        if filled.iter().all(Option::is_some) {
            break;
        }
    }
    filled.into_iter().collect()
}

/// Finds a slot for a piece, moving the pieces already there to other slots (Kuhn's augmenting path).
fn fit(
    place: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    filled: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for slot in 0..filled.len() {
        if tried[slot] || !fits(slot, place) {
            continue;
        }
        tried[slot] = true;
        let free = match filled[slot] {
            None => true,
            Some(other) => fit(other, fits, filled, tried),
        };
        if free {
            filled[slot] = Some(place);
            return true;
        }
    }
    false
}

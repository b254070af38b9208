//! What one promotion does to the pieces of a cart, given what the earlier ones did.

use kernel::Overflow;

use crate::effect::Base;
use crate::goods::{Goods, Piece, spread};
use crate::prepare::{Candidate, Mask, Move, share_of};
use crate::sets;

/// The pieces of a cart, and the points the guest has left for the menu for points.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) points_left: i64,
}

/// What a promotion did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) discount: i64,
    /// Without its limits.
    pub(crate) wanted: i64,
    pub(crate) times: u32,
    pub(crate) points_price: i64,
    /// Effect of the gift, and pieces that are not in the cart.
    pub(crate) gifts: Vec<(usize, u32)>,
}

impl Done {
    /// Gifts that the guest may add.
    pub(crate) fn offered(&self) -> u32 {
        self.gifts.iter().map(|(_, pieces)| pieces).sum()
    }
}

/// Pieces with what comes off each, in ascending order of place.
type Off = Vec<(usize, i64)>;

/// What an effect would do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) off: Off,
    /// Pieces that completed a set.
    pub(crate) used: Vec<usize>,
    pub(crate) times: u32,
    pub(crate) points_price: i64,
    pub(crate) gift: Option<(usize, u32)>,
}

/// Applies a promotion's effects on prices, in order.
pub(crate) fn apply(
    candidate: &Candidate<'_>,
    goods: &Goods<'_>,
    state: &mut State,
) -> Result<Done, Overflow> {
    let mut done = Done::default();
    for step in &candidate.moves {
        let mut plan = plan(candidate, step, goods, state)?;
        let wanted: i64 = plan.off.iter().map(|(_, off)| off).sum();
        done.wanted += wanted;
        let left = candidate.discount_max.map_or(i64::MAX, |max| max - done.discount);
        if wanted > left {
            let parts = spread(left, &plan.off, &state.pieces)?;
            for ((_, off), part) in plan.off.iter_mut().zip(parts) {
                *off = part;
            }
        }
        let taken: i64 = plan.off.iter().map(|(_, off)| off).sum();
        done.gifts.extend(plan.gift);
        if taken == 0 {
            continue;
        }
        done.discount += taken;
        done.times += plan.times;
        done.points_price += plan.points_price;
        state.points_left -= plan.points_price;
        for &(place, off) in &plan.off {
            let piece = &mut state.pieces[place];
            piece.now -= off;
            piece.touched |= off > 0;
            piece.locked |= off > 0 && candidate.alone_on_pieces;
        }
        for &place in &plan.used {
            let piece = &mut state.pieces[place];
            piece.used = true;
            piece.touched = true;
            piece.locked |= candidate.alone_on_pieces;
        }
    }
    Ok(done)
}

fn plan(candidate: &Candidate<'_>, step: &Move, goods: &Goods<'_>, state: &State) -> Result<Plan, Overflow> {
    let pieces = &state.pieces;
    let free = |on: &Mask| -> Vec<usize> {
        let places = 0..pieces.len();
        places.filter(|&place| candidate.may(on, &pieces[place])).collect()
    };
    let each = |places: Vec<usize>, off: &dyn Fn(&Piece) -> i64| Plan {
        off: places
            .into_iter()
            .map(|place| (place, off(&pieces[place]).clamp(0, candidate.room(&pieces[place]))))
            .collect(),
        times: 1,
        ..Plan::default()
    };
    Ok(match step {
        Move::Percent { on, millionths, base } => {
            let price = |piece: &Piece| match base {
                Base::Initial => goods.kinds[piece.kind].line.unit_list_minor,
                Base::Reduced => piece.now,
            };
            let weighed: Off = free(on).into_iter().map(|place| (place, price(&pieces[place]))).collect();
            Plan { off: percent(candidate, weighed, *millionths, pieces)?, times: 1, ..Plan::default() }
        }
        Move::AmountPerCart { on, minor } => {
            Plan { off: amount(candidate, &free(on), *minor, pieces)?, times: 1, ..Plan::default() }
        }
        Move::AmountPerPiece { on, minor } => each(free(on), &|_| *minor),
        Move::Fixed { on, minor } => each(free(on), &|piece| piece.now - minor),
        Move::FreeModifier { off } => {
            let on: Mask = off.iter().map(|off| *off > 0).collect();
            each(free(&on), &|piece| off[piece.kind])
        }
        Move::Nth { on, nth, millionths, times } => {
            sets::nth(candidate, &free(on), (*nth, *millionths, *times), pieces)?
        }
        Move::BuyGet { buy, buy_pieces, get, get_pieces, millionths, times } => {
            let counts = (*buy_pieces, *get_pieces);
            sets::buy_get(candidate, (&free(buy), &free(get)), counts, (*millionths, *times), pieces)?
        }
        Move::Bundle { slots, minor, times } => sets::bundles(candidate, slots, *minor, *times, pieces)?,
        Move::Gift { of, pieces: count, selector } => {
            let mut chosen = sets::dearest(&free(of), pieces);
            chosen.truncate(*count);
            let missing = (*count - chosen.len()) as u32;
            chosen.sort_unstable();
            let mut plan = each(chosen.clone(), &|piece| piece.now);
            plan.times = chosen.len() as u32;
            plan.used = chosen;
            plan.gift = (missing > 0).then_some((*selector, missing));
            plan
        }
        Move::ForPoints { on, points, pieces: most } => {
            let affordable = if *points > 0 { state.points_left.max(0) / points } else { 0 };
            let most = (*most).min(usize::try_from(affordable).unwrap_or(usize::MAX));
            let mut chosen = sets::dearest(&free(on), pieces);
            chosen.retain(|&place| candidate.room(&pieces[place]) > 0);
            chosen.truncate(most);
            chosen.sort_unstable();
            let count = chosen.len();
            let mut plan = each(chosen.clone(), &|piece| piece.now);
            plan.times = count as u32;
            plan.used = chosen;
            plan.points_price = points * count as i64;
            plan
        }
    })
}

/// A share of the sum of what is weighed, rounded once, shared over it; no piece gives more than it has room for, and
/// what it cannot give nobody else does.
pub(crate) fn percent(
    candidate: &Candidate<'_>,
    weighed: Off,
    millionths: i64,
    pieces: &[Piece],
) -> Result<Off, Overflow> {
    let sum: i64 = weighed.iter().map(|(_, weight)| weight).sum();
    let parts = spread(share_of(sum, millionths), &weighed, pieces)?;
    let capped = weighed
        .iter()
        .zip(parts)
        .map(|(&(place, _), part)| (place, part.min(candidate.room(&pieces[place]))));
    Ok(capped.collect())
}

/// A sum off these pieces in proportion to their prices; what one has no room for, the others give.
pub(crate) fn amount(
    candidate: &Candidate<'_>,
    places: &[usize],
    minor: i64,
    pieces: &[Piece],
) -> Result<Off, Overflow> {
    let rooms: Vec<i64> = places.iter().map(|&place| candidate.room(&pieces[place])).collect();
    let mut left = minor.clamp(0, rooms.iter().sum());
    let mut off = vec![0_i64; places.len()];
    // Each round either deals out everything or fills a piece.
    while left > 0 {
        let open: Vec<usize> = (0..places.len()).filter(|&index| off[index] < rooms[index]).collect();
        let weighed: Off = open.iter().map(|&index| (places[index], pieces[places[index]].now)).collect();
        for (&index, part) in open.iter().zip(spread(left, &weighed, pieces)?) {
            let part = part.min(rooms[index] - off[index]);
            off[index] += part;
            left -= part;
        }
    }
    Ok(places.iter().copied().zip(off).collect())
}

//! The entry: a cart in, prices with reasons out.

use kernel::split::largest_remainder;
use kernel::{Overflow, Points};

use crate::apply::{Done, State};
use crate::cart::{Cart, LINES_MAX, PIECES_MAX};
use crate::facts::Facts;
use crate::funding::{points_shares, shares};
use crate::gains::Given;
use crate::goods::Goods;
use crate::index::{Index, Live};
use crate::judge::Court;
use crate::near;
use crate::prepare::Candidate;
use crate::priced::{Applied, GiftOffer, LineBonus, LineDiscount, NearMiss, Priced, PricedLine};
use crate::search::{Played, play, search};
use crate::verdict::{Failure, Outcome, Verdict};

/// Promotions in a brief trace that did not apply.
pub const TRACE_MAX: usize = 30;

/// A cart that is not priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a cart has at most {PIECES_MAX} pieces and {LINES_MAX} lines")]
    TooLarge,
    /// A quantity of nothing, a negative price, a floor above the list price, more pieces for points than pieces.
    #[error("line {line_no} makes no sense")]
    BadLine { line_no: u32 },
    #[error("an amount is out of range")]
    Overflow,
}

impl From<Overflow> for Refusal {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

/// How much is said about promotions that did not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Those that have to do with the goods in the cart, the first few.
    #[default]
    Brief,
    /// All.
    Full,
    /// Nothing at all: prices only.
    None,
}

/// Prices a cart.
///
/// # Errors
/// See [`Refusal`].
pub fn evaluate(cart: &Cart, facts: &Facts, index: &Index) -> Result<Priced, Refusal> {
    evaluate_with(cart, facts, index, Detail::Brief)
}

/// Prices a cart and says as much as asked for about promotions that did not apply.
///
/// # Errors
/// See [`Refusal`].
pub fn evaluate_with(cart: &Cart, facts: &Facts, index: &Index, detail: Detail) -> Result<Priced, Refusal> {
    let goods = Goods::new(cart)?;
    let court = Court { goods: &goods, facts };
    let looked_at = match detail {
        Detail::Brief | Detail::None => index.about(cart),
        Detail::Full => index.live().iter().collect(),
    };
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut failed: Vec<(&Live, Failure)> = Vec::new();
    for live in looked_at {
        match court.failure(live) {
            None => candidates.push(Candidate::new(live, &goods, facts)),
            Some(failure) => failed.push((live, failure)),
        }
    }
    let points_left = facts.guest.as_ref().map_or(0, |guest| guest.points_available.hundredths());
    let start = State { pieces: goods.pieces.clone(), points_left };
    let best = search(&candidates, &goods, &start, facts.earning)?;
    let played = play(&best.taken, &candidates, &goods, &start, facts.earning)?;
    let mut priced = assemble(cart, &goods, &candidates, &best.taken, &played, facts)?;
    priced.exact = best.exact;
    if detail == Detail::None {
        return Ok(priced);
    }
    let near_misses = near::misses(&court, &failed, &candidates, &best.taken);
    let outdone = explain(&candidates, &best.taken, &goods, &start, &played)?;
    failed.extend(outdone);
    failed.sort_by_key(|(live, _)| (std::cmp::Reverse(live.rules.priority), live.promotion));
    if detail == Detail::Brief {
        failed.truncate(TRACE_MAX);
    }
    let verdict = |live: &Live, outcome| Verdict {
        promotion: live.promotion,
        version: live.version,
        title: live.rules.title.clone(),
        outcome,
    };
    let applied = best.taken.iter().map(|&index| verdict(candidates[index].live, Outcome::Applied));
    let failed = failed.into_iter().map(|(live, failure)| verdict(live, Outcome::Failed(failure)));
    priced.trace = applied.chain(failed).collect();
    priced.near_misses = near_misses
        .into_iter()
        .map(|(live, missing)| NearMiss {
            promotion: live.promotion,
            version: live.version,
            title: live.rules.title.clone(),
            missing,
        })
        .collect();
    Ok(priced)
}

/// Whether anything in the index might do something to a cart: its goods are there and its conditions hold. Much
/// cheaper than a price.
///
/// # Errors
/// See [`Refusal`].
pub fn any_may_apply(cart: &Cart, facts: &Facts, index: &Index) -> Result<bool, Refusal> {
    let about = index.about(cart);
    if about.is_empty() {
        return Ok(false);
    }
    let goods = Goods::new(cart)?;
    let court = Court { goods: &goods, facts };
    Ok(about.into_iter().any(|live| court.failure(live).is_none()))
}

/// Why the candidates that are not in the best set are not.
fn explain<'c>(
    candidates: &[Candidate<'c>],
    taken: &[usize],
    goods: &Goods<'_>,
    start: &State,
    played: &Played,
) -> Result<Vec<(&'c Live, Failure)>, Overflow> {
    let mut failures = Vec::new();
    for (_, candidate) in candidates.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
        let failure = if let Some(failure) = near::no_goods(candidate, goods) {
            failure
        } else {
            let mut first = start.clone();
            let alone = crate::apply::apply(candidate, goods, &mut first)?;
            let mut last = played.state.clone();
            let after = crate::apply::apply(candidate, goods, &mut last)?;
            // What it would do alone and not after the others, or what cannot stand with them, they outdo.
            let rivals = taken.iter().filter(|&&other| excludes(candidate, &candidates[other]));
            let mut by: Vec<_> = rivals.map(|&other| candidates[other].live.promotion).collect();
            if by.is_empty() && alone.discount > 0 && after.discount > 0 {
                by = taken.iter().map(|&other| candidates[other].live.promotion).collect();
            }
            if by.is_empty() { Failure::NothingLeft } else { Failure::Outdone { by } }
        };
        failures.push((candidate.live, failure));
    }
    Ok(failures)
}

/// Whether two promotions cannot both apply.
fn excludes(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let groups = &a.live.rules.stacking.groups;
    a.exclusive() || b.exclusive() || groups.iter().any(|group| b.live.rules.stacking.groups.contains(group))
}

/// Brings what happened to pieces back to the lines of the cart.
fn assemble(
    cart: &Cart,
    goods: &Goods<'_>,
    candidates: &[Candidate<'_>],
    taken: &[usize],
    played: &Played,
    facts: &Facts,
) -> Result<Priced, Overflow> {
    let mut lines: Vec<PricedLine> = cart.lines.iter().map(untouched).collect();
    let mut applied = Vec::with_capacity(taken.len());
    let mut gifts = Vec::new();
    for (step, given) in played.steps.iter().zip(&played.given) {
        let (index, done, off) = step;
        let live = candidates[*index].live;
        let by_line = per_line(goods, cart.lines.len(), off);
        let mut from = 0;
        for (line, amount_minor) in lines.iter_mut().zip(by_line).filter(|(_, amount)| *amount != 0) {
            let funding = shares(&live.rules.funding, from, from + amount_minor);
            from += amount_minor;
            line.final_minor -= amount_minor;
            line.discounts.push(LineDiscount {
                promotion: live.promotion,
                version: live.version,
                amount_minor,
                funding,
            });
        }
        prices_in_points(goods, done, off, &mut lines)?;
        bonuses_of_lines(goods, live, given, &mut lines)?;
        gifts.extend(done.gifts.iter().filter_map(|(effect, pieces)| offer(live, *effect, *pieces)));
        applied.push(summary(live, done, given, facts));
    }
    let sum = |part: fn(&PricedLine) -> i64| lines.iter().map(part).sum::<i64>();
    let (list_minor, payable_minor) = (sum(|line| line.list_minor), sum(|line| line.final_minor));
    let points = |part: fn(&Applied) -> Points| {
        Points::from_hundredths(applied.iter().map(|applied| part(applied).hundredths()).sum())
    };
    Ok(Priced {
        list_minor,
        discount_minor: list_minor - payable_minor,
        payable_minor,
        points_bonus: points(|applied| applied.points_bonus),
        points_price: points(|applied| applied.points_price),
        lines,
        applied,
        gifts,
        trace: Vec::new(),
        near_misses: Vec::new(),
        exact: true,
    })
}

fn untouched(line: &crate::cart::CartLine) -> PricedLine {
    PricedLine {
        line_no: line.line_no,
        list_minor: line.list_minor(),
        discounts: Vec::new(),
        final_minor: line.list_minor(),
        points_price: Points::ZERO,
        points_bonus: Points::ZERO,
        bonuses: Vec::new(),
    }
}

/// What comes off each line, given what comes off each piece: pieces of a kind stand on its lines in their order.
fn per_line(goods: &Goods<'_>, lines: usize, by_piece: &[i64]) -> Vec<i64> {
    let mut sums = vec![0_i64; lines];
    for kind in &goods.kinds {
        let mut at = kind.first;
        for &(line, pieces) in &kind.lines {
            let until = at + pieces as usize;
            sums[line] += by_piece[at..until].iter().sum::<i64>();
            at = until;
        }
    }
    sums
}

/// Adds the points that pieces cost to their lines.
fn prices_in_points(
    goods: &Goods<'_>,
    done: &Done,
    off: &[i64],
    lines: &mut [PricedLine],
) -> Result<(), Overflow> {
    if done.points_price == 0 {
        return Ok(());
    }
    let bought = goods.pieces.iter().zip(off);
    let weights: Vec<i64> =
        bought.map(|(piece, off)| i64::from(*off > 0 && goods.kinds[piece.kind].for_points)).collect();
    let parts = largest_remainder(done.points_price, &weights)?;
    for (line, points) in lines.iter_mut().zip(per_line(goods, cart_lines(goods), &parts)) {
        add(&mut line.points_price, points);
    }
    Ok(())
}

/// Adds the points that a promotion gives to the lines that bring them, with who bears them.
fn bonuses_of_lines(
    goods: &Goods<'_>,
    live: &Live,
    given: &Given,
    lines: &mut [PricedLine],
) -> Result<(), Overflow> {
    let mut by_line = vec![0_i64; lines.len()];
    for (kind, points) in goods.kinds.iter().zip(&given.by_kind).filter(|(_, points)| **points > 0) {
        let weights: Vec<i64> = kind.lines.iter().map(|(_, pieces)| i64::from(*pieces)).collect();
        for (&(line, _), part) in kind.lines.iter().zip(largest_remainder(*points, &weights)?) {
            by_line[line] += part;
        }
    }
    let mut from = 0;
    for (line, points) in lines.iter_mut().zip(by_line).filter(|(_, points)| *points > 0) {
        let funding = points_shares(&live.rules.funding, from, from + points);
        from += points;
        add(&mut line.points_bonus, points);
        let (promotion, version) = (live.promotion, live.version);
        line.bonuses.push(LineBonus { promotion, version, points: Points::from_hundredths(points), funding });
    }
    Ok(())
}

fn add(points: &mut Points, more: i64) {
    *points = Points::from_hundredths(points.hundredths() + more);
}

fn cart_lines(goods: &Goods<'_>) -> usize {
    goods.kinds.iter().flat_map(|kind| &kind.lines).map(|(line, _)| line + 1).max().unwrap_or(0)
}

fn offer(live: &Live, effect: usize, pieces: u32) -> Option<GiftOffer> {
    let Some(crate::effect::Effect::Gift { of, .. }) = live.rules.effects.get(effect) else { return None };
    Some(GiftOffer { promotion: live.promotion, version: live.version, of: of.clone(), pieces })
}

fn summary(live: &Live, done: &Done, given: &Given, facts: &Facts) -> Applied {
    let coupon = facts.coupons.iter().find(|coupon| coupon.promotion == live.promotion);
    Applied {
        promotion: live.promotion,
        version: live.version,
        title: live.rules.title.clone(),
        times: done.times.max(1),
        discount_minor: done.discount,
        funding: shares(&live.rules.funding, 0, done.discount),
        points_bonus: Points::from_hundredths(given.points),
        points_price: Points::from_hundredths(done.points_price),
        coupon: coupon.map(|coupon| coupon.code.clone()),
        wanted_minor: (done.wanted > done.discount).then_some(done.wanted),
    }
}

//! What is missing for a promotion that the guest nearly has, and what there is nothing of.

use crate::condition::{Condition, Selector};
use crate::effect::Effect;
use crate::goods::Goods;
use crate::index::Live;
use crate::judge::Court;
use crate::prepare::{Candidate, Mask, Move};
use crate::priced::Missing;
use crate::verdict::Failure;

/// Hints in one answer.
pub const NEAR_MISSES_MAX: usize = 3;
/// A hint is given when at most one part in so many of the sum is missing.
const AMOUNT_PART: i64 = 2;
/// A hint is given when at most so many pieces are missing.
const PIECES_MAX: u32 = 2;

/// Promotions that want hints and of which only goods are missing, in the order of promotions.
pub(crate) fn misses<'l>(
    court: &Court<'_>,
    failed: &[(&'l Live, Failure)],
    candidates: &[Candidate<'l>],
    taken: &[usize],
) -> Vec<(&'l Live, Missing)> {
    let by_condition = failed.iter().filter(|(live, _)| live.rules.hinted).filter_map(|(live, failure)| {
        let goods = matches!(failure, Failure::Amount { .. } | Failure::TooFewPieces { .. });
        let missing = if goods { only_goods(court, live)? } else { return None };
        Some((*live, missing))
    });
    let idle = candidates.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    let by_set = idle.filter(|(_, candidate)| candidate.live.rules.hinted).filter_map(|(_, candidate)| {
        let missing =
            candidate.live.rules.effects.iter().find_map(|effect| of_set(court, candidate, effect))?;
        Some((candidate.live, missing))
    });
    let mut found: Vec<(&Live, Missing)> =
        by_condition.chain(by_set).filter(|(_, missing)| near(missing)).collect();
    found.sort_by_key(|(live, _)| (std::cmp::Reverse(live.rules.priority), live.promotion));
    found.truncate(NEAR_MISSES_MAX);
    found
}

fn near(missing: &Missing) -> bool {
    match missing {
        Missing::Amount { minor, .. } => *minor > 0,
        Missing::Pieces { count, .. } => (1..=PIECES_MAX).contains(count),
    }
}

/// What goods are missing, when all that fails of the conditions is one that goods can mend.
fn only_goods(court: &Court<'_>, live: &Live) -> Option<Missing> {
    let mut missing = None;
    let mut open: Vec<&Condition> = live.rules.condition.iter().collect();
    while let Some(condition) = open.pop() {
        if let Condition::All { of } = condition {
            open.extend(of);
            continue;
        }
        let Some(failure) = court.judge(condition, live) else { continue };
        if missing.is_some() {
            return None;
        }
        missing = Some(match (condition, failure) {
            (Condition::Amount { of, .. }, Failure::Amount { needed, have }) => {
                let minor = needed.minor() - have.minor();
                if minor > needed.minor() / AMOUNT_PART {
                    return None;
                }
                Missing::Amount { minor, of: of.clone() }
            }
            (Condition::Pieces { of, .. }, Failure::TooFewPieces { needed, have }) => {
                Missing::Pieces { count: needed - have, of: of.clone() }
            }
            _ => return None,
        });
    }
    // Budgets and holdouts are looked at as if the goods were there.
    court.barred(live).is_none().then_some(missing).flatten()
}

/// What a set effect is missing, when some of the set is in the cart.
fn of_set(court: &Court<'_>, candidate: &Candidate<'_>, effect: &Effect) -> Option<Missing> {
    let rules = &candidate.live.rules;
    let have =
        |of: &Selector| court.goods.listed(|line| of.matches(line) && !rules.excluded.excludes(line)).1;
    let missing = |of: &Selector, count: u32| Missing::Pieces { count, of: of.clone() };
    match effect {
        Effect::NthItem { on, nth, .. } => {
            let have = have(on);
            (have > 0 && have < *nth).then(|| missing(on, nth - have))
        }
        Effect::BuyGet { buy, buy_pieces, get, get_pieces, .. } => {
            if have(buy) < *buy_pieces {
                return None;
            }
            let left = if buy == get { have(get) - buy_pieces } else { have(get) };
            (left < *get_pieces).then(|| missing(get, get_pieces - left))
        }
        Effect::Bundle { parts, .. } => {
            let mut lacking = parts.iter().filter(|part| have(&part.of) < part.pieces);
            let part = lacking.next()?;
            let others = parts.len() > 1 || have(&part.of) > 0;
            (lacking.next().is_none() && others).then(|| missing(&part.of, part.pieces - have(&part.of)))
        }
        _ => None,
    }
}

/// Why a candidate's effects have nothing to work on; `None` when one of them has.
pub(crate) fn no_goods(candidate: &Candidate<'_>, goods: &Goods<'_>) -> Option<Failure> {
    if !candidate.gains.is_empty() {
        return None;
    }
    let count = |on: &Mask| goods.pieces.iter().filter(|piece| on[piece.kind]).count();
    let mut incomplete: Option<u32> = None;
    for step in &candidate.moves {
        let missing = match step {
            Move::Nth { on, nth, .. } => short(count(on), *nth)?,
            Move::BuyGet { buy, buy_pieces, get, get_pieces, .. } => {
                let either: Mask = buy.iter().zip(get).map(|(buy, get)| *buy || *get).collect();
                let bought = short(count(buy), *buy_pieces).unwrap_or_default();
                let got = short(count(get), *get_pieces).unwrap_or_default();
                let all = short(count(&either), buy_pieces + get_pieces).unwrap_or_default();
                let worst = bought.1.max(got.1).max(all.1);
                if worst == 0 {
                    return None;
                }
                (count(&either) > 0, worst)
            }
            Move::Bundle { slots, .. } => {
                let lacking = slots.iter().filter(|slot| count(slot) == 0).count() as u32;
                if lacking == 0 {
                    return None;
                }
                ((lacking as usize) < slots.len(), lacking)
            }
            Move::Gift { .. } => return None,
            _ if (0..goods.kinds.len()).any(|kind| step.reaches(kind)) => {
                return None;
            }
            _ => (false, 0),
        };
        if missing.0 {
            incomplete = Some(incomplete.map_or(missing.1, |least| least.min(missing.1)));
        }
    }
    Some(incomplete.map_or(Failure::NoGoods, |missing| Failure::IncompleteSet { missing }))
}

/// Whether something is there, and how much is missing; `None` when enough is.
fn short(have: usize, needed: usize) -> Option<(bool, u32)> {
    (have < needed).then(|| (have > 0, (needed - have) as u32))
}

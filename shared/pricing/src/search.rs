//! The best lawful set of promotions, by branch and bound. What "best" means is said at the top of the crate.

use kernel::Overflow;

use crate::apply::{Done, State, apply};
use crate::bound::{Most, most};
use crate::facts::Earning;
use crate::gains::{Given, gains};
use crate::goods::Goods;
use crate::prepare::{Candidate, Move};

/// Sets and parts of sets that are looked at. All sets of eight promotions are 511 of them.
pub const NODES_MAX: u32 = 512;
/// Promotions that take part in one search, the first ones in their order. Points that nobody competes for are not
/// counted here.
pub const CANDIDATES_MAX: usize = 64;

/// How good a set is: smaller is better, field by field. Points given and gifts are negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    money: i64,
    points_price: i64,
    points_given: i64,
    gifts: i64,
    count: usize,
}

/// The best set.
#[derive(Debug)]
pub(crate) struct Best {
    /// Places of its candidates, ascending.
    pub(crate) taken: Vec<usize>,
    /// Whether the search was complete.
    pub(crate) exact: bool,
}

/// What a set does, candidate by candidate.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) state: State,
    /// Place of the candidate, and what it did to prices; what came off each piece.
    pub(crate) steps: Vec<(usize, Done, Vec<i64>)>,
    pub(crate) given: Vec<Given>,
}

/// Applies a set in order and records what each did to each piece.
pub(crate) fn play(
    taken: &[usize],
    candidates: &[Candidate<'_>],
    goods: &Goods<'_>,
    start: &State,
    earning: Option<Earning>,
) -> Result<Played, Overflow> {
    let mut state = start.clone();
    let mut steps = Vec::with_capacity(taken.len());
    for &index in taken {
        let before: Vec<i64> = state.pieces.iter().map(|piece| piece.now).collect();
        let done = apply(&candidates[index], goods, &mut state)?;
        let off = before.iter().zip(&state.pieces).map(|(before, piece)| before - piece.now).collect();
        steps.push((index, done, off));
    }
    let given = taken.iter().map(|&index| gains(&candidates[index], goods, &state.pieces, earning));
    Ok(Played { given: given.collect::<Result<_, _>>()?, steps, state })
}

/// Finds the best set of candidates, which stand in the order in which promotions are applied.
pub(crate) fn search(
    candidates: &[Candidate<'_>],
    goods: &Goods<'_>,
    start: &State,
    earning: Option<Earning>,
) -> Result<Best, Overflow> {
    let (riders, mut rivals) = roles(candidates);
    let mut exact = rivals.len() <= CANDIDATES_MAX;
    rivals.truncate(CANDIDATES_MAX);
    let most: Vec<Most> = candidates.iter().map(|candidate| most(candidate, goods, earning)).collect();
    let mut nodes = 0;
    let mut together = Vec::new();
    for part in parts(candidates, goods, &rivals) {
        let mut search = Search::new(candidates, goods, earning, (&part, &riders, &most), nodes);
        search.descend(0, Node::new(start))?;
        exact &= search.exact;
        nodes = search.nodes;
        let taken = search.best.map(|(_, taken)| taken).unwrap_or_default();
        together.extend(taken.into_iter().filter(|index| part.contains(index)));
    }
    together.sort_unstable();
    let mut last = Search::new(candidates, goods, earning, (&[], &riders, &most), nodes);
    let mut node = Node::new(start);
    for index in together {
        last.take(index, &mut node)?;
    }
    last.finish(&node, true)?;
    // An exclusive promotion is a set of its own.
    for index in (0..candidates.len()).filter(|&index| candidates[index].exclusive()) {
        let mut node = Node::new(start);
        if last.take(index, &mut node)? {
            last.finish(&node, false)?;
        }
    }
    let taken = last.best.map(|(_, taken)| taken).unwrap_or_default();
    Ok(Best { taken, exact })
}

/// Candidates that only give points and exclude nobody, which are in the set whenever they give any; and those that
/// compete. Exclusive ones are neither.
fn roles(candidates: &[Candidate<'_>]) -> (Vec<usize>, Vec<usize>) {
    let open = (0..candidates.len()).filter(|&index| !candidates[index].exclusive());
    open.partition(|&index| candidates[index].moves.is_empty() && !shares_group(candidates, index))
}

/// Whether two candidates share an exclusivity group.
fn clash(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let groups = &a.live.rules.stacking.groups;
    groups.iter().any(|group| b.live.rules.stacking.groups.contains(group))
}

fn shares_group(candidates: &[Candidate<'_>], index: usize) -> bool {
    let others = candidates.iter().enumerate().filter(|(other, _)| *other != index);
    others.into_iter().any(|(_, other)| clash(&candidates[index], other))
}

/// Rivals that have to do with one another: through goods, a group, the guest's points, or points counted on goods.
/// What one part does changes nothing for another, and every figure of a set is a sum over the parts, so that the
/// best sets of the parts are together the best set.
fn parts(candidates: &[Candidate<'_>], goods: &Goods<'_>, rivals: &[usize]) -> Vec<Vec<usize>> {
    let kinds = goods.kinds.len();
    // Kinds of goods, a place for the guest's points, and one for each candidate, by the part they are in.
    let mut home: Vec<usize> = (0..=kinds + candidates.len()).collect();
    let own = |index: usize| kinds + 1 + index;
    let mut join = |touched: &[usize]| {
        let joined: Vec<usize> = touched.iter().map(|&place| home[place]).collect();
        for part in home.iter_mut().filter(|part| joined.contains(part)) {
            *part = joined[0];
        }
    };
    for (index, candidate) in candidates.iter().enumerate().filter(|(_, candidate)| !candidate.exclusive()) {
        let points = candidate.moves.iter().any(|step| matches!(step, Move::ForPoints { .. }));
        let goods = (0..kinds).filter(|&kind| candidate.reaches(kind) || candidate.counts(kind));
        let touched: Vec<usize> =
            std::iter::once(own(index)).chain(goods).chain(points.then_some(kinds)).collect();
        join(&touched);
        let rivals = rivals.iter().filter(|&&other| other < index && clash(candidate, &candidates[other]));
        let clashing: Vec<usize> =
            std::iter::once(own(index)).chain(rivals.map(|&other| own(other))).collect();
        join(&clashing);
    }
    let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
    for &index in rivals {
        let part = home[own(index)];
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, members)) => members.push(index),
            None => parts.push((part, vec![index])),
        }
    }
    parts.into_iter().map(|(_, members)| members).collect()
}

/// A part of a set.
struct Node {
    state: State,
    taken: Vec<usize>,
    points_price: i64,
    gifts: i64,
    /// The most points that the taken ones may give.
    points_most: i64,
}

impl Node {
    fn new(start: &State) -> Self {
        Self { state: start.clone(), taken: Vec::new(), points_price: 0, gifts: 0, points_most: 0 }
    }
}

struct Search<'s> {
    candidates: &'s [Candidate<'s>],
    goods: &'s Goods<'s>,
    earning: Option<Earning>,
    /// Candidates that compete, in order.
    rivals: &'s [usize],
    /// Candidates that only give points and exclude nobody: always in the set when they give any.
    riders: &'s [usize],
    most: &'s [Most],
    /// For each depth, what the rivals from there on may add.
    rest: Vec<Most>,
    /// For each depth and kind of goods, whether the rivals from there on may work on it.
    reach: Vec<Vec<bool>>,
    /// For each depth, whether taking the rival there, if it takes money off, can only help.
    harmless: Vec<bool>,
    riders_most: i64,
    best: Option<(Score, Vec<usize>)>,
    nodes: u32,
    exact: bool,
}

impl<'s> Search<'s> {
    fn new(
        candidates: &'s [Candidate<'s>],
        goods: &'s Goods<'s>,
        earning: Option<Earning>,
        (rivals, riders, most): (&'s [usize], &'s [usize], &'s [Most]),
        nodes: u32,
    ) -> Self {
        let kinds = goods.kinds.len();
        let reaches: Vec<Vec<bool>> = rivals
            .iter()
            .map(|&index| (0..kinds).map(|kind| candidates[index].reaches(kind)).collect())
            .collect();
        let mut reach = vec![vec![false; kinds]; rivals.len() + 1];
        let mut harmless = vec![false; rivals.len()];
        for depth in (0..rivals.len()).rev() {
            let candidate = &candidates[rivals[depth]];
            let apart = (0..kinds).all(|kind| !(reaches[depth][kind] && reach[depth + 1][kind]));
            let own_points = candidate.moves.iter().any(|step| matches!(step, Move::ForPoints { .. }));
            harmless[depth] = apart && !own_points && !shares_group(candidates, rivals[depth]);
            for kind in 0..kinds {
                reach[depth][kind] = reach[depth + 1][kind] || reaches[depth][kind];
            }
        }
        let riders_most = riders.iter().map(|&index| most[index].points).sum();
        let rest = rest(rivals, candidates, most);
        Self {
            candidates,
            goods,
            earning,
            rivals,
            riders,
            most,
            rest,
            reach,
            harmless,
            riders_most,
            best: None,
            nodes,
            exact: true,
        }
    }

    fn descend(&mut self, depth: usize, node: Node) -> Result<(), Overflow> {
        self.nodes += 1;
        let Some(&index) = self.rivals.get(depth) else { return self.finish(&node, true) };
        if self.best.is_some() && self.nodes > NODES_MAX {
            self.exact = false;
            return Ok(());
        }
        if self.hopeless(depth, &node) {
            return Ok(());
        }
        if self.lawful(index, &node.taken) {
            let before: i64 = node.state.pieces.iter().map(|piece| piece.now).sum();
            let mut with = Node { state: node.state.clone(), taken: node.taken.clone(), ..node };
            if self.take(index, &mut with)? {
                let after: i64 = with.state.pieces.iter().map(|piece| piece.now).sum();
                self.descend(depth + 1, with)?;
                if self.harmless[depth] && after < before {
                    return Ok(());
                }
            }
        }
        self.descend(depth + 1, node)
    }

    /// Whether no two of a set share a group once this one is added.
    fn lawful(&self, index: usize, taken: &[usize]) -> bool {
        let groups = |index: usize| &self.candidates[index].live.rules.stacking.groups;
        let own = groups(index);
        own.is_empty() || taken.iter().all(|&other| !groups(other).iter().any(|group| own.contains(group)))
    }

    /// Adds a candidate; false when it would do nothing.
    fn take(&self, index: usize, node: &mut Node) -> Result<bool, Overflow> {
        let candidate = &self.candidates[index];
        let done = apply(candidate, self.goods, &mut node.state)?;
        node.taken.push(index);
        node.points_price += done.points_price;
        node.gifts += i64::from(done.offered());
        node.points_most += self.most[index].points;
        Ok(done.discount > 0 || done.offered() > 0 || self.most[index].points > 0)
    }

    /// Whether nothing below the node can beat the best set so far.
    fn hopeless(&self, depth: usize, node: &Node) -> bool {
        let Some((best, _)) = &self.best else { return false };
        let (mut money, mut room) = (0, 0);
        for piece in &node.state.pieces {
            money += piece.now;
            if self.reach[depth][piece.kind] && !piece.locked {
                room += piece.now - self.goods.kinds[piece.kind].line.floor_minor;
            }
        }
        let rest = &self.rest[depth];
        let hoped = Score {
            money: money - rest.discount.min(room.max(0)),
            points_price: node.points_price,
            points_given: -(node.points_most.saturating_add(rest.points).saturating_add(self.riders_most)),
            gifts: -(node.gifts + i64::from(rest.gifts)),
            count: node.taken.len(),
        };
        // Riders may decide between sets that are otherwise alike: then a tie is looked into.
        if self.riders.is_empty() { hoped >= *best } else { hoped > *best }
    }

    /// Scores a complete set and keeps it if it is the best so far.
    fn finish(&mut self, node: &Node, with_riders: bool) -> Result<(), Overflow> {
        let mut taken = node.taken.clone();
        let mut points = 0_i64;
        let riders: &[usize] = if with_riders { self.riders } else { &[] };
        for (&index, rides) in
            node.taken.iter().map(|index| (index, false)).chain(riders.iter().map(|index| (index, true)))
        {
            if self.candidates[index].gains.is_empty() {
                continue;
            }
            let given = gains(&self.candidates[index], self.goods, &node.state.pieces, self.earning)?.points;
            points = points.saturating_add(given);
            if rides && given > 0 {
                taken.push(index);
            }
        }
        taken.sort_unstable();
        let score = Score {
            money: node.state.pieces.iter().map(|piece| piece.now).sum(),
            points_price: node.points_price,
            points_given: -points,
            gifts: -node.gifts,
            count: taken.len(),
        };
        let better = match &self.best {
            None => true,
            Some((best, _)) if score != *best => score < *best,
            // Sets of one size: at the first difference the smaller place is the earlier promotion.
            Some((_, best)) => taken < *best,
        };
        if better {
            self.best = Some((score, taken));
        }
        Ok(())
    }
}

/// For each depth, what the rivals from there on may add: of those whose first group is the same, one.
fn rest(rivals: &[usize], candidates: &[Candidate<'_>], most: &[Most]) -> Vec<Most> {
    let mut rest = vec![Most::default(); rivals.len() + 1];
    let mut groups: Vec<(&str, Most)> = Vec::new();
    for depth in (0..rivals.len()).rev() {
        let own = most[rivals[depth]];
        let first = candidates[rivals[depth]].live.rules.stacking.groups.first().map(String::as_str);
        let mut before = Most::default();
        let mut larger = own;
        if let Some(group) = first {
            match groups.iter_mut().find(|(name, _)| *name == group) {
                None => groups.push((group, own)),
                Some((_, known)) => {
                    before = *known;
                    known.discount = known.discount.max(own.discount);
                    known.points = known.points.max(own.points);
                    known.gifts = known.gifts.max(own.gifts);
                    larger = *known;
                }
            }
        }
        let next = rest[depth + 1];
        rest[depth] = Most {
            discount: next.discount.saturating_add(larger.discount - before.discount),
            points: next.points.saturating_add(larger.points - before.points),
            gifts: next.gifts.saturating_add(larger.gifts - before.gifts),
        };
    }
    rest
}

#[cfg(test)]
mod tests;

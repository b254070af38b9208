//! Gaps of an assortment: what an outlet lacks although those like it sell it.

use std::collections::BTreeMap;

/// Outlets whose assortments overlap by at least this, in thousandths (Jaccard), are alike.
pub const ALIKE_MIN: usize = 800;
/// Fewer outlets alike say nothing.
pub const PEERS_MIN: usize = 3;
/// A gap is what at least this share of those alike sells, in thousandths.
pub const SELLING_MIN: usize = 800;
const BITS: usize = 64;

/// What an outlet lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Position of the outlet in what was given.
    pub outlet: usize,
    pub item: String,
    /// Outlets like this one.
    pub peers: usize,
    /// Those of them that sell it.
    pub selling: usize,
}

/// Finds what outlets lack, from the items that each sells. Widest gaps first.
#[must_use]
pub fn find(sold: &[Vec<String>]) -> Vec<Gap> {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for item in sold.iter().flatten() {
        let next = codes.len();
        codes.entry(item).or_insert(next);
    }
    let names: BTreeMap<usize, &str> = codes.iter().map(|(code, at)| (*at, *code)).collect();
    let width = codes.len().div_ceil(BITS);
    let sets: Vec<Vec<u64>> = sold
        .iter()
        .map(|items| {
            let mut set = vec![0_u64; width];
            for at in items.iter().filter_map(|item| codes.get(item.as_str())) {
                set[at / BITS] |= 1 << (at % BITS);
            }
            set
        })
        .collect();
    let mut gaps = Vec::new();
    for (outlet, own) in sets.iter().enumerate() {
        let peers: Vec<&Vec<u64>> = sets
            .iter()
            .enumerate()
            .filter(|(at, other)| *at != outlet && alike(own, other))
            .map(|(_, set)| set)
            .collect();
        if peers.len() < PEERS_MIN {
            continue;
        }
        for (at, name) in &names {
            let has = |set: &[u64]| set[at / BITS] >> (at % BITS) & 1 == 1;
            if has(own) {
                continue;
            }
            let selling = peers.iter().filter(|set| has(set)).count();
            if selling * 1_000 >= peers.len() * SELLING_MIN {
                gaps.push(Gap { outlet, item: (*name).to_owned(), peers: peers.len(), selling });
            }
        }
    }
    gaps.sort_by(|one, other| other.selling.cmp(&one.selling).then(one.outlet.cmp(&other.outlet)));
    gaps
}

fn alike(one: &[u64], other: &[u64]) -> bool {
    let count = |of: fn(u64, u64) -> u64| -> usize {
        one.iter().zip(other).map(|(a, b)| of(*a, *b).count_ones() as usize).sum()
    };
    let (both, either) = (count(|a, b| a & b), count(|a, b| a | b));
    either > 0 && both * 1_000 >= either * ALIKE_MIN
}

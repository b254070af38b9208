//! Accounts that belong together: connected components over what members share.
//!
//! Only devices and payment tokens join accounts. A referral alone does not: everybody who tells a friend would end up in
//! one component with everybody else. What many share (a company's card, a kiosk) joins nobody either.
//!
//! Union-find with path halving and union by size is forty lines here; `petgraph` brings hash maps and graph types for it.

use std::collections::BTreeMap;

use kernel::MemberId;

use crate::observe::{Link, Shared};

/// What more members share is nobody's own.
pub const SHARED_BY_MAX: usize = 40;

/// Accounts that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// In order, two or more.
    pub members: Vec<MemberId>,
    /// Referrals from one of them to another.
    pub referrals: usize,
}

/// The components of two or more members, in the order of their first member. `referrals` are pairs of referrer and
/// friend.
#[must_use]
pub fn components(links: &[Link], referrals: &[(MemberId, MemberId)]) -> Vec<Component> {
    let mut by_shared: BTreeMap<Shared, Vec<MemberId>> = BTreeMap::new();
    for link in links {
        by_shared.entry(link.to).or_default().push(link.member);
    }
    let mut forest = Forest::default();
    for members in by_shared.values_mut() {
        members.sort_unstable();
        members.dedup();
        if (2..=SHARED_BY_MAX).contains(&members.len()) {
            for pair in members.windows(2) {
                forest.join(pair[0], pair[1]);
            }
        }
    }
    let mut inner: BTreeMap<usize, usize> = BTreeMap::new();
    for (referrer, friend) in referrals {
        if let (Some(one), Some(other)) = (forest.root_of(*referrer), forest.root_of(*friend))
            && one == other
        {
            *inner.entry(one).or_default() += 1;
        }
    }
    let mut found: BTreeMap<usize, Vec<MemberId>> = BTreeMap::new();
    let members: Vec<MemberId> = forest.places.keys().copied().collect();
    for member in members {
        if let Some(root) = forest.root_of(member) {
            found.entry(root).or_default().push(member);
        }
    }
    let mut all: Vec<Component> = found
        .into_iter()
        .map(|(root, members)| Component {
            members,
            referrals: inner.get(&root).copied().unwrap_or_default(),
        })
        .collect();
    all.sort_by(|one, other| one.members.cmp(&other.members));
    all
}

/// Disjoint sets of members.
#[derive(Default)]
struct Forest {
    places: BTreeMap<MemberId, usize>,
    parents: Vec<usize>,
    sizes: Vec<usize>,
}

impl Forest {
    fn place(&mut self, member: MemberId) -> usize {
        if let Some(place) = self.places.get(&member) {
            return *place;
        }
        let place = self.parents.len();
        self.places.insert(member, place);
        self.parents.push(place);
        self.sizes.push(1);
        place
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        place
    }

    fn root_of(&mut self, member: MemberId) -> Option<usize> {
        let place = *self.places.get(&member)?;
        Some(self.root(place))
    }

    fn join(&mut self, one: MemberId, other: MemberId) {
        let (one, other) = (self.place(one), self.place(other));
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return;
        }
        let (large, small) = if self.sizes[one] >= self.sizes[other] { (one, other) } else { (other, one) };
        self.parents[small] = large;
        self.sizes[large] += self.sizes[small];
    }
}

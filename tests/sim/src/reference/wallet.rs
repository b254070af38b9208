//! A member's points: lots in three buckets, and a debt.

use kernel::Timestamp;

use crate::answer::Points3;
use crate::reference::Mistake;

/// Points of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Its place in the order of all lots ever made.
    pub born: u64,
    /// The receipt that earned it, by its place among all receipts; none for welcome, opening and reinstated points.
    pub earned_by: Option<usize>,
    pub pending: i64,
    pub available: i64,
    pub held: i64,
    pub activates_at: Option<Timestamp>,
    /// First instant at which the points are no longer good.
    pub expires_at: Option<Timestamp>,
}

/// Points out of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub lot: u64,
    pub points: i64,
    pub expires_at: Option<Timestamp>,
}

/// What a ledger entry did to the balance, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    pub kind: &'static str,
    pub at: Timestamp,
    pub change: Points3,
}

/// What time does to a lot, by its birth. In the order in which they happen at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Active(u64),
    Over(u64),
}

/// A member's points. What can be spent is what the lots have available, less the debt: while there is a debt, no
/// lot has anything available, because whatever becomes available repays the debt first (L9).
#[derive(Debug, Clone, Default)]
pub struct Wallet {
    pub lots: Vec<Lot>,
    pub debt: i64,
    /// Ledger entries so far: one for every event that moved a balance.
    pub log: Vec<Movement>,
    pub mistake: Option<Mistake>,
}

impl Wallet {
    /// Pending, available and held.
    pub fn balance(&self) -> Points3 {
        let sum = |bucket: fn(&Lot) -> i64| self.lots.iter().map(bucket).sum::<i64>();
        Points3 {
            pending: sum(|lot| lot.pending),
            available: sum(|lot| lot.available) - self.debt,
            held: sum(|lot| lot.held),
        }
    }

    /// Notes an entry, if the balance is no longer what it was `before`.
    pub fn note(&mut self, kind: &'static str, at: Timestamp, before: Points3) {
        let now = self.balance();
        let change = Points3 {
            pending: now.pending - before.pending,
            available: now.available - before.available,
            held: now.held - before.held,
        };
        if change != (Points3 { pending: 0, available: 0, held: 0 }) {
            self.log.push(Movement { kind, at, change });
        }
    }

    /// What can be spent.
    pub fn spendable(&self) -> i64 {
        self.lots.iter().map(|lot| lot.available).sum()
    }

    /// Adds a lot; a moment of activation that has come is none.
    pub fn grant(
        &mut self,
        born: u64,
        points: i64,
        earned_by: Option<usize>,
        activates_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        if points == 0 {
            return;
        }
        let activates_at = activates_at.filter(|at| *at > now);
        let mut lot = Lot { born, earned_by, pending: 0, available: 0, held: 0, activates_at, expires_at };
        if activates_at.is_some() {
            lot.pending = points;
        } else {
            lot.available = self.after_debt(points);
        }
        self.lots.push(lot);
    }

    /// What is left of `points` that become available once the debt is repaid.
    fn after_debt(&mut self, points: i64) -> i64 {
        if self.mistake == Some(Mistake::DebtIsNotRepaid) {
            return points;
        }
        let repaid = self.debt.min(points);
        self.debt -= repaid;
        points - repaid
    }

    /// Takes up to `wanted` available points, earliest-expiring lot first (L6), out of those that `may` be taken.
    fn draw(&mut self, wanted: i64, may: impl Fn(&Lot) -> bool) -> Vec<Part> {
        let mut left = wanted;
        let mut parts = Vec::new();
        for index in self.order() {
            if !may(&self.lots[index]) {
                continue;
            }
            let lot = &mut self.lots[index];
            let points = lot.available.min(left);
            lot.available -= points;
            left -= points;
            if points > 0 {
                parts.push(Part { lot: lot.born, points, expires_at: lot.expires_at });
            }
        }
        parts
    }

    /// Reserves points.
    pub fn hold(&mut self, points: i64, at: Timestamp) -> Vec<Part> {
        let before = self.balance();
        let parts = self.draw(points, |_| true);
        for part in &parts {
            self.lot(part.lot).held += part.points;
        }
        self.note("hold", at, before);
        parts
    }

    /// Gives held points back to their lots, a debt repaid first. They come back even if their lot is over,
    /// and run out with that (L6).
    pub fn release(&mut self, parts: &[Part], at: Timestamp) {
        let before = self.balance();
        for part in parts {
            let available = self.after_debt(part.points);
            let lot = self.lot(part.lot);
            lot.held -= part.points;
            lot.available += available;
        }
        self.note("release", at, before);
    }

    /// Spends `points` of a hold, in the order in which they were reserved, and gives back the rest. Returns what
    /// was spent.
    pub fn capture(&mut self, held: &[Part], points: i64, at: Timestamp) -> Vec<Part> {
        let before = self.balance();
        let mut left = points;
        let (mut spent, mut rest) = (Vec::new(), Vec::new());
        for part in held {
            let taken = part.points.min(left);
            left -= taken;
            if taken > 0 {
                self.lot(part.lot).held -= taken;
                spent.push(Part { points: taken, ..*part });
            }
            if taken < part.points {
                rest.push(Part { points: part.points - taken, ..*part });
            }
        }
        self.note("capture", at, before);
        self.release(&rest, at);
        spent
    }

    /// Takes back `points` that `receipt` had earned, of which `expired` ran out before anybody could use them. Returns
    /// how many of those counted, and what the policy lets the member keep. `available` says whether available points
    /// may be taken, `debt` whether the balance may go below zero.
    pub fn claw_back(
        &mut self,
        points: i64,
        receipt: usize,
        expired: i64,
        available: bool,
        debt: bool,
        at: Timestamp,
    ) -> (i64, i64) {
        let before = self.balance();
        let mut left = points;
        // The receipt's own pending points, then its own available ones, then all others in the order of spending.
        for index in self.order() {
            let lot = &mut self.lots[index];
            if lot.earned_by == Some(receipt) {
                let taken = lot.pending.min(left);
                lot.pending -= taken;
                left -= taken;
            }
        }
        let sum = |parts: Vec<Part>| parts.iter().map(|part| part.points).sum::<i64>();
        if available {
            left -= sum(self.draw(left, |lot| lot.earned_by == Some(receipt)));
        }
        let gone = expired.min(left);
        left -= gone;
        if available {
            left -= sum(self.draw(left, |lot| lot.earned_by != Some(receipt)));
        }
        if debt {
            self.debt += left;
            left = 0;
        }
        self.note("clawback", at, before);
        (gone, left)
    }

    /// Takes `points` away, if so many are available.
    pub fn take(&mut self, points: i64) -> bool {
        let enough = self.lots.iter().map(|lot| lot.available).sum::<i64>() >= points;
        if enough {
            self.draw(points, |_| true);
        }
        enough
    }

    /// The first thing that time does to a lot by `now`, and when: at one moment points become available before others
    /// run out.
    pub fn next_change(&self, now: Timestamp) -> Option<(Timestamp, Change)> {
        let changes = self.lots.iter().flat_map(|lot| {
            let activation =
                lot.activates_at.filter(|_| lot.pending > 0).map(|at| (at, Change::Active(lot.born)));
            let over = self.end(lot).filter(|_| lot.pending + lot.available > 0);
            activation.into_iter().chain(over.map(|at| (at, Change::Over(lot.born))))
        });
        changes.filter(|(at, _)| *at <= now).min()
    }

    /// Does what [`Self::next_change`] said. Returns what was lost, and of which receipt it was.
    pub fn change(&mut self, change: Change, at: Timestamp) -> (i64, Option<usize>) {
        let before = self.balance();
        match change {
            Change::Active(born) => {
                let points = std::mem::take(&mut self.lot(born).pending);
                self.lot(born).activates_at = None;
                let available = self.after_debt(points);
                self.lot(born).available += available;
                self.note("activation", at, before);
                (0, None)
            }
            // Held points stay (L6).
            Change::Over(born) => {
                let lot = self.lot(born);
                let lost = lot.pending + lot.available;
                (lot.pending, lot.available) = (0, 0);
                let earned_by = lot.earned_by;
                self.note("expiry", at, before);
                (lost, earned_by)
            }
        }
    }

    /// Forgets lots with nothing in them.
    pub fn tidy(&mut self) {
        self.lots.retain(|lot| lot.pending + lot.available + lot.held > 0);
    }

    /// The moment at which a lot's points are no longer good.
    fn end(&self, lot: &Lot) -> Option<Timestamp> {
        let grace_ms = i64::from(self.mistake == Some(Mistake::ExpiryIsOneMillisecondLate));
        lot.expires_at.map(|end| end.plus_millis(grace_ms))
    }

    /// Lots in the order in which points leave them: earliest-expiring first, never-expiring last, then by age.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|&index| {
            let lot = &self.lots[index];
            (lot.expires_at.is_none(), lot.expires_at, lot.born)
        });
        if self.mistake == Some(Mistake::NewestIsSpentFirst) {
            order.reverse();
        }
        order
    }

    fn lot(&mut self, born: u64) -> &mut Lot {
        self.lots.iter_mut().find(|lot| lot.born == born).expect("a lot with held points is kept")
    }
}

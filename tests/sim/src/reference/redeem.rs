//! Holds, and what a receipt pays with points.

use kernel::Timestamp;
use kernel::time::MINUTE_MS;

use crate::answer::{Answer, Held, Taken};
use crate::facts::{self, HoldName, How, Sale};
use crate::operation::HoldFault;
use crate::reference::arithmetic::{ceil, down_to, floor, share};
use crate::reference::sale::category;
use crate::reference::{Part, Reference};
use crate::rules::Rules;

/// Points reserved for an open receipt.
#[derive(Debug, Clone)]
pub struct Hold {
    /// The operation that made it.
    pub operation: u32,
    pub member: usize,
    pub outlet: usize,
    pub points: i64,
    /// What they were worth then.
    pub value: i64,
    /// What the open receipt came to.
    pub receipt_total: i64,
    pub parts: Vec<Part>,
    pub expires_at: Timestamp,
    pub status: Status,
    pub captured: i64,
}

/// How a hold stands. It ends once (L5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Authorised,
    Captured,
    Released,
    Lapsed,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Lapsed => "lapsed",
        }
    }
}

/// What a receipt would spend.
pub(super) struct Price {
    /// Place of the hold.
    pub(super) hold: usize,
    pub(super) points: i64,
    pub(super) worth: i64,
    /// Of each line: money's worth and points.
    pub(super) lines: Vec<(i64, i64)>,
}

/// The most points that a receipt takes, and what keeps it from taking more.
fn receipt_max(rules: &Rules, total: i64, payable: i64, value: i64) -> (i64, &'static str) {
    let share = floor(total, rules.share_max, 1_000_000);
    let (money, limit) = if payable < share { (payable, "eligible") } else { (share, "share") };
    (floor(money, 100, value), limit)
}

impl Reference<'_> {
    /// Judges a request for a hold and, if it is taken, reserves the points.
    ///
    /// # Errors
    /// The slug of the refusal.
    pub fn hold(&mut self, operation: u32, asked: &facts::Hold, now: Timestamp) -> Answer<Held> {
        match asked.fault {
            Some(HoldFault::OtherOutlet) => return Err("unknown-outlet"),
            Some(HoldFault::WrongCurrency) => return Err("wrong-currency"),
            Some(HoldFault::NegativeTotal) => return Err("invalid-field"),
            None => {}
        }
        let outlet = &self.world.outlets[asked.outlet];
        let member = self.identify(asked.outlet, asked.guest)?;
        let rules = self.rules(outlet.brand, now)?;
        let value = rules.value(outlet.currency).ok_or("wrong-currency")?;
        let spendable = self.members[member].wallet.spendable();
        // As many as the receipt and the balance allow, in whole steps, or none below the minimum.
        let (by_receipt, by_receipt_limit) = receipt_max(rules, asked.total, asked.total, value);
        let (most, mut limit) =
            if spendable < by_receipt { (spendable, "balance") } else { (by_receipt, by_receipt_limit) };
        let mut max = down_to(most, rules.spend_step);
        if max < rules.min_points {
            max = 0;
            if most > 0 {
                limit = "minimum";
            }
        }
        let points = asked.points.unwrap_or(max);
        if points > spendable {
            return Err("insufficient-points");
        }
        if !matches!(asked.guest.how, How::Code(_)) && !rules.static_code_may_spend {
            return Err("rotating-code-required");
        }
        if points < rules.min_points || points % rules.spend_step != 0 || points > max {
            return Err("redemption-limit");
        }
        self.use_code(asked.guest);
        let parts = self.members[member].wallet.hold(points, now);
        let hold = Hold {
            operation,
            member,
            outlet: asked.outlet,
            points,
            value: floor(points, value, 100),
            receipt_total: asked.total,
            parts,
            expires_at: now.plus_millis(rules.hold_minutes * MINUTE_MS),
            status: Status::Authorised,
            captured: 0,
        };
        self.note(if asked.points.is_none() { limit } else { "points named" });
        self.members[member].open_holds.push(self.holds.len());
        self.holds.push(hold);
        let limit = asked.points.is_none().then(|| limit.to_owned());
        Ok(Taken::New(self.standing(self.holds.len() - 1, limit)))
    }

    /// Gives a hold back. Only the outlet that made it can; to do it again changes nothing.
    ///
    /// # Errors
    /// The slug of the refusal.
    pub fn release(&mut self, outlet: usize, name: HoldName, now: Timestamp) -> Answer<Held> {
        let place = self.own(outlet, name)?;
        match self.holds[place].status {
            Status::Authorised => {
                self.end_hold(place, Status::Released, now);
                self.age(self.holds[place].member, now);
            }
            Status::Captured => return Err("hold-ended"),
            Status::Released | Status::Lapsed => self.note("released again"),
        }
        Ok(Taken::New(self.standing(place, None)))
    }

    pub(super) fn end_hold(&mut self, place: usize, status: Status, at: Timestamp) {
        let hold = &mut self.holds[place];
        hold.status = status;
        self.members[hold.member].open_holds.retain(|&open| open != place);
        let wallet = &mut self.members[hold.member].wallet;
        let debt = wallet.debt;
        wallet.release(&hold.parts, at);
        wallet.tidy();
        if self.members[self.holds[place].member].wallet.debt < debt {
            self.note("debt repaid by a hold");
        }
    }

    fn own(&self, outlet: usize, name: HoldName) -> Result<usize, &'static str> {
        match name {
            HoldName::Known(place) if self.holds[place].outlet == outlet => Ok(place),
            HoldName::Known(_) | HoldName::Unknown => Err("unknown-hold"),
        }
    }

    fn standing(&self, place: usize, limit: Option<String>) -> Held {
        let hold = &self.holds[place];
        Held {
            status: hold.status.code(),
            points: hold.points,
            value: hold.value,
            captured: hold.captured,
            expires_at: hold.expires_at,
            limit,
            balance: self.balance(hold.member),
        }
    }

    /// What a points payment of `paid` takes of a hold: all of it when it is what the hold is worth, otherwise the
    /// fewest points that are worth so much.
    pub(super) fn price(
        &mut self,
        name: HoldName,
        member: usize,
        sale: &Sale,
        paid: i64,
        rules: &Rules,
    ) -> Result<Price, &'static str> {
        let place = self.own(sale.outlet, name)?;
        let hold = &self.holds[place];
        if hold.member != member {
            return Err("unknown-hold");
        }
        if hold.status != Status::Authorised {
            return Err("hold-ended");
        }
        let value = rules.value(self.world.outlets[sale.outlet].currency).ok_or("wrong-currency")?;
        let points = if paid == hold.value { hold.points } else { ceil(paid, 100, value) };
        // What a point is worth may have changed, and the receipt may not be the one the hold was made for.
        let payable: Vec<i64> = sale
            .lines
            .iter()
            .map(|line| {
                let product = rules.unpayable_products.contains(&self.world.goods[line.good].code);
                let category = category(self.world, line);
                let excluded =
                    category.is_some_and(|category| rules.unpayable_categories.contains(&category));
                if product || excluded { 0 } else { line.amount }
            })
            .collect();
        let total = sale.lines.iter().map(|line| line.amount).sum();
        let (max, limit) = receipt_max(rules, total, payable.iter().sum(), value);
        let worth = floor(points, value, 100);
        if points > hold.points || points > max || (points > 0 && worth == 0) {
            if points <= hold.points {
                self.note(limit);
            }
            return Err("redemption-limit");
        }
        if paid != worth {
            return Err("sums-differ");
        }
        let money = self.spread(worth, sale, &payable);
        let lines = money.iter().copied().zip(share(points, &money)).collect();
        Ok(Price { hold: place, points, worth, lines })
    }

    /// Shares money over the lines: first over the products, so that splitting a line changes no product's part,
    /// then over the lines of each.
    fn spread(&self, whole: i64, sale: &Sale, payable: &[i64]) -> Vec<i64> {
        let product = |index: usize| {
            let line = &sale.lines[index];
            (line.good, category(self.world, line), line.promo)
        };
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for index in 0..sale.lines.len() {
            match groups.iter_mut().find(|group| product(group[0]) == product(index)) {
                Some(group) => group.push(index),
                None => groups.push(vec![index]),
            }
        }
        let weights: Vec<Vec<i64>> =
            groups.iter().map(|group| group.iter().map(|&index| payable[index]).collect()).collect();
        let sums: Vec<i64> = weights.iter().map(|weights| weights.iter().sum()).collect();
        let mut parts = vec![0; sale.lines.len()];
        for ((group, weights), part) in groups.iter().zip(&weights).zip(share(whole, &sums)) {
            for (&index, part) in group.iter().zip(share(part, weights)) {
                parts[index] = part;
            }
        }
        parts
    }

    /// Spends points of a hold on a receipt and ends it; returns what was spent.
    pub(super) fn capture(&mut self, place: usize, points: i64, at: Timestamp) -> Vec<Part> {
        let hold = &mut self.holds[place];
        hold.status = Status::Captured;
        hold.captured = points;
        self.members[hold.member].open_holds.retain(|&open| open != place);
        self.members[hold.member].wallet.capture(&hold.parts, points, at)
    }
}

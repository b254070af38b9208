//! Returns: money and points come back in proportion to the goods, and any number of parts sums to the whole (L7).

use kernel::{Date, Timestamp};

use crate::answer::{Answer, Returned, Taken};
use crate::facts::Return;
use crate::reference::arithmetic::half_up;
use crate::reference::{CLOCK_AHEAD_MS, Mistake, Receipt, Reference, SoldLine, calendar};
use crate::rules::{Clawback, Expiry, Rules};

/// A recorded return.
#[derive(Debug, Clone)]
pub struct ReturnRecord {
    /// The operation that sent it first.
    pub operation: u32,
    pub sent: Return,
    pub refund: i64,
}

/// What a return undoes of one line.
struct Undone {
    no: u32,
    quantity: i64,
    refund: i64,
    points_back: i64,
    points_back_value: i64,
    clawed: i64,
}

impl Reference<'_> {
    /// Judges a return and, if it is taken, does what it does.
    ///
    /// # Errors
    /// The slug of the refusal.
    pub fn give_back(&mut self, operation: u32, sent: &Return, now: Timestamp) -> Answer<Returned> {
        if sent.lines.as_ref().is_some_and(Vec::is_empty) {
            return Err("invalid-lines");
        }
        let key = (sent.outlet, sent.business_date, sent.number.clone());
        if let Some(&known) = self.return_keys.get(&key) {
            let known = &self.returns[known];
            return if known.sent == *sent {
                Ok(Taken::Again(known.operation))
            } else {
                Err("return-conflict")
            };
        }
        let (outlet, world) = (&self.world.outlets[sent.outlet], self.world);
        // Goods may come back to any outlet of the brand.
        let place = *self.receipt_keys.get(&sent.receipt).ok_or("unknown-receipt")?;
        let sold_at_outlet = &world.outlets[self.receipts[place].sale.outlet];
        if sold_at_outlet.brand != outlet.brand {
            return Err("unknown-receipt");
        }
        let receipt = &self.receipts[place];
        let too_early = sent.returned_at < receipt.sale.sold_at;
        if too_early || sent.returned_at > now.plus_millis(CLOCK_AHEAD_MS) {
            return Err("implausible-time");
        }
        if sent.business_date.days_since(sent.returned_at.date_in(&outlet.zone)).abs() > 1 {
            return Err("implausible-time");
        }
        let undone = self.plan(receipt, sent.lines.as_deref())?;
        let sum = |part: fn(&Undone) -> i64| undone.iter().map(part).sum::<i64>();
        let (points_back, clawed) = (sum(|line| line.points_back), sum(|line| line.clawed));
        let member = receipt.member;
        let rules = match member {
            Some(_) => Some(self.rules(outlet.brand, sent.returned_at)?),
            None => None,
        };
        // Nothing can be refused from here on: now it happens.
        let (mut expired, mut forgiven) = (0, 0);
        if let (Some(member), Some(rules)) = (member, rules) {
            let local_day = sent.returned_at.date_in(&outlet.zone);
            (expired, forgiven) =
                self.undo(place, member, rules, (points_back, clawed), (local_day, sent), now);
        }
        let receipt = &mut self.receipts[place];
        for line in &undone {
            let sold = receipt.lines.iter_mut().find(|sold| sold.line.no == line.no);
            sold.expect("it was planned").returned += line.quantity;
        }
        let refund = sum(|line| line.refund);
        receipt.given_back += points_back;
        receipt.refunded += refund;
        self.return_keys.insert(key, self.returns.len());
        self.returns.push(ReturnRecord { operation, sent: sent.clone(), refund });
        let line = |line: &Undone| (line.no, line.quantity, line.refund, line.points_back, line.clawed);
        Ok(Taken::New(Returned {
            refund,
            currency: sold_at_outlet.currency,
            points_back,
            points_back_value: sum(|line| line.points_back_value),
            clawed,
            expired,
            forgiven,
            lines: undone.iter().map(line).collect(),
            balance: member.map(|member| self.balance(member)),
        }))
    }

    /// What each line gives back: what belongs to the goods returned so far, these included, less what belonged to
    /// those returned before.
    fn plan(&self, receipt: &Receipt, asked: Option<&[(u32, i64)]>) -> Result<Vec<Undone>, &'static str> {
        let left = |sold: &SoldLine| sold.line.quantity - sold.returned;
        let everything: Vec<(u32, i64)> = receipt
            .lines
            .iter()
            .filter(|sold| left(sold) > 0)
            .map(|sold| (sold.line.no, left(sold)))
            .collect();
        let mut undone: Vec<Undone> = Vec::new();
        for &(no, quantity) in asked.unwrap_or(&everything) {
            if undone.iter().any(|line| line.no == no) {
                return Err("invalid-lines");
            }
            let sold = receipt.lines.iter().find(|sold| sold.line.no == no).ok_or("invalid-lines")?;
            let by_weight = if self.makes(Mistake::WeightIsForgotten) {
                sold.line.quantity % 1_000 != 0
            } else {
                self.world.goods[sold.line.good].fractional
            };
            if quantity <= 0 || (quantity % 1_000 != 0 && !by_weight) {
                return Err("invalid-quantity");
            }
            if quantity > left(sold) {
                return Err("return-exceeds-receipt");
            }
            let of = |whole: i64| {
                if self.makes(Mistake::ReturnsAreNotCumulative) {
                    return half_up(whole, quantity, sold.line.quantity);
                }
                half_up(whole, sold.returned + quantity, sold.line.quantity)
                    - half_up(whole, sold.returned, sold.line.quantity)
            };
            undone.push(Undone {
                no,
                quantity,
                refund: of(sold.line.amount - sold.paid),
                points_back: of(sold.paid_points),
                points_back_value: of(sold.paid),
                clawed: of(sold.earned),
            });
        }
        if undone.is_empty() { Err("return-exceeds-receipt") } else { Ok(undone) }
    }

    /// Points that had paid come back before those that were earned are taken back, so that the latter are found.
    /// Points that ran out before anybody could use them were taken back by that. Returns how many they were, and what
    /// the member may keep.
    fn undo(
        &mut self,
        place: usize,
        member: usize,
        rules: &Rules,
        (points_back, clawed): (i64, i64),
        (day, sent): (Date, &Return),
        now: Timestamp,
    ) -> (i64, i64) {
        let parts = self.reinstated(place, points_back, day, sent.outlet, rules.grace_days);
        let earlier = self.balance(member);
        for &(points, expires_at) in &parts {
            self.grant(member, points, None, None, expires_at, now);
        }
        let wallet = &mut self.members[member].wallet;
        wallet.note("reinstatement", sent.returned_at, earlier);
        let (debt, at) = (wallet.debt, sent.returned_at);
        let before =
            if self.mistake == Some(Mistake::ExpiredPointsAreTakenAgain) { 0 } else { self.expired[place] };
        let (expired, forgiven) = match rules.clawback {
            Clawback::OnlyPending => wallet.claw_back(clawed, place, before, false, false, at),
            Clawback::WithinBalance => wallet.claw_back(clawed, place, before, true, false, at),
            Clawback::Unlimited => wallet.claw_back(clawed, place, before, true, true, at),
        };
        let made_debt = wallet.debt > debt;
        wallet.tidy();
        self.expired[place] -= expired;
        self.age(member, now);
        if expired > 0 {
            self.note("expired before the return");
        }
        if made_debt {
            self.note("debt made");
        }
        if forgiven > 0 {
            self.note("points forgiven");
        }
        if !parts.is_empty() {
            self.note("points reinstated");
        }
        (expired, forgiven)
    }

    /// The lots that come back: what was spent last first, less what earlier returns gave back. They keep their
    /// expiry, or get the days of grace where that is later; parts with one expiry are one lot.
    fn reinstated(
        &mut self,
        place: usize,
        points_back: i64,
        day: Date,
        outlet: usize,
        grace_days: i32,
    ) -> Vec<(i64, Option<Timestamp>)> {
        let grace = calendar::end(Expiry::Days(grace_days), day, &self.world.outlets[outlet].zone);
        let receipt = &self.receipts[place];
        let (mut skip, mut left) = (receipt.given_back, points_back);
        let mut parts: Vec<(i64, Option<Timestamp>)> = Vec::new();
        let mut graced = false;
        for part in receipt.spent.iter().rev() {
            let skipped = part.points.min(skip);
            skip -= skipped;
            let taken = (part.points - skipped).min(left);
            left -= taken;
            if taken == 0 {
                continue;
            }
            let expires_at = match part.expires_at {
                None => None,
                Some(_) if self.makes(Mistake::GraceReplacesExpiry) => grace,
                Some(end) => Some(end).max(grace),
            };
            graced |= expires_at != part.expires_at;
            match parts.iter_mut().find(|(_, end)| *end == expires_at) {
                Some((points, _)) => *points += taken,
                None => parts.push((taken, expires_at)),
            }
        }
        assert_eq!(left, 0, "more comes back than was spent");
        if graced {
            self.note("grace");
        }
        parts
    }
}

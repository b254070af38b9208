//! Goods come back: money and points with them, exactly (L7).

use kernel::{Date, MemberId, Money, Points, Quantity, ReceiptId, ReturnId, Timestamp};
use ledger::age::age;
use ledger::clawback;
use ledger::grant;
use ledger::model::{Entry, Occasion};
use loyalty::returning::{self, Grace, ReturnPlan, SoldLine};
use loyalty::sale::{BUSINESS_DATE_AWAY_MAX_DAYS, CLOCK_AHEAD_MAX_MS};
use store::fraud::delays;
use store::ledger::Due;
use store::outlets::Outlet;
use store::receipts::{self, StoredReceipt};
use store::returns::{self, NewReturn, NewReturnLine};
use store::{Sql, holds, ledger as books};

use crate::receipt::after;
use crate::refusal::Refusal;
use crate::{Moment, account, programme, referral, unit, watching, winning};

/// A return as a till posted it.
#[derive(Debug, Clone)]
pub struct NewReturnOf {
    pub business_date: Date,
    pub number: String,
    /// The chain's code of whoever takes the goods back.
    pub staff_code: Option<String>,
    pub returned_at: Timestamp,
    /// Natural key of the receipt: outlet code, business date, number.
    pub receipt: (String, Date, String),
    /// `None`: everything that is left.
    pub lines: Option<Vec<(u32, Quantity)>>,
    /// Digest of the content: tells a repetition from a conflict.
    pub request_hash: Vec<u8>,
}

/// What a return did.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: ReturnId,
    pub receipt: ReceiptId,
    pub recorded_at: Timestamp,
    pub plan: ReturnPlan,
    /// What the clawback policy did not collect.
    pub forgiven: Points,
    /// What of it had run out unspent, and so was taken back already.
    pub expired: Points,
    /// Pending, available and held after the return; `None` for an anonymous sale.
    pub balance: Option<(Points, Points, Points)>,
}

impl Outcome {
    /// Whether points of the goods were used before they came back: they paid for them, or what was earned with them was
    /// spent, so that not all of it could be taken back, or only as a debt.
    fn is_of_used_points(&self) -> bool {
        let in_debt = self.balance.is_some_and(|(_, available, _)| available < Points::ZERO);
        self.plan.points_back.is_positive()
            || self.forgiven.is_positive()
            || (in_debt && self.plan.clawback.is_positive())
    }
}

/// How a return was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    New { id: ReturnId, reply: String, points_back: Points },
    Replayed { id: ReturnId, reply: String, points_back: Points },
}

/// Records a return; see [`crate::receipt::record`] for `reply`.
///
/// # Errors
/// See [`Refusal`]; nothing is recorded then.
pub fn record(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewReturnOf,
    moment: &mut Moment<'_>,
    reply: impl FnOnce(&Outcome) -> String,
) -> Result<Recorded, Refusal> {
    if let Some(known) = returns::load_recorded(tx, outlet.id, new.business_date, &new.number)? {
        if known.request_hash != new.request_hash {
            return Err(Refusal::Conflict { id: known.id });
        }
        let id = ReturnId::from_raw(known.id);
        return Ok(Recorded::Replayed { id, reply: known.reply, points_back: known.points });
    }
    let (code, date, number) = &new.receipt;
    let sold = receipts::load_stored(tx, code, *date, number)?
        .filter(|sold| sold.brand == outlet.brand)
        .ok_or(Refusal::UnknownReceipt)?;
    check_times(outlet, new, &sold, moment.now)?;
    let lines = sold_lines(&sold)?;
    let asked = new.lines.clone().unwrap_or_else(|| everything_left(&lines));
    let plan = returning::plan_return(&lines, &asked)?;
    let id = ReturnId::new(moment.ids, moment.now);
    let undone = match sold.member {
        None => None,
        Some(member) => Some(undo(tx, outlet, new, &sold, member, &plan, id, moment)?),
    };
    let outcome = Outcome {
        id,
        receipt: sold.id,
        recorded_at: moment.now,
        plan,
        forgiven: undone.as_ref().map_or(Points::ZERO, |undone| undone.forgiven),
        expired: undone.as_ref().map_or(Points::ZERO, |undone| undone.expired),
        balance: undone.as_ref().map(|undone| undone.balance),
    };
    let reply = reply(&outcome);
    insert(tx, outlet, new, &sold, &outcome, &reply)?;
    if let (Some(member), Some(undone)) = (sold.member, undone.filter(|undone| !undone.entries.is_empty())) {
        let due = Due::By(undone.due);
        books::insert_entries(tx, member, &undone.entries, &unit(&outlet.brand), None, due)?;
    }
    referral::reconsider(tx, outlet, sold.id, new.returned_at, moment)?;
    if let Some(member) = sold.member.filter(|_| outcome.is_of_used_points()) {
        let staff = new.staff_code.as_deref();
        watching::refunded(tx, outlet, id, (member, staff), new.returned_at, moment)?;
    }
    Ok(Recorded::New { id, reply, points_back: outcome.plan.points_back })
}

fn check_times(
    outlet: &Outlet,
    new: &NewReturnOf,
    sold: &StoredReceipt,
    now: Timestamp,
) -> Result<(), Refusal> {
    if new.returned_at > now.plus_millis(CLOCK_AHEAD_MAX_MS) {
        return Err(Refusal::ImplausibleTime("returned_at is in the future"));
    }
    if new.returned_at < sold.sold_at {
        return Err(Refusal::ImplausibleTime("returned_at is before the sale"));
    }
    let away = new.business_date.days_since(new.returned_at.date_in(&outlet.zone));
    if away.abs() > BUSINESS_DATE_AWAY_MAX_DAYS {
        return Err(Refusal::ImplausibleTime("business_date is not the outlet's date of returned_at"));
    }
    Ok(())
}

fn sold_lines(sold: &StoredReceipt) -> Result<Vec<SoldLine>, Refusal> {
    let currency = sold.currency;
    let line = |line: &receipts::StoredLine| {
        Ok(SoldLine {
            line_no: u32::try_from(line.line_no).map_err(|_| loyalty::error::Refusal::Overflow)?,
            quantity: line.quantity,
            returned: line.returned,
            is_fractional: line.is_fractional,
            amount: Money::new(line.amount_minor, currency),
            paid_with_points: Money::new(line.points_paid_minor, currency),
            points_paid: line.points_paid,
            points_earned: line.points_earned,
        })
    };
    sold.lines.iter().map(line).collect()
}

fn everything_left(lines: &[SoldLine]) -> Vec<(u32, Quantity)> {
    let left = |line: &SoldLine| {
        let left = line.quantity.thousandths() - line.returned.thousandths();
        (left > 0).then_some((line.line_no, Quantity::from_thousandths(left)))
    };
    lines.iter().filter_map(left).collect()
}

/// Whether everything has come back with this return.
fn leaves_nothing(sold: &StoredReceipt, plan: &ReturnPlan) -> bool {
    sold.lines.iter().all(|line| {
        let coming = plan.lines.iter().filter(|part| i64::from(part.line_no) == line.line_no);
        let coming: i64 = coming.map(|part| part.quantity.thousandths()).sum();
        line.returned.thousandths() + coming >= line.quantity.thousandths()
    })
}

struct Undone {
    forgiven: Points,
    expired: Points,
    balance: (Points, Points, Points),
    entries: Vec<Entry>,
    /// When the first of what is left falls due.
    due: Option<Timestamp>,
}

/// Gives back what paid for the goods, then takes back what they earned: in this order a clawback that stops at
/// zero finds the points given back.
#[expect(clippy::too_many_arguments, reason = "each is a fact of the return in progress")]
fn undo(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewReturnOf,
    sold: &StoredReceipt,
    member: MemberId,
    plan: &ReturnPlan,
    id: ReturnId,
    moment: &mut Moment<'_>,
) -> Result<Undone, Refusal> {
    let rules = programme::in_force(tx, &outlet.brand, new.returned_at)?.rules;
    let mut wallet = account::settle(tx, member, &outlet.brand, books::load_account(tx, member)?, moment)?;
    let before = (wallet.pending, wallet.available, wallet.held);
    let past = returns::load_undone(tx, sold.id)?;
    let now = moment.now;
    let occasion = || Occasion {
        event: format!("return:{}", id.raw()),
        receipt: Some(sold.id),
        outlet: Some(outlet.id),
        effective_at: new.returned_at,
        recorded_at: now,
    };
    let parts = reinstated(tx, outlet, new, sold, plan, past, rules.returns.reinstatement_grace_days)?;
    let back = grant::reinstate(&mut wallet, &parts, occasion(), moment.ids)?;
    let policy = rules.returns.clawback;
    // What a ruling withheld of the receipt is as lost to the guest as what ran out; what it revived is not.
    let withheld = delays::load_taken(tx, &format!("receipt:{}", sold.id.raw()))?;
    let lost = past.expired.checked_add(withheld).ok_or(loyalty::error::Refusal::Overflow)?;
    let taken = clawback::claw_back(
        &mut wallet,
        plan.clawback,
        clawback::Own::Receipt(sold.id),
        lost.max(Points::ZERO),
        policy,
        occasion(),
        moment.ids,
    )?;
    // What the answer about the receipt has won goes with the last of the goods.
    let prize = if leaves_nothing(sold, plan) {
        winning::take_back(tx, &mut wallet, sold.id, (outlet.id, new.returned_at), policy, moment)?
    } else {
        None
    };
    // A return that we learn of late may give back points whose grace is over.
    let aged = age(&mut wallet, &[], now, moment.ids)?;
    let entries: Vec<Entry> = back.into_iter().chain(taken.entry).chain(prize).chain(aged.entries).collect();
    Ok(Undone {
        forgiven: taken.forgiven,
        expired: taken.expired,
        balance: after(before, &entries)?,
        entries,
        due: wallet.next_due(now),
    })
}

/// The lots to give back, with their expiries.
fn reinstated(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewReturnOf,
    sold: &StoredReceipt,
    plan: &ReturnPlan,
    past: returns::Undone,
    grace_days: u32,
) -> Result<Vec<(Points, Option<Timestamp>)>, Refusal> {
    let Some(hold) = sold.hold.filter(|_| plan.points_back.is_positive()) else { return Ok(Vec::new()) };
    let event = format!("receipt:{}", sold.id.raw());
    let spent: Vec<_> = holds::load_captured_lots(tx, &event, hold)?
        .into_iter()
        .map(|(_, points, expires_at)| (points, expires_at))
        .collect();
    let grace =
        Grace { on: new.returned_at.date_in(&outlet.zone), zone: outlet.zone.clone(), days: grace_days };
    Ok(returning::reinstatement(&spent, past.points_back, plan.points_back, &grace)?)
}

fn insert(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewReturnOf,
    sold: &StoredReceipt,
    outcome: &Outcome,
    reply: &str,
) -> Result<(), Refusal> {
    let lines = outcome.plan.lines.iter().map(|line| NewReturnLine {
        line_no: i64::from(line.line_no),
        quantity: line.quantity,
        refund_minor: line.refund.minor(),
        points_back_minor: line.paid_with_points.minor(),
        points_back: line.points_back,
        points_clawed: line.clawback,
    });
    returns::insert(
        tx,
        &NewReturn {
            id: outcome.id,
            receipt: sold.id,
            outlet: outlet.id,
            business_date: new.business_date,
            number: new.number.clone(),
            request_hash: new.request_hash.clone(),
            returned_at: new.returned_at,
            recorded_at: outcome.recorded_at,
            member: sold.member,
            points_expired: outcome.expired,
            points_forgiven: outcome.forgiven,
            reply: reply.to_owned(),
            lines: lines.collect(),
        },
    )?;
    Ok(())
}

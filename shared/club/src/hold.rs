//! Points reserved for an open receipt: authorised, then captured by the receipt, released by the till, or lapsed.

use kernel::time::MINUTE_MS;
use kernel::{HoldId, Money, OutletId, Points};
use ledger::model::{Entry, Occasion, Wallet};
use ledger::spend;
use loyalty::programme::Programme;
use loyalty::redemption::{self, Allowance, LinePayment, Payable};
use store::holds::{self, HoldStatus, StoredHold};
use store::outlets::Outlet;
use store::{Sql, ledger as books};

use crate::guest::{self, Named, SecretsSource};
use crate::receipt::{NewSale, after};
use crate::refusal::Refusal;
use crate::{Moment, programme, unit};

/// Asks to reserve points.
#[derive(Debug, Clone)]
pub struct NewHold {
    pub named: Named,
    /// `None`: as many as the programme allows.
    pub points: Option<Points>,
    pub receipt_total: Money,
}

/// A hold and the balance that goes with it: pending, available, held.
#[derive(Debug, Clone)]
pub struct Standing {
    pub hold: StoredHold,
    /// What limited the points; known when the hold was made.
    pub limit: Option<redemption::Limit>,
    pub balance: (Points, Points, Points),
}

/// What a receipt spent.
#[derive(Debug, Clone)]
pub struct Redeemed {
    pub hold: HoldId,
    pub points: Points,
    pub value: Money,
    pub released: Points,
    /// In the sale's order, all lines.
    pub lines: Vec<LinePayment>,
    pub(crate) entries: Vec<Entry>,
}

/// Reserves points for a receipt that is still open.
///
/// # Errors
/// See [`Refusal`].
pub fn authorise(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewHold,
    secrets: SecretsSource<'_>,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let identified = guest::identify(tx, &new.named, outlet, secrets, moment.now)?;
    let rules = programme::in_force(tx, &outlet.brand, moment.now)?.rules;
    let mut wallet = books::load_wallet(tx, identified.guest.member)?;
    let before = (wallet.pending, wallet.available, wallet.held);
    let spendable = wallet.spendable(moment.now)?;
    let receipt = Payable { total: new.receipt_total, eligible: new.receipt_total };
    let allowance = redemption::allowance(&rules, spendable, receipt)?;
    let asked = new.points.unwrap_or(allowance.max);
    if asked > spendable {
        return Err(ledger::error::Refusal::InsufficientPoints { available: spendable, asked }.into());
    }
    redemption::check_hold(&rules, asked, allowance, identified.presented)?;
    let id = HoldId::new(moment.ids, moment.now);
    let occasion = Occasion {
        event: event(id),
        receipt: None,
        outlet: Some(outlet.id),
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let (entry, hold) = spend::hold(&mut wallet, asked, id, occasion, moment.ids)?;
    let stored = StoredHold {
        hold,
        outlet: outlet.id,
        currency: outlet.currency,
        value_minor: worth(&rules, asked, outlet, allowance)?.minor(),
        status: HoldStatus::Authorised,
        captured: Points::ZERO,
        created_at: moment.now,
        expires_at: moment.now.plus_millis(i64::from(rules.redemption.hold_minutes) * MINUTE_MS),
        receipt: None,
    };
    holds::insert(tx, &stored)?;
    let balance = after(before, std::slice::from_ref(&entry))?;
    books::insert_entry(tx, &entry, &unit(&outlet.brand), None)?;
    let limit = new.points.is_none().then_some(allowance.limit);
    Ok(Standing { hold: stored, limit, balance })
}

/// What `points` pay, by the rules that price a capture.
fn worth(rules: &Programme, points: Points, outlet: &Outlet, allowance: Allowance) -> Result<Money, Refusal> {
    if points == allowance.max {
        return Ok(allowance.worth);
    }
    Ok(redemption::worth(points, rules.point_value(outlet.currency)?)?)
}

/// The hold as it stands, for the outlet that made it.
///
/// # Errors
/// [`Refusal::UnknownHold`]; a failure of storage.
pub fn read(sql: &dyn Sql, outlet: OutletId, id: HoldId) -> Result<Standing, Refusal> {
    let hold = own(sql, outlet, id)?;
    let balance = books::load_balance(sql, hold.hold.member)?;
    Ok(Standing { hold, limit: None, balance })
}

/// Gives the reserved points back. Repeated, it answers the same.
///
/// # Errors
/// [`Refusal::UnknownHold`]; [`Refusal::HoldEnded`] when a receipt captured it; a failure of storage.
pub fn release(
    tx: &dyn Sql,
    outlet: &Outlet,
    id: HoldId,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let stored = own(tx, outlet.id, id)?;
    match stored.status {
        HoldStatus::Authorised => end(tx, stored, HoldStatus::Released, &outlet.brand, moment),
        HoldStatus::Released | HoldStatus::Lapsed => read(tx, outlet.id, id),
        HoldStatus::Captured => Err(Refusal::HoldEnded),
    }
}

/// Ends an authorised hold without a receipt: released by the till, or lapsed by time.
///
/// # Errors
/// A failure of storage.
pub fn end(
    tx: &dyn Sql,
    stored: StoredHold,
    status: HoldStatus,
    brand: &str,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let id = stored.hold.id;
    let mut wallet = books::load_wallet(tx, stored.hold.member)?;
    let occasion = Occasion {
        event: event(id),
        receipt: None,
        outlet: Some(stored.outlet),
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    if let Some(entry) = spend::release(&mut wallet, stored.hold.clone(), occasion, moment.ids)? {
        books::insert_entry(tx, &entry, &unit(brand), None)?;
    }
    holds::end(tx, id, status, Points::ZERO, None, moment.now)?;
    let balance = (wallet.pending, wallet.available, wallet.held);
    Ok(Standing { hold: StoredHold { status, ..stored }, limit: None, balance })
}

/// Spends a hold on a sale. The points are what the sale's points payment is worth: what the receipt does not need
/// comes back.
#[expect(clippy::too_many_arguments, reason = "each is a fact of the receipt in progress")]
pub(crate) fn capture(
    tx: &dyn Sql,
    wallet: &mut Wallet,
    id: HoldId,
    outlet: &Outlet,
    new: &NewSale,
    rules: &Programme,
    occasion: Occasion,
    moment: &mut Moment<'_>,
) -> Result<Redeemed, Refusal> {
    let stored = own(tx, outlet.id, id)?;
    if stored.hold.member != wallet.member {
        return Err(Refusal::UnknownHold);
    }
    // A hold past its time is the guest's again, whether or not the run that says so has come by.
    if stored.status != HoldStatus::Authorised || stored.expires_at <= moment.now {
        return Err(Refusal::HoldEnded);
    }
    let points = points_of(&stored, new, rules, outlet)?;
    let price = redemption::price_capture(rules, points, &new.sale.lines, outlet.currency)?;
    if let Some(problem) = new.sale.check_points_payment(price.amount) {
        return Err(Refusal::Sale(vec![problem]));
    }
    let captured = spend::capture(wallet, stored.hold.clone(), points, occasion, moment.ids)?;
    let released = stored.hold.amount.checked_sub(points).unwrap_or(Points::ZERO);
    let entries = captured.entry.into_iter().chain(captured.release).collect();
    Ok(Redeemed { hold: id, points, value: price.amount, released, lines: price.lines, entries })
}

/// How many of the held points the sale's points payment takes: all when it is what they are worth, otherwise as
/// many as its amount is worth.
fn points_of(
    stored: &StoredHold,
    new: &NewSale,
    rules: &Programme,
    outlet: &Outlet,
) -> Result<Points, Refusal> {
    let paid = new.sale.paid_with_points().ok_or(Refusal::PointsPayment)?;
    if paid.minor() == stored.value_minor {
        return Ok(stored.hold.amount);
    }
    let points = points_for(paid, rules.point_value(outlet.currency)?)?;
    if points > stored.hold.amount {
        return Err(Refusal::AboveHold { held: stored.hold.amount });
    }
    Ok(points)
}

/// The fewest points that are worth `amount`.
fn points_for(amount: Money, value: Money) -> Result<Points, Refusal> {
    let negative = kernel::quantity::mul_div_floor(-amount.minor(), 100, value.minor());
    Ok(Points::from_hundredths(-negative.map_err(loyalty::error::Refusal::from)?))
}

fn own(sql: &dyn Sql, outlet: OutletId, id: HoldId) -> Result<StoredHold, Refusal> {
    holds::load(sql, id)?.filter(|stored| stored.outlet == outlet).ok_or(Refusal::UnknownHold)
}

fn event(id: HoldId) -> String {
    format!("hold:{}", id.raw())
}

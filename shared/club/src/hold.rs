//! Points reserved for an open receipt: authorised, then captured by the receipt, released by the till, or lapsed.

use kernel::time::MINUTE_MS;
use kernel::{HoldId, MemberId, Money, OutletId, Points, Timestamp};
use ledger::age::age;
use ledger::model::{Entry, Lot, Occasion, Wallet};
use ledger::spend::{self, hold_event};
use loyalty::programme::Programme;
use loyalty::redemption::{self, Allowance, LinePayment, Payable};
use store::holds::{self, HoldStatus, StoredHold};
use store::ledger::{Account, Due};
use store::outlets::Outlet;
use store::{Sql, ledger as books};

use crate::guest::{self, Named, SecretsSource, Sought};
use crate::programme::{self, InForce};
use crate::receipt::{NewSale, after};
use crate::refusal::Refusal;
use crate::watching::{self, Watched};
use crate::{Moment, account, unit};

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

/// What is known of a hold before its turn to write; see [`crate::receipt::Prepared`].
#[derive(Debug)]
pub struct Prepared {
    sought: Result<Sought, Refusal>,
    in_force: Result<InForce, Refusal>,
    watched: Result<watch::inline::Prepared, store::StoreError>,
}

/// Prepares a hold for [`authorise`]. What is wrong with it is said there, in its turn among other reasons.
#[must_use]
pub fn prepare(
    sql: &dyn Sql,
    outlet: &Outlet,
    new: &NewHold,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Prepared {
    Prepared {
        sought: Sought::read(&new.named, outlet, secrets),
        in_force: programme::in_force(sql, &outlet.brand, now),
        watched: watch::inline::prepare(sql, &outlet.brand, Some(outlet.id)),
    }
}

/// Reserves points for a receipt that is still open.
///
/// # Errors
/// See [`Refusal`].
pub fn authorise(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewHold,
    prepared: Prepared,
    secrets: SecretsSource<'_>,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let identified = guest::identify(tx, &prepared.sought?, outlet, secrets, moment.now)?;
    let rules = prepared.in_force?.rules;
    let member = identified.guest.member;
    let told = watching::of_hold(&identified.guest, moment.now);
    let watched = Watched::judge(tx, &prepared.watched?, told, moment.now)?;
    watched.spend(identified.presented)?;
    let mut wallet = account::settle(tx, member, &outlet.brand, identified.guest.account, moment)?;
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
        event: hold_event(id),
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
    let due = Due::By(Some(stored.expires_at));
    books::insert_entries(tx, member, std::slice::from_ref(&entry), &unit(&outlet.brand), None, due)?;
    watched.conclude_as(tx, &outlet.brand, hold_event(id), moment)?;
    let balance = (wallet.pending, wallet.available, wallet.held);
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

/// The hold as it stands at `now`, for the outlet that made it.
///
/// # Errors
/// [`Refusal::UnknownHold`]; a failure of storage.
pub fn read(sql: &dyn Sql, outlet: OutletId, id: HoldId, now: Timestamp) -> Result<Standing, Refusal> {
    let (mut hold, _) = own(sql, outlet, id)?;
    // A hold past its time is the guest's again, whether or not anybody has written so.
    if hold.status == HoldStatus::Authorised && hold.expires_at <= now {
        hold.status = HoldStatus::Lapsed;
    }
    let balance = account::balance_at(sql, hold.hold.member, now)?;
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
    let (stored, lots) = own(tx, outlet.id, id)?;
    match stored.status {
        HoldStatus::Authorised if stored.expires_at > moment.now => {
            let member = stored.hold.member;
            let account = books::load_account(tx, member)?;
            if account.is_due(moment.now) {
                account::bring(tx, member, &outlet.brand, account, moment)?;
                let (stored, lots) = own(tx, outlet.id, id)?;
                return end(tx, stored, lots, &outlet.brand, moment);
            }
            end(tx, stored, lots, &outlet.brand, moment)
        }
        HoldStatus::Authorised | HoldStatus::Released | HoldStatus::Lapsed => {
            read(tx, outlet.id, id, moment.now)
        }
        HoldStatus::Captured => Err(Refusal::HoldEnded),
    }
}

/// Ends an authorised hold without a receipt, before its time. `lots` are those it sits in; nothing of its member may be
/// due.
///
/// # Errors
/// A failure of storage.
pub(crate) fn end(
    tx: &dyn Sql,
    stored: StoredHold,
    lots: Vec<Lot>,
    brand: &str,
    moment: &mut Moment<'_>,
) -> Result<Standing, Refusal> {
    let (id, member) = (stored.hold.id, stored.hold.member);
    let account = books::load_account(tx, member)?;
    let mut wallet = account::part(member, &account, lots)?;
    let occasion = Occasion {
        event: hold_event(id),
        receipt: None,
        outlet: Some(stored.outlet),
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let released = spend::release(&mut wallet, stored.hold.clone(), occasion, moment.ids)?;
    // What comes back after its lot's time is gone at once.
    let aged = age(&mut wallet, &[], moment.now, moment.ids)?;
    let entries: Vec<Entry> = released.into_iter().chain(aged.entries).collect();
    let due = Due::By(wallet.next_due(moment.now));
    books::insert_entries(tx, member, &entries, &unit(brand), None, due)?;
    holds::end(tx, id, HoldStatus::Released, Points::ZERO, None, moment.now)?;
    let balance = after((account.pending, account.available, account.held), &entries)?;
    Ok(Standing { hold: StoredHold { status: HoldStatus::Released, ..stored }, limit: None, balance })
}

/// The sale that a hold is spent on.
pub(crate) struct Capture<'a> {
    pub(crate) outlet: &'a Outlet,
    pub(crate) new: &'a NewSale,
    pub(crate) rules: &'a Programme,
    pub(crate) member: MemberId,
    pub(crate) account: &'a Account,
}

/// Spends a hold on a sale. The points are what the sale's points payment is worth: what the receipt does not need
/// comes back. Answers with the hold's lots as they are then, as a wallet.
pub(crate) fn capture(
    tx: &dyn Sql,
    id: HoldId,
    on: &Capture<'_>,
    occasion: Occasion,
    moment: &mut Moment<'_>,
) -> Result<(Wallet, Redeemed), Refusal> {
    let (stored, lots) = own(tx, on.outlet.id, id)?;
    if stored.hold.member != on.member {
        return Err(Refusal::UnknownHold);
    }
    if stored.status != HoldStatus::Authorised || stored.expires_at <= moment.now {
        return Err(Refusal::HoldEnded);
    }
    let mut wallet = account::part(on.member, on.account, lots)?;
    let points = points_of(&stored, on.new, on.rules, on.outlet)?;
    let price = redemption::price_capture(on.rules, points, &on.new.sale.lines, on.outlet.currency)?;
    if let Some(problem) = on.new.sale.check_points_payment(price.amount) {
        return Err(Refusal::Sale(vec![problem]));
    }
    let captured = spend::capture(&mut wallet, stored.hold.clone(), points, occasion, moment.ids)?;
    let released = stored.hold.amount.checked_sub(points).unwrap_or(Points::ZERO);
    let entries = captured.entry.into_iter().chain(captured.release).collect();
    Ok((wallet, Redeemed { hold: id, points, value: price.amount, released, lines: price.lines, entries }))
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

fn own(sql: &dyn Sql, outlet: OutletId, id: HoldId) -> Result<(StoredHold, Vec<Lot>), Refusal> {
    holds::load(sql, id)?.filter(|(stored, _)| stored.outlet == outlet).ok_or(Refusal::UnknownHold)
}

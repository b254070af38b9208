//! What an order takes of the club while it is under way, and the receipt that it becomes.

use basket::{Line, Quote};
use club::Moment;
use club::prepaid::{self, PrepaidLine, PrepaidSale, Reservation};
use fraud::facts::Trace;
use kernel::time::DAY_MS;
use kernel::{Date, HoldId, MemberId, Money, OrderId, OutletId, Points, Quantity, ReceiptId, Timestamp};
use ordering::model::{Progress, Stuck};
use ordering::{InvalidTransition, Outcome, Stage};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::fraud::links;
use store::holds::HoldStatus;
use store::orders::{StoredOrder, desk};
use store::outlets::{self, Outlet};
use store::{Sql, StoreError, holds, orders};

use super::change::{change, save};
use super::{Refusal, money, quote_of};
use crate::promotion::allowances::Whose;
use crate::promotion::reserve::{self, Refused, Sale, Wanted};

/// What the log calls a till's sum that is another than was agreed on.
const SUM_DIFFERS: &str = "sum_differs";
/// Where guests order on what is the outlet's.
const SHARED_CHANNELS: [&str; 2] = ["kiosk", "till"];
/// An order is over long before: this only keeps a forgotten one from holding points for ever.
const HOLD_MS: i64 = 30 * DAY_MS;

/// Holds the quote's points. `device`: where the order is made, if that is known.
///
/// # Errors
/// [`club::Refusal::Ledger`] when there are fewer by now; a failure of storage.
pub fn hold_points(
    tx: &dyn Sql,
    outlet: &Outlet,
    (member, device): (MemberId, Option<Trace>),
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<Option<HoldId>, Refusal> {
    let points = Points::from_hundredths(quote.totals.points_spent);
    if !points.is_positive() {
        return Ok(None);
    }
    let worth = Money::new(quote.totals.points_spent_minor, outlet.currency);
    let expires_at = moment.now.plus_millis(HOLD_MS);
    let reservation = Reservation { member, points, worth, expires_at, device };
    Ok(Some(prepaid::reserve(tx, outlet, &reservation, moment)?))
}

/// The device that an order counts for: none of a kiosk's or a till's, which everybody uses and which is nobody's own.
#[must_use]
pub fn own_device(channel: &str, device: Option<Trace>) -> Option<Trace> {
    device.filter(|_| !SHARED_CHANNELS.contains(&channel))
}

/// Notes where an order is made: the sale that it becomes is counted there.
///
/// # Errors
/// A failure of storage.
pub fn note_device(tx: &dyn Sql, order: OrderId, device: Option<Trace>) -> Result<(), StoreError> {
    device.map_or(Ok(()), |device| links::set_order_device(tx, order, device.raw()))
}

/// Gives the held points back.
///
/// # Errors
/// A failure of storage.
pub fn release_points(tx: &dyn Sql, stored: &StoredOrder, moment: &mut Moment<'_>) -> Result<(), Refusal> {
    let Some(hold) = stored.facts.hold else { return Ok(()) };
    let is_open = holds::load(tx, hold)?.is_some_and(|(hold, _)| hold.status == HoldStatus::Authorised);
    // A guest who left took the points with them: erasing ends holds.
    if is_open {
        club::hold::release(tx, &outlet_of(tx, stored)?, hold, moment)?;
    }
    Ok(())
}

/// Takes what the quote has of budgets and coupons.
///
/// # Errors
/// [`Refusal::PromotionOver`] when others have used it up; a failure of storage.
pub fn reserve_uses(
    tx: &dyn Sql,
    stored: &StoredOrder,
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let wanted = quote.uses.iter().map(Wanted::of).collect::<Result<Vec<_>, _>>();
    let wanted = wanted.map_err(|error| StoreError::Unreadable {
        what: "quote's promotions",
        problem: error.0.to_owned(),
    })?;
    if wanted.is_empty() {
        return Ok(());
    }
    let outlet = outlet_of(tx, stored)?;
    let sale = Sale {
        brand: &stored.facts.brand,
        whose: Whose {
            outlet: outlet.id,
            member: Some(stored.facts.member),
            day: business_date(stored, &outlet),
            currency: stored.facts.currency,
        },
    };
    reserve::reserve(tx, moment, &owner(stored), &sale, &wanted).map_err(refused)
}

/// What was taken of budgets and coupons is used up.
///
/// # Errors
/// A failure of storage.
pub fn commit_uses(
    tx: &dyn Sql,
    stored: &StoredOrder,
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    if quote.uses.is_empty() { Ok(()) } else { reserve::commit(tx, moment, &owner(stored)).map_err(refused) }
}

/// Gives back what was taken of budgets and coupons.
///
/// # Errors
/// A failure of storage.
pub fn release_uses(tx: &dyn Sql, stored: &StoredOrder, moment: &mut Moment<'_>) -> Result<(), Refusal> {
    reserve::release(tx, moment, &owner(stored)).map_err(refused)
}

/// Whose the reserved uses are.
fn owner(stored: &StoredOrder) -> String {
    stored.order.id.to_string()
}

fn refused(why: Refused) -> Refusal {
    match why {
        Refused::Store(error) => error.into(),
        other => Refusal::PromotionOver { why: other.to_string() },
    }
}

fn outlet_of(tx: &dyn Sql, stored: &StoredOrder) -> Result<Outlet, StoreError> {
    outlets::load(tx, stored.facts.outlet)?
        .ok_or(StoreError::Unreadable { what: "order", problem: "of an unknown outlet".to_owned() })
}

/// The outlet's day on which the order is fetched.
#[must_use]
pub fn business_date(stored: &StoredOrder, outlet: &Outlet) -> Date {
    stored.facts.pickup_at.unwrap_or(stored.order.created_at).date_in(&outlet.zone)
}

/// Under which number an order's receipt is known.
#[must_use]
pub fn receipt_number(stored: &StoredOrder) -> String {
    stored.order.id.to_string()
}

/// Records the sale: points are spent and earned as the quote said. Repeated, it answers the same receipt.
///
/// # Errors
/// What the club refuses; a failure of storage.
pub fn record(
    tx: &dyn Sql,
    stored: &StoredOrder,
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<ReceiptId, Refusal> {
    let outlet = outlet_of(tx, stored)?;
    let points: i64 = quote.lines.iter().map(|line| line.points_spent_minor).sum();
    let paid = [("transfer", stored.order.payable_minor), ("points", points)];
    let sale = PrepaidSale {
        outlet: &outlet,
        member: stored.facts.member,
        number: receipt_number(stored),
        business_date: business_date(stored, &outlet),
        sold_at: stored.order.created_at,
        channel: channel(&stored.facts.channel),
        hold: stored.facts.hold,
        device: own_device(
            &stored.facts.channel,
            links::load_order_device(tx, stored.order.id)?.map(Trace::from_raw),
        ),
        lines: quote.lines.iter().map(line).collect(),
        payments: paid.into_iter().filter(|(_, minor)| *minor > 0).collect(),
        reply: json!({ "order": stored.order.id.to_string() }).to_string(),
        request_hash: Sha256::digest(stored.facts.quote.as_bytes()).to_vec(),
    };
    Ok(prepaid::record(tx, &sale, moment)?)
}

/// An order's receipt, as a till's receipt of the same sale is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub receipt: ReceiptId,
    pub business_date: Date,
    pub number: String,
    pub sold_at: Timestamp,
    pub recorded_at: Timestamp,
    pub total_minor: i64,
    pub points_earned: Points,
}

/// A till's receipt of an order: the proof that it was handed over, counted once. `reference` is our id of the order or
/// the till system's. Another sum than was agreed on is shown to a person; points stay as they were promised.
///
/// None when the order is not a sale: undone, or never sent.
///
/// # Errors
/// [`Refusal::Unknown`] for an order that is not the outlet's; [`Refusal::Transition`] when its sale was refused and a
/// person has to look; a failure of storage.
pub fn join(
    tx: &dyn Sql,
    outlet: OutletId,
    reference: &str,
    total_minor: i64,
    moment: &mut Moment<'_>,
) -> Result<Option<Joined>, Refusal> {
    let id = match OrderId::parse(reference) {
        Ok(id) => Some(id),
        Err(_) => orders::load_by_till_id(tx, &reference.to_ascii_lowercase())?,
    };
    let found = id.map(|id| orders::load(tx, id)).transpose()?.flatten();
    let mut stored = found.filter(|found| found.facts.outlet == outlet).ok_or(Refusal::Unknown)?;
    if stored.receipt.is_none() {
        let (progress, revision) = (Progress::HandedOver, stored.order.dispatch.revision);
        match change(tx, &mut stored, &Outcome::Accepted { progress, revision }, moment) {
            Ok(_) => {}
            Err(Refusal::Transition(_)) => return Ok(None),
            Err(refusal) => return Err(refusal),
        }
    }
    let Some(receipt) = stored.receipt else {
        let is_sold = stored.order.stage == Stage::Completed;
        return if is_sold { Err(InvalidTransition::OtherState.into()) } else { Ok(None) };
    };
    let quote = quote_of(&stored)?;
    let agreed: i64 = quote.lines.iter().map(|line| line.final_minor + line.points_spent_minor).sum();
    if agreed != total_minor {
        differs(tx, &mut stored, total_minor, agreed, moment)?;
    }
    let outlet = outlet_of(tx, &stored)?;
    Ok(Some(Joined {
        receipt,
        business_date: business_date(&stored, &outlet),
        number: receipt_number(&stored),
        sold_at: stored.order.created_at,
        recorded_at: stored.changed_at,
        total_minor: agreed,
        points_earned: Points::from_hundredths(quote.lines.iter().map(|line| line.points_earned).sum()),
    }))
}

/// Holds what an order comes to at its till against what was agreed on, once it was handed over: somebody may have changed
/// it there. Says whether a person has something new to look at.
///
/// Whether a till's sum is before or after money off, and whether points count as paid, is the account's affair: each of
/// the three is right.
///
/// # Errors
/// A failure of storage.
pub fn compare(
    tx: &dyn Sql,
    stored: &mut StoredOrder,
    till_sum: Option<i64>,
    moment: &mut Moment<'_>,
) -> Result<bool, Refusal> {
    let Some(sum) = till_sum.filter(|_| stored.order.stage == Stage::Completed) else { return Ok(false) };
    let quote = quote_of(stored)?;
    let of = |amount: fn(&Line) -> i64| quote.lines.iter().map(amount).sum::<i64>();
    let agreed = of(|line| line.final_minor + line.points_spent_minor);
    if [agreed, of(|line| line.final_minor), of(|line| line.list_minor)].contains(&sum) {
        return Ok(false);
    }
    differs(tx, stored, sum, agreed, moment)
}

/// Has a person look at an order that comes to another sum at its till: once for each sum.
fn differs(
    tx: &dyn Sql,
    stored: &mut StoredOrder,
    sum: i64,
    agreed: i64,
    moment: &mut Moment<'_>,
) -> Result<bool, Refusal> {
    let words = format!("the till says {sum}, agreed {agreed}");
    let id = stored.order.id;
    if stored.order.stuck.is_some() || desk::is_logged(tx, id, SUM_DIFFERS, &words)? {
        return Ok(false);
    }
    stored.order.stuck = Some(Stuck::SumDiffers);
    save(tx, stored, moment)?;
    orders::log(tx, moment.ids.next(moment.now), id, moment.now, SUM_DIFFERS, Some(&words))?;
    Ok(true)
}

fn channel(code: &str) -> &'static str {
    ["app", "bot", "kiosk", "till"].into_iter().find(|known| *known == code).unwrap_or("app")
}

fn line(line: &Line) -> PrepaidLine {
    let amount_minor = line.final_minor + line.points_spent_minor;
    PrepaidLine {
        line_no: line.line_no,
        product_code: line.product_code.clone(),
        name: money::description(line),
        category: line.category.clone(),
        quantity: Quantity::from_thousandths(i64::from(line.quantity) * 1_000),
        unit_price_minor: line.unit_list_minor,
        discount_minor: line.list_minor - amount_minor,
        amount_minor,
        points_paid_minor: line.points_spent_minor,
        points_paid: Points::from_hundredths(line.points_spent),
        points_earned: Points::from_hundredths(line.points_earned),
    }
}

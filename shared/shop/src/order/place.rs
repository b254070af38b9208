//! An order made from a quote: points held, budgets reserved, a payment to open.

use basket::Quote;
use club::{Moment, programme};
use fraud::facts::Trace;
use kernel::time::MINUTE_MS;
use kernel::{Currency, MemberId, Money, OrderId, OutletId, PaymentId, Points, QuoteId, Timestamp};
use ordering::model::CancelReason;
use ordering::{Order, steps};
use store::orders::{Facts, PaymentLink, StoredOrder, steps as outbox};
use store::{Sql, StoreError, directory, orders, outlets};

use super::guard::Account;
use super::{Ground, Refusal, load, money, sale, till};
use crate::{day, opening};

/// How long a guest has to pay.
pub const PAY_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// Orders of one guest that are not paid or not at the till yet.
pub const OPEN_MAX: i64 = 5;
/// How far back open orders are counted.
const OPEN_WITHIN_MS: i64 = 60 * MINUTE_MS;
/// Names that guest and barista call an order by: 0001 to 9999.
const NUMBERS: i64 = 10_000;

/// What the guest wants.
#[derive(Debug, Clone, Copy)]
pub struct Placing<'a> {
    /// Opened and checked: as it was made for this guest.
    pub quote: &'a Quote,
    pub member: MemberId,
    /// Words to the barista.
    pub comment: Option<&'a str>,
    /// Where the guest signed in, if the app said.
    pub device: Option<Trace>,
}

/// Makes the order. The quote's prices and points hold, whatever has changed since; what cannot be kept, goods that are
/// sold out or a budget that is used up, is refused now, before anybody pays.
///
/// # Errors
/// See [`Refusal`]; nothing remains then.
pub fn place(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    placing: Placing<'_>,
    moment: &mut Moment<'_>,
) -> Result<StoredOrder, Refusal> {
    let (quote, now) = (placing.quote, moment.now);
    let unreadable = |problem: &str| StoreError::Unreadable { what: "quote", problem: problem.to_owned() };
    let quote_id = QuoteId::parse(&quote.id).map_err(|error| unreadable(error.0))?;
    if let Some(order) = orders::load_by_quote(tx, quote_id)? {
        return Err(Refusal::Ordered { order });
    }
    if quote.expires_at <= now.millis() {
        return Err(Refusal::QuoteExpired);
    }
    let outlet_id = OutletId::parse(&quote.outlet).map_err(|error| unreadable(error.0))?;
    let currency = Currency::parse(&quote.currency).map_err(|error| unreadable(error.0))?;
    let outlet = outlets::load(tx, outlet_id)?.filter(|outlet| outlet.status == "open");
    let outlet = outlet.ok_or(Refusal::OutletUnavailable)?;
    let pickup_at = quote.pickup_at.map(Timestamp::from_millis);
    let entry = directory::load(tx, &outlet.code)?.ok_or(Refusal::OutletUnavailable)?;
    opening::check(&entry, &outlet.zone, pickup_at, now)?;
    let settings = till::settings(tx, outlet_id)?.filter(|settings| settings.can_take(quote));
    let settings = settings.ok_or(Refusal::OutletUnavailable)?;
    if let Some(until) = Account::Till(settings.account).paused(tx, now)? {
        return Err(Refusal::TillUnavailable { why: CancelReason::TillSystemDown, until });
    }
    let since = OrderId::from_raw(kernel::IdSource::new(0).next(now.plus_millis(-OPEN_WITHIN_MS)));
    if orders::count_open(tx, placing.member, since)? >= OPEN_MAX {
        return Err(Refusal::TooManyOpen { max: OPEN_MAX });
    }
    check_day(tx, &outlet, &placing, pickup_at, now)?;
    let payable = Money::new(quote.totals.payable_minor, currency);
    let account = match payable.minor() {
        0 => None,
        _ => Some(cashier(tx, ground, &outlet, payable)?),
    };
    let id = OrderId::new(moment.ids, now);
    let payment = account.map(|_| PaymentId::new(moment.ids, now));
    let send_at = settings.send_at(pickup_at, now);
    let order = Order::new(id, payable.minor(), payment, now, now.plus_millis(PAY_WITHIN_MS), send_at);
    let device = sale::own_device(&quote.channel, placing.device);
    let hold = sale::hold_points(tx, &outlet, (placing.member, device), quote, moment)?;
    let facts = Facts {
        quote_id,
        brand: outlet.brand.clone(),
        outlet: outlet.id,
        member: placing.member,
        number: format!("{:04}", id.raw() % NUMBERS),
        channel: quote.channel.clone(),
        currency,
        quote: serde_json::to_string(quote).map_err(|error| unreadable(&error.to_string()))?,
        comment: placing.comment.map(str::to_owned),
        pickup_at,
        hold,
        till: settings.place(id),
    };
    orders::insert(tx, &order, &facts)?;
    sale::note_device(tx, id, device)?;
    let links = account.map(|account| PaymentLink { account, external_id: None, confirmation: None });
    let stored = StoredOrder {
        order,
        facts,
        links: links.into_iter().collect(),
        refund_links: Vec::new(),
        receipt: None,
        till_number: None,
        stuck_at: None,
        changed_at: now,
    };
    orders::save(tx, &stored, now)?;
    sale::reserve_uses(tx, &stored, quote, moment)?;
    outbox::replace(tx, id, &steps(&stored.order, now))?;
    let line = moment.ids.next(now);
    orders::log(tx, line, id, now, "placed", Some(&quote.id))?;
    load(tx, id)
}

/// Another order may have been promised what the day still allowed: then this quote promises too much.
fn check_day(
    tx: &dyn Sql,
    outlet: &outlets::Outlet,
    placing: &Placing<'_>,
    pickup_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let totals = &placing.quote.totals;
    // What promotions give on top is under budgets of its own.
    let promised = Points::from_hundredths(totals.points_earned - totals.points_bonus);
    if !promised.is_positive() {
        return Ok(());
    }
    let caps = programme::in_force(tx, &outlet.brand, now)?.rules.earning.caps;
    if !day::matters(&caps) {
        return Ok(());
    }
    let date = pickup_at.unwrap_or(now).date_in(&outlet.zone);
    let so_far = day::so_far(tx, placing.member, date, now)?;
    if day::has_room(&caps, so_far, promised) { Ok(()) } else { Err(Refusal::DayFull) }
}

/// The account that takes this sum for the outlet.
fn cashier(
    tx: &dyn Sql,
    ground: &Ground<'_>,
    outlet: &outlets::Outlet,
    payable: Money,
) -> Result<i64, Refusal> {
    let account = store::acquirers::load_active(tx, outlet.franchisee)?.ok_or(Refusal::PaymentUnavailable)?;
    let acquirer = money::acquirer(&account, ground.personal, ground.urls)?;
    acquirer.check(payable).map_err(|_| Refusal::PaymentUnavailable)?;
    Ok(account.id)
}

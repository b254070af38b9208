//! Orders read back.

use kernel::{
    Currency, HoldId, IikoAccountId, MemberId, OrderId, OutletId, PaymentId, QuoteId, ReceiptId, RefundId,
    Timestamp,
};
use ordering::model::{
    CancelReason, Dispatch, DispatchStatus, Order, Payment, PaymentStatus, Progress, Refund, RefundReason,
    RefundStatus, Stage, Stuck,
};

use super::{Confirmation, Facts, PaymentLink, RefundLink, StoredOrder, TillPlace};
use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};

macro_rules! order_columns {
    () => {
        "o.id, o.stage, o.payable_minor, o.created_at, o.pay_until, o.cancel_reason, o.stuck, o.stuck_at, o.changed_at, \
         o.dispatch, o.sends, o.last_sent_at, o.due_since, o.correlation, o.progress, o.revision, o.accepted_at, \
         o.cancel_since, o.till_number, o.receipt_id, o.quote_id, o.brand, o.outlet_id, o.member_id, o.number, o.channel, \
         o.currency, o.quote, o.comment, o.pickup_at, o.hold_id, o.till_id, \
         o.till_account, o.till_organization, o.till_group, o.till_service, o.send_at"
    };
}

const BY_ID: Statement =
    Statement::new("orders.by_id", concat!("select ", order_columns!(), " from orders o where o.id = ?1"));
const BY_QUOTE: Statement = Statement::new("orders.by_quote", "select id from orders where quote_id = ?1");
const BY_TILL_ID: Statement = Statement::new("orders.by_till_id", "select id from orders where till_id = ?1");
const BY_PAYMENT: Statement =
    Statement::new("orders.by_payment", "select order_id from order_payments where id = ?1");
const LOOKUP_PAYMENT: Statement = Statement::new(
    "orders.lookup_payment",
    "select p.id, p.order_id from order_payments p join acquirer_accounts a on a.id = p.account_id \
     where a.kind = ?1 and p.external_id = ?2",
);
const PAYMENTS: Statement = Statement::new(
    "orders.payments",
    "select id, status, amount_minor, created_at, reason, account_id, external_id, confirmation, confirmation_data \
     from order_payments where order_id = ?1 order by id",
);
const REFUNDS: Statement = Statement::new(
    "orders.refunds",
    "select id, payment_id, status, amount_minor, why, created_at, reason, external_id, items \
     from order_refunds where order_id = ?1 order by id",
);

/// The order with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: OrderId) -> Result<Option<StoredOrder>, StoreError> {
    let Some(mut row) = BY_ID.query_one(sql, &[id.raw().into()])? else { return Ok(None) };
    let mut stored = order(&mut row)?;
    for mut row in PAYMENTS.query(sql, &[id.raw().into()])? {
        let (payment, link) = payment(&mut row)?;
        stored.order.payments.push(payment);
        stored.links.push(link);
    }
    for mut row in REFUNDS.query(sql, &[id.raw().into()])? {
        let (refund, link) = refund(&mut row)?;
        stored.order.refunds.push(refund);
        stored.refund_links.push(link);
    }
    Ok(Some(stored))
}

/// The order that a quote became.
///
/// # Errors
/// A failure of storage.
pub fn load_by_quote(sql: &dyn Sql, quote: QuoteId) -> Result<Option<OrderId>, StoreError> {
    id(sql, &BY_QUOTE, quote.raw().into())
}

/// The order that a till system knows by this id.
///
/// # Errors
/// A failure of storage.
pub fn load_by_till_id(sql: &dyn Sql, till_id: &str) -> Result<Option<OrderId>, StoreError> {
    id(sql, &BY_TILL_ID, till_id.into())
}

/// The order of a payment.
///
/// # Errors
/// A failure of storage.
pub fn load_by_payment(sql: &dyn Sql, payment: PaymentId) -> Result<Option<OrderId>, StoreError> {
    id(sql, &BY_PAYMENT, payment.raw().into())
}

/// The payment that an acquirer of that kind knows by this id, and its order.
///
/// # Errors
/// A failure of storage.
pub fn lookup_payment(
    sql: &dyn Sql,
    kind: &str,
    external_id: &str,
) -> Result<Option<(PaymentId, OrderId)>, StoreError> {
    let Some(mut row) = LOOKUP_PAYMENT.query_one(sql, &[kind.into(), external_id.into()])? else {
        return Ok(None);
    };
    Ok(Some((PaymentId::from_raw(row.integer()?), OrderId::from_raw(row.integer()?))))
}

fn id(sql: &dyn Sql, statement: &Statement, key: Value) -> Result<Option<OrderId>, StoreError> {
    let row = statement.query_one(sql, &[key])?;
    row.map(|mut row| row.integer().map(OrderId::from_raw)).transpose()
}

fn time(row: &mut Row) -> Result<Timestamp, StoreError> {
    row.integer().map(Timestamp::from_millis)
}

fn time_or_null(row: &mut Row) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.integer_or_null()?.map(Timestamp::from_millis))
}

fn code_or_null<T>(
    row: &mut Row,
    parse: fn(&str) -> Result<T, kernel::ParseError>,
) -> Result<Option<T>, StoreError> {
    let text = row.text_or_null()?;
    let parsed = text.map(|text| parse(&text)).transpose();
    parsed.map_err(|_| row.inconsistent("text outside its closed set"))
}

fn order(row: &mut Row) -> Result<StoredOrder, StoreError> {
    let id = OrderId::from_raw(row.integer()?);
    let stage = row.parsed(Stage::parse)?;
    let (payable_minor, created_at, pay_until) = (row.integer()?, time(row)?, time(row)?);
    let cancel = code_or_null(row, CancelReason::parse)?;
    let stuck = code_or_null(row, Stuck::parse)?;
    let (stuck_at, changed_at) = (time_or_null(row)?, time(row)?);
    let dispatch = Dispatch {
        status: row.parsed(DispatchStatus::parse)?,
        sends: u32::try_from(row.integer()?).map_err(|_| row.inconsistent("not a count"))?,
        last_sent_at: time_or_null(row)?,
        due_since: time_or_null(row)?,
        correlation: row.text_or_null()?,
        progress: row.parsed(Progress::parse)?,
        revision: row.integer()?,
        accepted_at: time_or_null(row)?,
        cancel_since: time_or_null(row)?,
    };
    let till_number = row.text_or_null()?;
    let receipt = row.integer_or_null()?.map(ReceiptId::from_raw);
    let facts = Facts {
        quote_id: QuoteId::from_raw(row.integer()?),
        brand: row.text()?,
        outlet: OutletId::from_raw(row.integer()?),
        member: MemberId::from_raw(row.integer()?),
        number: row.text()?,
        channel: row.text()?,
        currency: row.parsed(Currency::parse)?,
        quote: row.text()?,
        comment: row.text_or_null()?,
        pickup_at: time_or_null(row)?,
        hold: row.integer_or_null()?.map(HoldId::from_raw),
        till: TillPlace {
            id: row.text()?,
            account: IikoAccountId::from_raw(row.integer()?),
            organization: row.text()?,
            terminal_group: row.text()?,
            service: row.text()?,
        },
    };
    let (send_at, payments, refunds) = (time_or_null(row)?, Vec::new(), Vec::new());
    let order = Order {
        id,
        stage,
        payable_minor,
        created_at,
        pay_until,
        send_at,
        cancel,
        payments,
        refunds,
        dispatch,
        stuck,
    };
    let (links, refund_links) = (Vec::new(), Vec::new());
    Ok(StoredOrder { order, facts, links, refund_links, receipt, till_number, stuck_at, changed_at })
}

fn payment(row: &mut Row) -> Result<(Payment, PaymentLink), StoreError> {
    let payment = Payment {
        id: PaymentId::from_raw(row.integer()?),
        status: row.parsed(PaymentStatus::parse)?,
        amount_minor: row.integer()?,
        created_at: time(row)?,
        reason: row.text_or_null()?,
    };
    let (account, external_id) = (row.integer()?, row.text_or_null()?);
    let (kind, data) = (row.text_or_null()?, row.text_or_null()?);
    let confirmation = match (kind.as_deref(), data) {
        (Some("redirect"), Some(link)) => Some(Confirmation::Redirect(link)),
        (Some("qr"), Some(text)) => Some(Confirmation::Qr(text)),
        _ => None,
    };
    Ok((payment, PaymentLink { account, external_id, confirmation }))
}

fn refund(row: &mut Row) -> Result<(Refund, RefundLink), StoreError> {
    let refund = Refund {
        id: RefundId::from_raw(row.integer()?),
        payment: PaymentId::from_raw(row.integer()?),
        status: row.parsed(RefundStatus::parse)?,
        amount_minor: row.integer()?,
        why: row.parsed(RefundReason::parse)?,
        created_at: time(row)?,
        reason: row.text_or_null()?,
    };
    Ok((refund, RefundLink { external_id: row.text_or_null()?, items: row.text_or_null()? }))
}

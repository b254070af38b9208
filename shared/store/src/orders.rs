//! Orders, their payments and refunds.

pub mod desk;
mod promised;
mod read;
pub mod readings;
pub mod steps;

use kernel::{
    Currency, HoldId, IikoAccountId, MemberId, OrderId, OutletId, PaymentId, QuoteId, ReceiptId, RefundId,
    Timestamp,
};
use ordering::Order;
use ordering::model::{Payment, Refund};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::Statement;

pub use promised::load_promised;
pub use read::{load, load_by_payment, load_by_quote, load_by_till_id, lookup_payment};

const INSERT: Statement = Statement::new(
    "orders.insert",
    "insert into orders (id, quote_id, brand, outlet_id, member_id, number, channel, currency, quote, comment, pickup_at, \
     payable_minor, hold_id, stage, created_at, pay_until, changed_at, till_id, dispatch, progress, due_since, \
     till_account, till_organization, till_group, till_service, send_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?15, ?17, ?18, 'none', ?19, \
     ?20, ?21, ?22, ?23, ?24)",
);
const UPDATE: Statement = Statement::new(
    "orders.update",
    "update orders set stage = ?2, cancel_reason = ?3, stuck = ?4, \
     stuck_at = case when ?4 is null then null when stuck = ?4 then stuck_at else ?5 end, changed_at = ?5, \
     dispatch = ?6, sends = ?7, last_sent_at = ?8, due_since = ?9, correlation = ?10, progress = ?11, revision = ?12, \
     accepted_at = ?13, cancel_since = ?14, receipt_id = ?15 where id = ?1",
);
const SAVE_PAYMENT: Statement = Statement::new(
    "orders.save_payment",
    "insert into order_payments (id, order_id, account_id, status, amount_minor, reason, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (id) do update set status = excluded.status, \
     reason = excluded.reason, changed_at = excluded.changed_at",
);
const SAVE_REFUND: Statement = Statement::new(
    "orders.save_refund",
    "insert into order_refunds (id, order_id, payment_id, status, amount_minor, why, reason, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict (id) do update set status = excluded.status, \
     reason = excluded.reason, changed_at = excluded.changed_at",
);
const LINK_PAYMENT: Statement = Statement::new(
    "orders.link_payment",
    "update order_payments set external_id = ?2, confirmation = coalesce(?3, confirmation), \
     confirmation_data = coalesce(?4, confirmation_data) where id = ?1",
);
const LINK_REFUND: Statement =
    Statement::new("orders.link_refund", "update order_refunds set external_id = ?2 where id = ?1");
const REFUND_ITEMS: Statement =
    Statement::new("orders.refund_items", "update order_refunds set items = ?2 where id = ?1");
const TILL_NUMBER: Statement =
    Statement::new("orders.till_number", "update orders set till_number = ?2 where id = ?1");
const LOG: Statement = Statement::new(
    "orders.log",
    "insert into order_log (id, order_id, at, what, detail) values (?1, ?2, ?3, ?4, ?5)",
);
const OPEN_OF_MEMBER: Statement = Statement::new(
    "orders.open_of_member",
    "select count(*) from orders where member_id = ?1 and id > ?2 and stage in ('awaiting_payment', 'dispatching')",
);

/// What is fixed of an order from the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub quote_id: QuoteId,
    pub brand: String,
    pub outlet: OutletId,
    pub member: MemberId,
    pub number: String,
    pub channel: String,
    pub currency: Currency,
    /// JSON of `basket::Quote`.
    pub quote: String,
    pub comment: Option<String>,
    pub pickup_at: Option<Timestamp>,
    pub hold: Option<HoldId>,
    pub till: TillPlace,
}

/// Where an order is at the till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillPlace {
    /// The id that we gave it there.
    pub id: String,
    pub account: IikoAccountId,
    pub organization: String,
    pub terminal_group: String,
    /// `pick_up` or `till`.
    pub service: String,
}

/// An order as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    pub order: Order,
    pub facts: Facts,
    /// One for each payment, in their order.
    pub links: Vec<PaymentLink>,
    /// The acquirer's ids of the refunds, in their order.
    pub refund_links: Vec<RefundLink>,
    pub receipt: Option<ReceiptId>,
    pub till_number: Option<String>,
    pub stuck_at: Option<Timestamp>,
    pub changed_at: Timestamp,
}

/// A payment at its acquirer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLink {
    pub account: i64,
    pub external_id: Option<String>,
    pub confirmation: Option<Confirmation>,
}

/// How the guest pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    Redirect(String),
    Qr(String),
}

/// A refund at its acquirer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLink {
    pub external_id: Option<String>,
    /// JSON: lines of its receipt.
    pub items: Option<String>,
}

impl StoredOrder {
    /// A payment's link.
    #[must_use]
    pub fn link(&self, id: PaymentId) -> Option<&PaymentLink> {
        let at = self.order.payments.iter().position(|payment| payment.id == id)?;
        self.links.get(at)
    }

    /// A refund's link.
    #[must_use]
    pub fn refund_link(&self, id: RefundId) -> Option<&RefundLink> {
        let at = self.order.refunds.iter().position(|refund| refund.id == id)?;
        self.refund_links.get(at)
    }
}

/// Records a new order, without its payments: see [`save`].
///
/// # Errors
/// A failure of storage; a unique violation when the quote has an order already.
pub fn insert(tx: &dyn Sql, order: &Order, facts: &Facts) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            order.id.raw().into(),
            facts.quote_id.raw().into(),
            facts.brand.as_str().into(),
            facts.outlet.raw().into(),
            facts.member.raw().into(),
            facts.number.as_str().into(),
            facts.channel.as_str().into(),
            facts.currency.code().into(),
            facts.quote.as_str().into(),
            facts.comment.as_deref().into(),
            facts.pickup_at.map(Timestamp::millis).into(),
            order.payable_minor.into(),
            facts.hold.map(HoldId::raw).into(),
            order.stage.code().into(),
            order.created_at.millis().into(),
            order.pay_until.millis().into(),
            facts.till.id.as_str().into(),
            order.dispatch.status.code().into(),
            order.dispatch.due_since.map(Timestamp::millis).into(),
            facts.till.account.raw().into(),
            facts.till.organization.as_str().into(),
            facts.till.terminal_group.as_str().into(),
            facts.till.service.as_str().into(),
            order.send_at.map(Timestamp::millis).into(),
        ],
    )
}

/// Records the order's present state with its payments and refunds.
///
/// # Errors
/// A failure of storage; what the database refuses whatever the code thinks: more going back than came.
pub fn save(tx: &dyn Sql, stored: &StoredOrder, now: Timestamp) -> Result<(), StoreError> {
    let order = &stored.order;
    let dispatch = &order.dispatch;
    UPDATE.run(
        tx,
        &[
            order.id.raw().into(),
            order.stage.code().into(),
            order.cancel.map(ordering::model::CancelReason::code).into(),
            order.stuck.map(ordering::model::Stuck::code).into(),
            now.millis().into(),
            dispatch.status.code().into(),
            i64::from(dispatch.sends).into(),
            dispatch.last_sent_at.map(Timestamp::millis).into(),
            dispatch.due_since.map(Timestamp::millis).into(),
            dispatch.correlation.as_deref().into(),
            dispatch.progress.code().into(),
            dispatch.revision.into(),
            dispatch.accepted_at.map(Timestamp::millis).into(),
            dispatch.cancel_since.map(Timestamp::millis).into(),
            stored.receipt.map(ReceiptId::raw).into(),
        ],
    )?;
    for (payment, link) in order.payments.iter().zip(&stored.links) {
        save_payment(tx, order.id, payment, link.account, now)?;
    }
    // Those that count no more first: the database adds up the rest.
    let (void, rest): (Vec<&Refund>, Vec<&Refund>) =
        order.refunds.iter().partition(|refund| refund.is_void());
    for refund in void.into_iter().chain(rest) {
        save_refund(tx, order.id, refund, now)?;
    }
    Ok(())
}

fn save_payment(
    tx: &dyn Sql,
    order: OrderId,
    payment: &Payment,
    account: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    SAVE_PAYMENT.run(
        tx,
        &[
            payment.id.raw().into(),
            order.raw().into(),
            account.into(),
            payment.status.code().into(),
            payment.amount_minor.into(),
            payment.reason.as_deref().into(),
            payment.created_at.millis().into(),
            now.millis().into(),
        ],
    )
}

fn save_refund(tx: &dyn Sql, order: OrderId, refund: &Refund, now: Timestamp) -> Result<(), StoreError> {
    SAVE_REFUND.run(
        tx,
        &[
            refund.id.raw().into(),
            order.raw().into(),
            refund.payment.raw().into(),
            refund.status.code().into(),
            refund.amount_minor.into(),
            refund.why.code().into(),
            refund.reason.as_deref().into(),
            refund.created_at.millis().into(),
            now.millis().into(),
        ],
    )
}

/// Notes what the acquirer calls a payment, and how the guest pays it.
///
/// # Errors
/// A failure of storage.
pub fn link_payment(
    tx: &dyn Sql,
    id: PaymentId,
    external_id: &str,
    confirmation: Option<&Confirmation>,
) -> Result<(), StoreError> {
    let (kind, data) = match confirmation {
        Some(Confirmation::Redirect(link)) => (Some("redirect"), Some(link.as_str())),
        Some(Confirmation::Qr(text)) => (Some("qr"), Some(text.as_str())),
        None => (None, None),
    };
    let parameters: [Value; 4] = [id.raw().into(), external_id.into(), kind.into(), data.into()];
    LINK_PAYMENT.run(tx, &parameters)
}

/// Notes what the acquirer calls a refund.
///
/// # Errors
/// A failure of storage.
pub fn link_refund(tx: &dyn Sql, id: RefundId, external_id: &str) -> Result<(), StoreError> {
    LINK_REFUND.run(tx, &[id.raw().into(), external_id.into()])
}

/// Notes what a refund's receipt lists, as JSON.
///
/// # Errors
/// A failure of storage.
pub fn set_refund_items(tx: &dyn Sql, id: RefundId, items: &str) -> Result<(), StoreError> {
    REFUND_ITEMS.run(tx, &[id.raw().into(), items.into()])
}

/// Notes the till's own number of an order.
///
/// # Errors
/// A failure of storage.
pub fn set_till_number(tx: &dyn Sql, id: OrderId, number: &str) -> Result<(), StoreError> {
    TILL_NUMBER.run(tx, &[id.raw().into(), number.into()])
}

/// Adds a line to the order's log.
///
/// # Errors
/// A failure of storage.
pub fn log(
    tx: &dyn Sql,
    line: i64,
    order: OrderId,
    at: Timestamp,
    what: &str,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    LOG.run(tx, &[line.into(), order.raw().into(), at.millis().into(), what.into(), detail.into()])
}

/// How many of the member's orders made after `after` (ids begin with the time) are not at the till yet.
///
/// # Errors
/// A failure of storage.
pub fn count_open(sql: &dyn Sql, member: MemberId, after: OrderId) -> Result<i64, StoreError> {
    match OPEN_OF_MEMBER.query_one(sql, &[member.raw().into(), after.raw().into()])? {
        Some(mut row) => row.integer(),
        None => Ok(0),
    }
}

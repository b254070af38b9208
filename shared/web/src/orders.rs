//! What the functions of orders share: replies, and what a step needs from outside.

use api::wire::orders::{
    ConfirmationReply, DeskOrderReply, LogReply, OrderLineReply, OrderReply, PaymentReply, RefundReply,
    StepReply, StuckReply,
};
use api::wire::receipts::ReceiptReply;
use api::wire::{MoneyBody, ReasonBody};
use club::Moment;
use club::personal::Personal;
use club::receipt::NewSale;
use kernel::{Lang, Money, OrderId, Points, Timestamp};
use membership::secrets::Secrets;
use ordering::Stage;
use ordering::model::{Payment, PaymentStatus, Progress, Refund};
use ordering::notice::notice;
use shop::order::{Ground, Refusal, Urls, quote_of, sale};
use store::orders::{Confirmation, PaymentLink, StoredOrder, desk, steps as outbox};
use store::{Sql, StoreError, outlets};

use crate::call::{Call, Settings};
use crate::problem::Problem;
use crate::till::MASTER_SECRET;

/// Address of YooKassa.
pub const YOOKASSA_URL: &str = "yookassa_url";
/// Address of T-Bank.
pub const TBANK_URL: &str = "tbank_url";
/// Where T-Bank sends its notifications.
pub const TBANK_NOTIFICATIONS: &str = "tbank_notification_url";
/// Where a guest's bank leads back to.
pub const AFTER_PAYMENT: &str = "order_return_url";
/// What a function that asks acquirers reads.
pub const MONEY_VARIABLES: &[&str] =
    &[MASTER_SECRET, YOOKASSA_URL, TBANK_URL, TBANK_NOTIFICATIONS, AFTER_PAYMENT];

/// Lines of an order's log that are shown.
const LOG_MAX: i64 = 200;

/// The deployment's addresses.
///
/// # Errors
/// When a variable is not set: a deployment fault.
pub fn urls(settings: &dyn Settings) -> Result<Urls, Problem> {
    let address = |name| settings.get(name).map(|url: String| url.trim_end_matches('/').to_owned());
    Ok(Urls {
        yookassa: address(YOOKASSA_URL)?,
        tbank: address(TBANK_URL)?,
        after_payment: settings.get(AFTER_PAYMENT)?,
        tbank_notifications: settings.get(TBANK_NOTIFICATIONS)?,
    })
}

/// What a step needs from outside, from a call.
#[must_use]
pub fn ground<'a>(
    call: &Call<'a>,
    secrets: &'a Secrets,
    urls: &'a Urls,
    random: &'a dyn Fn(usize) -> Vec<u8>,
) -> Ground<'a> {
    Ground { sql: call.sql, partners: call.partners, personal: Personal { secrets, random }, urls }
}

/// An order of the calling guest.
///
/// # Errors
/// 404 for anybody else's; a failure of storage.
pub fn own(call: &Call<'_>) -> Result<StoredOrder, Problem> {
    let member = call.guest()?.member;
    let id = call.parameter("id", OrderId::parse)?;
    let stored = store::orders::load(call.sql, id)?.filter(|stored| stored.facts.member == member);
    stored.ok_or_else(|| Problem::of(&api::problem::NOT_FOUND))
}

/// An order as its guest reads it.
///
/// # Errors
/// A failure of storage.
pub fn reply(
    sql: &dyn Sql,
    stored: &StoredOrder,
    lang: Lang,
    now: Timestamp,
) -> Result<OrderReply, StoreError> {
    let quote = quote_of(stored)?;
    let outlet = outlets::load(sql, stored.facts.outlet)?
        .ok_or(StoreError::Unreadable { what: "order", problem: "of an unknown outlet".to_owned() })?;
    let money = |minor: i64| MoneyBody::from(Money::new(minor, stored.facts.currency));
    let order = &stored.order;
    let told = notice(order);
    let lines = quote.lines.iter().map(|line| OrderLineReply {
        line_no: line.line_no,
        name: line.name.text(lang).to_owned(),
        size: line.size.as_ref().map(|size| size.text(lang).to_owned()),
        modifiers: line.modifiers.iter().map(|modifier| modifier.name.text(lang).to_owned()).collect(),
        quantity: line.quantity,
        list: money(line.list_minor),
        paid: money(line.final_minor),
    });
    let can_cancel = match order.stage {
        Stage::AwaitingPayment | Stage::Dispatching => true,
        Stage::Accepted => order.dispatch.progress < Progress::Cooking,
        Stage::Completed | Stage::Cancelling | Stage::Cancelled => false,
    };
    let payments = || order.payments.iter().zip(&stored.links);
    Ok(OrderReply {
        id: order.id.to_string(),
        number: stored.facts.number.clone(),
        till_number: stored.till_number.clone(),
        outlet: outlet.code,
        stage: order.stage.code().to_owned(),
        status: ReasonBody { code: told.code().to_owned(), text: told.text(lang) },
        cancel_reason: order.cancel.map(|why| why.code().to_owned()),
        created_at: order.created_at.rfc3339_in(&outlet.zone),
        pay_until: order.pay_until.rfc3339_in(&outlet.zone),
        pickup_at: stored.facts.pickup_at.map(|at| at.rfc3339_in(&outlet.zone)),
        to_till_at: order.send_at.map(|at| at.rfc3339_in(&outlet.zone)),
        comment: stored.facts.comment.clone(),
        lines: lines.collect(),
        list: money(quote.totals.list_minor),
        discount: money(quote.totals.discount_minor),
        payable: money(order.payable_minor),
        points_spent: Points::from_hundredths(quote.totals.points_spent).to_string(),
        points_earned: Points::from_hundredths(quote.totals.points_earned).to_string(),
        payment: payments().next_back().map(|(payment, link)| payment_reply(payment, link, stored)),
        refunds: order.refunds.iter().map(|refund| refund_reply(refund, stored)).collect(),
        receipt: stored.receipt.map(|receipt| receipt.to_string()),
        can_cancel,
        can_pay_again: order.can_pay_again(now),
    })
}

fn payment_reply(payment: &Payment, link: &PaymentLink, stored: &StoredOrder) -> PaymentReply {
    let is_open = payment.status == PaymentStatus::Pending;
    let confirmation =
        link.confirmation.as_ref().filter(|_| is_open).map(|confirmation| match confirmation {
            Confirmation::Redirect(link) => {
                ConfirmationReply { kind: "redirect".to_owned(), data: link.clone() }
            }
            Confirmation::Qr(text) => ConfirmationReply { kind: "qr".to_owned(), data: text.clone() },
        });
    PaymentReply {
        id: payment.id.to_string(),
        status: payment.status.code().to_owned(),
        amount: Money::new(payment.amount_minor, stored.facts.currency).into(),
        confirmation,
        reason: payment.reason.clone(),
    }
}

fn refund_reply(refund: &Refund, stored: &StoredOrder) -> RefundReply {
    RefundReply {
        id: refund.id.to_string(),
        status: refund.status.code().to_owned(),
        amount: Money::new(refund.amount_minor, stored.facts.currency).into(),
        why: refund.why.code().to_owned(),
        created_at: refund.created_at.to_string(),
    }
}

/// An order as the office reads it.
///
/// # Errors
/// A failure of storage.
pub fn desk_reply(
    sql: &dyn Sql,
    stored: &StoredOrder,
    lang: Lang,
    now: Timestamp,
) -> Result<DeskOrderReply, StoreError> {
    let order = &stored.order;
    let steps = outbox::list(sql, order.id)?;
    let log = desk::list_log(sql, order.id, LOG_MAX)?;
    let stuck = order.stuck.map(|why| StuckReply {
        code: why.code().to_owned(),
        text: why.text(lang).to_owned(),
        since: stored.stuck_at.unwrap_or(stored.changed_at).to_string(),
    });
    Ok(DeskOrderReply {
        order: reply(sql, stored, lang, now)?,
        member: stored.facts.member.to_string(),
        stuck,
        payments: order
            .payments
            .iter()
            .zip(&stored.links)
            .map(|(payment, link)| PaymentReply {
                confirmation: None,
                ..payment_reply(payment, link, stored)
            })
            .collect(),
        dispatch: order.dispatch.status.code().to_owned(),
        progress: order.dispatch.progress.code().to_owned(),
        till_id: stored.facts.till.id.clone(),
        steps: steps
            .into_iter()
            .map(|step| StepReply {
                kind: step.kind.code().to_owned(),
                due_at: step.due_at.to_string(),
                tries: step.tries,
                last_error: step.last_error,
            })
            .collect(),
        log: log
            .into_iter()
            .map(|line| LogReply { at: line.at.to_string(), what: line.what, detail: line.detail })
            .collect(),
    })
}

/// Joins a till's receipt with the order that it names: the order's own receipt is answered, with the points that it
/// earned. None when the order was undone, or never got that far: then the till's receipt is a sale like any other.
///
/// # Errors
/// 422 for an order that is not the outlet's; 409 for one whose sale a person has to settle first; a failure of storage.
pub fn join(
    tx: &dyn Sql,
    outlet: &outlets::Outlet,
    order: &str,
    new: &NewSale,
    moment: &mut Moment<'_>,
) -> Result<Option<(Points, ReceiptReply)>, Problem> {
    let total: i64 = new.sale.lines.iter().map(|line| line.amount.minor()).sum();
    let now = moment.now;
    let joined = sale::join(tx, outlet.id, order, total, moment).map_err(|refusal| match refusal {
        Refusal::Unknown => {
            Problem::of(&api::problem::INVALID_FIELD).at("/order", "no such order at this outlet")
        }
        refusal => crate::refusal_order::problem(refusal, now),
    })?;
    Ok(joined.map(|joined| {
        let reply = ReceiptReply {
            id: joined.receipt.to_string(),
            outlet: outlet.code.clone(),
            business_date: joined.business_date.to_string(),
            number: joined.number,
            sold_at: joined.sold_at.rfc3339_in(&outlet.zone),
            recorded_at: joined.recorded_at.rfc3339_in(&outlet.zone),
            total: Money::new(joined.total_minor, outlet.currency).into(),
            guest: None,
            accrual: None,
            redemption: None,
            balance: None,
        };
        (joined.points_earned, reply)
    }))
}

/// A refusal in the caller's words.
pub fn refused(call: &Call<'_>) -> impl Fn(Refusal) -> Problem + use<> {
    let now = call.now;
    move |refusal| crate::refusal_order::problem(refusal, now)
}

//! Money in and back.

use kernel::{IdSource, PaymentId, RefundId, Timestamp};

use crate::dispatch::forgive;
use crate::model::{
    CancelReason, Order, Payment, PaymentStatus, Refund, RefundReason, RefundStatus, Stage, Stuck,
};
use crate::outcome::{Change, Effect, InvalidTransition};

/// Attempts to pay for one order.
pub const PAYMENTS_MAX: usize = 10;
/// Why a payment that was never opened came to nothing.
const NEVER_OPENED: &str = "never_opened";
/// Why a refund counts as paid that no acquirer paid.
pub(crate) const BY_HAND: &str = "by_hand";

/// One more attempt. One at a time: two links could both be paid.
pub(crate) fn again(
    order: &mut Order,
    payment: PaymentId,
    now: Timestamp,
) -> Result<Change, InvalidTransition> {
    if order.payment(payment).is_some() {
        return Ok(Change::NONE);
    }
    if order.stage != Stage::AwaitingPayment || now >= order.pay_until || order.payments.len() >= PAYMENTS_MAX
    {
        return Err(InvalidTransition::NotPayable);
    }
    let under_way = |payment: &Payment| matches!(payment.status, PaymentStatus::New | PaymentStatus::Pending);
    if order.payments.iter().any(under_way) {
        return Err(InvalidTransition::PaymentUnderWay);
    }
    order.payments.push(Payment::new(payment, order.payable_minor, now));
    Ok(Change::NEWS)
}

/// Whether one more attempt may be made.
fn can_pay(order: &Order, now: Timestamp) -> Result<(), InvalidTransition> {
    if order.stage != Stage::AwaitingPayment || now >= order.pay_until || order.payments.len() >= PAYMENTS_MAX
    {
        return Err(InvalidTransition::NotPayable);
    }
    let under_way = |payment: &Payment| matches!(payment.status, PaymentStatus::New | PaymentStatus::Pending);
    if order.payments.iter().any(under_way) { Err(InvalidTransition::PaymentUnderWay) } else { Ok(()) }
}

impl Order {
    /// Whether the guest may try to pay once more.
    #[must_use]
    pub fn can_pay_again(&self, now: Timestamp) -> bool {
        can_pay(self, now).is_ok()
    }
}

/// The order was not paid in time. Payments that are open at the acquirer are watched on: what comes late goes back.
pub(crate) fn time_up(order: &mut Order, now: Timestamp) -> Change {
    if order.stage != Stage::AwaitingPayment || now < order.pay_until {
        return Change::NONE;
    }
    give_up(order, CancelReason::NotPaid)
}

/// Ends an order that is not paid.
pub(crate) fn give_up(order: &mut Order, reason: CancelReason) -> Change {
    for payment in &mut order.payments {
        // Nobody has its link, so nobody can pay it.
        if payment.status == PaymentStatus::New {
            payment.status = PaymentStatus::Cancelled;
            payment.reason = Some(NEVER_OPENED.to_owned());
        }
    }
    order.stage = Stage::Cancelled;
    order.cancel.get_or_insert(reason);
    Change::with(Effect::Release)
}

pub(crate) fn opened(order: &mut Order, id: PaymentId) -> Result<Change, InvalidTransition> {
    let payment = find(order, id)?;
    // One given up as never opened may have been opened after all: then it is watched like any other.
    if payment.status == PaymentStatus::New || payment.reason.as_deref() == Some(NEVER_OPENED) {
        payment.status = PaymentStatus::Pending;
        payment.reason = None;
        return Ok(Change::NEWS);
    }
    Ok(Change::NONE)
}

pub(crate) fn succeeded(
    order: &mut Order,
    id: PaymentId,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Change, InvalidTransition> {
    let payment = find(order, id)?;
    if payment.status == PaymentStatus::Succeeded {
        return Ok(Change::NONE);
    }
    payment.status = PaymentStatus::Succeeded;
    payment.reason = None;
    forgive(order, Stuck::AcquirerSilent);
    if order.stage == Stage::AwaitingPayment {
        order.release_to_till(now);
    } else {
        send_back(order, id, RefundReason::Superfluous, now, ids);
    }
    Ok(Change::NEWS)
}

pub(crate) fn cancelled(order: &mut Order, id: PaymentId, reason: &str) -> Result<Change, InvalidTransition> {
    let payment = find(order, id)?;
    if matches!(payment.status, PaymentStatus::Succeeded | PaymentStatus::Cancelled) {
        return Ok(Change::NONE);
    }
    payment.status = PaymentStatus::Cancelled;
    payment.reason = Some(reason.to_owned());
    forgive(order, Stuck::AcquirerSilent);
    Ok(Change::NEWS)
}

/// Sends everything back that was paid and has not gone back (O2).
pub(crate) fn send_all_back(order: &mut Order, now: Timestamp, ids: &mut IdSource) {
    let paid: Vec<PaymentId> = order.payments.iter().map(|payment| payment.id).collect();
    for payment in paid {
        send_back(order, payment, RefundReason::Cancelled, now, ids);
    }
}

fn send_back(order: &mut Order, payment: PaymentId, why: RefundReason, now: Timestamp, ids: &mut IdSource) {
    let left = order.payment(payment).map_or(0, |payment| order.refundable_minor(payment));
    if left > 0 {
        let id = RefundId::new(ids, now);
        order.refunds.push(refund(id, payment, left, why, now));
    }
}

const fn refund(
    id: RefundId,
    payment: PaymentId,
    amount_minor: i64,
    why: RefundReason,
    now: Timestamp,
) -> Refund {
    Refund { id, payment, status: RefundStatus::New, amount_minor, why, created_at: now, reason: None }
}

pub(crate) fn refund_asked(
    order: &mut Order,
    id: RefundId,
    payment: PaymentId,
    amount_minor: i64,
    why: RefundReason,
    now: Timestamp,
) -> Result<Change, InvalidTransition> {
    if order.refund(id).is_some() {
        return Ok(Change::NONE);
    }
    if order.stage != Stage::Completed {
        return Err(InvalidTransition::OtherState);
    }
    let paid = order.payment(payment).ok_or(InvalidTransition::Unknown)?;
    if amount_minor <= 0 || amount_minor > order.refundable_minor(paid) {
        return Err(InvalidTransition::MoreThanPaid);
    }
    order.refunds.push(refund(id, payment, amount_minor, why, now));
    Ok(Change::NEWS)
}

pub(crate) fn refund_opened(order: &mut Order, id: RefundId) -> Result<Change, InvalidTransition> {
    let refund = find_refund(order, id)?;
    if refund.status == RefundStatus::New {
        refund.status = RefundStatus::Pending;
        return Ok(Change::NEWS);
    }
    Ok(Change::NONE)
}

pub(crate) fn refund_succeeded(order: &mut Order, id: RefundId) -> Result<Change, InvalidTransition> {
    let refund = find_refund(order, id)?;
    match refund.status {
        RefundStatus::New | RefundStatus::Pending => {
            refund.status = RefundStatus::Succeeded;
            refund.reason = None;
            forgive(order, Stuck::AcquirerSilent);
            Ok(Change::NEWS)
        }
        RefundStatus::Succeeded => Ok(Change::NONE),
        // Said to have failed before: a person has to see it, the money may have gone back twice.
        RefundStatus::Failed | RefundStatus::Replaced => {
            order.stuck = Some(Stuck::RefundRefused);
            Ok(Change::NEWS)
        }
    }
}

pub(crate) fn refund_failed(
    order: &mut Order,
    id: RefundId,
    reason: &str,
) -> Result<Change, InvalidTransition> {
    let refund = find_refund(order, id)?;
    if !matches!(refund.status, RefundStatus::New | RefundStatus::Pending) {
        return Ok(Change::NONE);
    }
    refund.status = RefundStatus::Failed;
    refund.reason = Some(reason.to_owned());
    order.stuck = Some(Stuck::RefundRefused);
    Ok(Change::NEWS)
}

/// Asks again for what was refused, under new ids: the acquirer remembers the old ones.
pub(crate) fn ask_again(order: &mut Order, now: Timestamp, ids: &mut IdSource) {
    let mut again = Vec::new();
    for failed in order.refunds.iter_mut().filter(|refund| refund.status == RefundStatus::Failed) {
        failed.status = RefundStatus::Replaced;
        again.push(refund(RefundId::new(ids, now), failed.payment, failed.amount_minor, failed.why, now));
    }
    order.refunds.extend(again);
}

/// The money of refused refunds was given back by other means.
pub(crate) fn paid_by_hand(order: &mut Order) {
    for failed in order.refunds.iter_mut().filter(|refund| refund.status == RefundStatus::Failed) {
        failed.status = RefundStatus::Succeeded;
        failed.reason = Some(BY_HAND.to_owned());
    }
}

pub(crate) fn silent(order: &mut Order) -> Change {
    if order.stuck.is_some() {
        return Change::NONE;
    }
    order.stuck = Some(Stuck::AcquirerSilent);
    Change::NEWS
}

fn find(order: &mut Order, id: PaymentId) -> Result<&mut Payment, InvalidTransition> {
    order.payments.iter_mut().find(|payment| payment.id == id).ok_or(InvalidTransition::Unknown)
}

fn find_refund(order: &mut Order, id: RefundId) -> Result<&mut Refund, InvalidTransition> {
    order.refunds.iter_mut().find(|refund| refund.id == id).ok_or(InvalidTransition::Unknown)
}

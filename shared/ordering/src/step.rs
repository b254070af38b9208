//! Which calls to partners are due.
//!
//! The steps follow from the order alone. A row of the outbox adds what an order does not say: when a step is tried
//! next, how often it was tried, and who is at it.

use kernel::Timestamp;
use kernel::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

use crate::model::{DispatchStatus, Order, PaymentStatus, RefundStatus, Stage, codes};

codes!(
    /// A thing to do with a partner, or at a time.
    StepKind {
        /// Give the order up if it is not paid by then.
        Expire = "expire",
        /// Open a payment with the acquirer. Repeating it under the payment's id changes nothing.
        OpenPayment = "open_payment",
        /// Read a payment.
        WatchPayment = "watch_payment",
        /// Send the order to the till, under the order's own id there.
        SendOrder = "send_order",
        /// Read the order at the till.
        WatchOrder = "watch_order",
        /// Cancel the order at the till.
        CancelAtTill = "cancel_at_till",
        /// Ask for money back. Repeating it under the refund's id changes nothing.
        OpenRefund = "open_refund",
        /// Read a refund.
        WatchRefund = "watch_refund",
    }
);

/// A step that an order needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    /// The payment or refund, as its raw id; 0 for the order itself.
    pub subject: i64,
    /// When it is due for the first time.
    pub due_at: Timestamp,
}

/// After the time to pay, so that money under way at the last moment still counts.
pub const PAY_GRACE_MS: i64 = MINUTE_MS;
/// A guest needs some seconds to pay.
const PAYMENT_FIRST_MS: i64 = 5 * SECOND_MS;
/// A till takes some seconds to take an order.
const TILL_FIRST_MS: i64 = 3 * SECOND_MS;
/// While the order is made, news comes by itself; this is for when it does not.
const MAKING_EVERY_MS: i64 = 2 * MINUTE_MS;
/// A refund by SBP takes a moment.
const REFUND_FIRST_MS: i64 = 5 * SECOND_MS;
/// The acquirer counts as silent after so many tries of one step.
pub const SILENT_AFTER_TRIES: u32 = 30;

/// The steps that the order needs in its present state.
#[must_use]
pub fn steps(order: &Order, now: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |kind, subject, due_at| steps.push(Step { kind, subject, due_at });
    if order.stage == Stage::AwaitingPayment {
        add(StepKind::Expire, 0, order.pay_until.plus_millis(PAY_GRACE_MS));
    }
    for payment in &order.payments {
        match payment.status {
            PaymentStatus::New => add(StepKind::OpenPayment, payment.id.raw(), now),
            PaymentStatus::Pending => {
                add(StepKind::WatchPayment, payment.id.raw(), now.plus_millis(PAYMENT_FIRST_MS));
            }
            PaymentStatus::Succeeded | PaymentStatus::Cancelled => {}
        }
    }
    match order.dispatch.status {
        DispatchStatus::Held | DispatchStatus::Absent => {}
        DispatchStatus::Due => add(StepKind::SendOrder, 0, after_sends(order, now)),
        DispatchStatus::Sending | DispatchStatus::Sent => {
            add(StepKind::WatchOrder, 0, now.plus_millis(TILL_FIRST_MS));
        }
        DispatchStatus::Accepted if order.stage != Stage::Completed => {
            add(StepKind::WatchOrder, 0, now.plus_millis(MAKING_EVERY_MS));
        }
        DispatchStatus::Accepted => {}
        DispatchStatus::CancelDue => add(StepKind::CancelAtTill, 0, now),
    }
    for refund in &order.refunds {
        match refund.status {
            RefundStatus::New => add(StepKind::OpenRefund, refund.id.raw(), now),
            RefundStatus::Pending => {
                add(StepKind::WatchRefund, refund.id.raw(), now.plus_millis(REFUND_FIRST_MS));
            }
            RefundStatus::Succeeded | RefundStatus::Failed | RefundStatus::Replaced => {}
        }
    }
    steps
}

/// The first time at once, or when its time has come; then with growing distance, as [`retry_at`] counts them.
fn after_sends(order: &Order, now: Timestamp) -> Timestamp {
    match order.dispatch.sends {
        0 => order.kept_until(now).unwrap_or(now),
        sends => retry_at(StepKind::SendOrder, sends, now),
    }
}

/// Whether a step that is tried for the `tries`-th time may have had its effect before: whoever asked then died, or
/// the answer was lost. A partner that does not know a repetition by its key is asked for it first (O3).
#[must_use]
pub const fn may_be_done(tries: u32) -> bool {
    tries > 1
}

/// When a step is tried again that was tried `tries` times and brought no final word.
#[must_use]
pub fn retry_at(kind: StepKind, tries: u32, now: Timestamp) -> Timestamp {
    let (first, max) = match kind {
        StepKind::Expire => (SECOND_MS, MINUTE_MS),
        StepKind::OpenPayment => (SECOND_MS, 10 * SECOND_MS),
        StepKind::WatchPayment => (5 * SECOND_MS, MINUTE_MS),
        StepKind::SendOrder => (2 * SECOND_MS, MINUTE_MS),
        StepKind::WatchOrder => (2 * SECOND_MS, 2 * MINUTE_MS),
        StepKind::CancelAtTill => (5 * SECOND_MS, 5 * MINUTE_MS),
        StepKind::OpenRefund => (5 * SECOND_MS, HOUR_MS),
        StepKind::WatchRefund => (10 * SECOND_MS, HOUR_MS),
    };
    let doublings = tries.saturating_sub(1).min(20);
    now.plus_millis((first << doublings).min(max))
}

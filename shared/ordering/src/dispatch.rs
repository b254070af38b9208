//! The order at the till.

use kernel::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{IdSource, Timestamp};

use crate::model::{CancelReason, DispatchStatus, Order, Progress, Stage, Stuck};
use crate::outcome::{Change, Effect, InvalidTransition};
use crate::payment;

/// How long a paid order tries to reach the till before the guest gets the money back instead.
pub const PATIENCE_MS: i64 = 10 * MINUTE_MS;
/// How long a request may still arrive after it was sent: a till system's "unknown" counts only after that.
pub const SETTLE_MS: i64 = 30 * SECOND_MS;
/// After so long without a word a person is asked. The order is watched on.
pub const SILENT_MS: i64 = 30 * MINUTE_MS;
/// An accepted order is handed over by then.
pub const NEVER_CLOSED_MS: i64 = 24 * HOUR_MS;

pub(crate) fn sending(order: &mut Order, now: Timestamp) -> Result<Change, InvalidTransition> {
    let is_due = order.dispatch.status == DispatchStatus::Due && order.stage == Stage::Dispatching;
    if !is_due || order.kept_until(now).is_some() {
        return Err(InvalidTransition::OtherState);
    }
    order.dispatch.status = DispatchStatus::Sending;
    order.dispatch.sends += 1;
    order.dispatch.last_sent_at = Some(now);
    order.dispatch.correlation = None;
    Ok(Change::NEWS)
}

pub(crate) fn not_sent(order: &mut Order, why: CancelReason, now: Timestamp, ids: &mut IdSource) -> Change {
    if order.dispatch.status != DispatchStatus::Sending {
        return Change::NONE;
    }
    if order.stage == Stage::Cancelling || is_out_of_patience(order, now) {
        return absent(order, why, now, ids);
    }
    order.dispatch.status = DispatchStatus::Due;
    Change::NEWS
}

pub(crate) fn sent(order: &mut Order, correlation: Option<&str>, now: Timestamp) -> Change {
    if !matches!(order.dispatch.status, DispatchStatus::Due | DispatchStatus::Sending) {
        return Change::NONE;
    }
    order.dispatch.status = DispatchStatus::Sent;
    order.dispatch.correlation = correlation.map(str::to_owned);
    if order.stage == Stage::Cancelling {
        want_cancelled(order, now);
    }
    Change::NEWS
}

pub(crate) fn accepted(
    order: &mut Order,
    progress: Progress,
    revision: i64,
    now: Timestamp,
) -> Result<Change, InvalidTransition> {
    if order.dispatch.status == DispatchStatus::Held {
        return Err(InvalidTransition::OtherState);
    }
    let before = order.clone();
    if revision < order.dispatch.revision {
        return Ok(Change::NONE);
    }
    order.dispatch.revision = revision;
    order.dispatch.progress = order.dispatch.progress.max(progress).max(Progress::Received);
    order.dispatch.accepted_at.get_or_insert(now);
    match order.dispatch.status {
        DispatchStatus::Due | DispatchStatus::Sending | DispatchStatus::Sent => {
            order.dispatch.status = DispatchStatus::Accepted;
            if order.stage == Stage::Cancelling {
                want_cancelled(order, now);
            } else {
                order.stage = Stage::Accepted;
            }
            forgive(order, Stuck::TillSilent);
        }
        // It said that it did not have it, and the guest has the money back.
        DispatchStatus::Absent => {
            want_cancelled(order, now);
            order.stuck = Some(Stuck::TillKeepsOrder);
        }
        DispatchStatus::Held | DispatchStatus::Accepted | DispatchStatus::CancelDue => {}
    }
    let sold = order.dispatch.progress == Progress::HandedOver
        && matches!(order.stage, Stage::Accepted | Stage::Cancelling);
    if sold {
        return Ok(hand_over(order));
    }
    Ok(Change { changed: *order != before, effects: Vec::new() })
}

/// The goods are with the guest: the order is a sale, whatever was wanted before.
pub(crate) fn hand_over(order: &mut Order) -> Change {
    order.dispatch.status = DispatchStatus::Accepted;
    order.dispatch.progress = Progress::HandedOver;
    order.stage = Stage::Completed;
    order.cancel = None;
    for stuck in [Stuck::NeverClosed, Stuck::TillSilent, Stuck::TillKeepsOrder] {
        forgive(order, stuck);
    }
    Change::with(Effect::RecordSale)
}

pub(crate) fn missing(order: &mut Order, now: Timestamp, ids: &mut IdSource) -> Change {
    let dispatch = &order.dispatch;
    let never_taken = dispatch.accepted_at.is_none();
    let waits = match dispatch.status {
        DispatchStatus::Sending | DispatchStatus::Sent => true,
        DispatchStatus::CancelDue => never_taken,
        _ => false,
    };
    let settled = dispatch.last_sent_at.is_none_or(|sent| now >= sent.plus_millis(SETTLE_MS));
    if !waits || !settled {
        return Change::NONE;
    }
    if order.stage != Stage::Dispatching || is_out_of_patience(order, now) {
        return absent(order, CancelReason::TillSystemDown, now, ids);
    }
    order.dispatch.status = DispatchStatus::Due;
    Change::NEWS
}

pub(crate) fn rejected(order: &mut Order, why: CancelReason, now: Timestamp, ids: &mut IdSource) -> Change {
    let taken = order.dispatch.accepted_at.is_some();
    match order.dispatch.status {
        DispatchStatus::Due | DispatchStatus::Sending | DispatchStatus::Sent => absent(order, why, now, ids),
        DispatchStatus::CancelDue if !taken => absent(order, why, now, ids),
        _ => Change::NONE,
    }
}

pub(crate) fn cancelled_at_till(
    order: &mut Order,
    revision: i64,
    now: Timestamp,
    ids: &mut IdSource,
) -> Change {
    if revision < order.dispatch.revision {
        return Change::NONE;
    }
    order.dispatch.revision = revision;
    match order.dispatch.status {
        DispatchStatus::Held | DispatchStatus::Absent => Change::NONE,
        _ if order.stage == Stage::Completed => {
            let known = order.stuck.replace(Stuck::CancelledAfterSale) == Some(Stuck::CancelledAfterSale);
            Change { changed: !known, effects: Vec::new() }
        }
        _ => absent(order, CancelReason::AtTill, now, ids),
    }
}

pub(crate) fn still_waiting(order: &mut Order, now: Timestamp) -> Change {
    let before = order.clone();
    let since = |from: Option<Timestamp>, limit: i64| from.is_some_and(|from| now >= from.plus_millis(limit));
    match order.dispatch.status {
        DispatchStatus::Sent if order.stage == Stage::Dispatching && is_out_of_patience(order, now) => {
            order.stage = Stage::Cancelling;
            order.cancel.get_or_insert(CancelReason::TillOffline);
            want_cancelled(order, now);
        }
        DispatchStatus::Sending | DispatchStatus::Sent if since(order.dispatch.due_since, SILENT_MS) => {
            order.stuck.get_or_insert(Stuck::TillSilent);
        }
        DispatchStatus::CancelDue if since(order.dispatch.cancel_since, SILENT_MS) => {
            order.stuck.get_or_insert(Stuck::TillSilent);
        }
        DispatchStatus::Accepted
            if order.stage == Stage::Accepted && since(order.dispatch.accepted_at, NEVER_CLOSED_MS) =>
        {
            order.stuck.get_or_insert(Stuck::NeverClosed);
        }
        _ => {}
    }
    Change { changed: *order != before, effects: Vec::new() }
}

/// The till does not have the order: money, points and budgets go back.
pub(crate) fn absent(order: &mut Order, why: CancelReason, now: Timestamp, ids: &mut IdSource) -> Change {
    order.dispatch.status = DispatchStatus::Absent;
    for stuck in [Stuck::TillSilent, Stuck::TillKeepsOrder, Stuck::NeverClosed] {
        forgive(order, stuck);
    }
    if order.stage == Stage::Cancelled {
        return Change::NEWS;
    }
    order.stage = Stage::Cancelled;
    order.cancel.get_or_insert(why);
    payment::send_all_back(order, now, ids);
    Change::with(Effect::Release)
}

/// The till is to drop the order.
pub(crate) fn want_cancelled(order: &mut Order, now: Timestamp) {
    order.dispatch.status = DispatchStatus::CancelDue;
    order.dispatch.cancel_since.get_or_insert(now);
}

/// A person need not look any more for that reason.
pub(crate) fn forgive(order: &mut Order, stuck: Stuck) {
    if order.stuck == Some(stuck) {
        order.stuck = None;
    }
}

fn is_out_of_patience(order: &Order, now: Timestamp) -> bool {
    order.dispatch.due_since.is_some_and(|since| now >= since.plus_millis(PATIENCE_MS))
}

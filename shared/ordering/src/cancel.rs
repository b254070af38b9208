//! Undoing an order, and what people decide.

use kernel::{IdSource, Timestamp};

use crate::model::{CancelReason, DispatchStatus, Order, Progress, Stage, Stuck};
use crate::outcome::{Change, InvalidTransition, Resolution};
use crate::{dispatch, payment};

pub(crate) fn cancel(
    order: &mut Order,
    reason: CancelReason,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Change, InvalidTransition> {
    match order.stage {
        Stage::Cancelling | Stage::Cancelled => Ok(Change::NONE),
        Stage::Completed => Err(InvalidTransition::Over),
        Stage::AwaitingPayment => Ok(payment::give_up(order, reason)),
        Stage::Dispatching => {
            order.cancel = Some(reason);
            match order.dispatch.status {
                // Nothing has left.
                DispatchStatus::Held | DispatchStatus::Due => Ok(dispatch::absent(order, reason, now, ids)),
                // What is under way decides: see `dispatch`.
                DispatchStatus::Sending => {
                    order.stage = Stage::Cancelling;
                    Ok(Change::NEWS)
                }
                _ => {
                    order.stage = Stage::Cancelling;
                    dispatch::want_cancelled(order, now);
                    Ok(Change::NEWS)
                }
            }
        }
        Stage::Accepted => {
            if reason == CancelReason::Guest && order.dispatch.progress >= Progress::Cooking {
                return Err(InvalidTransition::BeingMade);
            }
            order.cancel = Some(reason);
            order.stage = Stage::Cancelling;
            dispatch::want_cancelled(order, now);
            Ok(Change::NEWS)
        }
    }
}

/// The till keeps the order: then the sale goes on. The guest reads that it is being made; for anybody else a person
/// looks.
pub(crate) fn refused(order: &mut Order) -> Change {
    if order.dispatch.status != DispatchStatus::CancelDue || order.dispatch.accepted_at.is_none() {
        return Change::NONE;
    }
    if order.stage == Stage::Cancelled {
        // The guest has the money back already.
        let known = order.stuck.replace(Stuck::TillKeepsOrder) == Some(Stuck::TillKeepsOrder);
        return Change { changed: !known, effects: Vec::new() };
    }
    if order.cancel != Some(CancelReason::Guest) {
        order.stuck = Some(Stuck::TillKeepsOrder);
    }
    order.cancel = None;
    order.stage = Stage::Accepted;
    order.dispatch.status = DispatchStatus::Accepted;
    order.dispatch.cancel_since = None;
    Change::NEWS
}

pub(crate) fn resolve(
    order: &mut Order,
    resolution: Resolution,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Change, InvalidTransition> {
    match resolution {
        Resolution::Retry => {
            // A sale that was refused stays so until it is recorded.
            if order.stuck != Some(Stuck::SaleRefused) {
                order.stuck = None;
            }
            payment::ask_again(order, now, ids);
            Ok(Change::NEWS)
        }
        Resolution::RefundedByHand => {
            dispatch::forgive(order, Stuck::RefundRefused);
            payment::paid_by_hand(order);
            Ok(Change::NEWS)
        }
        Resolution::TillHasIt => {
            let waits = matches!(
                order.dispatch.status,
                DispatchStatus::Sending | DispatchStatus::Sent | DispatchStatus::CancelDue
            );
            if !waits || order.stage == Stage::Cancelled {
                return Err(InvalidTransition::OtherState);
            }
            order.stuck = None;
            order.cancel = None;
            order.stage = Stage::Accepted;
            order.dispatch.status = DispatchStatus::Accepted;
            order.dispatch.progress = order.dispatch.progress.max(Progress::Received);
            order.dispatch.accepted_at.get_or_insert(now);
            order.dispatch.cancel_since = None;
            Ok(Change::NEWS)
        }
        Resolution::TillHasNot => match order.dispatch.status {
            DispatchStatus::Held | DispatchStatus::Absent => Err(InvalidTransition::OtherState),
            _ if order.stage == Stage::Completed => Err(InvalidTransition::Over),
            _ => {
                order.stuck = None;
                Ok(dispatch::absent(order, CancelReason::TillRefused, now, ids))
            }
        },
        Resolution::HandedOver => {
            let paid = order.payable_minor == 0 || order.paid_by().is_some();
            let open = matches!(order.stage, Stage::Dispatching | Stage::Accepted | Stage::Cancelling);
            if !paid || !open {
                return Err(InvalidTransition::OtherState);
            }
            order.dispatch.accepted_at.get_or_insert(now);
            order.stuck = None;
            Ok(dispatch::hand_over(order))
        }
    }
}

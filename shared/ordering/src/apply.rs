//! What an outcome changes.

use kernel::{IdSource, Timestamp};

use crate::model::Order;
use crate::outcome::{Change, InvalidTransition, Outcome};
use crate::{cancel, dispatch, payment};

/// Applies an outcome. What was known before changes nothing, so every message may come twice; a refused one leaves
/// the order as it was. New refunds take their ids from `ids`.
///
/// # Errors
/// [`InvalidTransition`] when an order in that state cannot have this happen to it.
pub fn apply(
    order: &mut Order,
    outcome: &Outcome,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Change, InvalidTransition> {
    let mut next = order.clone();
    let change = decide(&mut next, outcome, now, ids)?;
    *order = next;
    Ok(change)
}

fn decide(
    order: &mut Order,
    outcome: &Outcome,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Change, InvalidTransition> {
    match outcome {
        Outcome::PayAgain { payment } => payment::again(order, *payment, now),
        Outcome::Cancel { reason } => cancel::cancel(order, *reason, now, ids),
        Outcome::PayTimeUp => Ok(payment::time_up(order, now)),
        Outcome::PaymentOpened { payment } => payment::opened(order, *payment),
        Outcome::PaymentSucceeded { payment } => payment::succeeded(order, *payment, now, ids),
        Outcome::PaymentCancelled { payment, reason } => payment::cancelled(order, *payment, reason),
        Outcome::Sending => dispatch::sending(order, now),
        Outcome::NotSent { why } => Ok(dispatch::not_sent(order, *why, now, ids)),
        Outcome::SendUnknown => Ok(Change::NONE),
        Outcome::Sent { correlation } => Ok(dispatch::sent(order, correlation.as_deref(), now)),
        Outcome::Accepted { progress, revision } => dispatch::accepted(order, *progress, *revision, now),
        Outcome::Missing => Ok(dispatch::missing(order, now, ids)),
        Outcome::Rejected { why } => Ok(dispatch::rejected(order, *why, now, ids)),
        Outcome::CancelledAtTill { revision } => Ok(dispatch::cancelled_at_till(order, *revision, now, ids)),
        Outcome::CancelRefused => Ok(cancel::refused(order)),
        Outcome::StillWaiting => Ok(dispatch::still_waiting(order, now)),
        Outcome::RefundOpened { refund } => payment::refund_opened(order, *refund),
        Outcome::RefundSucceeded { refund } => payment::refund_succeeded(order, *refund),
        Outcome::RefundFailed { refund, reason } => payment::refund_failed(order, *refund, reason),
        Outcome::RefundAsked { refund, payment, amount_minor, why } => {
            payment::refund_asked(order, *refund, *payment, *amount_minor, *why, now)
        }
        Outcome::AcquirerSilent => Ok(payment::silent(order)),
        Outcome::Resolved(resolution) => cancel::resolve(order, *resolution, now, ids),
    }
}

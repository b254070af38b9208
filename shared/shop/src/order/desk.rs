//! What people decide about an order: the guest, the outlet, the office.

use club::Moment;
use kernel::{OrderId, PaymentId};
use ordering::model::CancelReason;
use ordering::outcome::Resolution;
use ordering::{Outcome, Stage};
use store::Sql;
use store::orders::{StoredOrder, steps as outbox};

use super::change::{change, record_sale, save};
use super::{Refusal, load};

/// Cancels an order, or as much of it as can be: see `ordering`.
///
/// # Errors
/// [`Refusal::Transition`] when it is over or being made; a failure of storage.
pub fn cancel(
    tx: &dyn Sql,
    id: OrderId,
    reason: CancelReason,
    moment: &mut Moment<'_>,
) -> Result<StoredOrder, Refusal> {
    let mut stored = load(tx, id)?;
    change(tx, &mut stored, &Outcome::Cancel { reason }, moment)?;
    load(tx, id)
}

/// Opens one more attempt to pay.
///
/// # Errors
/// [`Refusal::Transition`] when one is under way, or it is too late.
pub fn pay_again(tx: &dyn Sql, id: OrderId, moment: &mut Moment<'_>) -> Result<StoredOrder, Refusal> {
    let mut stored = load(tx, id)?;
    let payment = PaymentId::new(moment.ids, moment.now);
    change(tx, &mut stored, &Outcome::PayAgain { payment }, moment)?;
    load(tx, id)
}

/// A person settles a stuck order.
///
/// # Errors
/// [`Refusal::Transition`] when that cannot be so; a failure of storage.
pub fn resolve(
    tx: &dyn Sql,
    id: OrderId,
    resolution: Resolution,
    moment: &mut Moment<'_>,
) -> Result<StoredOrder, Refusal> {
    let mut stored = load(tx, id)?;
    change(tx, &mut stored, &Outcome::Resolved(resolution), moment)?;
    let is_unrecorded = stored.order.stage == Stage::Completed && stored.receipt.is_none();
    if resolution == Resolution::Retry && is_unrecorded {
        record_sale(tx, &mut stored, moment)?;
        save(tx, &stored, moment)?;
    }
    outbox::hasten(tx, id, moment.now)?;
    load(tx, id)
}

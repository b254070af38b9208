//! What every change of an order has in common: decide, do what follows from it, record, plan the next steps.

use club::Moment;
use kernel::OrderId;
use ordering::model::Stuck;
use ordering::{Change, Effect, Outcome, apply, steps};
use store::orders::{PaymentLink, RefundLink, StoredOrder, steps as outbox};
use store::transaction::nested;
use store::{Sql, StoreError, orders};

use super::{Refusal, quote_of, sale, told};

/// Applies an outcome to an order and records everything that follows from it, in the caller's transaction.
///
/// # Errors
/// [`Refusal::Transition`]; a failure of storage.
pub fn change(
    tx: &dyn Sql,
    stored: &mut StoredOrder,
    outcome: &Outcome,
    moment: &mut Moment<'_>,
) -> Result<Change, Refusal> {
    let change = apply(&mut stored.order, outcome, moment.now, moment.ids)?;
    if !change.changed {
        return Ok(change);
    }
    complete_links(stored);
    for effect in &change.effects {
        match effect {
            Effect::Release => release(tx, stored, moment)?,
            Effect::RecordSale => record_sale(tx, stored, moment)?,
        }
    }
    log(tx, stored.order.id, outcome, moment)?;
    save(tx, stored, moment)?;
    Ok(change)
}

/// Records an order as it stands, and the steps that it needs.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, stored: &StoredOrder, moment: &Moment<'_>) -> Result<(), StoreError> {
    orders::save(tx, stored, moment.now)?;
    outbox::replace(tx, stored.order.id, &steps(&stored.order, moment.now))
}

/// Makes the sale's receipt. If the club refuses it, the order is completed all the same, since the goods are gone,
/// and a person looks.
///
/// # Errors
/// A failure of storage.
pub fn record_sale(tx: &dyn Sql, stored: &mut StoredOrder, moment: &mut Moment<'_>) -> Result<(), Refusal> {
    if stored.receipt.is_some() {
        return Ok(());
    }
    let recorded = nested(tx, || {
        let quote = quote_of(stored)?;
        let receipt = sale::record(tx, stored, &quote, moment)?;
        sale::commit_uses(tx, stored, &quote, moment)?;
        crate::promotion::sold::record(tx, stored, receipt, &quote, moment)?;
        Ok::<_, Refusal>(receipt)
    });
    match recorded {
        Ok(receipt) => {
            stored.receipt = Some(receipt);
            if stored.order.stuck == Some(Stuck::SaleRefused) {
                stored.order.stuck = None;
            }
            Ok(())
        }
        Err(Refusal::Store(error)) | Err(Refusal::Club(club::Refusal::Store(error))) => Err(error.into()),
        Err(refusal) => {
            stored.order.stuck = Some(Stuck::SaleRefused);
            let line = moment.ids.next(moment.now);
            let words = refusal.to_string();
            orders::log(tx, line, stored.order.id, moment.now, "sale_refused", Some(&words))?;
            Ok(())
        }
    }
}

/// Gives back what was reserved for an order that ends unsold, and has its guest told.
fn release(tx: &dyn Sql, stored: &StoredOrder, moment: &mut Moment<'_>) -> Result<(), Refusal> {
    sale::release_points(tx, stored, moment)?;
    sale::release_uses(tx, stored, moment)?;
    Ok(told::cancelled(tx, stored, moment)?)
}

/// New payments are made with the account of the first, new refunds with that of their payment.
fn complete_links(stored: &mut StoredOrder) {
    if let Some(account) = stored.links.first().map(|link| link.account) {
        let unlinked = || PaymentLink { account, external_id: None, confirmation: None };
        stored.links.resize_with(stored.order.payments.len(), unlinked);
    }
    let unlinked = || RefundLink { external_id: None, items: None };
    stored.refund_links.resize_with(stored.order.refunds.len(), unlinked);
}

/// Notes an outcome in the order's log.
fn log(tx: &dyn Sql, order: OrderId, outcome: &Outcome, moment: &mut Moment<'_>) -> Result<(), StoreError> {
    let line = moment.ids.next(moment.now);
    let (what, detail) = words(outcome);
    orders::log(tx, line, order, moment.now, what, detail.as_deref())
}

fn words(outcome: &Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::PayAgain { payment } => ("pay_again", Some(payment.to_string())),
        Outcome::Cancel { reason } => ("cancel", Some(reason.code().to_owned())),
        Outcome::PayTimeUp => ("not_paid_in_time", None),
        Outcome::PaymentOpened { payment } => ("payment_opened", Some(payment.to_string())),
        Outcome::PaymentSucceeded { payment } => ("payment_succeeded", Some(payment.to_string())),
        Outcome::PaymentCancelled { payment, reason } => {
            ("payment_cancelled", Some(format!("{payment} {reason}")))
        }
        Outcome::Sending => ("sending", None),
        Outcome::NotSent { why } => ("not_sent", Some(why.code().to_owned())),
        Outcome::SendUnknown => ("send_unknown", None),
        Outcome::Sent { correlation } => ("sent", correlation.clone()),
        Outcome::Accepted { progress, .. } => ("at_till", Some(progress.code().to_owned())),
        Outcome::Missing => ("not_at_till", None),
        Outcome::Rejected { why } => ("rejected", Some(why.code().to_owned())),
        Outcome::CancelledAtTill { .. } => ("cancelled_at_till", None),
        Outcome::CancelRefused => ("till_keeps_it", None),
        Outcome::StillWaiting => ("no_news", None),
        Outcome::RefundOpened { refund } => ("refund_opened", Some(refund.to_string())),
        Outcome::RefundSucceeded { refund } => ("refund_succeeded", Some(refund.to_string())),
        Outcome::RefundFailed { refund, reason } => ("refund_failed", Some(format!("{refund} {reason}"))),
        Outcome::RefundAsked { refund, amount_minor, .. } => {
            ("refund_asked", Some(format!("{refund} {amount_minor}")))
        }
        Outcome::AcquirerSilent => ("acquirer_silent", None),
        Outcome::Resolved(resolution) => ("resolved", Some(format!("{resolution:?}"))),
    }
}

//! The guest is told that their order was undone.

use club::Moment;
use kernel::time::DAY_MS;
use kernel::{Money, Points};
use messaging::Topic;
use ordering::model::{CancelReason, RefundStatus};
use serde_json::json;
use store::notifications::{self, NewIntent};
use store::orders::StoredOrder;
use store::{Sql, StoreError};

use super::quote_of;

/// Days after which the word is of no use: the money is back by then.
const USEFUL_DAYS: i64 = 3;

/// Has the guest told, once for an order, why it was undone and what becomes of its money and points. Money that arrives
/// only afterwards goes back as well; the words say so.
///
/// # Errors
/// A failure of storage.
pub(super) fn cancelled(
    tx: &dyn Sql,
    stored: &StoredOrder,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let order = &stored.order;
    let reason = order.cancel.unwrap_or(CancelReason::Office);
    let mut data = json!({ "order": stored.facts.number, "reason": reason.code() });
    // One that failed was refused for the moment: people see to it, and the money goes back all the same.
    let back = order.refunds.iter().filter(|refund| refund.status != RefundStatus::Replaced);
    let back: i64 = back.map(|refund| refund.amount_minor).sum();
    if back > 0 {
        let money = Money::new(back, stored.facts.currency);
        data["money"] = json!({ "amount": money.amount().to_string(), "currency": money.currency().code() });
    }
    if stored.facts.hold.is_some() {
        let points = Points::from_hundredths(quote_of(stored)?.totals.points_spent);
        data["points"] = json!(points.to_string());
    }
    let intent = NewIntent {
        id: moment.ids.next(moment.now),
        member: stored.facts.member,
        topic: Topic::OrderCancelled,
        dedupe: &format!("order.cancelled:{}", order.id),
        data: &data.to_string(),
        body_sealed: None,
        created_at: moment.now,
        expires_at: moment.now.plus_millis(USEFUL_DAYS * DAY_MS),
    };
    notifications::insert(tx, &intent)
}

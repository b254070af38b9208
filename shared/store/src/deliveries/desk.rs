//! What people see of deliveries, and what they may do about those that failed.

use kernel::Timestamp;
use messaging::plan::Way;

use super::{Delivery, Status, delivery_columns, read};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const FAILED: Statement = Statement::new(
    "deliveries.failed",
    concat!(
        "select ",
        delivery_columns!(),
        " from deliveries where status in ('dead', 'unconfirmed') and status = ?1 and (settled_at < ?2 \
         or settled_at = ?2 and notification_id < ?3) order by settled_at desc, notification_id desc limit ?4"
    ),
);
const COUNT_FAILED: Statement = Statement::new(
    "deliveries.count_failed",
    "select count(*) from (select 1 from deliveries where status in ('dead', 'unconfirmed') and settled_at > ?1 \
     limit ?2) as some",
);
const REQUEUE: Statement = Statement::new(
    "deliveries.requeue",
    "update deliveries set status = 'queued', lane = ?2, channel = ?3, contact_id = ?4, due_at = ?5, expires_at = ?6, \
     tries = 0, tries_from = ?7, lease_id = 0, lease_until = 0, code = 'requeued', settled_at = null \
     where notification_id = ?1",
);

/// Deliveries of a status that people look at (dead, unconfirmed), settled before `(before, id)`, the latest first.
///
/// # Errors
/// A failure of storage.
pub fn list_failed(
    sql: &dyn Sql,
    status: Status,
    (before, id): (Timestamp, i64),
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let parameters = [status.code().into(), before.millis().into(), id.into(), limit.into()];
    FAILED.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// How many deliveries failed after `since`, at most `max`.
///
/// # Errors
/// A failure of storage.
pub fn count_failed(sql: &dyn Sql, since: Timestamp, max: i64) -> Result<i64, StoreError> {
    COUNT_FAILED.query_one(sql, &[since.millis().into(), max.into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Puts a delivery back into the outbox; calls up to `tries_from` count no more.
///
/// # Errors
/// A failure of storage.
pub fn requeue(
    tx: &dyn Sql,
    id: i64,
    way: Way,
    due_at: Timestamp,
    expires_at: Timestamp,
    tries_from: i64,
) -> Result<(), StoreError> {
    REQUEUE.run(
        tx,
        &[
            id.into(),
            way.channel.lane().code().into(),
            way.channel.code().into(),
            way.contact.into(),
            due_at.millis().into(),
            expires_at.millis().into(),
            tries_from.into(),
        ],
    )
}

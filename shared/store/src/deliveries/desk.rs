//! What people see of deliveries that reached nobody, and what they may do about them.

use kernel::Timestamp;
use messaging::plan::Way;
use messaging::{Channel, Topic};

use super::{Delivery, Status, delivery_columns, read};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Inside, the index alone is leafed through, whatever is filtered by.
const LIST_UNSENT: Statement = Statement::new(
    "deliveries.list_unsent",
    concat!(
        "select ",
        delivery_columns!(),
        " from deliveries where notification_id in (select notification_id from deliveries \
         where status in ('dead', 'unconfirmed', 'expired') and status = ?1 and (settled_at, notification_id) < (?2, ?3) \
         and settled_at >= ?4 and (?5 = '' or topic = ?5) and (?6 = '' or channel = ?6) \
         order by settled_at desc, notification_id desc limit ?7) order by settled_at desc, notification_id desc"
    ),
);
const COUNT_UNSENT: Statement = Statement::new(
    "deliveries.count_unsent",
    "select count(*) from (select 1 from deliveries where status in ('dead', 'unconfirmed', 'expired') and status = ?1 \
     and settled_at > ?2 limit ?3) as some",
);
const REQUEUE: Statement = Statement::new(
    "deliveries.requeue",
    "update deliveries set status = 'queued', lane = ?2, channel = ?3, contact_id = ?4, due_at = ?5, expires_at = ?6, \
     tries = 0, tries_from = ?7, lease_id = 0, lease_until = 0, code = 'requeued', settled_at = null, \
     reasons = null where notification_id = ?1",
);

/// The statuses of messages that reached nobody, or of which nobody knows.
pub const UNSENT: [Status; 3] = [Status::Dead, Status::Unconfirmed, Status::Expired];

/// Which of them are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// One of [`UNSENT`]; of others there are none.
    pub status: Status,
    pub topic: Option<Topic>,
    /// The way that it went last, or would have gone.
    pub channel: Option<Channel>,
    /// Ended at this time or later.
    pub from: Timestamp,
    /// Ended before this time.
    pub until: Timestamp,
}

/// Deliveries that reached nobody, the latest first, after the one that ended at `after.0` and has the id `after.1`.
///
/// # Errors
/// A failure of storage.
pub fn list_unsent(
    sql: &dyn Sql,
    filter: Filter,
    after: Option<(Timestamp, i64)>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let first = (filter.until, i64::MIN);
    let (before, id) = after.map_or(first, |after| after.min(first));
    let parameters = [
        filter.status.code().into(),
        before.millis().into(),
        id.into(),
        filter.from.millis().into(),
        filter.topic.map_or("", Topic::code).into(),
        filter.channel.map_or("", Channel::code).into(),
        limit.into(),
    ];
    LIST_UNSENT.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// How many deliveries came to one of [`UNSENT`] after `since`, at most `max`.
///
/// # Errors
/// A failure of storage.
pub fn count_unsent(sql: &dyn Sql, status: Status, since: Timestamp, max: i64) -> Result<i64, StoreError> {
    let parameters = [status.code().into(), since.millis().into(), max.into()];
    COUNT_UNSENT.query_one(sql, &parameters)?.map_or(Ok(0), |mut row| row.integer())
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

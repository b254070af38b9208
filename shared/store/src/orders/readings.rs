//! Up to where iiko accounts' changes of orders have been read.

use kernel::{IikoAccountId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Steps of orders under way are few, however many orders there were.
const LIST_DUE: Statement = Statement::new(
    "readings.list_due",
    "select distinct o.till_account, coalesce(r.due_at, 0) from order_steps s join orders o on o.id = s.order_id \
     left join order_readings r on r.account_id = o.till_account where s.kind = 'watch_order' \
     and (r.due_at is null or r.due_at <= ?1) order by 2, 1 limit ?2",
);
const TAKE: Statement = Statement::new(
    "readings.take",
    "insert into order_readings (account_id, revision, due_at) values (?1, 0, ?3) on conflict (account_id) \
     do update set due_at = excluded.due_at where due_at <= ?2 returning revision",
);
const SET_REVISION: Statement =
    Statement::new("readings.set_revision", "update order_readings set revision = ?2 where account_id = ?1");

/// Accounts with orders on their tills that are to be read, those that wait longest first.
///
/// # Errors
/// A failure of storage.
pub fn list_due(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<Vec<IikoAccountId>, StoreError> {
    let mut rows = LIST_DUE.query(sql, &[now.millis().into(), limit.into()])?;
    rows.iter_mut().map(|row| row.integer().map(IikoAccountId::from_raw)).collect()
}

/// Takes an account's reading, if it is due, and makes it due again at `next`; tells up to which revision it was read.
///
/// # Errors
/// A failure of storage.
pub fn take(
    tx: &dyn Sql,
    account: IikoAccountId,
    now: Timestamp,
    next: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let row = TAKE.query_one(tx, &[account.raw().into(), now.millis().into(), next.millis().into()])?;
    row.map(|mut row| row.integer()).transpose()
}

/// Notes up to where an account was read.
///
/// # Errors
/// A failure of storage.
pub fn set_revision(tx: &dyn Sql, account: IikoAccountId, revision: i64) -> Result<(), StoreError> {
    SET_REVISION.run(tx, &[account.raw().into(), revision.into()])
}

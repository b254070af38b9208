//! Up to where iiko accounts' changes of orders have been read.

use kernel::{IikoAccountId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Steps of orders under way are few, however many orders there were; and a till may undo what was over a while ago.
const LIST_DUE: Statement = Statement::new(
    "readings.list_due",
    "select o.till_account, coalesce(r.due_at, 0) from order_steps s join orders o on o.id = s.order_id \
     left join order_readings r on r.account_id = o.till_account where s.kind = 'watch_order' \
     and (r.due_at is null or r.due_at <= ?1) \
     union select r.account_id, r.due_at from order_readings r where r.watch_until > ?1 and r.due_at <= ?1 \
     order by 2, 1 limit ?2",
);
const TAKE: Statement = Statement::new(
    "readings.take",
    "insert into order_readings (account_id, revision, due_at, watch_until) values (?1, 0, ?3, ?4) \
     on conflict (account_id) do update set due_at = excluded.due_at, watch_until = case when exists (select 1 \
     from order_steps s join orders o on o.id = s.order_id where s.kind = 'watch_order' and o.till_account = ?1) \
     then excluded.watch_until else order_readings.watch_until end where order_readings.due_at <= ?2 returning revision",
);
const OF_HOUSES: Statement = Statement::new(
    "readings.of_houses",
    "select o.till_organization, o.till_id from order_steps s join orders o on o.id = s.order_id \
     where s.kind = 'watch_order' and o.till_account = ?1 and o.till_service = 'till' \
     union select till_organization, till_id from orders where till_account = ?1 and till_service = 'till' \
     and accepted_at > ?2 and stage = 'completed' order by 1, 2 limit ?3",
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
/// While orders are under way, it is to be read until `watch_until` after the last of them.
///
/// # Errors
/// A failure of storage.
pub fn take(
    tx: &dyn Sql,
    account: IikoAccountId,
    now: Timestamp,
    next: Timestamp,
    watch_until: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let times = [now, next, watch_until].map(|time| time.millis().into());
    let [now, next, watch_until] = times;
    let row = TAKE.query_one(tx, &[account.raw().into(), now, next, watch_until])?;
    row.map(|mut row| row.integer()).transpose()
}

/// Organisation and till's id of an account's orders of the house that are under way, or were closed after being taken
/// since `since`.
///
/// # Errors
/// A failure of storage.
pub fn list_of_houses(
    sql: &dyn Sql,
    account: IikoAccountId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut rows = OF_HOUSES.query(sql, &[account.raw().into(), since.millis().into(), limit.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, row.text()?))).collect()
}

/// Notes up to where an account was read.
///
/// # Errors
/// A failure of storage.
pub fn set_revision(tx: &dyn Sql, account: IikoAccountId, revision: i64) -> Result<(), StoreError> {
    SET_REVISION.run(tx, &[account.raw().into(), revision.into()])
}

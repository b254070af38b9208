//! Orders as the office and their guests list them.

use kernel::{MemberId, OrderId, OutletId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const OF_MEMBER: Statement = Statement::new(
    "orders.of_member",
    "select id from orders where member_id = ?1 and id < ?2 order by id desc limit ?3",
);
const OF_MEMBER_AFTER: Statement = Statement::new(
    "orders.of_member_after",
    "select id from orders where member_id = ?1 and id > ?2 order by id limit ?3",
);
const FORGET_WORDS: Statement = Statement::new(
    "orders.forget_words",
    "update orders set comment = null where member_id = ?1 and comment is not null",
);
const STUCK: Statement = Statement::new(
    "orders.stuck",
    "select o.id, o.outlet_id, u.franchisee_id, o.stuck_at from orders o join outlets u on u.id = o.outlet_id \
     where o.stuck is not null and o.stuck_at >= ?1 order by o.stuck_at, o.id limit ?2",
);
const LOG: Statement = Statement::new(
    "orders.log_of",
    "select at, what, detail from order_log where order_id = ?1 order by id limit ?2",
);

const IS_LOGGED: Statement = Statement::new(
    "orders.is_logged",
    "select 1 from order_log where order_id = ?1 and what = ?2 and detail = ?3 limit 1",
);

/// A line of an order's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub at: Timestamp,
    pub what: String,
    pub detail: Option<String>,
}

/// An order at which a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    pub id: OrderId,
    pub outlet: OutletId,
    pub franchisee: i64,
    pub at: Timestamp,
}

/// A member's orders made before `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of_member(
    sql: &dyn Sql,
    member: MemberId,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<OrderId>, StoreError> {
    let before = before.map_or(i64::MAX, OrderId::raw);
    let mut rows = OF_MEMBER.query(sql, &[member.raw().into(), before.into(), limit.into()])?;
    rows.iter_mut().map(|row| row.integer().map(OrderId::from_raw)).collect()
}

/// A member's orders after `after`, oldest first: for the member's own copy.
///
/// # Errors
/// A failure of storage.
pub fn list_of_member_after(
    sql: &dyn Sql,
    member: MemberId,
    after: OrderId,
    limit: i64,
) -> Result<Vec<OrderId>, StoreError> {
    let mut rows = OF_MEMBER_AFTER.query(sql, &[member.raw().into(), after.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| row.integer().map(OrderId::from_raw)).collect()
}

/// Forgets what a member wrote to baristas. The orders stay.
///
/// # Errors
/// A failure of storage.
pub fn forget_words(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    FORGET_WORDS.run(tx, &[member.raw().into()])
}

/// Stuck orders since a time, those that wait longest first.
///
/// # Errors
/// A failure of storage.
pub fn list_stuck(sql: &dyn Sql, since: Timestamp, limit: i64) -> Result<Vec<Stuck>, StoreError> {
    let mut rows = STUCK.query(sql, &[since.millis().into(), limit.into()])?;
    rows.iter_mut().map(stuck).collect()
}

fn stuck(row: &mut Row) -> Result<Stuck, StoreError> {
    Ok(Stuck {
        id: OrderId::from_raw(row.integer()?),
        outlet: OutletId::from_raw(row.integer()?),
        franchisee: row.integer()?,
        at: Timestamp::from_millis(row.integer()?),
    })
}

/// Whether an order's log has such a line.
///
/// # Errors
/// A failure of storage.
pub fn is_logged(sql: &dyn Sql, order: OrderId, what: &str, detail: &str) -> Result<bool, StoreError> {
    Ok(IS_LOGGED.query_one(sql, &[order.raw().into(), what.into(), detail.into()])?.is_some())
}

/// An order's log, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_log(sql: &dyn Sql, order: OrderId, limit: i64) -> Result<Vec<Logged>, StoreError> {
    let mut rows = LOG.query(sql, &[order.raw().into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Logged {
                at: Timestamp::from_millis(row.integer()?),
                what: row.text()?,
                detail: row.text_or_null()?,
            })
        })
        .collect()
}

//! How much waits for a job. Counted up to a bound: that there is a great deal is all that anybody asks then.

use kernel::Timestamp;

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::Statement;

/// No more than so many are counted.
pub const COUNTED_MAX: i64 = 10_000;

const POINTS: Statement = Statement::new(
    "backlog.points",
    "select count(*) from (select 1 from balances where due_at is not null and due_at <= ?1 limit ?2) as some",
);
const TIERS_TOUCHED: Statement = Statement::new(
    "backlog.tiers_touched",
    "select count(*) from (select 1 from tier_touched where from_at <= ?1 limit ?2) as some",
);
const TIERS_DUE: Statement = Statement::new(
    "backlog.tiers_due",
    "select count(*) from (select 1 from tier_standings where next_at is not null and next_at <= ?1 limit ?2) as some",
);
const ORDER_STEPS: Statement = Statement::new(
    "backlog.order_steps",
    "select count(*) from (select 1 from order_steps where due_at <= ?1 limit ?2) as some",
);

fn count(sql: &dyn Sql, statement: Statement, now: Timestamp) -> Result<i64, StoreError> {
    let parameters: [Value; 2] = [now.millis().into(), COUNTED_MAX.into()];
    statement.query_one(sql, &parameters)?.map_or(Ok(0), |mut row| row.integer())
}

/// Members of whom points are due to move.
///
/// # Errors
/// A failure of storage.
pub fn points(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    count(sql, POINTS, now)
}

/// Members to be judged again: after late receipts and returns, at the end of grace and of grants.
///
/// # Errors
/// A failure of storage.
pub fn tiers(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    Ok((count(sql, TIERS_TOUCHED, now)? + count(sql, TIERS_DUE, now)?).min(COUNTED_MAX))
}

/// Steps of orders that are due.
///
/// # Errors
/// A failure of storage.
pub fn order_steps(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    count(sql, ORDER_STEPS, now)
}

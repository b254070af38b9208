//! How much waits for a job. Counted up to a bound: that there is a great deal is all that anybody asks then.

use kernel::{MessageId, Timestamp};

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
/// One table after another, up to the bound: tens of thousands of leftovers need not be counted to the last.
const LEFTOVERS: Statement = Statement::new(
    "backlog.leftovers",
    "select count(*) from (select * from (select 1 from counters where since < ?1 limit ?8) as a \
     union all select * from (select 1 from spent_codes where used_at < ?2 limit ?8) as b \
     union all select * from (select 1 from challenges where expires_at < ?3 limit ?8) as c \
     union all select * from (select 1 from idempotency where created_at < ?4 limit ?8) as d \
     union all select * from (select 1 from sessions where expires_at < ?5 limit ?8) as e \
     union all select * from (select 1 from notifications where created_at < ?6 and planned_at is not null limit ?8) as f \
     union all select * from (select 1 from messages where id < ?7 limit ?8) as g limit ?8) as some",
);
const ACCOUNTS: Statement = Statement::new(
    "backlog.accounts",
    "select count(*) from (select 1 from iiko_accounts where status = 'active' \
     and (directory_due_at <= ?1 or stops_due_at <= ?1) limit ?2) as some",
);
const CHAIN_MENUS: Statement = Statement::new(
    "backlog.chain_menus",
    "select count(*) from (select 1 from iiko_organizations o join iiko_accounts a on a.id = o.account_id \
     where a.status = 'active' and o.menu_due_at <= ?1 and exists (select 1 from outlet_tills t \
     where t.account_id = o.account_id and t.organization_id = o.id) limit ?2) as some",
);
const OUTLET_MENUS: Statement = Statement::new(
    "backlog.outlet_menus",
    "select count(*) from (select 1 from outlet_menus where built < wanted limit ?1) as some",
);
const SEGMENTS: Statement = Statement::new(
    "backlog.segments",
    "select count(*) from (select 1 from segments where due_at is not null and due_at <= ?1 limit ?2) as some",
);
const REPLAYS: Statement = Statement::new(
    "backlog.replays",
    "select count(*) from (select 1 from promotion_simulations where status = 'running' limit ?1) as some",
);
const QUESTIONS: Statement = Statement::new(
    "backlog.questions",
    "select count(*) from (select 1 from feedback_requests where status = 'planned' and ask_at <= ?1 limit ?2) as some",
);
/// Receipts past the place up to which they were looked at; none before the first look.
const VISITS: Statement = Statement::new(
    "backlog.visits",
    "select count(*) from (select 1 from receipts where id > (select cursor from feedback_scan where id = 1) \
     limit ?1) as some",
);
const PERIODS: Statement = Statement::new(
    "backlog.periods",
    "select count(*) from (select 1 from goal_periods where correct_until > ?1 and checked_at <= ?2 limit ?3) as some",
);
/// Links and friends past the place up to which accounts were looked at.
const LINKED: Statement = Statement::new(
    "backlog.linked",
    "select count(*) from (select * from (select 1 from fraud_links \
     where id > coalesce((select cursor_id from fraud_sweeps where name = ?1), 0) limit ?2) as a \
     union all select * from (select 1 from fraud_referrals \
     where id > coalesce((select cursor_id from fraud_sweeps where name = ?1), 0) limit ?2) as b limit ?2) as some",
);
const ORDER_STEPS: Statement = Statement::new(
    "backlog.order_steps",
    "select count(*) from (select 1 from order_steps where due_at <= ?1 limit ?2) as some",
);

fn count(sql: &dyn Sql, statement: Statement, now: Timestamp) -> Result<i64, StoreError> {
    read(sql, statement, &[now.millis().into(), COUNTED_MAX.into()])
}

fn read(sql: &dyn Sql, statement: Statement, parameters: &[Value]) -> Result<i64, StoreError> {
    statement.query_one(sql, parameters)?.map_or(Ok(0), |mut row| row.integer())
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

/// Until when rows of each kind are leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leftovers {
    pub counters: Timestamp,
    pub spent_codes: Timestamp,
    pub challenges: Timestamp,
    pub idempotency: Timestamp,
    pub sessions: Timestamp,
    pub notifications: Timestamp,
    pub messages: MessageId,
}

/// Rows of no more use.
///
/// # Errors
/// A failure of storage.
pub fn leftovers(sql: &dyn Sql, before: &Leftovers) -> Result<i64, StoreError> {
    let parameters: [Value; 8] = [
        before.counters.millis().into(),
        before.spent_codes.millis().into(),
        before.challenges.millis().into(),
        before.idempotency.millis().into(),
        before.sessions.millis().into(),
        before.notifications.millis().into(),
        before.messages.raw().into(),
        COUNTED_MAX.into(),
    ];
    read(sql, LEFTOVERS, &parameters)
}

/// What is to be read of chains' accounts, and outlets' menus to be made anew.
///
/// # Errors
/// A failure of storage.
pub fn menus(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    let chains = count(sql, ACCOUNTS, now)? + count(sql, CHAIN_MENUS, now)?;
    Ok((chains + read(sql, OUTLET_MENUS, &[COUNTED_MAX.into()])?).min(COUNTED_MAX))
}

/// Segments whose rule is due.
///
/// # Errors
/// A failure of storage.
pub fn segments(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    count(sql, SEGMENTS, now)
}

/// Replays that are not done. People begin them, so there are few.
///
/// # Errors
/// A failure of storage.
pub fn replays(sql: &dyn Sql) -> Result<i64, StoreError> {
    read(sql, REPLAYS, &[COUNTED_MAX.into()])
}

/// Questions to be asked, and receipts to be looked at for new ones.
///
/// # Errors
/// A failure of storage.
pub fn questions(sql: &dyn Sql, now: Timestamp) -> Result<i64, StoreError> {
    Ok((count(sql, QUESTIONS, now)? + read(sql, VISITS, &[COUNTED_MAX.into()])?).min(COUNTED_MAX))
}

/// Judged periods that may be corrected and were not looked at since `checked_before`.
///
/// # Errors
/// A failure of storage.
pub fn periods(sql: &dyn Sql, now: Timestamp, checked_before: Timestamp) -> Result<i64, StoreError> {
    read(sql, PERIODS, &[now.millis().into(), checked_before.millis().into(), COUNTED_MAX.into()])
}

/// What links accounts and was not looked at by the sweep of this name.
///
/// # Errors
/// A failure of storage.
pub fn linked(sql: &dyn Sql, sweep: &str) -> Result<i64, StoreError> {
    read(sql, LINKED, &[sweep.into(), COUNTED_MAX.into()])
}

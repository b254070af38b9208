//! Periods of goals that were judged.

use kernel::{Date, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! columns {
    () => {
        "select goal_id, period_from, period_until, version, decided_at, digest, correct_until from goal_periods "
    };
}

const LAST: Statement = Statement::new(
    "goal_periods.last",
    concat!(columns!(), "where goal_id = ?1 order by period_from desc limit 1"),
);
const OPEN: Statement = Statement::new(
    "goal_periods.open",
    concat!(
        columns!(),
        "where correct_until > ?1 and checked_at <= ?2 order by correct_until, goal_id, period_from limit ?3"
    ),
);
const SAVE: Statement = Statement::new(
    "goal_periods.save",
    "insert into goal_periods (goal_id, period_from, period_until, version, decided_at, digest, correct_until, checked_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?5) on conflict (goal_id, period_from) do update set digest = excluded.digest, \
     checked_at = excluded.checked_at",
);
const NEXT_CHECK: Statement = Statement::new(
    "goal_periods.next_check",
    "select min(checked_at) from goal_periods where correct_until > ?1",
);

const RECHECK: Statement =
    Statement::new("goal_periods.recheck", "update goal_periods set checked_at = 0 where correct_until > ?1");

/// A period that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub goal: i64,
    pub from: Date,
    pub until: Date,
    pub version: i64,
    /// When it was judged first, or looked at last when it is saved.
    pub at: Timestamp,
    /// Of what was counted.
    pub digest: Vec<u8>,
    /// Looked at again until then.
    pub correct_until: Timestamp,
}

/// The newest judged period of a goal.
///
/// # Errors
/// A failure of storage.
pub fn load_last(sql: &dyn Sql, goal: i64) -> Result<Option<Judged>, StoreError> {
    LAST.query_one(sql, &[goal.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Periods that may still be corrected and were not looked at since `checked_before`.
///
/// # Errors
/// A failure of storage.
pub fn list_open(
    sql: &dyn Sql,
    now: Timestamp,
    checked_before: Timestamp,
    limit: i64,
) -> Result<Vec<Judged>, StoreError> {
    let parameters = [now.millis().into(), checked_before.millis().into(), limit.into()];
    OPEN.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// When a period that may still be corrected was looked at longest ago.
///
/// # Errors
/// A failure of storage.
pub fn load_longest_unchecked(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let row = NEXT_CHECK.query_one(sql, &[now.millis().into()])?;
    Ok(row.map(|mut row| row.integer_or_null()).transpose()?.flatten().map(Timestamp::from_millis))
}

/// Makes every period that may still be corrected due to be looked at again.
///
/// # Errors
/// A failure of storage.
pub fn recheck(tx: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    RECHECK.run(tx, &[now.millis().into()])
}

/// Notes that a period was judged, or looked at again.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, judged: &Judged) -> Result<(), StoreError> {
    SAVE.run(
        tx,
        &[
            judged.goal.into(),
            judged.from.to_string().into(),
            judged.until.to_string().into(),
            judged.version.into(),
            judged.at.millis().into(),
            judged.digest.as_slice().into(),
            judged.correct_until.millis().into(),
        ],
    )
}

fn read(row: &mut Row) -> Result<Judged, StoreError> {
    Ok(Judged {
        goal: row.integer()?,
        from: row.parsed(Date::parse)?,
        until: row.parsed(Date::parse)?,
        version: row.integer()?,
        at: Timestamp::from_millis(row.integer()?),
        digest: row.blob()?,
        correct_until: Timestamp::from_millis(row.integer()?),
    })
}

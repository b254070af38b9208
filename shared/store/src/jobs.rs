//! Jobs: what is due, who works on it, how the last run went.

pub mod backlog;

use kernel::Timestamp;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const ENSURE: Statement = Statement::new(
    "jobs.ensure",
    "insert into jobs (name, due_at, lease_until) values (?1, ?2, 0) on conflict (name) do nothing",
);
const TAKE: Statement = Statement::new(
    "jobs.take",
    "update jobs set lease_until = ?4, lease_id = ?2, last_started_at = ?3 \
     where name = ?1 and lease_until <= ?3 returning name",
);
const FINISH: Statement = Statement::new(
    "jobs.finish",
    "update jobs set lease_until = 0, last_finished_at = ?3, due_at = ?4, last_done = ?5, last_error = ?6, \
     tick_error = null where name = ?1 and lease_id = ?2",
);
const NOTE: Statement = Statement::new(
    "jobs.note",
    "insert into jobs (name, due_at, lease_until, last_started_at, last_finished_at, last_done, last_error) \
     values (?1, ?2, 0, ?3, ?3, ?4, ?5) on conflict (name) do update set due_at = excluded.due_at, \
     last_started_at = excluded.last_started_at, last_finished_at = excluded.last_finished_at, \
     last_done = excluded.last_done, last_error = excluded.last_error, tick_error = null",
);
/// Of a tick that failed before it could say how its job went. What is due stays due, and what the last run said stands.
const BROKE: Statement = Statement::new(
    "jobs.broke",
    "insert into jobs (name, due_at, lease_until, last_started_at, last_finished_at, tick_error) \
     values (?1, ?2, 0, ?2, ?2, ?3) on conflict (name) do update set last_started_at = excluded.last_started_at, \
     last_finished_at = excluded.last_finished_at, last_done = 0, tick_error = excluded.tick_error",
);
const WENT_WELL: Statement = Statement::new(
    "jobs.went_well",
    "update jobs set tick_error = null where name = ?1 and tick_error is not null",
);
const BY_NAME: Statement = Statement::new(
    "jobs.by_name",
    "select name, due_at, lease_until, last_started_at, last_finished_at, last_done, coalesce(tick_error, last_error), \
     last_ms, tick_error is not null from jobs where name = ?1",
);

const TOOK: Statement = Statement::new("jobs.took", "update jobs set last_ms = ?2 where name = ?1");

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub name: String,
    pub due_at: Timestamp,
    /// Until then somebody may be working on it; the epoch when nobody is.
    pub lease_until: Timestamp,
    pub last_started_at: Option<Timestamp>,
    pub last_finished_at: Option<Timestamp>,
    /// How many things the last run moved.
    pub last_done: i64,
    /// What went wrong: in the last tick, where it failed as a whole, else in the last run.
    pub last_error: Option<String>,
    /// How long the timer's last run took, by the clock; `None` before the first that moved something.
    pub last_ms: Option<i64>,
    /// The last tick failed before the job could say how it went.
    pub is_broken: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished<'a> {
    pub at: Timestamp,
    pub due_at: Timestamp,
    pub done: i64,
    pub error: Option<&'a str>,
}

/// Takes the right to work on a job until `until`, if nobody else has it. `lease` names the run.
///
/// # Errors
/// A failure of storage.
pub fn take(
    sql: &dyn Sql,
    name: &str,
    lease: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    ENSURE.run(sql, &[name.into(), now.millis().into()])?;
    let parameters = [name.into(), lease.into(), now.millis().into(), until.millis().into()];
    Ok(TAKE.query_one(sql, &parameters)?.is_some())
}

/// Gives the right back and notes how the run went, unless another run has taken over since.
///
/// # Errors
/// A failure of storage.
pub fn finish(sql: &dyn Sql, name: &str, lease: i64, finished: &Finished<'_>) -> Result<(), StoreError> {
    FINISH.run(
        sql,
        &[
            name.into(),
            lease.into(),
            finished.at.millis().into(),
            finished.due_at.millis().into(),
            finished.done.into(),
            finished.error.into(),
        ],
    )
}

/// Notes how a run went of a job that needs no lease, because runs at once do different things.
///
/// # Errors
/// A failure of storage.
pub fn note(sql: &dyn Sql, name: &str, run: &Finished<'_>) -> Result<(), StoreError> {
    let Finished { at, due_at, done, error } = run;
    NOTE.run(sql, &[name.into(), due_at.millis().into(), at.millis().into(), (*done).into(), (*error).into()])
}

/// Notes how long a run took that found something to do. A job that never ran stays one.
///
/// # Errors
/// A failure of storage.
pub fn took(sql: &dyn Sql, name: &str, milliseconds: i64) -> Result<(), StoreError> {
    TOOK.run(sql, &[name.into(), milliseconds.into()])
}

/// Notes a tick that failed before it could say how its job went. The job stays due as it was.
///
/// # Errors
/// A failure of storage.
pub fn broke(sql: &dyn Sql, name: &str, at: Timestamp, error: &str) -> Result<(), StoreError> {
    BROKE.run(sql, &[name.into(), at.millis().into(), error.into()])
}

/// Notes a tick that did not fail, whatever it found to do: what broke an earlier one is over.
///
/// # Errors
/// A failure of storage.
pub fn went_well(sql: &dyn Sql, name: &str) -> Result<(), StoreError> {
    WENT_WELL.run(sql, &[name.into()])
}

/// The job with this name; `None` before its first run.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, name: &str) -> Result<Option<Job>, StoreError> {
    BY_NAME.query_one(sql, &[name.into()])?.map(|mut row| read(&mut row)).transpose()
}

fn read(row: &mut Row) -> Result<Job, StoreError> {
    Ok(Job {
        name: row.text()?,
        due_at: Timestamp::from_millis(row.integer()?),
        lease_until: Timestamp::from_millis(row.integer()?),
        last_started_at: row.integer_or_null()?.map(Timestamp::from_millis),
        last_finished_at: row.integer_or_null()?.map(Timestamp::from_millis),
        last_done: row.integer()?,
        last_error: row.text_or_null()?,
        last_ms: row.integer_or_null()?,
        is_broken: row.boolean()?,
    })
}

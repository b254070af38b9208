//! Circuit breakers and token buckets of partners' accounts. The rules are `partner::breaker` and `partner::bucket`.

use kernel::Timestamp;
use partner::breaker::{Breaker, State};
use partner::bucket::Bucket;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const SELECT: Statement = Statement::new(
    "guards.select",
    "select state, failures, until_at, full_at_micros from partner_guards where account = ?1 and calls = ?2",
);
const SAVE: Statement = Statement::new(
    "guards.save",
    "insert into partner_guards (account, calls, state, failures, until_at, full_at_micros) \
     values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (account, calls) do update set state = excluded.state, \
     failures = excluded.failures, until_at = excluded.until_at, full_at_micros = excluded.full_at_micros",
);

/// What is known of an account's readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    pub breaker: Breaker,
    pub bucket: Bucket,
}

impl Guard {
    /// As for an account never asked before.
    pub const NEW: Self = Self { breaker: Breaker::NEW, bucket: Bucket::FULL };
}

/// The guard of an account and a group of calls. Call inside the transaction that will [`save`] it.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, account: &str, calls: &str) -> Result<Guard, StoreError> {
    let Some(mut row) = SELECT.query_one(sql, &[account.into(), calls.into()])? else {
        return Ok(Guard::NEW);
    };
    let state = row.parsed(State::parse)?;
    let failures = row.integer()?;
    let failures = u32::try_from(failures).map_err(|_| row.inconsistent("not a count"))?;
    let until = Timestamp::from_millis(row.integer()?);
    let bucket = Bucket { full_at_micros: row.integer()? };
    Ok(Guard { breaker: Breaker { state, failures, until }, bucket })
}

/// Stores the guard of an account and a group of calls.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, account: &str, calls: &str, guard: Guard) -> Result<(), StoreError> {
    SAVE.run(
        tx,
        &[
            account.into(),
            calls.into(),
            guard.breaker.state.as_str().into(),
            i64::from(guard.breaker.failures).into(),
            guard.breaker.until.millis().into(),
            guard.bucket.full_at_micros.into(),
        ],
    )
}

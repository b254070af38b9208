//! Events counted against a limit. The rule (how many in how long) is `membership::allowance`.

use kernel::Timestamp;
use membership::allowance::Counter;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const SELECT: Statement =
    Statement::new("counters.select", "select since, hits from counters where name = ?1 and subject = ?2");
const UPSERT: Statement = Statement::new(
    "counters.upsert",
    "insert into counters (name, subject, since, hits) values (?1, ?2, ?3, ?4) \
     on conflict (name, subject) do update set since = excluded.since, hits = excluded.hits",
);
const GIVE_BACK: Statement = Statement::new(
    "counters.give_back",
    "update counters set hits = hits - 1 where name = ?1 and subject = ?2 and hits > 0",
);
const DELETE_OLD: Statement = Statement::new(
    "counters.delete_old",
    "delete from counters where (name, subject) in \
     (select name, subject from counters where since < ?1 order by since limit ?2)",
);

/// The counter of one subject. Call inside the transaction that will [`save`] it: two at once must not both read
/// before either writes.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, name: &str, subject: &[u8]) -> Result<Counter, StoreError> {
    let Some(mut row) = SELECT.query_one(sql, &[name.into(), subject.into()])? else {
        return Ok(Counter::NONE);
    };
    let since = Timestamp::from_millis(row.integer()?);
    let hits = row.integer()?;
    let count = u32::try_from(hits).map_err(|_| row.inconsistent("not a count"))?;
    Ok(Counter { since, count })
}

/// Stores the counter of one subject.
///
/// # Errors
/// A failure of storage.
pub fn save(sql: &dyn Sql, name: &str, subject: &[u8], counter: Counter) -> Result<(), StoreError> {
    let (since, hits) = (counter.since.millis(), i64::from(counter.count));
    UPSERT.run(sql, &[name.into(), subject.into(), since.into(), hits.into()])
}

/// Takes one event back: it did not happen after all.
///
/// # Errors
/// A failure of storage.
pub fn give_back(sql: &dyn Sql, name: &str, subject: &[u8]) -> Result<(), StoreError> {
    GIVE_BACK.run(sql, &[name.into(), subject.into()])
}

/// Forgets counters whose window began before `before`, at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(sql, &[before.millis().into(), limit.into()])
}

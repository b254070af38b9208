//! How the providers stand that carry messages: circuit breaker, rate, and a token exchanged for a key.

use kernel::Timestamp;
use membership::secrets::Place;
use partner::breaker::{Breaker, State};
use partner::bucket::Bucket;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const BY_NAME: Statement = Statement::new(
    "message_providers.by_name",
    "select breaker_state, breaker_failures, breaker_until, bucket_full_at, queue_until, front_until, token_sealed, token_until \
     from message_providers where name = ?1",
);
const SAVE: Statement = Statement::new(
    "message_providers.save",
    "insert into message_providers (name, breaker_state, breaker_failures, breaker_until, bucket_full_at, queue_until, \
     front_until) values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (name) do update set breaker_state = excluded.breaker_state, \
     breaker_failures = excluded.breaker_failures, breaker_until = excluded.breaker_until, \
     bucket_full_at = excluded.bucket_full_at, queue_until = excluded.queue_until, \
     front_until = excluded.front_until",
);
const SAVE_TOKEN: Statement = Statement::new(
    "message_providers.save_token",
    "insert into message_providers (name, token_sealed, token_until) values (?1, ?2, ?3) on conflict (name) do update \
     set token_sealed = excluded.token_sealed, token_until = excluded.token_until",
);
const LIST: Statement = Statement::new(
    "message_providers.list",
    "select name, breaker_state, breaker_failures, breaker_until from message_providers order by name",
);

/// A provider as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub breaker: Breaker,
    pub bucket: Bucket,
    /// Where the queue of those who wait for it ends: the first place that nobody has.
    pub queue_until: Timestamp,
    /// The same of those whose place came while it could not be asked: they stay at the front.
    pub front_until: Timestamp,
    /// Sealed for [`token_place`].
    pub token_sealed: Option<Vec<u8>>,
    pub token_until: Timestamp,
}

impl Provider {
    /// One never asked before.
    pub const NEW: Self = Self {
        breaker: Breaker::NEW,
        bucket: Bucket::FULL,
        queue_until: Timestamp::from_millis(0),
        front_until: Timestamp::from_millis(0),
        token_sealed: None,
        token_until: Timestamp::from_millis(0),
    };
}

/// Where the token of a provider is sealed: its name stands for the row.
#[must_use]
pub const fn token_place(name: &str) -> Place<'_> {
    Place { table: "message_providers", field: name, row: 0 }
}

/// How a provider stands.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, name: &str) -> Result<Provider, StoreError> {
    let Some(mut row) = BY_NAME.query_one(sql, &[name.into()])? else { return Ok(Provider::NEW) };
    let state = row.parsed(State::parse)?;
    let failures = row.integer()?;
    let failures = u32::try_from(failures).map_err(|_| row.inconsistent("not a count"))?;
    let until = Timestamp::from_millis(row.integer()?);
    Ok(Provider {
        breaker: Breaker { state, failures, until },
        bucket: Bucket { full_at_micros: row.integer()? },
        queue_until: Timestamp::from_millis(row.integer()?),
        front_until: Timestamp::from_millis(row.integer()?),
        token_sealed: row.blob_or_null()?,
        token_until: Timestamp::from_millis(row.integer()?),
    })
}

/// Every provider that was ever asked, with its breaker.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql) -> Result<Vec<(String, Breaker)>, StoreError> {
    let mut rows = LIST.query(sql, &[])?;
    rows.iter_mut()
        .map(|row| {
            let name = row.text()?;
            let state = row.parsed(State::parse)?;
            let failures = row.integer()?;
            let failures = u32::try_from(failures).map_err(|_| row.inconsistent("not a count"))?;
            Ok((name, Breaker { state, failures, until: Timestamp::from_millis(row.integer()?) }))
        })
        .collect()
}

/// Stores breaker, rate and queue.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, name: &str, provider: &Provider) -> Result<(), StoreError> {
    let Provider { breaker, bucket, queue_until, front_until, .. } = provider;
    SAVE.run(
        tx,
        &[
            name.into(),
            breaker.state.as_str().into(),
            i64::from(breaker.failures).into(),
            breaker.until.millis().into(),
            bucket.full_at_micros.into(),
            queue_until.millis().into(),
            front_until.millis().into(),
        ],
    )
}

/// Stores a token.
///
/// # Errors
/// A failure of storage.
pub fn save_token(tx: &dyn Sql, name: &str, sealed: &[u8], until: Timestamp) -> Result<(), StoreError> {
    SAVE_TOKEN.run(tx, &[name.into(), sealed.into(), until.millis().into()])
}

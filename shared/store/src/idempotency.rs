//! Stored replies of idempotent requests.

use kernel::Timestamp;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const SELECT: Statement = Statement::new(
    "idempotency.select",
    "select operation, request_hash, status, reply from idempotency where scope = ?1 and key = ?2",
);
const INSERT: Statement = Statement::new(
    "idempotency.insert",
    "insert into idempotency (scope, key, operation, request_hash, status, reply, created_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const DELETE_OLD: Statement = Statement::new(
    "idempotency.delete_old",
    "delete from idempotency where (scope, key) in \
     (select scope, key from idempotency where created_at < ?1 order by created_at limit ?2)",
);
const DELETE_SCOPE: Statement =
    Statement::new("idempotency.delete_scope", "delete from idempotency where scope = ?1");

/// A reply kept for replays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub scope: String,
    pub key: String,
    pub operation: String,
    pub request_hash: Vec<u8>,
    pub status: u16,
    pub reply: String,
}

/// The reply stored under a caller's key.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, scope: &str, key: &str) -> Result<Option<Stored>, StoreError> {
    let Some(mut row) = SELECT.query_one(sql, &[scope.into(), key.into()])? else { return Ok(None) };
    Ok(Some(Stored {
        scope: scope.to_owned(),
        key: key.to_owned(),
        operation: row.text()?,
        request_hash: row.blob()?,
        status: {
            let status = row.integer()?;
            u16::try_from(status).map_err(|_| row.inconsistent("not a status"))?
        },
        reply: row.text()?,
    }))
}

/// Keeps a reply.
///
/// # Errors
/// A failure of storage; a unique violation when the key exists.
pub fn insert(sql: &dyn Sql, stored: &Stored, now: Timestamp) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            stored.scope.as_str().into(),
            stored.key.as_str().into(),
            stored.operation.as_str().into(),
            stored.request_hash.as_slice().into(),
            i64::from(stored.status).into(),
            stored.reply.as_str().into(),
            now.millis().into(),
        ],
    )
}

/// Forgets replies older than `before`, at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(sql, &[before.millis().into(), limit.into()])
}

/// Forgets every reply given to one caller.
///
/// # Errors
/// A failure of storage.
pub fn delete_scope(sql: &dyn Sql, scope: &str) -> Result<(), StoreError> {
    DELETE_SCOPE.run(sql, &[scope.into()])
}

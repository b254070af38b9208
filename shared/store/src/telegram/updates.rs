//! What was taken before: updates, and openings of the Mini App.

use kernel::Timestamp;
use membership::secrets::Place;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const FIND: Statement = Statement::new(
    "telegram.find_update",
    "select answer_sealed from telegram_updates where brand = ?1 and update_id = ?2",
);
const INSERT: Statement = Statement::new(
    "telegram.insert_update",
    "insert into telegram_updates (brand, update_id, taken_at, answer_sealed) values (?1, ?2, ?3, ?4)",
);
const DELETE_OLD: Statement = Statement::new(
    "telegram.delete_old_updates",
    "delete from telegram_updates where (brand, update_id) in \
     (select brand, update_id from telegram_updates where taken_at < ?1 order by taken_at limit ?2)",
);
const INSERT_OPENING: Statement = Statement::new(
    "telegram.insert_opening",
    "insert into telegram_openings (brand, proof, opened_at) values (?1, ?2, ?3) \
     on conflict (brand, proof) do nothing returning opened_at",
);
const DELETE_OLD_OPENINGS: Statement = Statement::new(
    "telegram.delete_old_openings",
    "delete from telegram_openings where (brand, proof) in \
     (select brand, proof from telegram_openings where opened_at < ?1 order by opened_at limit ?2)",
);

/// Where the answer to an update is sealed.
#[must_use]
pub const fn answer_place(update_id: i64) -> Place<'static> {
    Place { table: "telegram_updates", field: "answer", row: update_id }
}

/// The sealed answer to an update that was taken: `None` for one that was not, `Some(None)` for one that had no answer.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, update_id: i64) -> Result<Option<Option<Vec<u8>>>, StoreError> {
    FIND.query_one(sql, &[brand.into(), update_id.into()])?.map(|mut row| row.blob_or_null()).transpose()
}

/// Records an update with its answer.
///
/// # Errors
/// A failure of storage; a unique violation when it was taken before.
pub fn insert(
    sql: &dyn Sql,
    brand: &str,
    update_id: i64,
    answer_sealed: Option<&[u8]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    INSERT.run(sql, &[brand.into(), update_id.into(), now.millis().into(), answer_sealed.into()])
}

/// Forgets updates taken before `before`, the oldest first.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(sql, &[before.millis().into(), limit.into()])
}

/// Records an opening of the Mini App; whether it is the first time.
///
/// # Errors
/// A failure of storage.
pub fn insert_opening(
    sql: &dyn Sql,
    brand: &str,
    proof: &[u8],
    opened_at: Timestamp,
) -> Result<bool, StoreError> {
    let row = INSERT_OPENING.query_one(sql, &[brand.into(), proof.into(), opened_at.millis().into()])?;
    Ok(row.is_some())
}

/// Forgets openings before `before`, the oldest first.
///
/// # Errors
/// A failure of storage.
pub fn delete_openings_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD_OPENINGS.run(sql, &[before.millis().into(), limit.into()])
}

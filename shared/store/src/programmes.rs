//! Programme versions: immutable, each in force from a stated time.

use kernel::{ProgrammeVersionId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const IN_FORCE: Statement = Statement::new(
    "programmes.in_force",
    "select id from programme_versions where brand = ?1 and effective_from <= ?2 \
     order by effective_from desc, version desc limit 1",
);
const BY_ID: Statement = Statement::new(
    "programmes.by_id",
    "select id, brand, version, effective_from, rules, created_by, created_at, note from programme_versions \
     where id = ?1",
);
const LIST: Statement = Statement::new(
    "programmes.list",
    "select id, brand, version, effective_from, rules, created_by, created_at, note from programme_versions \
     where brand = ?1 and version < ?2 order by version desc limit ?3",
);
const BY_NUMBER: Statement = Statement::new(
    "programmes.by_number",
    "select id, brand, version, effective_from, rules, created_by, created_at, note from programme_versions \
     where brand = ?1 and version = ?2",
);
const COUNT_TIERS: Statement = Statement::new(
    "programmes.count_tiers",
    "select tier, count(*) from members where brand = ?1 and status <> 'erased' group by tier order by tier",
);
const INSERT: Statement = Statement::new(
    "programmes.insert",
    "insert into programme_versions (id, brand, version, effective_from, rules, created_by, created_at, note) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);

/// A version of a brand's rules; `rules` is JSON that `loyalty` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: ProgrammeVersionId,
    pub brand: String,
    pub version: i64,
    pub effective_from: Timestamp,
    pub rules: String,
    /// `None`: loaded by the installation itself.
    pub created_by: Option<StaffId>,
    pub created_at: Timestamp,
    pub note: String,
}

/// The version in force at a time. Its rules never change, so they may be kept by id.
///
/// # Errors
/// A failure of storage.
pub fn load_in_force(
    sql: &dyn Sql,
    brand: &str,
    at: Timestamp,
) -> Result<Option<ProgrammeVersionId>, StoreError> {
    let row = IN_FORCE.query_one(sql, &[brand.into(), at.millis().into()])?;
    row.map(|mut row| row.integer().map(ProgrammeVersionId::from_raw)).transpose()
}

/// The version with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: ProgrammeVersionId) -> Result<Option<Version>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Versions of a brand below `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str, before: i64, limit: i64) -> Result<Vec<Version>, StoreError> {
    LIST.query(sql, &[brand.into(), before.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// The version of a brand with this number.
///
/// # Errors
/// A failure of storage.
pub fn load_number(sql: &dyn Sql, brand: &str, version: i64) -> Result<Option<Version>, StoreError> {
    BY_NUMBER.query_one(sql, &[brand.into(), version.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// How many members of a brand have each tier.
///
/// # Errors
/// A failure of storage.
pub fn count_tiers(sql: &dyn Sql, brand: &str) -> Result<Vec<(String, i64)>, StoreError> {
    let mut rows = COUNT_TIERS.query(sql, &[brand.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, row.integer()?))).collect()
}

/// Records a version.
///
/// # Errors
/// A failure of storage; a unique violation when the number exists.
pub fn insert(sql: &dyn Sql, version: &Version) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            version.id.raw().into(),
            version.brand.as_str().into(),
            version.version.into(),
            version.effective_from.millis().into(),
            version.rules.as_str().into(),
            version.created_by.map(StaffId::raw).into(),
            version.created_at.millis().into(),
            version.note.as_str().into(),
        ],
    )
}

fn read(row: &mut Row) -> Result<Version, StoreError> {
    Ok(Version {
        id: ProgrammeVersionId::from_raw(row.integer()?),
        brand: row.text()?,
        version: row.integer()?,
        effective_from: Timestamp::from_millis(row.integer()?),
        rules: row.text()?,
        created_by: row.integer_or_null()?.map(StaffId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
        note: row.text()?,
    })
}

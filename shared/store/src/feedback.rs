//! Feedback: versions of the rules, requests, answers, plays, budgets, reports.

use kernel::{StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

pub mod answers;
pub mod plays;
pub mod report;
pub mod requests;
pub mod words;

/// The part of a condition that narrows outlets `o` to the scope of the person `?1`.
macro_rules! in_scope {
    () => {
        "exists (select 1 from staff_scopes s where s.staff_id = ?1 and (s.scope = 'all' \
         or (s.scope = 'outlet' and s.target_id = o.id) \
         or (s.scope = 'franchisee' and s.target_id = o.franchisee_id)))"
    };
}
pub(crate) use in_scope;

macro_rules! version_columns {
    () => {
        "select id, brand, version, effective_from, rules, created_by, created_at, note from feedback_rules "
    };
}

const IN_FORCE: Statement = Statement::new(
    "feedback.rules_in_force",
    "select id from feedback_rules where brand = ?1 and effective_from <= ?2 \
     order by effective_from desc, version desc limit 1",
);
const BY_ID: Statement = Statement::new("feedback.rules_by_id", concat!(version_columns!(), "where id = ?1"));
const LIST: Statement = Statement::new(
    "feedback.rules_list",
    concat!(version_columns!(), "where brand = ?1 and version < ?2 order by version desc limit ?3"),
);
const INSERT: Statement = Statement::new(
    "feedback.rules_insert",
    "insert into feedback_rules (id, brand, version, effective_from, rules, created_by, created_at, note) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);

/// A version of a brand's rules; `rules` is JSON that `feedback` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: i64,
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
pub fn load_in_force(sql: &dyn Sql, brand: &str, at: Timestamp) -> Result<Option<i64>, StoreError> {
    IN_FORCE.query_one(sql, &[brand.into(), at.millis().into()])?.map(|mut row| row.integer()).transpose()
}

/// The version with this id.
///
/// # Errors
/// A failure of storage.
pub fn load_version(sql: &dyn Sql, id: i64) -> Result<Option<Version>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Versions of a brand below `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_versions(
    sql: &dyn Sql,
    brand: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    LIST.query(sql, &[brand.into(), before.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Records a version.
///
/// # Errors
/// A failure of storage; a unique violation when the number exists.
pub fn insert_version(sql: &dyn Sql, version: &Version) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            version.id.into(),
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
        id: row.integer()?,
        brand: row.text()?,
        version: row.integer()?,
        effective_from: Timestamp::from_millis(row.integer()?),
        rules: row.text()?,
        created_by: row.integer_or_null()?.map(StaffId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
        note: row.text()?,
    })
}

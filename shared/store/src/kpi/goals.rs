//! Goals and their immutable versions.

use kernel::{Date, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! version_columns {
    () => {
        "g.id, g.brand, g.code, g.ended_on, v.version, v.effective_on, v.rules, v.note, v.created_at from goals g \
         join goal_versions v on v.goal_id = g.id "
    };
}

const INSERT: Statement = Statement::new(
    "goals.insert",
    "insert into goals (id, brand, code, created_at) values (?1, ?2, ?3, ?4) on conflict (brand, code) do nothing",
);
const BY_CODE: Statement =
    Statement::new("goals.by_code", "select id from goals where brand = ?1 and code = ?2");
const INSERT_VERSION: Statement = Statement::new(
    "goals.insert_version",
    "insert into goal_versions (goal_id, version, effective_on, rules, note, created_by, created_at) \
     select ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5, ?6 from goal_versions where goal_id = ?1 returning version",
);
const VERSIONS: Statement = Statement::new(
    "goals.versions",
    concat!("select ", version_columns!(), "where g.brand = ?1 order by g.code, v.version desc"),
);
const COUNT: Statement =
    Statement::new("goals.count", "select count(*) from goals where brand = ?1 and ended_on is null");
const END: Statement = Statement::new(
    "goals.end",
    "update goals set ended_on = ?3 where brand = ?1 and code = ?2 and ended_on is null returning id",
);
const BRANDS: Statement = Statement::new("goals.brands", "select distinct brand from goals order by brand");

/// A version of a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub goal: i64,
    pub brand: String,
    pub code: String,
    /// No period that begins on this day or later is measured.
    pub ended_on: Option<Date>,
    pub version: i64,
    /// Holds for periods that begin on this day or later.
    pub effective_on: Date,
    /// JSON of `merit::goal::Goal`.
    pub rules: String,
    pub note: String,
    pub created_at: Timestamp,
}

/// A new version to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewVersion<'a> {
    pub effective_on: Date,
    pub rules: &'a str,
    pub note: &'a str,
    pub by: StaffId,
}

/// The goal of this code, made if there was none under `id`.
///
/// # Errors
/// A failure of storage.
pub fn ensure(tx: &dyn Sql, id: i64, brand: &str, code: &str, now: Timestamp) -> Result<i64, StoreError> {
    INSERT.run(tx, &[id.into(), brand.into(), code.into(), now.millis().into()])?;
    BY_CODE.query_one(tx, &[brand.into(), code.into()])?.map_or(Ok(id), |mut row| row.integer())
}

/// Records a version and answers with its number.
///
/// # Errors
/// A failure of storage.
pub fn insert_version(
    tx: &dyn Sql,
    goal: i64,
    new: &NewVersion<'_>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let parameters = [
        goal.into(),
        new.effective_on.to_string().into(),
        new.rules.into(),
        new.note.into(),
        new.by.raw().into(),
        now.millis().into(),
    ];
    INSERT_VERSION.query_one(tx, &parameters)?.map_or(Ok(0), |mut row| row.integer())
}

/// Every version of every goal of a brand: by code, the newest version first.
///
/// # Errors
/// A failure of storage.
pub fn list_versions(sql: &dyn Sql, brand: &str) -> Result<Vec<Version>, StoreError> {
    VERSIONS.query(sql, &[brand.into()])?.iter_mut().map(read).collect()
}

/// Goals of a brand that have not ended.
///
/// # Errors
/// A failure of storage.
pub fn count(sql: &dyn Sql, brand: &str) -> Result<i64, StoreError> {
    COUNT.query_one(sql, &[brand.into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Ends a goal; false when there is none that goes on.
///
/// # Errors
/// A failure of storage.
pub fn end(tx: &dyn Sql, brand: &str, code: &str, on: Date) -> Result<bool, StoreError> {
    Ok(END.query_one(tx, &[brand.into(), code.into(), on.to_string().into()])?.is_some())
}

/// Brands that have goals.
///
/// # Errors
/// A failure of storage.
pub fn list_brands(sql: &dyn Sql) -> Result<Vec<String>, StoreError> {
    BRANDS.query(sql, &[])?.iter_mut().map(Row::text).collect()
}

fn read(row: &mut Row) -> Result<Version, StoreError> {
    let (goal, brand, code) = (row.integer()?, row.text()?, row.text()?);
    let ended_on = row.text_or_null()?;
    let ended_on =
        ended_on.map(|text| Date::parse(&text).map_err(|_| row.inconsistent("not a date"))).transpose()?;
    Ok(Version {
        goal,
        brand,
        code,
        ended_on,
        version: row.integer()?,
        effective_on: row.parsed(Date::parse)?,
        rules: row.text()?,
        note: row.text()?,
        created_at: Timestamp::from_millis(row.integer()?),
    })
}

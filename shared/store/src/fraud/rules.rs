//! Versions of a brand's rules. The newest holds; none: the standard rules, observing.

use kernel::{OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

/// Which version holds, and where the outlet is: everything that an event needs before its turn to write.
const IN_FORCE: Statement = Statement::new(
    "fraud.rules_in_force",
    "select (select max(v.id) from fraud_rule_versions v where v.brand = ?1), \
     (select o.latitude_e6 from outlets o where o.id = ?2), (select o.longitude_e6 from outlets o where o.id = ?2)",
);
const BY_ID: Statement = Statement::new(
    "fraud.rules_by_id",
    "select id, brand, version, mode, rules, note, created_by, created_at from fraud_rule_versions where id = ?1",
);
const LIST: Statement = Statement::new(
    "fraud.rules_list",
    "select id, brand, version, mode, rules, note, created_by, created_at from fraud_rule_versions \
     where brand = ?1 and version < ?2 order by version desc limit ?3",
);
const INSERT: Statement = Statement::new(
    "fraud.rules_insert",
    "insert into fraud_rule_versions (id, brand, version, mode, rules, note, created_by, created_at) \
     select ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5, ?6, ?7 from fraud_rule_versions where brand = ?2",
);

/// A version of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: i64,
    pub brand: String,
    pub version: i64,
    /// Whether what is decided is done; otherwise it is only written down.
    pub is_live: bool,
    /// JSON.
    pub rules: String,
    pub note: String,
    pub created_by: Option<StaffId>,
    pub created_at: Timestamp,
}

/// The id of the version that holds, and latitude and longitude of an outlet in millionths of a degree.
pub type InForce = (Option<i64>, Option<(i64, i64)>);

/// Which version holds in a brand, and where an outlet is.
///
/// # Errors
/// A failure of storage.
pub fn load_in_force(sql: &dyn Sql, brand: &str, outlet: Option<OutletId>) -> Result<InForce, StoreError> {
    let parameters = [brand.into(), outlet.map_or(0, OutletId::raw).into()];
    let Some(mut row) = IN_FORCE.query_one(sql, &parameters)? else { return Ok((None, None)) };
    let version = row.integer_or_null()?;
    Ok((version, row.integer_or_null()?.zip(row.integer_or_null()?)))
}

/// A version.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Version>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Versions of a brand before `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str, before: i64, limit: i64) -> Result<Vec<Version>, StoreError> {
    LIST.query(sql, &[brand.into(), before.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Adds a version; its number is the next of the brand.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, new: &Version) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            new.id.into(),
            new.brand.as_str().into(),
            mode(new.is_live).into(),
            new.rules.as_str().into(),
            new.note.as_str().into(),
            new.created_by.map(StaffId::raw).into(),
            new.created_at.millis().into(),
        ],
    )
}

/// The name of a mode.
#[must_use]
pub const fn mode(is_live: bool) -> &'static str {
    if is_live { "live" } else { "shadow" }
}

fn read(row: &mut Row) -> Result<Version, StoreError> {
    Ok(Version {
        id: row.integer()?,
        brand: row.text()?,
        version: row.integer()?,
        is_live: row.text()? == "live",
        rules: row.text()?,
        note: row.text()?,
        created_by: row.integer_or_null()?.map(StaffId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
    })
}

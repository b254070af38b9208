//! Till API keys.

use kernel::{OutletId, StaffId, TillKeyId, Timestamp};

use crate::error::StoreError;
use crate::outlets::{self, Outlet, outlet_columns};
use crate::port::Sql;
use crate::statement::{Row, Statement};

const BY_KEY: Statement = Statement::new(
    "tills.by_key",
    concat!(
        "select k.id, ",
        outlet_columns!(),
        " from till_keys k join outlets o on o.id = k.outlet_id where k.key_hash = ?1 and k.revoked_at is null"
    ),
);
const INSERT: Statement = Statement::new(
    "tills.insert",
    "insert into till_keys (id, outlet_id, label, key_hash, created_by, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)",
);
const LIST: Statement = Statement::new(
    "tills.list",
    "select k.id, o.code, k.label, k.created_at, k.revoked_at from till_keys k join outlets o on o.id = k.outlet_id \
     where k.id > ?1 and (?2 is null or o.code = ?2) order by k.id limit ?3",
);
const OUTLET_OF: Statement = Statement::new(
    "tills.outlet_of",
    concat!(
        "select ",
        outlet_columns!(),
        " from till_keys k join outlets o on o.id = k.outlet_id where k.id = ?1"
    ),
);
const REVOKE: Statement = Statement::new(
    "tills.revoke",
    "update till_keys set revoked_at = ?2 where id = ?1 and revoked_at is null",
);

/// A valid key and its outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    pub key: TillKeyId,
    pub outlet: Outlet,
}

/// A key as administrators see it: never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillKey {
    pub id: TillKeyId,
    pub outlet_code: String,
    pub label: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// The till that this key belongs to; `None` when the key is unknown or revoked.
///
/// # Errors
/// A failure of storage.
pub fn load_by_key(sql: &dyn Sql, key_hash: &[u8]) -> Result<Option<Till>, StoreError> {
    let Some(mut row) = BY_KEY.query_one(sql, &[key_hash.into()])? else { return Ok(None) };
    Ok(Some(Till { key: TillKeyId::from_raw(row.integer()?), outlet: outlets::read(&mut row)? }))
}

/// Records a new key.
///
/// # Errors
/// A failure of storage.
pub fn insert(
    sql: &dyn Sql,
    key: &TillKey,
    outlet: OutletId,
    key_hash: &[u8],
    created_by: StaffId,
) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            key.id.raw().into(),
            outlet.raw().into(),
            key.label.as_str().into(),
            key_hash.into(),
            created_by.raw().into(),
            key.created_at.millis().into(),
        ],
    )
}

/// Keys after `after`, oldest first; of one outlet, or of all.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    outlet_code: Option<&str>,
    after: TillKeyId,
    limit: i64,
) -> Result<Vec<TillKey>, StoreError> {
    let mut rows = LIST.query(sql, &[after.raw().into(), outlet_code.into(), limit.into()])?;
    rows.iter_mut().map(read).collect()
}

/// The outlet whose key this is, revoked or not.
///
/// # Errors
/// A failure of storage.
pub fn load_outlet_of(sql: &dyn Sql, id: TillKeyId) -> Result<Option<Outlet>, StoreError> {
    OUTLET_OF.query_one(sql, &[id.raw().into()])?.map(|mut row| outlets::read(&mut row)).transpose()
}

/// Ends a key; the time of the first revocation stays.
///
/// # Errors
/// A failure of storage.
pub fn revoke(sql: &dyn Sql, id: TillKeyId, now: Timestamp) -> Result<(), StoreError> {
    REVOKE.run(sql, &[id.raw().into(), now.millis().into()])
}

fn read(row: &mut Row) -> Result<TillKey, StoreError> {
    Ok(TillKey {
        id: TillKeyId::from_raw(row.integer()?),
        outlet_code: row.text()?,
        label: row.text()?,
        created_at: Timestamp::from_millis(row.integer()?),
        revoked_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

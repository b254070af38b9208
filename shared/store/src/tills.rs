//! Till API keys.

use kernel::TillKeyId;

use crate::error::StoreError;
use crate::outlets::{self, Outlet, outlet_columns};
use crate::port::Sql;
use crate::statement::Statement;

const BY_KEY: Statement = Statement::new(
    "tills.by_key",
    concat!(
        "select k.id, ",
        outlet_columns!(),
        " from till_keys k join outlets o on o.id = k.outlet_id where k.key_hash = ?1 and k.revoked_at is null"
    ),
);

/// A valid key and its outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Till {
    pub key: TillKeyId,
    pub outlet: Outlet,
}

/// The till that this key belongs to; `None` when the key is unknown or revoked.
///
/// # Errors
/// A failure of storage.
pub fn load_by_key(sql: &dyn Sql, key_hash: &[u8]) -> Result<Option<Till>, StoreError> {
    let Some(mut row) = BY_KEY.query_one(sql, &[key_hash.into()])? else { return Ok(None) };
    Ok(Some(Till { key: TillKeyId::from_raw(row.integer()?), outlet: outlets::read(&mut row)? }))
}

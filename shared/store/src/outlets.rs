//! Outlets: where receipts come from.

use kernel::{Currency, FranchiseeId, OutletId, Zone};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

/// The columns that [`read`] expects, for statements that join outlets.
macro_rules! outlet_columns {
    () => {
        "o.id, o.code, o.brand, o.franchisee_id, o.country, o.currency, o.zone, o.status"
    };
}
pub(crate) use outlet_columns;

const BY_ID: Statement =
    Statement::new("outlets.by_id", concat!("select ", outlet_columns!(), " from outlets o where o.id = ?1"));

/// What receipts and rules need to know of an outlet. The directory has the rest (see [`crate::directory`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    pub id: OutletId,
    pub code: String,
    pub brand: String,
    pub franchisee: FranchiseeId,
    pub country: String,
    pub currency: Currency,
    pub zone: Zone,
    /// `open`, `paused` or `closed`. Receipts are taken whatever it says: a till's queue may come late.
    pub status: String,
}

/// The outlet with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: OutletId) -> Result<Option<Outlet>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Reads [`outlet_columns!`].
pub(crate) fn read(row: &mut Row) -> Result<Outlet, StoreError> {
    Ok(Outlet {
        id: OutletId::from_raw(row.integer()?),
        code: row.text()?,
        brand: row.text()?,
        franchisee: FranchiseeId::from_raw(row.integer()?),
        country: row.text()?,
        currency: row.parsed(Currency::parse)?,
        zone: row.parsed(Zone::parse)?,
        status: row.text()?,
    })
}

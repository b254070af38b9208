//! Brands: the programmes that one deployment serves.

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const BY_CODE: Statement = Statement::new(
    "brands.by_code",
    "select code, name, default_region, card_prefix from brands where code = ?1",
);

/// What sign-up and cards need to know of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    pub code: String,
    pub name: String,
    /// ISO 3166 country as which phone numbers without `+` are read.
    pub default_region: String,
    /// The two digits before an issued card's own.
    pub card_prefix: u8,
}

/// The brand with this code.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, code: &str) -> Result<Option<Brand>, StoreError> {
    let Some(mut row) = BY_CODE.query_one(sql, &[code.into()])? else { return Ok(None) };
    Ok(Some(Brand {
        code: row.text()?,
        name: row.text()?,
        default_region: row.text()?,
        card_prefix: row.parsed(str::parse)?,
    }))
}

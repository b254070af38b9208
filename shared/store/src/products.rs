//! The catalogue, as far as accrual needs it.

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const BY_CODE: Statement = Statement::new(
    "products.by_code",
    "select name, category, fractional from products where brand = ?1 and code = ?2",
);

/// A product of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub name: String,
    pub category: String,
    /// Sold by weight: quantities need not be whole.
    pub fractional: bool,
}

/// The product with this code.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, code: &str) -> Result<Option<Product>, StoreError> {
    let Some(mut row) = BY_CODE.query_one(sql, &[brand.into(), code.into()])? else { return Ok(None) };
    Ok(Some(Product { name: row.text()?, category: row.text()?, fractional: row.boolean()? }))
}

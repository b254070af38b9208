//! The catalogue, as far as accrual needs it.

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::Statement;

/// Codes asked for at once; a list of a fixed length keeps the statement one text, planned once.
const CODES: usize = 8;
const BY_CODES: Statement = Statement::new(
    "products.by_codes",
    "select code, name, category, fractional from products \
     where brand = ?1 and code in (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
);

/// A product of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub name: String,
    pub category: String,
    /// Sold by weight: quantities need not be whole.
    pub fractional: bool,
}

/// Those of the products with these codes that there are, with their codes.
///
/// # Errors
/// A failure of storage.
pub fn load<'a>(
    sql: &dyn Sql,
    brand: &str,
    codes: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<(String, Product)>, StoreError> {
    let mut wanted: Vec<&str> = codes.into_iter().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = Vec::with_capacity(wanted.len());
    for some in wanted.chunks(CODES) {
        let mut parameters = vec![Value::Null; CODES + 1];
        parameters[0] = brand.into();
        for (parameter, code) in parameters[1..].iter_mut().zip(some) {
            *parameter = (*code).into();
        }
        for mut row in BY_CODES.query(sql, &parameters)? {
            let code = row.text()?;
            let product = Product { name: row.text()?, category: row.text()?, fractional: row.boolean()? };
            found.push((code, product));
        }
    }
    Ok(found)
}

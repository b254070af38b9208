//! What goods cost the chain, where it says so: replays tell the margin with it.

use std::collections::BTreeMap;

use kernel::{Currency, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const COSTS: Statement = Statement::new(
    "product_costs.list",
    "select product_code, currency, cost_minor from product_costs where brand = ?1 order by product_code, currency",
);
const SET_COSTS: ManyRows = ManyRows {
    name: "product_costs.set",
    head: "insert into product_costs (brand, product_code, currency, cost_minor, changed_at) values ",
    width: 5,
    tail: " on conflict (brand, product_code, currency) do update \
           set cost_minor = excluded.cost_minor, changed_at = excluded.changed_at",
};

/// What goods of a brand cost the chain, minor units, by product and currency.
///
/// # Errors
/// A failure of storage.
pub fn list_costs(sql: &dyn Sql, brand: &str) -> Result<BTreeMap<(String, Currency), i64>, StoreError> {
    let mut rows = COSTS.query(sql, &[brand.into()])?;
    rows.iter_mut().map(|row| Ok(((row.text()?, row.parsed(Currency::parse)?), row.integer()?))).collect()
}

/// Sets what goods of a brand cost.
///
/// # Errors
/// A failure of storage.
pub fn set_costs(
    sql: &dyn Sql,
    brand: &str,
    costs: &[(String, Currency, i64)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = costs.iter().flat_map(|(product, currency, cost)| {
        [brand.into(), product.as_str().into(), currency.code().into(), (*cost).into(), now.millis().into()]
    });
    SET_COSTS.run(sql, &values.collect::<Vec<Value>>())
}

//! Products that are bought together: how many of the recent receipts have both.

use kernel::ReceiptId;

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

/// Products asked for at once; a list of a fixed length keeps the statement one text, planned once.
const CODES: usize = 8;
const OF_PRODUCTS: Statement = Statement::new(
    "together.of_products",
    "select other_code, sum(receipts) from bought_together where brand = ?1 \
     and product_code in (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) group by other_code \
     order by sum(receipts) desc, other_code limit ?10",
);
const RECENT: Statement = Statement::new(
    "together.recent",
    "select l.receipt_id, l.product_code from receipt_lines l where l.receipt_id in \
     (select r.id from receipts r join outlets o on o.id = r.outlet_id \
     where r.id < ?1 and o.brand = ?2 order by r.id desc limit ?3) order by l.receipt_id desc, l.line_no",
);
const BRANDS: Statement = Statement::new("together.brands", "select code from brands order by code");
const CLEAR: Statement = Statement::new("together.clear", "delete from bought_together where brand = ?1");
const INSERT: ManyRows = ManyRows::insert(
    "together.insert",
    "insert into bought_together (brand, product_code, other_code, receipts) values ",
    4,
);

/// A product and how many receipts have it together with what was asked about.
pub type Companion = (String, i64);

/// What goes with up to eight products, most often first. The products themselves may be among the answers.
///
/// # Errors
/// A failure of storage.
pub fn load<'a>(
    sql: &dyn Sql,
    brand: &str,
    products: impl Iterator<Item = &'a str>,
    limit: i64,
) -> Result<Vec<Companion>, StoreError> {
    let mut parameters = vec![Value::Null; CODES + 2];
    parameters[0] = brand.into();
    for (parameter, code) in parameters[1..=CODES].iter_mut().zip(products) {
        *parameter = code.into();
    }
    parameters[CODES + 1] = limit.into();
    let rows = OF_PRODUCTS.query(sql, &parameters)?;
    rows.into_iter().map(|mut row| Ok((row.text()?, row.integer()?))).collect()
}

/// The brands that have receipts to count.
///
/// # Errors
/// A failure of storage.
pub fn list_brands(sql: &dyn Sql) -> Result<Vec<String>, StoreError> {
    BRANDS.query(sql, &[])?.into_iter().map(|mut row| row.text()).collect()
}

/// The products of the newest `limit` receipts before `before`, receipt by receipt, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_recent(
    sql: &dyn Sql,
    brand: &str,
    before: ReceiptId,
    limit: i64,
) -> Result<Vec<(ReceiptId, String)>, StoreError> {
    let rows = RECENT.query(sql, &[before.raw().into(), brand.into(), limit.into()])?;
    rows.into_iter().map(|mut row| Ok((ReceiptId::from_raw(row.integer()?), row.text()?))).collect()
}

/// A pair of products and how many receipts have both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub product: String,
    pub other: String,
    pub receipts: i64,
}

/// Replaces what is known of a brand. Call inside a transaction.
///
/// # Errors
/// A failure of storage.
pub fn replace(tx: &dyn Sql, brand: &str, pairs: &[Pair]) -> Result<(), StoreError> {
    CLEAR.run(tx, &[brand.into()])?;
    let rows = pairs
        .iter()
        .flat_map(|pair| {
            [brand.into(), pair.product.as_str().into(), pair.other.as_str().into(), pair.receipts.into()]
        })
        .collect::<Vec<Value>>();
    INSERT.run(tx, &rows)
}

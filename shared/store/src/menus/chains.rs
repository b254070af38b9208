//! Chains' products: what each organisation sells, by content, and what is out of stock.

use std::collections::BTreeMap;

use kernel::{IikoAccountId, Timestamp};
use menu::chain::{Product, Stop};

use super::{read, write};
use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const PUT_PRODUCT: Statement = Statement::new(
    "chains.put_product",
    "insert into chain_products (account_id, product_id, digest, content, seen_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (account_id, product_id, digest) do nothing",
);
const ASSORTMENT: Statement = Statement::new(
    "chains.assortment",
    "select product_id, digest from chain_assortments where account_id = ?1 and organization_id = ?2",
);
const IS_SOLD: Statement = Statement::new(
    "chains.is_sold",
    "select max(case when product_id = ?3 then 1 else 0 end) from chain_assortments where account_id = ?1 \
     and organization_id = ?2",
);
const PUT_ASSORTED: Statement = Statement::new(
    "chains.put_assorted",
    "insert into chain_assortments (account_id, organization_id, product_id, digest) values (?1, ?2, ?3, ?4) \
     on conflict (account_id, organization_id, product_id) do update set digest = excluded.digest",
);
const DROP_ASSORTED: Statement = Statement::new(
    "chains.drop_assorted",
    "delete from chain_assortments where account_id = ?1 and organization_id = ?2 and product_id = ?3",
);
const DROP_UNUSED: Statement = Statement::new(
    "chains.drop_unused",
    "delete from chain_products where account_id = ?1 and not exists (select 1 from chain_assortments a \
     where a.account_id = chain_products.account_id and a.product_id = chain_products.product_id \
     and a.digest = chain_products.digest)",
);
const PRODUCTS_OF: Statement = Statement::new(
    "chains.products_of",
    "select p.content from chain_assortments a join chain_products p on p.account_id = a.account_id \
     and p.product_id = a.product_id and p.digest = a.digest where a.account_id = ?1 and a.organization_id = ?2 \
     order by a.product_id",
);
const CATALOGUE: Statement = Statement::new(
    "chains.catalogue",
    "select content from chain_products p where account_id = ?1 and digest = (select min(digest) from \
     chain_products q where q.account_id = p.account_id and q.product_id = p.product_id) order by product_id limit ?2",
);
const PRODUCT: Statement = Statement::new(
    "chains.product",
    "select content from chain_products where account_id = ?1 and product_id = ?2 order by digest limit 1",
);
const STOPS: Statement = Statement::new(
    "chains.stops",
    "select product_id, size_id, remaining from chain_stops where account_id = ?1 and terminal_group_id = ?2 \
     order by product_id, size_id",
);
const STOPPED: Statement = Statement::new(
    "chains.stopped",
    "select distinct terminal_group_id from chain_stops where account_id = ?1",
);
const DROP_STOPS: Statement = Statement::new(
    "chains.drop_stops",
    "delete from chain_stops where account_id = ?1 and terminal_group_id = ?2",
);
const INSERT_STOPS: ManyRows = ManyRows::insert(
    "chains.insert_stops",
    "insert into chain_stops (account_id, terminal_group_id, product_id, size_id, remaining) values ",
    5,
);

/// Most products of a chain that are looked at.
pub const PRODUCTS_MAX: i64 = 10_000;

/// Writes what an organisation sells: products with the digests of their contents. Says how many differ from before.
///
/// # Errors
/// A failure of storage.
pub fn put_assortment(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    products: &[(String, &Product)],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let key = [account.raw().into(), organization.into()];
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for mut row in ASSORTMENT.query(sql, &key)? {
        known.insert(row.text()?, row.text()?);
    }
    let mut changed = 0;
    for (digest, product) in products {
        if known.remove(&product.id).as_ref() == Some(digest) {
            continue;
        }
        changed += 1;
        let content = write("chain product", product)?;
        let id: Value = product.id.as_str().into();
        PUT_PRODUCT.run(
            sql,
            &[account.raw().into(), id.clone(), digest.as_str().into(), content.into(), now.millis().into()],
        )?;
        PUT_ASSORTED.run(sql, &[account.raw().into(), organization.into(), id, digest.as_str().into()])?;
    }
    for gone in known.keys() {
        changed += 1;
        DROP_ASSORTED.run(sql, &[account.raw().into(), organization.into(), gone.as_str().into()])?;
    }
    Ok(changed)
}

/// Removes contents that no organisation has any more.
///
/// # Errors
/// A failure of storage.
pub fn drop_unused(sql: &dyn Sql, account: IikoAccountId) -> Result<(), StoreError> {
    DROP_UNUSED.run(sql, &[account.raw().into()])
}

/// What an organisation sells.
///
/// # Errors
/// A failure of storage.
pub fn list_products(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
) -> Result<Vec<Product>, StoreError> {
    let mut rows = PRODUCTS_OF.query(sql, &[account.raw().into(), organization.into()])?;
    rows.iter_mut().map(|row| read("chain product", &row.text()?)).collect()
}

/// Every product of a chain once, as some organisation has it.
///
/// # Errors
/// A failure of storage.
pub fn list_catalogue(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<Product>, StoreError> {
    let mut rows = CATALOGUE.query(sql, &[account.raw().into(), PRODUCTS_MAX.into()])?;
    rows.iter_mut().map(|row| read("chain product", &row.text()?)).collect()
}

/// Whether an organisation has a product on its menu; none where its menu was never read.
///
/// # Errors
/// A failure of storage.
pub fn is_sold(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    product: &str,
) -> Result<Option<bool>, StoreError> {
    let key = [account.raw().into(), organization.into(), product.into()];
    let Some(mut row) = IS_SOLD.query_one(sql, &key)? else { return Ok(None) };
    Ok(row.integer_or_null()?.map(|found| found == 1))
}

/// One product of a chain.
///
/// # Errors
/// A failure of storage.
pub fn load_product(sql: &dyn Sql, account: IikoAccountId, id: &str) -> Result<Option<Product>, StoreError> {
    let Some(mut row) = PRODUCT.query_one(sql, &[account.raw().into(), id.into()])? else { return Ok(None) };
    read("chain product", &row.text()?).map(Some)
}

/// Terminal groups that have stopped something.
///
/// # Errors
/// A failure of storage.
pub fn list_stopped(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<String>, StoreError> {
    STOPPED.query(sql, &[account.raw().into()])?.iter_mut().map(crate::statement::Row::text).collect()
}

/// What a terminal group has stopped, by product and size.
///
/// # Errors
/// A failure of storage.
pub fn list_stops(sql: &dyn Sql, account: IikoAccountId, terminal: &str) -> Result<Vec<Stop>, StoreError> {
    let mut rows = STOPS.query(sql, &[account.raw().into(), terminal.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Stop {
                product_id: row.text()?,
                size_id: Some(row.text()?).filter(|size| !size.is_empty()),
                left: u32::try_from(row.integer()?).unwrap_or(u32::MAX),
            })
        })
        .collect()
}

/// Replaces what a terminal group has stopped; `stops` names each product and size once.
///
/// # Errors
/// A failure of storage.
pub fn put_stops(
    sql: &dyn Sql,
    account: IikoAccountId,
    terminal: &str,
    stops: &[Stop],
) -> Result<(), StoreError> {
    DROP_STOPS.run(sql, &[account.raw().into(), terminal.into()])?;
    let mut values = Vec::with_capacity(stops.len() * 5);
    for stop in stops {
        let size = stop.size_id.as_deref().unwrap_or_default();
        values.extend([
            account.raw().into(),
            terminal.into(),
            stop.product_id.as_str().into(),
            size.into(),
            i64::from(stop.left).into(),
        ]);
    }
    INSERT_STOPS.run(sql, &values)
}

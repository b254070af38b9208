//! The brand's categories and items.

use kernel::{StaffId, Timestamp};
use menu::brand::{BrandCategory, BrandItem};

use super::{read, write};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const PUT_CATEGORY: Statement = Statement::new(
    "menus.put_category",
    "insert into brand_categories (brand, code, content, changed_at) values (?1, ?2, ?3, ?4) \
     on conflict (brand, code) do update set content = excluded.content, changed_at = excluded.changed_at",
);
const DELETE_CATEGORY: Statement = Statement::new(
    "menus.delete_category",
    "delete from brand_categories where brand = ?1 and code = ?2 returning code",
);
const CATEGORIES: Statement =
    Statement::new("menus.categories", "select content from brand_categories where brand = ?1 order by code");
const PUT_ITEM: Statement = Statement::new(
    "menus.put_item",
    "insert into brand_items (brand, code, content, changed_by, changed_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (brand, code) do update set content = excluded.content, changed_by = excluded.changed_by, \
     changed_at = excluded.changed_at",
);
const DELETE_ITEM: Statement = Statement::new(
    "menus.delete_item",
    "delete from brand_items where brand = ?1 and code = ?2 returning code",
);
const ITEM: Statement =
    Statement::new("menus.item", "select content from brand_items where brand = ?1 and code = ?2");
const ITEMS: Statement =
    Statement::new("menus.items", "select content from brand_items where brand = ?1 order by code limit ?2");

/// Most items of a brand.
pub const ITEMS_MAX: i64 = 2_000;

/// Writes a category.
///
/// # Errors
/// A failure of storage.
pub fn put_category(
    sql: &dyn Sql,
    brand: &str,
    category: &BrandCategory,
    now: Timestamp,
) -> Result<(), StoreError> {
    let content = write("brand category", category)?;
    PUT_CATEGORY.run(sql, &[brand.into(), category.code.as_str().into(), content.into(), now.millis().into()])
}

/// Removes a category; false when there was none.
///
/// # Errors
/// A failure of storage.
pub fn delete_category(sql: &dyn Sql, brand: &str, code: &str) -> Result<bool, StoreError> {
    Ok(DELETE_CATEGORY.query_one(sql, &[brand.into(), code.into()])?.is_some())
}

/// Every category of a brand.
///
/// # Errors
/// A failure of storage.
pub fn list_categories(sql: &dyn Sql, brand: &str) -> Result<Vec<BrandCategory>, StoreError> {
    let mut rows = CATEGORIES.query(sql, &[brand.into()])?;
    rows.iter_mut().map(|row| read("brand category", &row.text()?)).collect()
}

/// Writes an item.
///
/// # Errors
/// A failure of storage.
pub fn put_item(
    sql: &dyn Sql,
    brand: &str,
    item: &BrandItem,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let content = write("brand item", item)?;
    PUT_ITEM.run(
        sql,
        &[
            brand.into(),
            item.code.as_str().into(),
            content.into(),
            by.map(StaffId::raw).into(),
            now.millis().into(),
        ],
    )
}

/// Removes an item; false when there was none.
///
/// # Errors
/// A failure of storage.
pub fn delete_item(sql: &dyn Sql, brand: &str, code: &str) -> Result<bool, StoreError> {
    Ok(DELETE_ITEM.query_one(sql, &[brand.into(), code.into()])?.is_some())
}

/// One item.
///
/// # Errors
/// A failure of storage.
pub fn load_item(sql: &dyn Sql, brand: &str, code: &str) -> Result<Option<BrandItem>, StoreError> {
    let Some(mut row) = ITEM.query_one(sql, &[brand.into(), code.into()])? else { return Ok(None) };
    read("brand item", &row.text()?).map(Some)
}

/// Every item of a brand.
///
/// # Errors
/// A failure of storage.
pub fn list_items(sql: &dyn Sql, brand: &str) -> Result<Vec<BrandItem>, StoreError> {
    let mut rows = ITEMS.query(sql, &[brand.into(), ITEMS_MAX.into()])?;
    rows.iter_mut().map(|row| read("brand item", &row.text()?)).collect()
}

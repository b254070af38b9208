//! Categories, items, gaps.

use api::problem as p;
use api::wire::brand_menu::{CategoriesReply, GapReply, GapsReply, ItemPage};
use menu::brand::{BrandCategory, BrandItem};
use shop::menu_brand;
use store::brands;
use store::menus::brand as stored;
use store::transaction::transaction;
use web::{Call, Problem, Reply, body, paging};

use crate::run::{brand, by, code, in_order};

/// Items on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;
/// Gaps in a reply.
const GAPS_MAX: usize = 500;

/// Every category.
pub fn categories(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = known(call)?;
    let mut items = stored::list_categories(call.sql, &brand)?;
    in_order(&mut items);
    Reply::json(200, &CategoriesReply { items })
}

/// Writes a category under the code in the path.
pub fn write_category(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (brand(call)?, call.parameter("code", code)?);
    let category: BrandCategory = body::json(&call.request)?;
    same_code(&category.code, &code)?;
    transaction(call.sql, |tx| menu_brand::put_category(tx, &brand, &category, call.now))?;
    Reply::json(200, &category)
}

/// Removes a category.
pub fn delete_category(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (brand(call)?, call.parameter("code", code)?);
    transaction(call.sql, |tx| menu_brand::delete_category(tx, &brand, &code))?;
    Ok(Reply::empty(204))
}

/// A page of items.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let brand = known(call)?;
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let after = call.request.query("cursor").unwrap_or_default();
    let mut items = stored::list_items(call.sql, &brand)?;
    items.retain(|item| item.code > after);
    let more = paging::cut(&mut items, limit);
    let next_cursor = items.last().filter(|_| more).map(|last| last.code.clone());
    Reply::json(200, &ItemPage { items, next_cursor })
}

/// One item.
pub fn read(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (brand(call)?, call.parameter("code", code)?);
    let item = stored::load_item(call.sql, &brand, &code)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Reply::json(200, &item)
}

/// Writes an item under the code in the path.
pub fn write(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (brand(call)?, call.parameter("code", code)?);
    let item: BrandItem = body::json(&call.request)?;
    same_code(&item.code, &code)?;
    transaction(call.sql, |tx| menu_brand::put_item(tx, &brand, &item, by(call), call.now))?;
    Reply::json(200, &item)
}

/// Removes an item.
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let (brand, code) = (brand(call)?, call.parameter("code", code)?);
    transaction(call.sql, |tx| menu_brand::delete_item(tx, &brand, &code))?;
    Ok(Reply::empty(204))
}

/// What outlets lack.
pub fn gaps(call: &Call<'_>) -> Result<Reply, Problem> {
    let found = menu_brand::assortment_gaps(call.sql, &brand(call)?)?;
    let more = found.len() > GAPS_MAX;
    let gap = |gap: menu_brand::Gap| GapReply {
        outlet: gap.outlet,
        item: gap.item,
        peers: gap.peers as u64,
        selling: gap.selling as u64,
    };
    Reply::json(200, &GapsReply { items: found.into_iter().take(GAPS_MAX).map(gap).collect(), more })
}

fn same_code(sent: &str, path: &str) -> Result<(), Problem> {
    if sent == path {
        return Ok(());
    }
    Err(Problem::of(&p::INVALID_FIELD).at("/code", "another code than the path's"))
}

/// A brand that exists.
fn known(call: &Call<'_>) -> Result<String, Problem> {
    let brand = brand(call)?;
    brands::load(call.sql, &brand)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    Ok(brand)
}

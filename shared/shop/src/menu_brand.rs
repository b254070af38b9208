//! The brand's menu and its matches: what the back office writes and decides.

use std::collections::BTreeSet;

use ::menu::brand::{self as brand_menu, BrandCategory, BrandItem};
use ::menu::chain::Product;
use ::menu::gaps;
use ::menu::mapping;
use ::menu::matching;
use kernel::{IikoAccountId, OutletId, StaffId, Timestamp};
use store::menus::accounts::{self, Account};
use store::menus::matches::{self, Match};
use store::menus::snapshots::{self, Changed};
use store::menus::tills::{self, OutletTill};
use store::menus::{brand, chains, directory};
use store::{Sql, StoreError};

mod check;
mod decide;

use check::{check, check_code, check_names, refuse};
use decide::decided;
pub use decide::{confirm, confirm_all, findings, reject, reopen};

/// Most characters of a code, a name, a description, an address of a picture.
pub const CODE_LEN_MAX: usize = 64;
/// Most characters of a name.
pub const NAME_LEN_MAX: usize = 200;
/// Most characters of a description.
pub const DESCRIPTION_LEN_MAX: usize = 2_000;
/// Most characters of an address.
pub const URL_LEN_MAX: usize = 500;
/// Most categories of a brand.
pub const CATEGORIES_MAX: usize = 100;

/// A pointer into what was sent, and what is wrong there.
pub type Fault = (String, &'static str);

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such brand")]
    UnknownBrand,
    #[error("no such account")]
    UnknownAccount,
    #[error("the brand has no such item")]
    UnknownItem,
    #[error("the chain has no such product")]
    UnknownProduct,
    #[error("no such outlet")]
    UnknownOutlet,
    /// What was sent does not fit; each fault has its pointer.
    #[error("does not fit")]
    Invalid(Vec<Fault>),
    #[error("items are still in the category")]
    CategoryInUse,
    #[error("the brand has as many as it may have")]
    TooMany,
}

/// Writes a category.
///
/// # Errors
/// See [`Refused`].
pub fn put_category(
    tx: &dyn Sql,
    brand_code: &str,
    category: &BrandCategory,
    now: Timestamp,
) -> Result<(), Refused> {
    known_brand(tx, brand_code)?;
    let mut faults = Vec::new();
    check_code(&mut faults, "/code", &category.code);
    check_names(&mut faults, "/names", &category.names, NAME_LEN_MAX);
    refuse(faults)?;
    let known = brand::list_categories(tx, brand_code)?;
    if known.len() >= CATEGORIES_MAX && known.iter().all(|known| known.code != category.code) {
        return Err(Refused::TooMany);
    }
    brand::put_category(tx, brand_code, category, now)?;
    Ok(snapshots::want(tx, Changed::Brand(brand_code))?)
}

/// Removes a category that has no items.
///
/// # Errors
/// See [`Refused`].
pub fn delete_category(tx: &dyn Sql, brand_code: &str, code: &str) -> Result<(), Refused> {
    if brand::list_items(tx, brand_code)?.iter().any(|item| item.category == code) {
        return Err(Refused::CategoryInUse);
    }
    if !brand::delete_category(tx, brand_code, code)? {
        return Err(Refused::UnknownItem);
    }
    Ok(snapshots::want(tx, Changed::Brand(brand_code))?)
}

/// Writes an item.
///
/// # Errors
/// See [`Refused`].
pub fn put_item(
    tx: &dyn Sql,
    brand_code: &str,
    item: &BrandItem,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<(), Refused> {
    known_brand(tx, brand_code)?;
    let categories = brand::list_categories(tx, brand_code)?;
    let mut faults = check(item);
    if categories.iter().all(|category| category.code != item.category) {
        faults.push(("/category".to_owned(), "the brand has no such category"));
    }
    refuse(faults)?;
    if brand::load_item(tx, brand_code, &item.code)?.is_none() {
        let count = i64::try_from(brand::list_items(tx, brand_code)?.len()).unwrap_or(i64::MAX);
        if count >= brand::ITEMS_MAX {
            return Err(Refused::TooMany);
        }
    }
    brand::put_item(tx, brand_code, item, by, now)?;
    Ok(snapshots::want(tx, Changed::Brand(brand_code))?)
}

/// Removes an item; what was decided about it stays and has no effect.
///
/// # Errors
/// See [`Refused`].
pub fn delete_item(tx: &dyn Sql, brand_code: &str, code: &str) -> Result<(), Refused> {
    if !brand::delete_item(tx, brand_code, code)? {
        return Err(Refused::UnknownItem);
    }
    Ok(snapshots::want(tx, Changed::Brand(brand_code))?)
}

/// Makes the brand's items after a chain's products where the brand has none of that code, and confirms them: how a
/// brand's menu begins. Says how many were made.
///
/// # Errors
/// See [`Refused`].
pub fn adopt(
    tx: &dyn Sql,
    brand_code: &str,
    account: IikoAccountId,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<usize, Refused> {
    own_account(tx, brand_code, account)?;
    let mut known: BTreeSet<String> =
        brand::list_items(tx, brand_code)?.into_iter().map(|item| item.code).collect();
    let mut categories = brand::list_categories(tx, brand_code)?;
    let settled: BTreeSet<String> =
        decided(tx, account)?.0.into_iter().map(|(_, mapping)| mapping.product_id).collect();
    let mut made = 0;
    for product in chains::list_catalogue(tx, account)? {
        if !product.is_for_sale() || settled.contains(&product.id) {
            continue;
        }
        let Some(mut item) = brand_menu::adopt(&product, "") else { continue };
        if known.contains(&item.code)
            || known.len() >= usize::try_from(brand::ITEMS_MAX).unwrap_or(usize::MAX)
        {
            continue;
        }
        item.category = category_for(tx, brand_code, &mut categories, &product, now)?;
        if !check(&item).is_empty() {
            continue;
        }
        brand::put_item(tx, brand_code, &item, by, now)?;
        known.insert(item.code.clone());
        let mapping = mapping::pair(&item, &product);
        let score = matching::score(&item, &product).score;
        let decision =
            Match { item: item.code, mapping, is_confirmed: true, score, decided_by: by, decided_at: now };
        matches::put(tx, account, &decision)?;
        made += 1;
    }
    snapshots::want(tx, Changed::Brand(brand_code))?;
    Ok(made)
}

/// The brand's category of a chain's, made where there is none of that name.
fn category_for(
    tx: &dyn Sql,
    brand_code: &str,
    categories: &mut Vec<BrandCategory>,
    product: &Product,
    now: Timestamp,
) -> Result<String, Refused> {
    let name = product.category.as_deref().filter(|name| !name.is_empty()).unwrap_or("Menu");
    if let Some(known) = categories.iter().find(|known| mapping::likeness(&known.names, name) == 1_000) {
        return Ok(known.code.clone());
    }
    if categories.len() >= CATEGORIES_MAX {
        return Err(Refused::TooMany);
    }
    let position = u32::try_from(categories.len()).unwrap_or(u32::MAX);
    let code = format!("c{}", position + 1);
    let category = BrandCategory { code: code.clone(), names: brand_menu::same_names(name), position };
    brand::put_category(tx, brand_code, &category, now)?;
    categories.push(category);
    Ok(code)
}

/// Writes where an outlet's orders go, and from then on it has a menu.
///
/// # Errors
/// See [`Refused`].
pub fn put_till(tx: &dyn Sql, till: &OutletTill, now: Timestamp) -> Result<(), Refused> {
    let outlet = store::outlets::load(tx, till.outlet)?.ok_or(Refused::UnknownOutlet)?;
    own_account(tx, &outlet.brand, till.account)?;
    let mut faults = Vec::new();
    let organizations = directory::list_organizations(tx, till.account)?;
    let organization = organizations.iter().find(|known| known.id == till.organization);
    match organization {
        None => faults.push(("/organization".to_owned(), "the account has no such organisation")),
        Some(known) if known.currency.as_deref().is_some_and(|code| code != outlet.currency.code()) => {
            faults.push(("/organization".to_owned(), "the organisation sells in another currency"));
        }
        Some(_) => {}
    }
    let terminals = directory::list_terminals(tx, till.account)?;
    let fits = |known: &&directory::Terminal| {
        known.id == till.terminal_group && known.organization == till.organization
    };
    if !terminals.iter().any(|known| fits(&known)) {
        faults.push(("/terminal_group".to_owned(), "the organisation has no such terminal group"));
    }
    let payments = directory::list_payment_types(tx, till.account)?;
    for (pointer, named) in
        [("/payment_type", &till.payment_type), ("/points_payment_type", &till.points_payment_type)]
    {
        if named.as_ref().is_some_and(|id| payments.iter().all(|known| known.id != *id)) {
            faults.push((pointer.to_owned(), "the account has no such payment type"));
        }
    }
    let orders = directory::list_order_types(tx, till.account)?;
    if till.order_type.as_ref().is_some_and(|id| orders.iter().all(|known| known.id != *id)) {
        faults.push(("/order_type".to_owned(), "the account has no such order type"));
    }
    refuse(faults)?;
    tills::put(tx, till, now)?;
    directory::set_menu_due(tx, till.account, &till.organization, now)?;
    Ok(snapshots::want(tx, Changed::Outlet(till.outlet))?)
}

/// What an outlet lacks although those like it sell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The chain's own number.
    pub outlet: String,
    pub item: String,
    pub peers: usize,
    pub selling: usize,
}

/// Gaps in the assortments of a brand's outlets, widest first.
///
/// # Errors
/// See [`Refused`].
pub fn assortment_gaps(sql: &dyn Sql, brand_code: &str) -> Result<Vec<Gap>, Refused> {
    known_brand(sql, brand_code)?;
    let (outlets, sold): (Vec<String>, Vec<Vec<String>>) =
        snapshots::list_items(sql, brand_code)?.into_iter().unzip();
    let gap = |gap: gaps::Gap| Gap {
        outlet: outlets[gap.outlet].clone(),
        item: gap.item,
        peers: gap.peers,
        selling: gap.selling,
    };
    Ok(gaps::find(&sold).into_iter().map(gap).collect())
}

/// An account of this brand.
///
/// # Errors
/// [`Refused::UnknownAccount`]; a failure of storage.
pub fn own_account(sql: &dyn Sql, brand_code: &str, id: IikoAccountId) -> Result<Account, Refused> {
    accounts::load(sql, id)?.filter(|account| account.brand == brand_code).ok_or(Refused::UnknownAccount)
}

/// Where an outlet's orders go.
///
/// # Errors
/// A failure of storage.
pub fn till(sql: &dyn Sql, outlet: OutletId) -> Result<Option<OutletTill>, StoreError> {
    tills::load(sql, outlet)
}

fn known_brand(sql: &dyn Sql, brand_code: &str) -> Result<(), Refused> {
    store::brands::load(sql, brand_code)?.map(drop).ok_or(Refused::UnknownBrand)
}

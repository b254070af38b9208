//! The brand's menu and its matches: what the back office writes and decides.

use std::collections::{BTreeMap, BTreeSet};

use ::menu::brand::{
    self as brand_menu, ALIASES_MAX, BrandCategory, BrandItem, GROUPS_MAX, MODIFIERS_MAX, SIZES_MAX,
};
use ::menu::chain::Product;
use ::menu::gaps;
use ::menu::mapping::{self, Mapping};
use ::menu::matching::{self, Findings};
use kernel::{IikoAccountId, OutletId, StaffId, Timestamp};
use notation::Names;
use store::menus::accounts::{self, Account};
use store::menus::matches::{self, Match};
use store::menus::snapshots::{self, Changed};
use store::menus::tills::{self, OutletTill};
use store::menus::{brand, chains, directory};
use store::{Sql, StoreError};

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

/// What matching finds for a chain: proposals, conflicts, what is unmatched. Reads only.
///
/// # Errors
/// See [`Refused`].
pub fn findings(sql: &dyn Sql, brand_code: &str, account: IikoAccountId) -> Result<Findings, Refused> {
    own_account(sql, brand_code, account)?;
    let items = brand::list_items(sql, brand_code)?;
    let products = chains::list_catalogue(sql, account)?;
    let (confirmed, rejected) = decided(sql, account)?;
    Ok(matching::find(&items, &products, &confirmed, &rejected))
}

/// What has been decided about a chain: confirmed pairs, rejected ones.
type Decided = (Vec<(String, Mapping)>, BTreeSet<(String, String)>);

fn decided(sql: &dyn Sql, account: IikoAccountId) -> Result<Decided, StoreError> {
    let (mut confirmed, mut rejected) = (Vec::new(), BTreeSet::new());
    for decision in matches::list(sql, account)? {
        if decision.is_confirmed {
            confirmed.push((decision.item, decision.mapping));
        } else {
            rejected.insert((decision.item, decision.mapping.product_id));
        }
    }
    Ok((confirmed, rejected))
}

/// Confirms that a product is an item, with the parts as `mapping` says or, without, as they pair by themselves. An
/// earlier confirmation of either is replaced.
///
/// # Errors
/// See [`Refused`].
pub fn confirm(
    tx: &dyn Sql,
    brand_code: &str,
    account: IikoAccountId,
    item: &str,
    product: &str,
    parts: Option<Mapping>,
    by: (Option<StaffId>, Timestamp),
) -> Result<Mapping, Refused> {
    own_account(tx, brand_code, account)?;
    let item = brand::load_item(tx, brand_code, item)?.ok_or(Refused::UnknownItem)?;
    let product = chains::load_product(tx, account, product)?.ok_or(Refused::UnknownProduct)?;
    let mapping = match parts {
        Some(parts) => {
            refuse(check_mapping(&item, &product, &parts))?;
            parts
        }
        None => mapping::pair(&item, &product),
    };
    let score = matching::score(&item, &product).score;
    let decision = Match {
        item: item.code,
        mapping: mapping.clone(),
        is_confirmed: true,
        score,
        decided_by: by.0,
        decided_at: by.1,
    };
    matches::put(tx, account, &decision)?;
    snapshots::want(tx, Changed::Account(account))?;
    Ok(mapping)
}

/// Confirms every proposal that scores at least `score_min`; says how many.
///
/// # Errors
/// See [`Refused`].
pub fn confirm_all(
    tx: &dyn Sql,
    brand_code: &str,
    account: IikoAccountId,
    score_min: u32,
    by: (Option<StaffId>, Timestamp),
) -> Result<usize, Refused> {
    let found = findings(tx, brand_code, account)?;
    let mut confirmed = 0;
    for (candidate, mapping) in found.proposals {
        if candidate.score < score_min {
            continue;
        }
        let decision = Match {
            item: candidate.item,
            mapping,
            is_confirmed: true,
            score: candidate.score,
            decided_by: by.0,
            decided_at: by.1,
        };
        matches::put(tx, account, &decision)?;
        confirmed += 1;
    }
    if confirmed > 0 {
        snapshots::want(tx, Changed::Account(account))?;
    }
    Ok(confirmed)
}

/// Says that a product is not an item: it is not proposed again, and a confirmation of this pair ends.
///
/// # Errors
/// See [`Refused`].
pub fn reject(
    tx: &dyn Sql,
    brand_code: &str,
    account: IikoAccountId,
    item: &str,
    product: &str,
    by: (Option<StaffId>, Timestamp),
) -> Result<(), Refused> {
    own_account(tx, brand_code, account)?;
    let mapping = Mapping { product_id: product.to_owned(), sizes: Vec::new(), modifiers: Vec::new() };
    let decision = Match {
        item: item.to_owned(),
        mapping,
        is_confirmed: false,
        score: 0,
        decided_by: by.0,
        decided_at: by.1,
    };
    matches::put(tx, account, &decision)?;
    Ok(snapshots::want(tx, Changed::Account(account))?)
}

/// Takes a confirmation back: the item is open again.
///
/// # Errors
/// See [`Refused`].
pub fn reopen(tx: &dyn Sql, brand_code: &str, account: IikoAccountId, item: &str) -> Result<(), Refused> {
    own_account(tx, brand_code, account)?;
    if !matches::drop_confirmed(tx, account, item)? {
        return Err(Refused::UnknownItem);
    }
    Ok(snapshots::want(tx, Changed::Account(account))?)
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

fn refuse(faults: Vec<Fault>) -> Result<(), Refused> {
    if faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(faults)) }
}

fn check(item: &BrandItem) -> Vec<Fault> {
    let mut faults = Vec::new();
    check_code(&mut faults, "/code", &item.code);
    check_names(&mut faults, "/names", &item.names, NAME_LEN_MAX);
    if let Some(description) = &item.description {
        check_names(&mut faults, "/description", description, DESCRIPTION_LEN_MAX);
    }
    if item.image.as_ref().is_some_and(|image| !image.starts_with("https://") || image.len() > URL_LEN_MAX) {
        faults.push(("/image".to_owned(), "must begin with https:// and have at most 500 characters"));
    }
    if item.tags.len() > ALIASES_MAX || item.aliases.len() > ALIASES_MAX {
        faults.push(("/aliases".to_owned(), "at most 30 tags and 30 other names"));
    }
    for (at, word) in item.tags.iter().enumerate() {
        check_code(&mut faults, &format!("/tags/{at}"), word);
    }
    for (at, word) in item.aliases.iter().enumerate() {
        check_text(&mut faults, format!("/aliases/{at}"), word, NAME_LEN_MAX);
    }
    if let Some(code) = &item.product_code {
        check_code(&mut faults, "/product_code", code);
    }
    if item.sizes.len() > SIZES_MAX || item.groups.len() > GROUPS_MAX {
        faults.push(("/sizes".to_owned(), "at most 20 sizes and 30 groups"));
    }
    for (at, size) in item.sizes.iter().enumerate() {
        check_code(&mut faults, &format!("/sizes/{at}/code"), &size.code);
        check_code(&mut faults, &format!("/sizes/{at}/product_code"), &size.product_code);
        check_names(&mut faults, &format!("/sizes/{at}/names"), &size.names, NAME_LEN_MAX);
        if item.sizes[..at].iter().any(|other| other.code == size.code) {
            faults.push((format!("/sizes/{at}/code"), "there twice"));
        }
    }
    check_groups(&mut faults, item);
    faults
}

fn check_groups(faults: &mut Vec<Fault>, item: &BrandItem) {
    let mut codes: BTreeMap<(&str, &str), ()> = BTreeMap::new();
    for (at, group) in item.groups.iter().enumerate() {
        check_code(faults, &format!("/groups/{at}/code"), &group.code);
        check_text_names(faults, &format!("/groups/{at}/names"), &group.names);
        if item.groups[..at].iter().any(|other| other.code == group.code) {
            faults.push((format!("/groups/{at}/code"), "there twice"));
        }
        if group.modifiers.len() > MODIFIERS_MAX {
            faults.push((format!("/groups/{at}/modifiers"), "at most 100 modifiers"));
        }
        for (place, modifier) in group.modifiers.iter().enumerate() {
            let pointer = format!("/groups/{at}/modifiers/{place}");
            check_code(faults, &format!("{pointer}/code"), &modifier.code);
            check_names(faults, &format!("{pointer}/names"), &modifier.names, NAME_LEN_MAX);
            if codes.insert((&group.code, &modifier.code), ()).is_some() {
                faults.push((format!("{pointer}/code"), "there twice"));
            }
        }
    }
}

fn check_mapping(item: &BrandItem, product: &Product, parts: &Mapping) -> Vec<Fault> {
    let mut faults = Vec::new();
    if parts.product_id != product.id {
        faults.push(("/mapping/product_id".to_owned(), "another product"));
    }
    if parts.sizes.is_empty() {
        faults.push(("/mapping/sizes".to_owned(), "at least one size"));
    }
    for (at, pair) in parts.sizes.iter().enumerate() {
        let own = if item.sizes.is_empty() {
            pair.size.is_empty()
        } else {
            item.sizes.iter().any(|size| size.code == pair.size)
        };
        if !own {
            faults.push((format!("/mapping/sizes/{at}/size"), "the item has no such size"));
        }
        if product.sizes.iter().all(|size| size.id != pair.size_id) {
            faults.push((format!("/mapping/sizes/{at}/size_id"), "the product has no such size"));
        }
        if parts.sizes[..at].iter().any(|other| other.size == pair.size || other.size_id == pair.size_id) {
            faults.push((format!("/mapping/sizes/{at}"), "paired twice"));
        }
    }
    let theirs = product.modifiers();
    for (at, pair) in parts.modifiers.iter().enumerate() {
        if !item.modifiers().any(|(_, modifier)| modifier.code == pair.modifier) {
            faults.push((format!("/mapping/modifiers/{at}/modifier"), "the item has no such modifier"));
        }
        if theirs.iter().all(|modifier| modifier.product_id != pair.product_id) {
            faults.push((format!("/mapping/modifiers/{at}/product_id"), "the product has no such modifier"));
        }
        let twice = |other: &mapping::ModifierPair| {
            other.modifier == pair.modifier || other.product_id == pair.product_id
        };
        if parts.modifiers[..at].iter().any(twice) {
            faults.push((format!("/mapping/modifiers/{at}"), "paired twice"));
        }
    }
    faults
}

fn check_code(faults: &mut Vec<Fault>, pointer: &str, code: &str) {
    let fits = (1..=CODE_LEN_MAX).contains(&code.chars().count())
        && !code.chars().any(|letter| letter.is_control() || letter == '/');
    if !fits {
        faults.push((
            pointer.to_owned(),
            "must have 1 to 64 characters, none of them a slash or a control character",
        ));
    }
}

fn check_names(faults: &mut Vec<Fault>, pointer: &str, names: &Names, max: usize) {
    for (lang, name) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
        check_text(faults, format!("{pointer}/{lang}"), name, max);
    }
}

/// A group's name may be empty: modifiers that stand alone have none.
fn check_text_names(faults: &mut Vec<Fault>, pointer: &str, names: &Names) {
    for (lang, name) in [("ru", &names.ru), ("kk", &names.kk), ("en", &names.en)] {
        if name.chars().count() > NAME_LEN_MAX {
            faults.push((format!("{pointer}/{lang}"), "too long"));
        }
    }
}

fn check_text(faults: &mut Vec<Fault>, pointer: String, text: &str, max: usize) {
    let count = text.chars().count();
    if count == 0 || count > max || text.chars().any(|letter| letter.is_control() && letter != '\n') {
        faults.push((pointer, "empty, too long, or with control characters"));
    }
}

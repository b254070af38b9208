//! Which product of a chain is which item: what is found, and what people decide.

use std::collections::BTreeSet;

use ::menu::mapping::{self, Mapping};
use ::menu::matching::{self, Findings};
use kernel::{IikoAccountId, StaffId, Timestamp};
use store::menus::matches::{self, Match};
use store::menus::snapshots::{self, Changed};
use store::menus::{brand, chains};
use store::{Sql, StoreError};

use super::check::{check_mapping, refuse};
use super::{Refused, own_account};

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
pub(super) type Decided = (Vec<(String, Mapping)>, BTreeSet<(String, String)>);

pub(super) fn decided(sql: &dyn Sql, account: IikoAccountId) -> Result<Decided, StoreError> {
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

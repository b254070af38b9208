//! What is read, in the shape in which it is stored.

use std::collections::BTreeMap;

use ::iiko::menu::organizations;
use ::menu::chain::{Product, Stop};
use kernel::Timestamp;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::menus::directory::Organization;

/// Characters of an error that are kept.
const ERROR_LEN_MAX: usize = 300;
/// Bytes of a digest that are kept.
const DIGEST_BYTES: usize = 16;

pub(super) fn described(organization: &organizations::Organization, now: Timestamp) -> Organization {
    Organization {
        id: organization.id.clone(),
        name: organization.name.clone(),
        code: organization.code.clone(),
        currency: organization.currency_iso_name.clone(),
        address: organization.restaurant_address.clone(),
        tax_number: organization.inn.clone(),
        revision: 0,
        menu_due_at: now,
        menu_synced_at: None,
        menu_error: None,
        seen_at: now,
        outlets: 0,
    }
}

/// Each product and size once, with the least that is said of it, in the order in which they are stored.
pub(super) fn least(stops: &[Stop]) -> Vec<Stop> {
    let mut found: BTreeMap<(String, String), u32> = BTreeMap::new();
    for stop in stops {
        let key = (stop.product_id.clone(), stop.size_id.clone().unwrap_or_default());
        let left = found.entry(key).or_insert(stop.left);
        *left = stop.left.min(*left);
    }
    found
        .into_iter()
        .map(|((product_id, size), left)| Stop {
            product_id,
            size_id: Some(size).filter(|size| !size.is_empty()),
            left,
        })
        .collect()
}

pub(super) fn digest(product: &Product) -> Result<String, StoreError> {
    let bytes = serde_json::to_vec(product)
        .map_err(|error| StoreError::Unreadable { what: "chain product", problem: error.to_string() })?;
    Ok(Sha256::digest(bytes).iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(ERROR_LEN_MAX).collect()
}

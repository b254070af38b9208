//! Promotions: their administration, the set that holds now, and what orders take of them.
//!
//! Reading order: [`administration`], [`snapshot`](mod@snapshot), [`allowances`](mod@allowances), [`reserve`](mod@reserve),
//! [`sold`].

pub mod administration;
pub mod allowances;
mod referral;
pub mod reserve;
pub mod snapshot;
pub mod sold;

use pricing::promotion::Promotion;
use store::StoreError;

pub use allowances::allowances;
pub use reserve::{Sale, Wanted, commit, release, reserve};
pub use snapshot::{Kept, snapshot};

/// Stored rules, read.
///
/// # Errors
/// When no known version of the schema reads them.
pub fn read_rules(rules: &str) -> Result<Promotion, StoreError> {
    serde_json::from_str(rules)
        .map_err(|error| StoreError::Unreadable { what: "promotion rules", problem: error.to_string() })
}

/// Rules as they are stored.
pub(crate) fn write_rules(rules: &Promotion) -> Result<String, StoreError> {
    serde_json::to_string(rules)
        .map_err(|error| StoreError::Unreadable { what: "promotion rules", problem: error.to_string() })
}

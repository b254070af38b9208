//! Who pays for a discount.

use serde::{Deserialize, Serialize};

/// A party that bears a share of a discount or of the points a promotion gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Funder {
    /// The chain's owner.
    Brand {},
    /// The legal entity that owns the outlet of the sale.
    Franchisee {},
    /// Somebody outside, such as a bank or a supplier of syrups.
    Partner { code: String },
}

/// What one funder bears of one discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    pub funder: Funder,
    /// Minor units of the cart's currency.
    pub amount_minor: i64,
}

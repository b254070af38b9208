//! The brand's menu, and how chains' products are matched to it.

use menu::brand::{BrandCategory, BrandItem};
use menu::mapping::Mapping;
use menu::matching::{Candidate, Conflict};
use serde::{Deserialize, Serialize};

/// Every category, in the order of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CategoriesReply {
    pub items: Vec<BrandCategory>,
}

/// A page of items, by code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemPage {
    pub items: Vec<BrandItem>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// What matching finds for a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatchesReply {
    /// What people have confirmed.
    pub confirmed: Vec<ConfirmedReply>,
    /// Pairs to confirm, with their score and its reasons.
    pub proposals: Vec<ProposalReply>,
    /// What a person has to tell apart, and what was confirmed and no longer fits.
    pub conflicts: Vec<Conflict>,
    /// Codes of items that nothing in the chain looks like.
    pub unmatched_items: Vec<String>,
    /// Products for sale that no item looks like.
    pub unmatched_products: Vec<ProductReply>,
}

/// A confirmed pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfirmedReply {
    pub item: String,
    pub mapping: Mapping,
    pub score: u32,
    /// `stf_…`
    pub decided_by: Option<String>,
    pub decided_at: String,
}

/// A pair to confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProposalReply {
    pub candidate: Candidate,
    /// What the chain calls it.
    pub product_name: String,
    pub mapping: Mapping,
}

/// A product of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductReply {
    /// The till's id.
    pub id: String,
    pub sku: String,
    pub name: String,
    pub category: Option<String>,
}

/// Confirms that a product is an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The till's id.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub product_id: String,
    /// Absent: the parts pair by themselves.
    #[serde(default)]
    pub mapping: Option<Mapping>,
}

/// Says that a product is not an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RejectBody {
    /// The till's id.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub product_id: String,
}

/// Confirms every proposal from a score on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmAllBody {
    /// From 0 to 1000.
    #[cfg_attr(feature = "schema", schemars(range(max = 1000)))]
    pub score_min: u32,
}

/// How many pairs, or items, there are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CountReply {
    pub count: u64,
}

/// What outlets lack although those like them sell it, widest gaps first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapsReply {
    pub items: Vec<GapReply>,
    /// There are more than are listed.
    pub more: bool,
}

/// What an outlet lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapReply {
    /// The chain's own number of the outlet.
    pub outlet: String,
    /// Code of the item.
    pub item: String,
    /// Outlets that sell nearly the same otherwise.
    pub peers: u64,
    /// Those of them that sell the item.
    pub selling: u64,
}

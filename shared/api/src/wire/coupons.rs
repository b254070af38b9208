//! Coupon batches, their codes, and guests' referral codes.

use serde::{Deserialize, Serialize};

/// A batch of coupons to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBatchBody {
    /// `prm_…`: what the codes open, where its conditions ask for a coupon.
    pub promotion: String,
    /// `generated`, `imported` or `referral`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["generated", "imported", "referral"])))]
    pub kind: String,
    /// For colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 120)))]
    pub label: String,
    /// How often one code may be used; absent: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_per_code: Option<u32>,
    /// How often one guest may use codes of the batch; absent: without limit. Referral codes need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_per_guest: Option<u32>,
    /// Absent: from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub valid_from: Option<String>,
    /// Without it. Absent: open end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub valid_until: Option<String>,
}

/// Codes to add to a batch: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NewCodesBody {
    /// So many of ours, with a check character.
    Generate(#[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))] u32),
    /// Somebody else's, 4 to 32 letters and digits each.
    Import(#[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))] Vec<String>),
}

/// How many codes came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewCodesReply {
    /// New ones; codes that the brand had already are left as they are.
    pub added: i64,
}

/// A batch as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchReply {
    /// `cpb_…`
    pub id: String,
    pub brand: String,
    pub promotion: String,
    pub kind: String,
    pub label: String,
    pub uses_per_code: Option<u32>,
    pub uses_per_guest: Option<u32>,
    pub valid_from: String,
    pub valid_until: Option<String>,
    /// Since when its codes are worthless.
    pub blocked_at: Option<String>,
    pub created_at: String,
}

/// A batch in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchRow {
    pub batch: BatchReply,
    pub codes: i64,
    pub uses: i64,
}

/// A page of batches, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchPage {
    pub items: Vec<BatchRow>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A code of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeRow {
    pub code: String,
    pub uses: u32,
    pub uses_max: Option<u32>,
}

/// A page of codes, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodePage {
    pub items: Vec<CodeRow>,
    pub next_cursor: Option<String>,
}

/// A guest's code for friends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReferralReply {
    pub code: String,
    /// How many friends have used it.
    pub uses: u32,
    pub valid_until: Option<String>,
}

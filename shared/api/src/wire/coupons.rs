//! Coupon batches, their codes, and guests' referral codes.

use serde::{Deserialize, Serialize};

use super::MoneyBody;

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
    /// With `referral` codes: what their owners get for a friend. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<ReferralReward>,
}

/// What the owner of a referral code gets when a friend buys with it for the first time. Taken back if the friend's
/// purchase comes back so far that it would not have earned it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReferralReward {
    /// For one friend.
    pub points: String,
    /// What the friend's purchase costs at least, after discounts; a currency that is not named has no minimum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 10)))]
    pub purchase_min: Vec<MoneyBody>,
    /// Rewards for one owner within `within_days`.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub rewards_max: u32,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3660)))]
    pub within_days: u32,
    /// How long the points are good; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3660)))]
    pub expires_days: Option<u32>,
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
    /// What owners of referral codes get for a friend.
    pub reward: Option<ReferralReward>,
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
    /// What the guest gets for a friend; null where nothing.
    pub reward: Option<ReferralReward>,
    /// Friends whose first purchase was with a code of the guest's, by now.
    pub friends: u32,
    /// Those of them who brought a reward that was not taken back, and how many points these were.
    pub friends_rewarded: u32,
    pub points_rewarded: String,
}

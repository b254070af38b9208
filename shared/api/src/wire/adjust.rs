//! Corrections of a balance.

use serde::{Deserialize, Serialize};

use super::PointsBalance;

/// Gives or takes points by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AdjustmentBody {
    /// Above zero given, below zero taken; not zero.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^-?[0-9]{1,9}(\.[0-9]{1,2})?$")))]
    pub points: String,
    /// Shown to the guest in their history.
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 200)))]
    pub reason: String,
    /// How long points given are good; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3660)))]
    pub expires_in_days: Option<u32>,
}

/// A correction that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdjustmentReply {
    /// `ent_…`
    pub entry: String,
    /// `mbr_…`
    pub member: String,
    pub points: String,
    pub balance: PointsBalance,
}

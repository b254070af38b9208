//! Verification of the ledger.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a look at a slice of members showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyReply {
    /// Members looked at.
    pub checked: i64,
    /// Ledger entries looked at.
    pub entries: i64,
    /// Empty when everything adds up. At most 100 of each kind.
    pub differences: Vec<DifferenceReply>,
    /// Pass as `cursor` for the next slice; null at the end.
    pub next_cursor: Option<String>,
    /// Points posted to each account in this slice. Over all accounts they sum to zero.
    pub totals: BTreeMap<String, String>,
}

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DifferenceReply {
    /// `mbr_…`; null when it concerns the database as such.
    pub member: Option<String>,
    /// Number of the invariant: `L1` to `L10`.
    pub invariant: String,
    /// The rule that is broken.
    pub what: String,
    /// The entry, lot, hold, receipt or return; null for the member itself.
    pub subject: Option<String>,
    pub expected: String,
    pub found: String,
}

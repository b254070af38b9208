//! Programme versions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The rules of a programme: `kv-schemas/loyalty.programme.v1.schema.json` says what may be in it.
pub type RulesBody = Map<String, Value>;

/// Publishes the next version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewVersionBody {
    /// The programme's rules; see `kv-schemas/loyalty.programme.v1.schema.json`.
    pub rules: RulesBody,
    /// Absent: from now on. Otherwise after the newest version's, and not in the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub effective_from: Option<String>,
    /// What changed and why, for colleagues.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub note: String,
}

/// A version. Never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionReply {
    /// `prv_…`
    pub id: String,
    pub brand: String,
    pub version: i64,
    /// In the programme's zone.
    pub effective_from: String,
    /// Whether it is the one in force now.
    pub in_force: bool,
    pub note: String,
    /// `stf_…`; null when the installation brought it.
    pub created_by: Option<String>,
    pub created_at: String,
    pub rules: RulesBody,
}

/// A page of versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionPage {
    pub items: Vec<VersionReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// What would keep the rules from being published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckReply {
    pub valid: bool,
    pub problems: Vec<RuleProblem>,
}

/// One thing wrong with the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleProblem {
    /// JSON pointer into the rules.
    pub pointer: String,
    /// In the language of the request.
    pub detail: String,
}

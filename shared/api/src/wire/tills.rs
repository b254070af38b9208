//! API keys of tills.

use serde::{Deserialize, Serialize};

/// Asks for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTillKeyBody {
    /// The chain's code of the outlet.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    /// Tells the tills of an outlet apart.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub label: String,
}

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewTillKeyReply {
    /// `key_…`
    pub id: String,
    pub outlet: String,
    pub label: String,
    /// The key itself, shown this once: only its hash is kept.
    pub key: String,
    pub created_at: String,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillKeyReply {
    /// `key_…`
    pub id: String,
    pub outlet: String,
    pub label: String,
    pub created_at: String,
    /// Null while it is good.
    pub revoked_at: Option<String>,
}

/// A page of keys, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillKeyPage {
    pub items: Vec<TillKeyReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

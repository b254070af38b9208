//! The session record that an access token leads to (key-value store, `session/v1/<hash of the token>`).

use serde::{Deserialize, Serialize};
use store::{Kv, StoreError};

use crate::auth::Principal;
use crate::problem::Problem;

/// Version and prefix of the key. The token itself is never stored.
const PREFIX: &str = "session/v1/";

/// Whose token it is. Lost with the key-value store: the holder refreshes and gets a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionV1 {
    pub subject: SubjectV1,
    /// The session's id, `ses_…`.
    pub session: String,
    /// When the access token ends, in milliseconds since the Unix epoch.
    pub expires_at: i64,
}

/// A guest or a member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SubjectV1 {
    Member {
        /// `mbr_…`
        id: String,
        brand: String,
    },
    Staff {
        /// `stf_…`
        id: String,
        role: String,
        scope: ScopeV1,
    },
}

/// The outlets that a member of staff acts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScopeV1 {
    Everything {},
    Franchisee {
        /// `frn_…`
        id: String,
    },
    Outlets {
        /// `out_…`
        ids: Vec<String>,
    },
}

/// The key for a token whose SHA-256 is `hash`.
#[must_use]
pub fn key(hash: &[u8]) -> String {
    let mut key = String::with_capacity(PREFIX.len() + hash.len() * 2);
    key.push_str(PREFIX);
    for byte in hash {
        key.push_str(&format!("{byte:02x}"));
    }
    key
}

/// The session under `key`, if there is one. A record of an unknown shape counts as absent: whoever holds the token
/// refreshes it, and a new version of the record can be rolled out without a migration.
///
/// # Errors
/// When the store fails.
pub async fn load(kv: &dyn Kv, key: &str) -> Result<Option<SessionV1>, StoreError> {
    let stored = kv.get(key).await?;
    Ok(stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Stores a session under `key`.
///
/// # Errors
/// When the store fails.
pub async fn save(kv: &dyn Kv, key: &str, session: &SessionV1) -> Result<(), Problem> {
    let bytes = serde_json::to_vec(session).map_err(|error| Problem::internal(error.to_string()))?;
    kv.set(key, &bytes).await.map_err(StoreError::from)?;
    Ok(())
}

impl SessionV1 {
    /// The record as a principal; `None` when an id or role in it is not one of ours.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        crate::auth::principal_of(self)
    }
}

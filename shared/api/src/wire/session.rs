//! Tokens of a signed-in guest.

use serde::{Deserialize, Serialize};

/// Exchanges a refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub refresh_token: String,
}

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokensReply {
    /// `ses_…`
    pub session: String,
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    pub access_expires_at: String,
    /// Works once. Keep it where the device keeps secrets, and replace it by the next one at once.
    pub refresh_token: String,
    pub refresh_expires_at: String,
}

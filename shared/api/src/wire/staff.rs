//! Staff: signing in, and who they are.

use serde::{Deserialize, Serialize};

/// Signs a member of staff in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub login: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub password: String,
    /// Six digits of the authenticator app. Left out at the first sign-in, which answers with what to put into the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{6}$")))]
    pub totp_code: Option<String>,
}

/// A session, or what has to be done before there can be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum SignInReply {
    SignedIn {
        /// Send it as `Authorization: Bearer …`. Shown once.
        access_token: String,
        /// There is no refresh: sign in again.
        expires_at: String,
        /// `stf_…`
        staff: String,
        role: String,
        scope: ScopeBody,
    },
    /// The second factor is not enrolled: put this into an authenticator app and sign in again with its code.
    SecondFactorNeeded {
        /// For a QR code.
        otpauth_url: String,
        /// For typing: base 32.
        secret: String,
    },
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScopeBody {
    /// The whole chain: marketers, finance, support, administrators.
    Everything {},
    /// The outlets of one franchisee.
    Franchisee {
        /// Code of the legal entity.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
        franchisee: String,
    },
    /// These outlets: baristas, outlet managers.
    Outlets {
        /// Codes of 1 to 100 outlets.
        #[cfg_attr(
            feature = "schema",
            schemars(length(min = 1, max = 100), inner(length(min = 1, max = 32)))
        )]
        outlets: Vec<String>,
    },
}

/// A person to take on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStaffBody {
    /// As tills send it with receipts.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub code: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 60)))]
    pub name: String,
    pub role: RoleBody,
    /// Code of the outlet where they usually work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: Option<String>,
    pub scope: ScopeBody,
}

/// Everything about a person but their code; replaces what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 60)))]
    pub name: String,
    pub role: RoleBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: Option<String>,
    pub scope: ScopeBody,
    pub status: StaffStatusBody,
}

/// Roles of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoleBody {
    Barista,
    OutletManager,
    Franchisee,
    Marketer,
    Finance,
    Support,
    Administrator,
}

/// Whether somebody still works here. Whoever has left cannot sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StaffStatusBody {
    Active,
    Left,
}

/// Gives a person a login and a password, and makes them enrol their second factor anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// Small Latin letters, digits, dots, hyphens, underscores and @.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9._@-]{3,64}$")))]
    pub login: String,
    /// At least 12 characters, five of them different.
    #[cfg_attr(feature = "schema", schemars(length(min = 12, max = 256)))]
    pub password: String,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffReply {
    /// `stf_…`
    pub id: String,
    pub code: String,
    pub name: String,
    pub role: String,
    pub outlet: Option<String>,
    /// Null when none is recorded: such a person cannot sign in.
    pub scope: Option<ScopeBody>,
    pub status: StaffStatusBody,
    /// Null without one.
    pub login: Option<String>,
    /// Whether the second factor is enrolled.
    pub second_factor: bool,
    pub created_at: String,
    pub changed_at: String,
}

/// A page of staff, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffPage {
    pub items: Vec<StaffReply>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

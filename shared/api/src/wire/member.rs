//! A guest's own record.

use serde::{Deserialize, Deserializer, Serialize};

use super::signup::{ConsentBody, ConsentKindBody, LanguageBody};

/// What is known about the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberReply {
    /// `mbr_…`
    pub id: String,
    pub brand: String,
    /// E.164.
    pub phone: Option<String>,
    pub name: Option<String>,
    /// `1990-04-13`, or `--04-13` where the guest kept the year.
    pub birthday: Option<String>,
    pub email: Option<String>,
    pub language: LanguageBody,
    /// Code of the tier in the brand's programme.
    pub tier: String,
    /// The chain's code of the outlet of the first receipt.
    pub home_outlet: Option<String>,
    pub joined_at: String,
}

/// Changes to the guest's record. An absent field stays, a null one is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    /// At least one letter, no control characters or angle brackets.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 60)))]
    pub name: Option<Option<String>>,
    /// `1990-04-13`, or `--04-13` without the year.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}$")))]
    pub birthday: Option<Option<String>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 254)))]
    pub email: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageBody>,
}

/// Tells a null from an absent field.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What the guest says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentsBody {
    /// Each kind at most once.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 4)))]
    pub consents: Vec<ConsentBody>,
}

/// What the guest agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentsReply {
    /// The latest of each kind.
    pub in_force: Vec<ConsentRecord>,
    /// Everything the guest ever said, oldest first.
    pub history: Vec<ConsentRecord>,
}

/// A recorded yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentRecord {
    pub kind: ConsentKindBody,
    pub granted: bool,
    pub text_version: String,
    /// Where it was said: `signup`, `app`, `erased`, an import.
    pub source: String,
    pub at: String,
}

/// Asks to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// Must be true: nothing brings the account back.
    pub confirm: bool,
}

/// The account is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EraseReply {
    /// `mbr_…`: what receipts and the ledger still name.
    pub member: String,
    pub erased_at: String,
}

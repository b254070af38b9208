//! Sign-up and sign-in by phone and one-time code.

use membership::profile::{ConsentKind, Language};
use serde::{Deserialize, Serialize};

/// A language the service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LanguageBody {
    Ru,
    Kk,
    En,
}

impl From<LanguageBody> for Language {
    fn from(body: LanguageBody) -> Self {
        match body {
            LanguageBody::Ru => Self::Ru,
            LanguageBody::Kk => Self::Kk,
            LanguageBody::En => Self::En,
        }
    }
}

impl From<Language> for LanguageBody {
    fn from(language: Language) -> Self {
        match language {
            Language::Ru => Self::Ru,
            Language::Kk => Self::Kk,
            Language::En => Self::En,
        }
    }
}

/// What a guest agrees to. `terms` and `personal_data` are required of every member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentKindBody {
    Terms,
    PersonalData,
    MarketingSms,
    MarketingPush,
}

impl From<ConsentKindBody> for ConsentKind {
    fn from(body: ConsentKindBody) -> Self {
        match body {
            ConsentKindBody::Terms => Self::Terms,
            ConsentKindBody::PersonalData => Self::PersonalData,
            ConsentKindBody::MarketingSms => Self::MarketingSms,
            ConsentKindBody::MarketingPush => Self::MarketingPush,
        }
    }
}

impl From<ConsentKind> for ConsentKindBody {
    fn from(kind: ConsentKind) -> Self {
        match kind {
            ConsentKind::Terms => Self::Terms,
            ConsentKind::PersonalData => Self::PersonalData,
            ConsentKind::MarketingSms => Self::MarketingSms,
            ConsentKind::MarketingPush => Self::MarketingPush,
        }
    }
}

/// A yes or no to one version of one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    pub kind: ConsentKindBody,
    /// The version that the guest saw.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9._:-]{1,64}$")))]
    pub text_version: String,
    pub granted: bool,
}

/// Asks for a code. Whether the phone is known makes no difference to the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignupBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub brand: String,
    /// A mobile number in any spelling; without `+` it is read as the brand's country dials it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub phone: String,
    /// Of the message, and of a new member.
    pub language: LanguageBody,
    /// Each kind at most once. A new member needs the required ones here or with the answer.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 4)))]
    pub consents: Vec<ConsentBody>,
}

/// A code is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChallengeReply {
    /// `otp_…`: name it in the answer.
    pub challenge: String,
    /// From then on the code is no longer good.
    pub expires_at: String,
    /// From then on another code may be asked for.
    pub resend_after: String,
    /// How many the code has.
    pub digits: usize,
}

/// Answers with the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyBody {
    /// Six digits.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{6}$")))]
    pub code: String,
    /// What the guest calls the device, for the list of their sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub device: Option<String>,
    /// Consents that did not come with the request for the code.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 4)))]
    pub consents: Vec<ConsentBody>,
}

/// The guest is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedInReply {
    /// `mbr_…`
    pub member: String,
    /// True for a guest who became a member with this answer.
    pub is_new: bool,
    /// `ses_…`
    pub session: String,
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    pub access_expires_at: String,
    /// Works once: see the exchange of refresh tokens.
    pub refresh_token: String,
    pub refresh_expires_at: String,
}

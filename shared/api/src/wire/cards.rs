//! A guest's cards.

use serde::{Deserialize, Serialize};

/// A card as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardReply {
    pub number: String,
    pub kind: CardKindBody,
    pub status: CardStatusBody,
    /// When it became the guest's.
    pub issued_at: Option<String>,
    /// Why it was blocked.
    pub reason: Option<String>,
    /// Number of the card that took its place.
    pub replaced_by: Option<String>,
}

/// What a card is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CardKindBody {
    Virtual,
    Plastic,
}

/// How a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CardStatusBody {
    Active,
    Blocked,
    Replaced,
}

/// Every card the guest ever held, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardsReply {
    pub items: Vec<CardReply>,
}

/// Links a plastic card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkBody {
    /// As printed; spaces and hyphens do not count.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9 -]{4,64}$")))]
    pub number: String,
}

/// Blocks a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockBody {
    pub reason: BlockReasonBody,
}

/// Why a guest blocks a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BlockReasonBody {
    Lost,
    Stolen,
    Other,
}

impl BlockReasonBody {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Other => "other",
        }
    }
}

/// What an app needs to show rotating codes by itself, also offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardKeyReply {
    pub number: String,
    /// Twenty bytes, base 32 (RFC 4648) without padding. Keep it where the device keeps secrets.
    pub key_base32: String,
    /// The same bytes in hexadecimal digits.
    pub key_hex: String,
    /// Of the one-time password (RFC 6238).
    pub algorithm: String,
    pub step_seconds: i64,
    /// What time it is here: the app corrects its clock by it.
    pub server_time: String,
    /// The same in milliseconds since the Unix epoch.
    pub server_time_ms: i64,
    pub formats: CodeFormats,
}

/// How a code is written from the card's number and the one-time password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeFormats {
    /// For a QR code; `{code8}` has eight digits.
    pub rich: String,
    /// For tills that read digits only; `{code6}` has six. Null where the number has other than thirteen digits.
    pub numeric: Option<String>,
}

/// The codes of this moment, for clients that keep no key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardCodeReply {
    pub number: String,
    /// For a QR code.
    pub rich: String,
    /// Twenty digits, for tills that read digits only. Null where the number has other than thirteen digits.
    pub numeric: Option<String>,
    /// Ask again then.
    pub refresh_at: String,
    pub server_time: String,
}

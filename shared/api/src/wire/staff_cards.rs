//! Discount cards of staff.

use serde::{Deserialize, Serialize};

use crate::wire::MoneyBody;

/// The caller's own card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffCardReply {
    pub number: String,
    /// For a QR code. Works once.
    pub code: String,
    /// When the code changes: ask again then.
    pub changes_at: String,
    pub issued_at: String,
    /// Whether a guest account is linked, to which awards in points go.
    pub linked: bool,
}

/// Whether somebody's card works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffCardStatusBody {
    pub active: bool,
}

/// How somebody's card stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffCardStatusReply {
    /// `stf_…`
    pub staff: String,
    pub active: bool,
    pub issued_at: String,
}

/// What staff's cards give. Limits are of one person, wherever they buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffCardRulesBody {
    /// RFC 3339; absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
    /// Off the whole purchase.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
    pub percent: i64,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
    pub day_uses: i64,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub month_uses: i64,
    /// Most discount in a day; its currency is that of the rules.
    pub day_discount: MoneyBody,
    pub month_discount: MoneyBody,
    /// Whether one may ring up one's own discount.
    #[serde(default)]
    pub own_hand: bool,
}

/// A version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffCardRulesReply {
    pub currency: String,
    pub version: i64,
    pub effective_from: String,
}

/// A card's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffCardCodeBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub code: String,
}

/// A guest account is linked with staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffLinkReply {
    /// `stf_…`
    pub staff: String,
}

/// A purchase for which a discount is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffDiscountCheckBody {
    /// As the scanner read it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub code: String,
    pub business_date: String,
    /// Code of whoever rings it up.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub rung_by: String,
    /// Before the discount.
    pub amount: MoneyBody,
}

/// A receipt with a staff discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffDiscountBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 128)))]
    pub code: String,
    pub business_date: String,
    /// Of the receipt: with outlet and date its natural key.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub number: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub rung_by: String,
    pub amount: MoneyBody,
}

/// A discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffDiscountReply {
    /// Code of the card's holder.
    pub staff: String,
    pub discount: MoneyBody,
}

/// Which discount is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffDiscountVoidBody {
    pub business_date: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub number: String,
}

/// A discount given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StaffDiscountVoidReply {
    pub discount: MoneyBody,
    pub voided_at: String,
}

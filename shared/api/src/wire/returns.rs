//! Returns of receipts, in full or in part.

use serde::{Deserialize, Serialize};

use super::{MoneyBody, PointsBalance};

/// A return. Outlet, business date and number identify it, as with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnBody {
    /// The chain's code of the outlet that takes the goods back; must be the till's own.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    /// The outlet's trading date, `2026-11-21`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub business_date: String,
    /// The till's number of the return receipt, unique within outlet and business date.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub number: String,
    /// The chain's code of whoever takes the goods back. Whoever sold them is known already, and is not meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub staff: Option<String>,
    /// When the goods came back, RFC 3339 with an offset.
    pub returned_at: String,
    /// The receipt that sold them.
    pub receipt: ReceiptReferenceBody,
    /// What comes back; absent: everything that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub lines: Option<Vec<ReturnLineBody>>,
}

/// Names a receipt by its natural key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptReferenceBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    pub business_date: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub number: String,
}

/// A quantity of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnLineBody {
    /// Of the receipt.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 9999)))]
    pub line_no: u32,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{1,6}(\.[0-9]{1,3})?$")))]
    pub quantity: String,
}

/// What the return did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReturnReply {
    /// `ret_…`
    pub id: String,
    /// `rcp_…` of the receipt.
    pub receipt: String,
    pub outlet: String,
    pub business_date: String,
    pub number: String,
    pub returned_at: String,
    pub recorded_at: String,
    /// Money to give back to the guest (what was paid with points comes back as points).
    pub refund: MoneyBody,
    /// Points given back that had paid for the goods, and their worth.
    pub points_back: String,
    pub points_back_value: MoneyBody,
    /// Points that the goods had earned and that are taken back.
    pub points_clawed: String,
    /// The part of these that had run out unspent, and so was gone already.
    pub points_expired: String,
    /// The part of these that the programme's clawback policy did not collect.
    pub points_forgiven: String,
    pub lines: Vec<ReturnLineReply>,
    /// The guest's points after this return; null for an anonymous sale.
    pub balance: Option<PointsBalance>,
}

/// What the return of a line did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReturnLineReply {
    pub line_no: u32,
    pub quantity: String,
    pub refund: MoneyBody,
    pub points_back: String,
    pub points_clawed: String,
}

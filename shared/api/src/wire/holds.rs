//! Holds: points reserved for an open receipt.

use serde::{Deserialize, Serialize};

use super::{GuestBody, MoneyBody, PointsBalance, ReasonBody};

/// Asks to reserve points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HoldBody {
    /// The chain's code of the outlet; must be the till's own.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    pub guest: GuestBody,
    /// Absent: as many as the programme allows on this receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{1,9}(\.[0-9]{1,2})?$")))]
    pub points: Option<String>,
    /// What the receipt comes to before points.
    pub receipt_total: MoneyBody,
}

/// A hold as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldReply {
    /// `hld_…`: name it in the receipt's `points` payment.
    pub id: String,
    pub status: HoldStatusBody,
    pub points: String,
    /// What the points stand for: the amount of the `points` payment.
    pub value: MoneyBody,
    /// Spent by the receipt; zero until captured.
    pub captured: String,
    /// When it lapses by itself.
    pub expires_at: String,
    /// `rcp_…` of the receipt that captured it.
    pub receipt: Option<String>,
    /// What limited the points, when fewer were asked for than wanted or none were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<ReasonBody>,
    pub balance: PointsBalance,
}

/// How a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldStatusBody {
    Authorised,
    Captured,
    Released,
    Lapsed,
}

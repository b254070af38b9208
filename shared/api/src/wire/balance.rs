//! A guest's balance.

use serde::{Deserialize, Serialize};

use super::MoneyBody;

/// Points and tier of the signed-in guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BalanceReply {
    /// Spendable now; below zero it is a debt left by a return.
    pub available: String,
    /// Reserved for open receipts.
    pub held: String,
    /// Granted, not yet spendable.
    pub pending: String,
    /// Null when nothing expires soon.
    pub expiring: Option<ExpiringReply>,
    pub tier: TierReply,
    /// Money value of one point, per currency.
    pub point_values: Vec<MoneyBody>,
}

/// Points that run out soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExpiringReply {
    pub points: String,
    /// When the first of them do.
    pub first_at: String,
    /// How far ahead was looked.
    pub within_days: i64,
}

/// The guest's tier and the way to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TierReply {
    pub code: String,
    /// In the language of the request.
    pub name: String,
    /// Share of what is paid that comes back as points' worth: `0.05`.
    pub earn_rate: String,
    /// Null at the highest tier, or where the next one is not reached by spending.
    pub progress: Option<ProgressReply>,
}

/// How far it is to the next tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProgressReply {
    pub next_tier: String,
    pub next_tier_name: String,
    /// In the current calendar month of the guest's home outlet.
    pub spent: MoneyBody,
    pub threshold: MoneyBody,
    pub left: MoneyBody,
}

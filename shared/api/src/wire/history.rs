//! A guest's history.

use serde::{Deserialize, Serialize};

use super::{MoneyBody, ReasonBody};

/// A page of history, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryReply {
    pub items: Vec<HistoryItem>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// One movement of points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryItem {
    /// `ent_…`
    pub id: String,
    /// Kind of ledger entry: accrual, activation, hold, capture, release, expiry, clawback, reinstatement, adjustment.
    pub kind: String,
    /// When it happened at the outlet.
    pub at: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Change of the spendable points, signed.
    pub available: String,
    /// Change of the pending points, signed.
    pub pending: String,
    /// Change of the held points, signed.
    pub held: String,
    pub reason: ReasonBody,
    /// Null where no receipt is behind it.
    pub receipt: Option<HistoryReceipt>,
}

/// The receipt behind a movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryReceipt {
    /// `rcp_…`
    pub id: String,
    pub outlet: String,
    pub outlet_name: String,
    pub business_date: String,
    pub number: String,
    pub total: MoneyBody,
}

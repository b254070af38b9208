//! Shifts.

use serde::{Deserialize, Serialize};

/// Somebody begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShiftOpenBody {
    /// Their code.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub staff: String,
    /// RFC 3339.
    pub opened_at: String,
}

/// Somebody ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShiftCloseBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub staff: String,
    /// RFC 3339.
    pub closed_at: String,
}

/// The end of a shift that was left open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShiftEndBody {
    /// RFC 3339.
    pub closed_at: String,
}

/// Shifts from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShiftImportBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub shifts: Vec<ShiftImportRow>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShiftImportRow {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub outlet: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 32)))]
    pub staff: String,
    pub opened_at: String,
    /// Absent while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
}

/// What became of each, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShiftImportReply {
    pub rows: Vec<ShiftImportOutcome>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShiftImportOutcome {
    /// `recorded`, `known` or `refused`.
    pub outcome: String,
    /// `shf_…`
    pub id: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// A shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShiftReply {
    /// `shf_…`
    pub id: String,
    /// Code of whoever works.
    pub staff: String,
    /// The outlet's day on which it began.
    pub business_date: String,
    pub opened_at: String,
    /// Null while it goes on.
    pub closed_at: Option<String>,
    /// `till`, `manager` or `import`.
    pub source: String,
}

/// Shifts of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShiftsReply {
    pub items: Vec<ShiftReply>,
}

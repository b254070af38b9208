//! Imports.

use serde::{Deserialize, Serialize};

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReply {
    /// `imp_…`; null after a dry run.
    pub id: Option<String>,
    pub kind: String,
    pub dry_run: bool,
    /// Rows in the file.
    pub rows: i64,
    /// Rows that changed something, or would have.
    pub applied: i64,
    /// Rows that are there already.
    pub unchanged: i64,
    /// Rows that were not applied.
    pub refused: i64,
    /// Bad cells in all.
    pub errors_total: i64,
    /// The first 1000 of them.
    pub errors: Vec<ImportError>,
}

/// A bad cell, or a row that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportError {
    /// Line of the file; the header is line 1.
    pub line: u64,
    /// As in the header; empty when the row as such is at fault.
    pub column: String,
    /// The cell, at most 64 characters of it.
    pub value: String,
    pub message: String,
}

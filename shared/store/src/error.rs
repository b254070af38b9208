//! What can go wrong in storage, apart from what a business rule refuses.

use crate::port::{KvError, SqlError};

/// A failure of storage. Business refusals are other types: nothing here is the client's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The statement, by the name of its constant, and what the database said.
    #[error("{statement}: {source}")]
    Sql { statement: &'static str, source: SqlError },
    /// A row does not say what its table promises. Never replaced by a default.
    #[error("inconsistent row in {statement}, column {column}: {problem}")]
    Inconsistent { statement: &'static str, column: usize, problem: &'static str },
    /// Stored JSON that no known version of its schema reads.
    #[error("inconsistent {what}: {problem}")]
    Unreadable { what: &'static str, problem: String },
    #[error(transparent)]
    Kv(#[from] KvError),
}

impl StoreError {
    /// True when a unique constraint refused the write.
    #[must_use]
    pub const fn is_unique(&self) -> bool {
        matches!(self, Self::Sql { source: SqlError::Unique(_), .. })
    }

    /// True when trying again later may help.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Sql { source: SqlError::Unavailable(_), .. } | Self::Kv(_))
    }
}

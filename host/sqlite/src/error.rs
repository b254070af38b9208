//! What can go wrong, as a closed set.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ffi;

/// Why a call failed. The text of [`Error::Sqlite`] is SQLite's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file could not be opened, or is no database.
    #[error("cannot open database {}: {message}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// SQLite's or the system's words.
        message: String,
    },
    /// SQLite refused or failed the statement.
    #[error("{message}")]
    Sqlite {
        /// SQLite's own message.
        message: String,
        /// SQLite's extended result code.
        code: i32,
    },
    /// The write lock was not free in time: held by another writer here or by another process.
    #[error("database is locked")]
    Busy {
        /// How long the statement waited.
        waited: Duration,
    },
    /// `execute` takes one statement.
    #[error("Multiple statements provided")]
    MultipleStatements,
    /// The statement has another number of parameters.
    #[error("wrong number of parameters: the statement has {expected}, {given} given")]
    ParameterCount {
        /// In the statement.
        expected: usize,
        /// By the caller.
        given: usize,
    },
    /// A text value in the database is not UTF-8.
    #[error("column {column} holds text that is not UTF-8")]
    InvalidText {
        /// Counted from zero.
        column: usize,
    },
    /// The statement returned more than fits. If it was a write, it has taken effect.
    #[error("result is larger than {max} bytes")]
    ResultTooLarge {
        /// The limit.
        max: usize,
    },
    /// The statement computed for longer than allowed and was stopped.
    #[error("statement stopped after {} ms", limit.as_millis())]
    TimeLimit {
        /// The limit it hit.
        limit: Duration,
    },
    /// The statement was stopped by an [`InterruptHandle`](crate::InterruptHandle).
    #[error("interrupted")]
    Interrupted,
    /// As many connections as allowed are open, and none was given back in time.
    #[error("too many open connections (limit {max})")]
    ConnectionLimit {
        /// The limit.
        max: usize,
    },
    /// A sync failed: what is in the WAL may or may not survive, so nothing is acknowledged any more.
    /// A statement that fails with this may or may not have taken effect.
    #[error("database refuses writes: {reason}")]
    Poisoned {
        /// What failed first.
        reason: Arc<str>,
    },
    /// The database was shut down.
    #[error("database is shut down")]
    Closed,
}

/// SQLite's extended code, if the error came from SQLite.
pub(crate) fn sqlite_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|e| e.extended_code)
}

/// Whether waiting can help: the lock is held by someone who will let go. `SQLITE_BUSY_SNAPSHOT` is not such:
/// the reader's snapshot is stale for good.
pub(crate) fn is_retryable_busy(error: &rusqlite::Error) -> bool {
    sqlite_code(error)
        .is_some_and(|code| code & PRIMARY_CODE_MASK == ffi::SQLITE_BUSY && code != ffi::SQLITE_BUSY_SNAPSHOT)
}

impl Error {
    /// Whether a sync inside SQLite failed, after which the kernel may have dropped what was to be synced.
    pub(crate) fn is_failed_sync(&self) -> bool {
        matches!(self, Self::Sqlite { code: ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC, .. })
    }
}

/// Whether the statement was interrupted.
pub(crate) fn is_interrupt(error: &rusqlite::Error) -> bool {
    sqlite_code(error).is_some_and(|code| code & PRIMARY_CODE_MASK == ffi::SQLITE_INTERRUPT)
}

/// The low byte of an extended result code is the primary one.
const PRIMARY_CODE_MASK: i32 = 0xff;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::MultipleStatement => Self::MultipleStatements,
            rusqlite::Error::InvalidParameterCount(given, expected) => {
                Self::ParameterCount { expected, given }
            }
            rusqlite::Error::SqliteFailure(code, Some(message)) => {
                Self::Sqlite { message, code: code.extended_code }
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => {
                Self::Sqlite { message: msg, code: error.extended_code }
            }
            other => {
                let code = sqlite_code(&other).unwrap_or(ffi::SQLITE_ERROR);
                Self::Sqlite { message: other.to_string(), code }
            }
        }
    }
}

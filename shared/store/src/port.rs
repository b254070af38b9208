//! The two low-level ports. Adapters implement them: `platform` for Spin, `native` here for plain rusqlite.

use std::future::Future;
use std::pin::Pin;

/// A value going into or coming out of a statement. No floating point: nothing stored needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
    Null,
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Rows as they came.
pub type Rows = Vec<Vec<Value>>;

/// What an adapter could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// A uniqueness rule refused the statement: somebody else was first.
    #[error("unique constraint: {0}")]
    Unique(String),
    /// The database was busy for longer than the host waits, or cannot be reached. Trying again may help.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// Anything else: a bug or a broken file.
    #[error("database: {0}")]
    Other(String),
}

impl SqlError {
    /// Sorts a driver's message into the three kinds. Spin's interface hands over SQLite's text and nothing else.
    #[must_use]
    pub fn from_message(message: String) -> Self {
        if message.contains("UNIQUE constraint failed") {
            Self::Unique(message)
        } else if message.contains("database is locked")
            || message.contains("busy")
            || message.contains("is full")
        {
            Self::Unavailable(message)
        } else {
            Self::Other(message)
        }
    }
}

/// A database connection. Synchronous: a transaction must not give way to another request of the same instance.
pub trait Sql {
    /// Runs one statement.
    ///
    /// # Errors
    /// See [`SqlError`].
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError>;
}

/// What a key-value call returns: a future in Spin's model, ready at once in a native one.
pub type KvFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, KvError>> + 'a>>;

/// The key-value store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key-value store: {0}")]
pub struct KvError(pub String);

/// A key-value store. Last write wins; nothing that is owed or counted lives here.
pub trait Kv {
    /// The value under `key`, if any.
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>>;
    /// Stores `value` under `key`.
    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()>;
    /// Removes `key`; absent is fine.
    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()>;
}

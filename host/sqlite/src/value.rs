//! Values in and rows out.

use std::sync::Arc;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::Error;

/// One SQLite value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL. A NaN bound as [`Value::Real`] becomes NULL too: SQLite has no NaN.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A double.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    pub(crate) fn read(value: ValueRef<'_>, column: usize) -> Result<Self, Error> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(i) => Self::Integer(i),
            ValueRef::Real(r) => Self::Real(r),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| Error::InvalidText { column })?;
                Self::Text(text.to_owned())
            }
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_owned()),
        })
    }
}

impl Value {
    /// Memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Null | Self::Integer(_) | Self::Real(_) => 0,
                Self::Text(text) => text.len(),
                Self::Blob(bytes) => bytes.len(),
            }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(i) => ValueRef::Integer(*i),
            Self::Real(r) => ValueRef::Real(*r),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What a statement returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// Column names, shared with the cached statement: taking them costs no allocation.
    pub columns: Arc<[String]>,
    /// One entry per row, one value per column.
    pub rows: Vec<Vec<Value>>,
}

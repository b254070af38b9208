//! The SQL port on spin:sqlite.
//!
//! The synchronous form of the interface is used: a transaction then never gives way to another request of the same
//! instance, so one connection per instance serves one transaction at a time by construction, and no stream or
//! future is made per statement.

use std::cell::RefCell;

use spin_sdk::sqlite::wit::sqlite as spin;
use store::Value;
use store::port::{Rows, Sql, SqlError};

/// Spin's name for the application's main database.
const DATABASE: &str = "default";

thread_local! {
    /// Open for as long as the instance lives.
    static CONNECTION: RefCell<Option<spin::Connection>> = const { RefCell::new(None) };
}

/// The instance's connection; opened by the first statement.
struct SpinSql;

/// The instance's connection.
pub fn connection() -> &'static dyn Sql {
    &SpinSql
}

impl Sql for SpinSql {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        CONNECTION.with_borrow_mut(|slot| {
            let connection = match slot {
                Some(open) => open,
                None => slot.insert(spin::Connection::open(DATABASE).map_err(|error| convert(&error))?),
            };
            let parameters: Vec<spin::Value> = parameters.iter().map(to_spin).collect();
            let result = connection.execute(statement, &parameters).map_err(|error| convert(&error))?;
            result.rows.into_iter().map(|row| row.values.into_iter().map(from_spin).collect()).collect()
        })
    }
}

fn to_spin(value: &Value) -> spin::Value {
    match value {
        Value::Integer(value) => spin::Value::Integer(*value),
        Value::Text(text) => spin::Value::Text(text.clone()),
        Value::Blob(bytes) => spin::Value::Blob(bytes.clone()),
        Value::Null => spin::Value::Null,
    }
}

fn from_spin(value: spin::Value) -> Result<Value, SqlError> {
    match value {
        spin::Value::Integer(value) => Ok(Value::Integer(value)),
        spin::Value::Text(text) => Ok(Value::Text(text)),
        spin::Value::Blob(bytes) => Ok(Value::Blob(bytes)),
        spin::Value::Null => Ok(Value::Null),
        spin::Value::Real(_) => Err(SqlError::Other("a column holds a floating point number".to_owned())),
    }
}

fn convert(error: &spin::Error) -> SqlError {
    match error {
        spin::Error::Io(message) => SqlError::from_message(message.clone()),
        spin::Error::DatabaseFull => SqlError::Unavailable("the database is full".to_owned()),
        spin::Error::NoSuchDatabase | spin::Error::AccessDenied | spin::Error::InvalidConnection => {
            SqlError::Other(format!("{error:?}: does spin.toml grant the database?"))
        }
    }
}

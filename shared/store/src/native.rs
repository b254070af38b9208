//! The ports over rusqlite and a map, for migrations, tests, the simulation and the native baseline.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use crate::dialect;
use crate::port::{Kv, KvFuture, Rows, Sql, SqlError, Value};

/// Cached prepared statements; the product has some 150.
const STATEMENT_CACHE: usize = 256;

/// A SQLite database in this process.
pub struct NativeSql {
    connection: Connection,
}

impl NativeSql {
    /// Opens (or creates) a database file and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or a migration fails.
    pub fn open(path: &Path) -> Result<Self, SqlError> {
        Self::prepare(Connection::open(path).map_err(|error| convert(&error))?)
    }

    /// A fresh database in memory with the whole schema.
    ///
    /// # Errors
    /// When a migration fails.
    pub fn in_memory() -> Result<Self, SqlError> {
        Self::prepare(Connection::open_in_memory().map_err(|error| convert(&error))?)
    }

    /// Wraps an open connection as it is.
    #[must_use]
    pub fn wrap(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        Self { connection }
    }

    /// The connection beneath, for what the port does not offer.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    fn prepare(connection: Connection) -> Result<Self, SqlError> {
        let this = Self::wrap(connection);
        for setting in dialect::FILE_SETTINGS {
            this.execute(setting, &[])?;
        }
        this.execute("pragma foreign_keys = on", &[])?;
        // As the host sets it: plans do not depend on bound values, so nothing is planned anew per call.
        let stable_plans = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
        this.connection.set_db_config(stable_plans, true).map_err(|error| convert(&error))?;
        this.migrate()?;
        Ok(this)
    }

    /// Applies the migrations that this database lacks, each in its own transaction.
    fn migrate(&self) -> Result<(), SqlError> {
        let run = |script: &str| self.connection.execute_batch(script).map_err(|error| convert(&error));
        run(
            "create table if not exists schema_migrations (name text primary key, applied_at text not null default current_timestamp)",
        )?;
        for (name, script) in dialect::MIGRATIONS {
            let known = self.execute("select 1 from schema_migrations where name = ?1", &[(*name).into()])?;
            if known.is_empty() {
                run(&format!(
                    "begin; {script}; insert into schema_migrations (name) values ('{name}'); commit;"
                ))
                .map_err(|error| SqlError::Other(format!("migration {name}: {error}")))?;
            }
        }
        Ok(())
    }
}

impl Sql for NativeSql {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let mut prepared = self.connection.prepare_cached(statement).map_err(|error| convert(&error))?;
        let columns = prepared.column_count();
        let bound = params_from_iter(parameters.iter().map(|value| match value {
            Value::Integer(value) => rusqlite::types::ToSqlOutput::from(*value),
            Value::Text(text) => rusqlite::types::ToSqlOutput::from(text.as_str()),
            Value::Blob(bytes) => rusqlite::types::ToSqlOutput::from(bytes.as_slice()),
            Value::Null => rusqlite::types::ToSqlOutput::from(rusqlite::types::Null),
        }));
        let mut cursor = prepared.query(bound).map_err(|error| convert(&error))?;
        let mut rows = Rows::new();
        while let Some(row) = cursor.next().map_err(|error| convert(&error))? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(read(row.get_ref(column).map_err(|error| convert(&error))?)?);
            }
            rows.push(values);
        }
        Ok(rows)
    }
}

fn read(value: ValueRef<'_>) -> Result<Value, SqlError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(value) => Ok(Value::Integer(value)),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map(Value::Text)
            .map_err(|_| SqlError::Other("a text column holds bytes that are not UTF-8".to_owned())),
        ValueRef::Real(_) => Err(SqlError::Other("a column holds a floating point number".to_owned())),
    }
}

fn convert(error: &rusqlite::Error) -> SqlError {
    SqlError::from_message(error.to_string())
}

/// A key-value store in memory.
#[derive(Debug, Default)]
pub struct NativeKv {
    values: RefCell<HashMap<String, Vec<u8>>>,
}

impl Kv for NativeKv {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        let value = self.values.borrow().get(key).cloned();
        Box::pin(std::future::ready(Ok(value)))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        self.values.borrow_mut().insert(key.to_owned(), value.to_vec());
        Box::pin(std::future::ready(Ok(())))
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        self.values.borrow_mut().remove(key);
        Box::pin(std::future::ready(Ok(())))
    }
}

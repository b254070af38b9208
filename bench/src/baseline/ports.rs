//! The ports of `store` and `web` over the host's SQLite engine, for threads that may block.

use std::cell::RefCell;
use std::future::ready;

use crema_sqlite::{Connection, Database};
use rusqlite::OptionalExtension as _;
use store::Value;
use store::port::{Kv, KvError, KvFuture, Rows, Sql, SqlError};
use web::Problem;

const GET: &str = "select value from spin_key_value where store = 'default' and key = ?1";
const SET: &str = "insert into spin_key_value (store, key, value) values ('default', ?1, ?2) \
     on conflict (store, key) do update set value = excluded.value";

/// Only the engine's port writes keys.
const READ_ONLY: &str = "no function that is measured over this port writes keys";

/// One request's connection.
pub struct EngineSql(RefCell<Connection>);

impl EngineSql {
    /// A connection from the pool.
    ///
    /// # Errors
    /// When too many are in use.
    pub fn connect(database: &Database) -> Result<Self, crema_sqlite::Error> {
        Ok(Self(RefCell::new(database.connect_blocking()?)))
    }
}

impl Sql for EngineSql {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let parameters: Vec<crema_sqlite::Value> = parameters.iter().map(to_engine).collect();
        let result = self.0.borrow_mut().execute_blocking(statement, &parameters);
        let result = result.map_err(|error| SqlError::from_message(error.to_string()))?;
        result.rows.into_iter().map(|row| row.into_iter().map(from_engine).collect()).collect()
    }
}

fn to_engine(value: &Value) -> crema_sqlite::Value {
    match value {
        Value::Integer(value) => crema_sqlite::Value::Integer(*value),
        Value::Text(text) => crema_sqlite::Value::Text(text.clone()),
        Value::Blob(bytes) => crema_sqlite::Value::Blob(bytes.clone()),
        Value::Null => crema_sqlite::Value::Null,
    }
}

fn from_engine(value: crema_sqlite::Value) -> Result<Value, SqlError> {
    match value {
        crema_sqlite::Value::Integer(value) => Ok(Value::Integer(value)),
        crema_sqlite::Value::Text(text) => Ok(Value::Text(text)),
        crema_sqlite::Value::Blob(bytes) => Ok(Value::Blob(bytes)),
        crema_sqlite::Value::Null => Ok(Value::Null),
        crema_sqlite::Value::Real(_) => {
            Err(SqlError::Other("a column holds a floating point number".to_owned()))
        }
    }
}

/// Spin's key-value table.
pub struct EngineKv<'d>(pub &'d Database);

impl Kv for EngineKv<'_> {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        Box::pin(ready(self.read(key).map_err(|error| KvError(error.to_string()))))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        Box::pin(ready(self.write(key, value).map_err(|error| KvError(error.to_string()))))
    }

    fn delete<'a>(&'a self, _: &'a str) -> KvFuture<'a, ()> {
        Box::pin(ready(Err(KvError(READ_ONLY.to_owned()))))
    }
}

impl EngineKv<'_> {
    fn write(&self, key: &str, value: &[u8]) -> Result<(), crema_sqlite::Error> {
        let value = crema_sqlite::Value::Blob(value.to_vec());
        self.0
            .connect_blocking()?
            .execute_blocking(SET, &[crema_sqlite::Value::Text(key.to_owned()), value])?;
        Ok(())
    }

    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, crema_sqlite::Error> {
        let mut connection = self.0.connect_blocking()?;
        let rows = connection.execute_blocking(GET, &[crema_sqlite::Value::Text(key.to_owned())])?.rows;
        Ok(match rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(crema_sqlite::Value::Blob(bytes)) => Some(bytes),
            _ => None,
        })
    }
}

/// Spin's key-value table without the engine.
pub struct KeyValueFile(pub rusqlite::Connection);

impl Kv for KeyValueFile {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        let found =
            self.0.prepare_cached(GET).and_then(|mut get| get.query_row([key], |row| row.get(0)).optional());
        Box::pin(ready(found.map_err(|error| KvError(error.to_string()))))
    }

    fn set<'a>(&'a self, _: &'a str, _: &'a [u8]) -> KvFuture<'a, ()> {
        Box::pin(ready(Err(KvError(READ_ONLY.to_owned()))))
    }

    fn delete<'a>(&'a self, _: &'a str) -> KvFuture<'a, ()> {
        Box::pin(ready(Err(KvError(READ_ONLY.to_owned()))))
    }
}

/// The one variable that the measured functions read.
pub struct Secret<'s>(pub &'s str);

impl web::Settings for Secret<'_> {
    fn get(&self, name: &'static str) -> Result<String, Problem> {
        if name == web::till::MASTER_SECRET {
            return Ok(self.0.to_owned());
        }
        Err(Problem::internal(format!("the baseline has no variable {name}")))
    }
}

/// No measured function calls a partner.
pub struct NoPartners;

impl partner::Exchange for NoPartners {
    fn exchange(&self, _: &partner::Request) -> Result<partner::Answer, partner::Fault> {
        Err(partner::Fault::NotSent("the baseline reaches no partner".to_owned()))
    }
}

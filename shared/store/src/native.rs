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

#[cfg(test)]
mod tests {
    use super::*;

    /// A database as it was before a migration.
    fn before(name: &str) -> NativeSql {
        let sql = NativeSql::wrap(Connection::open_in_memory().expect("a database"));
        sql.connection.execute_batch("pragma foreign_keys = on").expect("a setting");
        for (_, script) in dialect::MIGRATIONS.iter().take_while(|(known, _)| *known != name) {
            sql.connection.execute_batch(script).expect("a migration");
        }
        sql
    }

    /// The table of cases is made anew: its rows stay, and everything that refers to them.
    #[test]
    fn cases_outlive_their_table() {
        let sql = before("0020_fraud_three");
        let rows = "
            insert into brands (code, name, default_region, card_prefix, created_at) values ('b', 'B', 'KZ', '21', 0);
            insert into members (id, brand, language, status, tier, joined_at, changed_at)
                values (5, 'b', 'ru', 'active', 'x', 0, 0);
            insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at, decided_at,
                note, stopped_at) values (1, 'b', 5, 'overturned', 700, 'hold', 1, 2, 3, 'mistaken', 4);
            insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at)
                values (2, 'b', 5, 'open', 300, 'block', 5, 6);
            insert into fraud_standings values (5, 'block', 2, 5, null);
            insert into fraud_decisions (id, case_id, brand, event, mode, score, action, reasons, effective_at,
                recorded_at) values (1, 1, 'b', 'receipt', 'live', 700, 'hold', '[]', 1, 1);
            insert into fraud_delays (event, case_id, member_id, points, until_at) values ('receipt:1', 2, 5, 100, 9);
            insert into fraud_appeals (id, case_id, member_id, created_at) values (9, 2, 5, 7);
            insert into fraud_leavers values ('b', x'00', 'hold', 1, null, 1, 0);";
        sql.connection.execute_batch(rows).expect("rows");
        let script = dialect::MIGRATIONS.iter().find(|(name, _)| *name == "0020_fraud_three").expect("it").1;
        sql.connection.execute_batch(&format!("begin; {script}; commit;")).expect("migrated");
        let all =
            sql.execute("select id, status, score, action, note, stopped_at, subject from fraud_cases", &[]);
        let text = |text: &str| Value::Text(text.to_owned());
        let overturned = vec![
            Value::Integer(1),
            text("overturned"),
            Value::Integer(700),
            text("hold"),
            text("mistaken"),
            Value::Integer(4),
            Value::Null,
        ];
        let all = all.expect("rows");
        assert_eq!((all.len(), &all[0]), (2, &overturned));
        assert_eq!(sql.execute("pragma foreign_key_check", &[]).expect("checked"), Rows::new());
        // What refers to a case still has to have one, and an overturned one stays so.
        for refused in [
            "insert into fraud_appeals (id, case_id, member_id, created_at) values (10, 77, 5, 0)",
            "update fraud_cases set status = 'open', decided_at = null where id = 1",
            "insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at) \
             values (3, 'b', 5, 'open', 1, 'hold', 0, 0)",
        ] {
            assert!(sql.execute(refused, &[]).is_err(), "{refused}");
        }
    }
}

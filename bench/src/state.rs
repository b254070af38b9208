//! A state directory as the host lays it out: the application's database and the key-value file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use rusqlite::Connection;
use store::native::NativeSql;

/// File of the `default` database.
const DATABASE_FILE: &str = "sqlite_db.db";
/// File of the `default` key-value store.
const KEY_VALUE_FILE: &str = "sqlite_key_value.db";
/// Spin's table, to the letter.
const KEY_VALUE_TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL,
    key   TEXT NOT NULL,
    value BLOB NOT NULL,

    PRIMARY KEY (store, key)
)";
const KEY_VALUE_STORE: &str = "default";

/// Path of the application's database below `dir`.
#[must_use]
pub fn database_path(dir: &Path) -> PathBuf {
    dir.join(DATABASE_FILE)
}

/// Path of the key-value file below `dir`.
#[must_use]
pub fn key_value_path(dir: &Path) -> PathBuf {
    dir.join(KEY_VALUE_FILE)
}

/// An empty state directory with the current schema; what was there is removed.
///
/// # Errors
/// When the directory cannot be made.
pub fn create(dir: &Path) -> Result<NativeSql> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).with_context(|| dir.display().to_string())?;
    }
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let sql = NativeSql::open(&database_path(dir)).map_err(|error| anyhow!("{error}"))?;
    let kv = key_value(dir)?;
    kv.execute_batch("pragma journal_mode = wal")?;
    kv.execute(KEY_VALUE_TABLE, [])?;
    Ok(sql)
}

/// A connection to look with while the host may be running.
///
/// # Errors
/// When there is no such database.
pub fn reader(dir: &Path) -> Result<Connection> {
    let path = database_path(dir);
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).with_context(|| path.display().to_string())?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The key-value file.
///
/// # Errors
/// When it cannot be opened.
pub fn key_value(dir: &Path) -> Result<Connection> {
    let path = key_value_path(dir);
    Connection::open(&path).with_context(|| path.display().to_string())
}

/// Sets a key of the `default` store.
///
/// # Errors
/// When the file refuses.
pub fn set_key(kv: &Connection, key: &str, value: &[u8]) -> Result<()> {
    kv.prepare_cached("insert or replace into spin_key_value (store, key, value) values (?1, ?2, ?3)")?
        .execute((KEY_VALUE_STORE, key, value))?;
    Ok(())
}

/// Runs a query that answers with one integer; null counts as zero.
///
/// # Errors
/// When the database refuses it.
pub fn integer(connection: &Connection, sql: &str) -> Result<i64> {
    let value: Option<i64> =
        connection.query_row(sql, [], |row| row.get(0)).with_context(|| sql.to_owned())?;
    Ok(value.unwrap_or_default())
}

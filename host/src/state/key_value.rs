//! Key-value stores in Spin's table.

use std::sync::Arc;

use crema_sqlite::{Connection, Database, Value};

/// Spin's schema, to the letter, so that either host can open the other's file.
const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL,
    key   TEXT NOT NULL,
    value BLOB NOT NULL,

    PRIMARY KEY (store, key)
)";
const GET: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
const EXISTS: &str = "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2";
const SET: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
const KEYS: &str = "SELECT key FROM spin_key_value WHERE store = ?1";

/// One labelled store. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct KeyValueStore {
    label: Arc<str>,
    database: Database,
}

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] crema_sqlite::Error),
    /// The table holds something that is no value of ours.
    #[error("the store holds a value of the wrong type")]
    Foreign,
}

impl KeyValueStore {
    /// Opens the store `label` in `database`, making the table if missing.
    pub async fn open(label: &str, database: Database) -> Result<Self, StoreError> {
        database.connect().await?.execute(CREATE_TABLE, &[]).await?;
        Ok(Self { label: label.into(), database })
    }

    /// The value of `key`.
    pub async fn get(&self, key: String) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.connect().await?.execute(GET, &self.key(key)).await?.rows;
        match rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            None => Ok(None),
            Some(Value::Blob(bytes)) => Ok(Some(bytes)),
            Some(Value::Text(text)) => Ok(Some(text.into_bytes())),
            Some(_) => Err(StoreError::Foreign),
        }
    }

    /// Sets `key`, replacing what was there.
    pub async fn set(&self, key: String, value: Vec<u8>) -> Result<(), StoreError> {
        let [store, key] = self.key(key);
        self.connect().await?.execute(SET, &[store, key, Value::Blob(value)]).await?;
        Ok(())
    }

    /// Removes `key` if it is there.
    pub async fn delete(&self, key: String) -> Result<(), StoreError> {
        self.connect().await?.execute(DELETE, &self.key(key)).await?;
        Ok(())
    }

    /// Whether `key` has a value.
    pub async fn exists(&self, key: String) -> Result<bool, StoreError> {
        Ok(!self.connect().await?.execute(EXISTS, &self.key(key)).await?.rows.is_empty())
    }

    /// Every key, in no particular order.
    pub async fn keys(&self) -> Result<Vec<String>, StoreError> {
        let store = Value::Text(self.label.as_ref().to_owned());
        let rows = self.connect().await?.execute(KEYS, &[store]).await?.rows;
        rows.into_iter()
            .map(|row| match row.into_iter().next() {
                Some(Value::Text(key)) => Ok(key),
                _ => Err(StoreError::Foreign),
            })
            .collect()
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        Ok(self.database.connect().await?)
    }

    fn key(&self, key: String) -> [Value; 2] {
        [Value::Text(self.label.as_ref().to_owned()), Value::Text(key)]
    }
}

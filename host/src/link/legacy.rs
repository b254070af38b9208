//! `fermyon:spin/*@2.0.0`: the same capabilities under the names that components built with older SDKs import.

use wasmtime::component::Resource;

use super::bindings::fermyon::spin::{key_value, sqlite, variables};
use super::bindings::spin::sqlite::sqlite::Error as SqliteError;
use super::key_value::{Refusal, Store};
use super::sqlite::{SqliteConnection, connect};
use crate::instance::InstanceState;
use crate::manifest::check_variable_name;
use crate::state::{KeyValueStore, StoreError};

impl key_value::Host for InstanceState {}

impl key_value::HostStore for InstanceState {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Store>, key_value::Error>> {
        Ok(self.open_store(&label)?.map_err(|refusal| match refusal {
            Refusal::AccessDenied => key_value::Error::AccessDenied,
            Refusal::NoSuchStore => key_value::Error::NoSuchStore,
            Refusal::TableFull => key_value::Error::StoreTableFull,
        }))
    }

    async fn get(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, key_value::Error>> {
        Ok(self.store(&store)?.get(key).await.map_err(store_error))
    }

    async fn set(
        &mut self,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), key_value::Error>> {
        Ok(self.store(&store)?.set(key, value).await.map_err(store_error))
    }

    async fn delete(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), key_value::Error>> {
        Ok(self.store(&store)?.delete(key).await.map_err(store_error))
    }

    async fn exists(
        &mut self,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, key_value::Error>> {
        Ok(self.store(&store)?.exists(key).await.map_err(store_error))
    }

    async fn get_keys(
        &mut self,
        store: Resource<Store>,
    ) -> wasmtime::Result<Result<Vec<String>, key_value::Error>> {
        Ok(self.store(&store)?.keys().await.map_err(store_error))
    }

    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.close_store(store)
    }
}

impl InstanceState {
    fn store(&self, handle: &Resource<Store>) -> wasmtime::Result<KeyValueStore> {
        Ok(self.table.get(handle)?.store.clone())
    }
}

fn store_error(error: StoreError) -> key_value::Error {
    key_value::Error::Other(error.to_string())
}

impl sqlite::Host for InstanceState {}

impl sqlite::HostConnection for InstanceState {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<SqliteConnection>, sqlite::Error>> {
        let opened = match connect(self.database(&database)).await {
            Ok(connection) => self.push_connection(connection)?,
            Err(error) => Err(error),
        };
        Ok(opened.map_err(sqlite_error))
    }

    async fn execute(
        &mut self,
        connection: Resource<SqliteConnection>,
        statement: String,
        parameters: Vec<sqlite::Value>,
    ) -> wasmtime::Result<Result<sqlite::QueryResult, sqlite::Error>> {
        let parameters: Vec<crema_sqlite::Value> = parameters.into_iter().map(from_guest).collect();
        let connection = self.connection(&connection)?;
        let result = connection.lock().await.execute(&statement, &parameters).await;
        Ok(result.map(to_guest).map_err(|error| sqlite::Error::Io(error.to_string())))
    }

    async fn drop(&mut self, connection: Resource<SqliteConnection>) -> wasmtime::Result<()> {
        self.close_connection(connection)
    }
}

fn from_guest(value: sqlite::Value) -> crema_sqlite::Value {
    match value {
        sqlite::Value::Integer(integer) => crema_sqlite::Value::Integer(integer),
        sqlite::Value::Real(real) => crema_sqlite::Value::Real(real),
        sqlite::Value::Text(text) => crema_sqlite::Value::Text(text),
        sqlite::Value::Blob(bytes) => crema_sqlite::Value::Blob(bytes),
        sqlite::Value::Null => crema_sqlite::Value::Null,
    }
}

fn to_guest(result: crema_sqlite::QueryResult) -> sqlite::QueryResult {
    let value = |value| match value {
        crema_sqlite::Value::Integer(integer) => sqlite::Value::Integer(integer),
        crema_sqlite::Value::Real(real) => sqlite::Value::Real(real),
        crema_sqlite::Value::Text(text) => sqlite::Value::Text(text),
        crema_sqlite::Value::Blob(bytes) => sqlite::Value::Blob(bytes),
        crema_sqlite::Value::Null => sqlite::Value::Null,
    };
    let row = |row: Vec<_>| sqlite::RowResult { values: row.into_iter().map(value).collect() };
    sqlite::QueryResult { columns: result.columns.to_vec(), rows: result.rows.into_iter().map(row).collect() }
}

fn sqlite_error(error: SqliteError) -> sqlite::Error {
    match error {
        SqliteError::NoSuchDatabase => sqlite::Error::NoSuchDatabase,
        SqliteError::AccessDenied => sqlite::Error::AccessDenied,
        SqliteError::InvalidConnection => sqlite::Error::InvalidConnection,
        SqliteError::DatabaseFull => sqlite::Error::DatabaseFull,
        SqliteError::Io(message) => sqlite::Error::Io(message),
    }
}

impl variables::Host for InstanceState {
    fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables::Error>> {
        if let Err(message) = check_variable_name(&name) {
            return Ok(Err(variables::Error::InvalidName(message)));
        }
        let value = self.component.variables.get(&name).cloned();
        Ok(value.ok_or_else(|| variables::Error::Undefined(format!("no variable {name:?}"))))
    }
}

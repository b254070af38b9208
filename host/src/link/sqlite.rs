//! `spin:sqlite`: SQL on the databases a component was granted.
//!
//! The synchronous calls are what functions use inside transactions, so they do as little as possible: no
//! thread hop, no tracing span, values moved and not copied.

use std::sync::Arc;

use crema_sqlite::Connection;
use tokio::sync::Mutex;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

use super::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::instance::InstanceState;

/// Connections one instance may hold open at once; Spin's figure.
const MAX_CONNECTIONS: usize = 256;

/// A guest's connection. Dropping it rolls back what was not committed, so a guest that dies in the middle
/// of a transaction leaves nothing behind.
pub struct SqliteConnection {
    connection: Arc<Mutex<Connection>>,
}

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<SqliteConnection>, Error>> {
        match connect(self.database(&database)).await {
            Ok(connection) => self.push_connection(connection),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<SqliteConnection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let connection = self.connection(&connection)?;
        Ok(execute(&connection, &statement, parameters)
            .await
            .map(|(columns, rows)| QueryResult { columns, rows }))
    }

    async fn last_insert_rowid(&mut self, connection: Resource<SqliteConnection>) -> wasmtime::Result<i64> {
        Ok(self.connection(&connection)?.lock().await.last_insert_rowid())
    }

    async fn changes(&mut self, connection: Resource<SqliteConnection>) -> wasmtime::Result<u64> {
        Ok(self.connection(&connection)?.lock().await.changes())
    }

    async fn drop(&mut self, connection: Resource<SqliteConnection>) -> wasmtime::Result<()> {
        self.close_connection(connection)
    }
}

impl HostConnectionWithStore<InstanceState> for HasSelf<InstanceState> {
    async fn open_async(
        accessor: &Accessor<InstanceState, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<SqliteConnection>, Error>> {
        let granted = accessor.with(|mut access| access.get().database(&database));
        match connect(granted).await {
            Ok(connection) => accessor.with(|mut access| access.get().push_connection(connection)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute_async(
        accessor: &Accessor<InstanceState, Self>,
        connection: Resource<SqliteConnection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<
        Result<(Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>), Error>,
    > {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        let (columns, rows) = match execute(&connection, &statement, parameters).await {
            Ok(result) => result,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<InstanceState, Self>,
        connection: Resource<SqliteConnection>,
    ) -> wasmtime::Result<i64> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.lock().await.last_insert_rowid())
    }

    async fn changes_async(
        accessor: &Accessor<InstanceState, Self>,
        connection: Resource<SqliteConnection>,
    ) -> wasmtime::Result<u64> {
        let connection = accessor.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.lock().await.changes())
    }
}

impl InstanceState {
    pub(super) fn database(&self, label: &str) -> Result<crema_sqlite::Database, Error> {
        if !self.component.grants.sqlite_databases.contains(label) {
            return Err(Error::AccessDenied);
        }
        self.component.state.sqlite(label).cloned().ok_or(Error::NoSuchDatabase)
    }

    pub(super) fn push_connection(
        &mut self,
        connection: Connection,
    ) -> wasmtime::Result<Result<Resource<SqliteConnection>, Error>> {
        if self.sqlite_connections >= MAX_CONNECTIONS {
            return Ok(Err(Error::Io("too many connections opened".to_owned())));
        }
        self.sqlite_connections += 1;
        let connection = SqliteConnection { connection: Arc::new(Mutex::new(connection)) };
        Ok(Ok(self.table.push(connection)?))
    }

    pub(super) fn close_connection(
        &mut self,
        connection: Resource<SqliteConnection>,
    ) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.sqlite_connections -= 1;
        Ok(())
    }

    pub(super) fn connection(
        &self,
        handle: &Resource<SqliteConnection>,
    ) -> wasmtime::Result<Arc<Mutex<Connection>>> {
        Ok(Arc::clone(&self.table.get(handle)?.connection))
    }
}

pub(super) async fn connect(database: Result<crema_sqlite::Database, Error>) -> Result<Connection, Error> {
    database?.connect().await.map_err(to_error)
}

async fn execute(
    connection: &Mutex<Connection>,
    statement: &str,
    parameters: Vec<Value>,
) -> Result<(Vec<String>, Vec<RowResult>), Error> {
    let parameters: Vec<crema_sqlite::Value> = parameters.into_iter().map(from_guest).collect();
    let result = connection.lock().await.execute(statement, &parameters).await.map_err(to_error)?;
    let row = |row: Vec<crema_sqlite::Value>| RowResult { values: row.into_iter().map(to_guest).collect() };
    Ok((result.columns.to_vec(), result.rows.into_iter().map(row).collect()))
}

fn from_guest(value: Value) -> crema_sqlite::Value {
    match value {
        Value::Integer(integer) => crema_sqlite::Value::Integer(integer),
        Value::Real(real) => crema_sqlite::Value::Real(real),
        Value::Text(text) => crema_sqlite::Value::Text(text),
        Value::Blob(bytes) => crema_sqlite::Value::Blob(bytes),
        Value::Null => crema_sqlite::Value::Null,
    }
}

fn to_guest(value: crema_sqlite::Value) -> Value {
    match value {
        crema_sqlite::Value::Integer(integer) => Value::Integer(integer),
        crema_sqlite::Value::Real(real) => Value::Real(real),
        crema_sqlite::Value::Text(text) => Value::Text(text),
        crema_sqlite::Value::Blob(bytes) => Value::Blob(bytes),
        crema_sqlite::Value::Null => Value::Null,
    }
}

fn to_error(error: crema_sqlite::Error) -> Error {
    Error::Io(error.to_string())
}

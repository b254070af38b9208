//! `spin:key-value`: the stores a component was granted.

use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

use super::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::instance::InstanceState;
use crate::state::{KeyValueStore, StoreError};

/// Stores one instance may hold open at once; Spin's figure.
const MAX_STORES: usize = 256;

/// A guest's store.
pub struct Store {
    pub(super) store: KeyValueStore,
}

/// Why a store is not opened.
pub(super) enum Refusal {
    AccessDenied,
    NoSuchStore,
    TableFull,
}

impl InstanceState {
    /// Opens a store that the component was granted.
    pub(super) fn open_store(&mut self, label: &str) -> wasmtime::Result<Result<Resource<Store>, Refusal>> {
        if !self.component.grants.key_value_stores.contains(label) {
            return Ok(Err(Refusal::AccessDenied));
        }
        let Some(store) = self.component.state.key_value(label).cloned() else {
            return Ok(Err(Refusal::NoSuchStore));
        };
        if self.key_value_stores >= MAX_STORES {
            return Ok(Err(Refusal::TableFull));
        }
        self.key_value_stores += 1;
        Ok(Ok(self.table.push(Store { store })?))
    }

    /// Forgets a store.
    pub(super) fn close_store(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        self.key_value_stores -= 1;
        Ok(())
    }
}

type Access = Accessor<InstanceState, HasSelf<InstanceState>>;

impl Host for InstanceState {}

impl HostStore for InstanceState {
    fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.close_store(store)
    }
}

impl HostStoreWithStore<InstanceState> for HasSelf<InstanceState> {
    async fn open(accessor: &Access, label: String) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        let opened = accessor.with(|mut access| access.get().open_store(&label))?;
        Ok(opened.map_err(|refusal| match refusal {
            Refusal::AccessDenied => Error::AccessDenied,
            Refusal::NoSuchStore => Error::NoSuchStore,
            Refusal::TableFull => Error::StoreTableFull,
        }))
    }

    async fn get(
        accessor: &Access,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        Ok(store_of(accessor, &store)?.get(key).await.map_err(to_error))
    }

    async fn set(
        accessor: &Access,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(store_of(accessor, &store)?.set(key, value).await.map_err(to_error))
    }

    async fn delete(
        accessor: &Access,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(store_of(accessor, &store)?.delete(key).await.map_err(to_error))
    }

    async fn exists(
        accessor: &Access,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        Ok(store_of(accessor, &store)?.exists(key).await.map_err(to_error))
    }

    async fn get_keys(
        accessor: &Access,
        store: Resource<Store>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let (keys, end) = match store_of(accessor, &store)?.keys().await {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(to_error(error))),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(end) })?;
            Ok((keys, end))
        })
    }
}

fn store_of(accessor: &Access, store: &Resource<Store>) -> wasmtime::Result<KeyValueStore> {
    accessor.with(|mut access| Ok(access.get().table.get(store)?.store.clone()))
}

fn to_error(error: StoreError) -> Error {
    Error::Other(error.to_string())
}

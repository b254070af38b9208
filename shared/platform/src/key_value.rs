//! The key-value port on spin:key-value.

use spin_sdk::key_value::Store;
use store::port::{Kv, KvError, KvFuture};

/// The component's `default` store; opened per call, which costs a table look-up in the host.
pub struct SpinKv;

impl Kv for SpinKv {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move { open().await?.get(key).await.map_err(|error| convert(&error)) })
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        Box::pin(async move { open().await?.set(key, value).await.map_err(|error| convert(&error)) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        Box::pin(async move { open().await?.delete(key).await.map_err(|error| convert(&error)) })
    }
}

async fn open() -> Result<Store, KvError> {
    Store::open_default().await.map_err(|error| convert(&error))
}

fn convert(error: &spin_sdk::key_value::Error) -> KvError {
    KvError(format!("{error:?}"))
}

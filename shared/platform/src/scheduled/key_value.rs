//! The key-value port on the synchronous interface.

use std::future::ready;

use store::port::{Kv, KvError, KvFuture};

use super::bindings::fermyon::spin::key_value::{Error, Store};

/// Spin's name for the application's main store.
const STORE: &str = "default";

/// The component's `default` store.
pub struct SynchronousKv;

impl Kv for SynchronousKv {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        Box::pin(ready(open().and_then(|store| store.get(key).map_err(|error| convert(&error)))))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        Box::pin(ready(open().and_then(|store| store.set(key, value).map_err(|error| convert(&error)))))
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        Box::pin(ready(open().and_then(|store| store.delete(key).map_err(|error| convert(&error)))))
    }
}

fn open() -> Result<Store, KvError> {
    Store::open(STORE).map_err(|error| convert(&error))
}

fn convert(error: &Error) -> KvError {
    KvError(format!("{error:?}"))
}

//! The key-value port on the synchronous interface, for requests and timers alike.
//!
//! A timer's export must not wait for an asynchronous import. A request could, and would pay for it: opening the store
//! and reading a session are tasks of their own then, which cost more than the reading itself.

use std::cell::RefCell;
use std::future::ready;

use store::port::{Kv, KvError, KvFuture};

use crate::bindings::fermyon::spin::key_value::{Error, Store};

/// Spin's name for the application's main store.
const STORE: &str = "default";

thread_local! {
    /// Open for as long as the instance lives.
    static OPEN: RefCell<Option<Store>> = const { RefCell::new(None) };
}

/// The component's `default` store; opened by the first call. Its futures are ready at once.
pub struct SpinKv;

impl Kv for SpinKv {
    fn get<'a>(&'a self, key: &'a str) -> KvFuture<'a, Option<Vec<u8>>> {
        Box::pin(ready(with(|store| store.get(key))))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a [u8]) -> KvFuture<'a, ()> {
        Box::pin(ready(with(|store| store.set(key, value))))
    }

    fn delete<'a>(&'a self, key: &'a str) -> KvFuture<'a, ()> {
        Box::pin(ready(with(|store| store.delete(key))))
    }
}

fn with<T>(call: impl FnOnce(&Store) -> Result<T, Error>) -> Result<T, KvError> {
    OPEN.with_borrow_mut(|slot| {
        let store = match slot {
            Some(open) => open,
            None => slot.insert(Store::open(STORE).map_err(|error| convert(&error))?),
        };
        call(store).map_err(|error| convert(&error))
    })
}

fn convert(error: &Error) -> KvError {
    KvError(format!("{error:?}"))
}

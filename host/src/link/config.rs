//! `wasi:config`: the same variables under the WASI interface.

use super::bindings::wasi::config::store::{Error, Host};
use crate::instance::InstanceState;

impl Host for InstanceState {
    fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        Ok(Ok(self.component.variables.get(&key).cloned()))
    }

    fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        Ok(Ok(self.component.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()))
    }
}

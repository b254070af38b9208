//! Menus: the brand's items, iiko accounts, chains' products, matches, outlets' tills, snapshots.

pub mod accounts;
pub mod brand;
pub mod chains;
pub mod directory;
pub mod matches;
pub mod snapshots;
pub mod tills;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// Reads a JSON column.
fn read<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable { what, problem: error.to_string() })
}

/// Writes a JSON column.
fn write<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable { what, problem: error.to_string() })
}

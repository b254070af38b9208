//! Everything that a partner received, in order, and what was wrong with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
}

impl Received {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The token of `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

/// A line of the journal.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    pub method: String,
    pub path: String,
    pub body: Value,
    /// The key that makes a repetition harmless, where the partner has one.
    pub idempotence_key: Option<String>,
    /// Status of the answer; none if the connection was dropped without one.
    pub status: Option<u16>,
    pub answer: Value,
    /// Whether the request took effect as far as the partner is concerned.
    pub applied: bool,
    /// What a real partner would have refused or silently ignored.
    pub violations: Vec<String>,
}

/// The journal of one partner.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Vec<Entry>>);

impl Journal {
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line.
    pub fn write(&self, entry: Entry) {
        self.lock().push(entry);
    }

    /// Every line so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// Lines about paths that end like this.
    #[must_use]
    pub fn about(&self, path_end: &str) -> Vec<Entry> {
        self.lock().iter().filter(|entry| entry.path.ends_with(path_end)).cloned().collect()
    }

    /// What was wrong with the requests so far, each with its path.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let entries = self.lock();
        let said = entries.iter().flat_map(|entry| {
            entry.violations.iter().map(move |fault| format!("{} {}: {fault}", entry.method, entry.path))
        });
        said.collect()
    }

    /// Starts over.
    pub fn clear(&self) {
        self.lock().clear();
    }
}

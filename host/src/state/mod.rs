//! What outlives a request: databases and key-value stores, in Spin's files and tables.
//!
//! A state directory moves between `crema up` and `spin up` in both directions: the `default` store is
//! `sqlite_key_value.db`, the `default` database is `sqlite_db.db`, others are where the runtime
//! configuration puts them.

mod key_value;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use crema_sqlite::{Database, Durability, Options};

use crate::manifest::{Location, Manifest};
use crate::runtime_config::RuntimeConfig;

pub use key_value::{KeyValueStore, StoreError};

/// The label every application has without configuring it.
pub const DEFAULT_LABEL: &str = "default";
/// Spin's file for the `default` key-value store.
const KEY_VALUE_FILE: &str = "sqlite_key_value.db";
/// Spin's file for the `default` database.
const SQLITE_FILE: &str = "sqlite_db.db";

/// The open databases and stores of an application.
pub struct State {
    key_value: BTreeMap<String, KeyValueStore>,
    sqlite: BTreeMap<String, Database>,
    /// Every open file once, by a name for logs and metrics.
    databases: Vec<(String, Database)>,
    /// Holds files that must not outlive the process.
    _ephemeral: Option<tempfile::TempDir>,
}

/// Opens each file once, however many labels lead to it.
struct Opener {
    open: HashMap<(PathBuf, bool), Database>,
    databases: Vec<(String, Database)>,
    ephemeral: Option<tempfile::TempDir>,
}

impl State {
    /// Opens what the manifest's components ask for, and the two defaults when `with_defaults` says that the
    /// command line writes to them. `dir` is the state directory; without one nothing outlives the process.
    pub async fn open(
        manifest: &Manifest,
        config: &RuntimeConfig,
        dir: Option<&Path>,
        with_defaults: bool,
    ) -> anyhow::Result<Self> {
        if let Some(dir) = dir {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot make the state directory {}", dir.display()))?;
        }
        let mut opener = Opener { open: HashMap::new(), databases: Vec::new(), ephemeral: None };

        let mut sqlite = BTreeMap::new();
        let asked = manifest.components.values().flat_map(|component| &component.sqlite_databases);
        for (label, location) in labels(asked, with_defaults) {
            let path = file_of(&label, dir.map(|dir| dir.join(SQLITE_FILE)), &config.sqlite_databases)
                .ok_or_else(|| undefined("sqlite_database", &label, location))?;
            let database = opener.open(&label, "sqlite", path, Durability::Grouped)?;
            sqlite.insert(label, database);
        }

        let mut key_value = BTreeMap::new();
        let asked = manifest.components.values().flat_map(|component| &component.key_value_stores);
        for (label, location) in labels(asked, with_defaults) {
            let path = file_of(&label, dir.map(|dir| dir.join(KEY_VALUE_FILE)), &config.key_value_stores)
                .ok_or_else(|| undefined("key_value_store", &label, location))?;
            // A store holds what may be lost or overwritten. Its writes reach the file at once, so they
            // outlive this process however it ends; only a power failure can take the latest of them.
            // Waiting for a sync would make every session touch cost as much as a payment.
            let database = opener.open(&label, "key-value", path, Durability::Lazy)?;
            let store = KeyValueStore::open(&label, database).await?;
            key_value.insert(label, store);
        }
        Ok(Self { key_value, sqlite, databases: opener.databases, _ephemeral: opener.ephemeral })
    }

    /// The key-value store with this label.
    pub fn key_value(&self, label: &str) -> Option<&KeyValueStore> {
        self.key_value.get(label)
    }

    /// The SQLite database with this label.
    pub fn sqlite(&self, label: &str) -> Option<&Database> {
        self.sqlite.get(label)
    }

    /// Every open file with its name for logs and metrics.
    pub fn databases(&self) -> &[(String, Database)] {
        &self.databases
    }

    /// Checks that every database can still be read and will accept writes.
    pub async fn check(&self) -> Result<(), String> {
        for (name, database) in &self.databases {
            if !database.healthy() {
                return Err(format!("database {name} refuses writes"));
            }
            let mut connection =
                database.connect().await.map_err(|error| format!("database {name}: {error}"))?;
            connection.execute("SELECT 1", &[]).await.map_err(|error| format!("database {name}: {error}"))?;
        }
        Ok(())
    }

    /// Syncs and closes everything.
    pub async fn shutdown(&self) {
        for (name, database) in &self.databases {
            if let Err(error) = database.shutdown().await {
                tracing::error!(database = name, %error, "a database did not close well");
            }
        }
    }
}

/// The labels asked for, each once, with the place of the first request.
fn labels<'m>(
    asked: impl Iterator<Item = &'m (String, Location)>,
    with_default: bool,
) -> BTreeMap<String, Option<&'m Location>> {
    let mut labels = BTreeMap::new();
    if with_default {
        labels.insert(DEFAULT_LABEL.to_owned(), None);
    }
    for (label, location) in asked {
        labels.entry(label.clone()).or_insert(Some(location));
    }
    labels
}

/// Where a label's file is: `Some(None)` for one without a file, `None` if nothing defines the label.
fn file_of(
    label: &str,
    default: Option<PathBuf>,
    configured: &BTreeMap<String, Option<PathBuf>>,
) -> Option<Option<PathBuf>> {
    match configured.get(label) {
        Some(path) => Some(path.clone()),
        None if label == DEFAULT_LABEL => Some(default),
        None => None,
    }
}

fn undefined(kind: &str, label: &str, location: Option<&Location>) -> anyhow::Error {
    let message = format!("{label:?} is not defined: add [{kind}.{label}] to the --runtime-config-file");
    match location {
        Some(location) => location.error(message).into(),
        None => anyhow::anyhow!(message),
    }
}

impl Opener {
    fn open(
        &mut self,
        label: &str,
        kind: &str,
        path: Option<PathBuf>,
        durability: Durability,
    ) -> anyhow::Result<Database> {
        let path = match path {
            Some(path) => path,
            None => self.ephemeral_dir()?.join(format!("{kind}-{label}.db")),
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the directory {}", parent.display()))?;
        }
        let path = std::path::absolute(&path)?;
        let key = (path, durability == Durability::Lazy);
        if let Some(database) = self.open.get(&key) {
            return Ok(database.clone());
        }
        let options = Options { durability, ..Options::new(&key.0) };
        let database = Database::open(options)?;
        self.databases.push((format!("{kind}:{label}"), database.clone()));
        self.open.insert(key, database.clone());
        Ok(database)
    }

    fn ephemeral_dir(&mut self) -> anyhow::Result<&Path> {
        if self.ephemeral.is_none() {
            let dir = tempfile::Builder::new().prefix("crema-").tempdir();
            self.ephemeral = Some(dir.context("cannot make a temporary directory for state")?);
        }
        // Just filled, so the fallback is never seen.
        Ok(self.ephemeral.as_ref().map_or(Path::new(""), |dir| dir.path()))
    }
}

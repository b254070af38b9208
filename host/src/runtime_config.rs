//! The runtime configuration file (`--runtime-config-file`): where stores and databases live, and limits.
//!
//! Spin's format. Backends that crema does not have are refused, with their place in the file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::manifest::{ConfigError, Document, Item, Section};
use crate::variables::Provider;

/// What a runtime configuration says.
#[derive(Debug, Default)]
pub struct RuntimeConfig {
    /// `state_dir`; an empty string means "keep no state".
    pub state_dir: Option<String>,
    /// `log_dir`; an empty string means "write no component logs".
    pub log_dir: Option<String>,
    /// `max_instance_memory`, bytes.
    pub max_instance_memory: Option<usize>,
    /// `[key_value_store.<label>]`: database file, `None` for one that lives as long as the process.
    pub key_value_stores: BTreeMap<String, Option<PathBuf>>,
    /// `[sqlite_database.<label>]`: database file, `None` for one that lives as long as the process.
    pub sqlite_databases: BTreeMap<String, Option<PathBuf>>,
    /// `[[variables_provider]]`, in order.
    pub variable_providers: Vec<Provider>,
}

impl RuntimeConfig {
    /// Reads `path`. Key-value paths count from the file's directory, SQLite paths from the working
    /// directory: so does Spin.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let doc = Document::read(path)?;
        let config_dir = path.parent().unwrap_or(Path::new(""));
        let working_dir = std::env::current_dir().context("cannot find the working directory")?;
        Self::from_document(&doc, config_dir, &working_dir)
    }

    fn from_document(doc: &Document, config_dir: &Path, working_dir: &Path) -> anyhow::Result<Self> {
        let table = doc.parse()?;
        let mut root = doc.root(&table);
        let mut config = Self {
            state_dir: root.string("state_dir")?,
            log_dir: root.string("log_dir")?,
            ..Self::default()
        };
        if let Some(item) = root.take("max_instance_memory") {
            let bytes = usize::try_from(item.unsigned()?).map_err(|_| item.error("is too large"))?;
            config.max_instance_memory = Some(bytes);
        }
        if let Some(item) = root.take("key_value_store") {
            config.key_value_stores = read_files(item.section()?, config_dir, &["path"])?;
        }
        if let Some(item) = root.take("sqlite_database") {
            config.sqlite_databases =
                read_files(item.section()?, working_dir, &["path", "allow_attach_file"])?;
        }
        for key in ["variables_provider", "config_provider"] {
            for item in root.list(key)? {
                config.variable_providers.push(read_provider(&item)?);
            }
        }
        root.finish()?;
        Ok(config)
    }
}

/// Reads a table of `type = "spin"` stores.
fn read_files(
    mut section: Section<'_>,
    base: &Path,
    keys: &[&str],
) -> Result<BTreeMap<String, Option<PathBuf>>, ConfigError> {
    let mut files = BTreeMap::new();
    for (label, item) in section.take_all() {
        let mut entry = item.section()?;
        let kind = entry.require("type")?;
        if kind.string()? != "spin" {
            return Err(kind.error("crema stores only in local SQLite files: the type must be \"spin\""));
        }
        if keys.contains(&"allow_attach_file")
            && let Some(item) = entry.take("allow_attach_file")
            && item.boolean()?
        {
            return Err(item.error("crema never lets SQL attach files"));
        }
        let path = entry.string("path")?.map(|path| base.join(path));
        entry.finish()?;
        files.insert(label, path);
    }
    Ok(files)
}

fn read_provider(item: &Item<'_>) -> anyhow::Result<Provider> {
    let mut entry = item.section()?;
    let kind = entry.require("type")?;
    let provider = match kind.string()?.as_str() {
        "static" => {
            let values: HashMap<_, _> =
                entry.strings("values")?.into_iter().map(|(name, value, _)| (name, value)).collect();
            Provider::Static(values)
        }
        "env" => {
            let prefix = entry.string("prefix")?;
            let dotenv = entry.string("dotenv_path")?.map(PathBuf::from);
            Provider::environment(prefix, dotenv.as_deref())?
        }
        _ => return Err(kind.error("crema has the variable providers \"static\" and \"env\"").into()),
    };
    entry.finish()?;
    Ok(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<RuntimeConfig> {
        let doc = Document::from_text(Path::new("runtime.toml"), text.to_owned());
        RuntimeConfig::from_document(&doc, Path::new("/conf"), Path::new("/srv"))
    }

    #[test]
    fn reads_what_spin_writes() {
        let config = read(
            r#"
            max_instance_memory = 1_000_000
            [key_value_store.cache]
            type = "spin"
            path = "cache.db"
            [sqlite_database.history]
            type = "spin"
            path = "data/history.db"
            [[variables_provider]]
            type = "static"
            values = { greeting = "hi" }
            "#,
        )
        .unwrap();
        assert_eq!(config.max_instance_memory, Some(1_000_000));
        assert_eq!(config.key_value_stores["cache"].as_deref(), Some(Path::new("/conf/cache.db")));
        assert_eq!(config.sqlite_databases["history"].as_deref(), Some(Path::new("/srv/data/history.db")));
        assert_eq!(config.variable_providers.len(), 1);
    }

    #[test]
    fn refuses_what_it_lacks_with_its_place() {
        for (text, place) in [
            ("[key_value_store.a]\ntype = \"redis\"", "runtime.toml:2:8: `key_value_store.a.type`"),
            ("[llm_compute]\ntype = \"spin\"", "runtime.toml:1:2: `llm_compute`"),
            (
                "[sqlite_database.a]\ntype = \"spin\"\nallow_attach_file = true",
                "runtime.toml:3:21: `sqlite_database.a.allow_attach_file`",
            ),
            ("[[variables_provider]]\ntype = \"vault\"", "runtime.toml:2:8: `variables_provider[0].type`"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
    }
}

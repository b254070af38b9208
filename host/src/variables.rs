//! Application variables: where their values come from and what each component sees of them.
//!
//! Values are looked for in this order: `--variable`, the providers of the runtime configuration, the
//! environment (`SPIN_VARIABLE_<NAME>`), `.env`, the manifest's default. They are read once, at start.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail};

use crate::manifest::{Component, Manifest};

/// Before the upper-case name of a variable in the environment.
const ENV_PREFIX: &str = "SPIN_VARIABLE";
/// Read from the working directory, like Spin does.
const DOTENV_FILE: &str = ".env";

/// One source of values.
#[derive(Debug)]
pub enum Provider {
    /// Values given outright.
    Static(HashMap<String, String>),
    /// Environment variables `<prefix>_<NAME>`, and after them those of a dotenv file.
    Environment {
        /// Without the underscore.
        prefix: String,
        /// The parsed dotenv file, empty if there is none.
        dotenv: HashMap<String, String>,
    },
}

impl Provider {
    /// The provider that is always there, after all others.
    pub fn default_environment() -> anyhow::Result<Self> {
        Self::environment(None, Some(Path::new(DOTENV_FILE)))
    }

    /// Environment variables with another prefix or another dotenv file.
    pub fn environment(prefix: Option<String>, dotenv: Option<&Path>) -> anyhow::Result<Self> {
        let dotenv = match dotenv {
            Some(path) if path.exists() => dotenvy::from_path_iter(path)
                .and_then(Iterator::collect)
                .with_context(|| format!("cannot read {}", path.display()))?,
            _ => HashMap::new(),
        };
        Ok(Self::Environment { prefix: prefix.unwrap_or_else(|| ENV_PREFIX.to_owned()), dotenv })
    }

    fn get(&self, name: &str) -> anyhow::Result<Option<String>> {
        match self {
            Self::Static(values) => Ok(values.get(name).cloned()),
            Self::Environment { prefix, dotenv } => {
                let key = format!("{prefix}_{}", name.to_ascii_uppercase());
                match std::env::var(&key) {
                    Ok(value) => Ok(Some(value)),
                    Err(std::env::VarError::NotPresent) => Ok(dotenv.get(&key).cloned()),
                    Err(error) => Err(error).context(format!("environment variable {key}")),
                }
            }
        }
    }
}

/// A `--variable` argument: `name=value`, `name=@file`, `@file.json` or `@file.toml`.
#[derive(Clone, Debug)]
pub enum VariableArgument {
    /// A value.
    Literal(String, String),
    /// The value is a file's contents.
    File(String, PathBuf),
    /// A JSON object of names and values.
    Json(PathBuf),
    /// A TOML table of names and values.
    Toml(PathBuf),
}

impl FromStr for VariableArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix('@') {
            let path = PathBuf::from(path);
            return match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => Ok(Self::Json(path)),
                Some("toml") => Ok(Self::Toml(path)),
                _ => Err("a file of variables must end in .json or .toml".to_owned()),
            };
        }
        match text.split_once('=') {
            Some((name, value)) => Ok(match value.strip_prefix('@') {
                Some(path) => Self::File(name.to_owned(), PathBuf::from(path)),
                None => Self::Literal(name.to_owned(), value.to_owned()),
            }),
            None => Err("must be name=value, name=@file, @file.json or @file.toml".to_owned()),
        }
    }
}

/// Turns the command line's variables into a provider; later arguments win.
pub fn from_arguments(arguments: &[VariableArgument]) -> anyhow::Result<Provider> {
    let mut values = HashMap::new();
    for argument in arguments {
        match argument {
            VariableArgument::Literal(name, value) => {
                values.insert(name.clone(), value.clone());
            }
            VariableArgument::File(name, path) => {
                values.insert(name.clone(), read(path)?);
            }
            VariableArgument::Json(path) => {
                let map: HashMap<String, String> = serde_json::from_str(&read(path)?)
                    .with_context(|| format!("{} must be an object of strings", path.display()))?;
                values.extend(map);
            }
            VariableArgument::Toml(path) => {
                let map: HashMap<String, String> = toml::from_str(&read(path)?)
                    .with_context(|| format!("{} must be a table of strings", path.display()))?;
                values.extend(map);
            }
        }
    }
    Ok(Provider::Static(values))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The value of every application variable.
#[derive(Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Finds every variable's value; names every required variable that has none.
    pub fn resolve(manifest: &Manifest, providers: &[Provider]) -> anyhow::Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in &manifest.variables {
            let mut found = None;
            for provider in providers {
                found = provider.get(name)?;
                if found.is_some() {
                    break;
                }
            }
            match found.or_else(|| variable.default.clone()) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => missing.push(variable.location.error(format!(
                    "required variable has no value: set {ENV_PREFIX}_{} or pass --variable {name}=…",
                    name.to_ascii_uppercase()
                ))),
            }
        }
        if !missing.is_empty() {
            bail!("{}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
        Ok(Self { values })
    }

    /// The value of an application variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What `component` sees: its own variables with the templates filled in.
    pub fn of_component(&self, component: &Component) -> BTreeMap<String, String> {
        component
            .variables
            .iter()
            // Every name in a template is declared (the manifest checks) and has a value (`resolve` checks).
            .filter_map(|(name, template)| Some((name.clone(), template.fill(|name| self.get(name))?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "test"
        [variables]
        host = { default = "localhost" }
        port = { required = true }
        [trigger]
        [component.a]
        source = "a.wasm"
        variables = { url = "http://{{ host }}:{{ port }}/" }
    "#;

    fn manifest() -> Manifest {
        Manifest::from_document(&Document::from_text(Path::new("spin.toml"), MANIFEST.to_owned())).unwrap()
    }

    fn given(values: &[(&str, &str)]) -> Provider {
        Provider::Static(values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn earlier_providers_win_and_defaults_come_last() {
        let manifest = manifest();
        let providers = [given(&[("port", "1")]), given(&[("port", "2"), ("host", "example.org")])];
        let variables = Variables::resolve(&manifest, &providers).unwrap();
        let seen = variables.of_component(&manifest.components["a"]);
        assert_eq!(seen["url"], "http://example.org:1/");
    }

    #[test]
    fn a_missing_required_variable_is_named_with_its_place() {
        let error = Variables::resolve(&manifest(), &[]).unwrap_err().to_string();
        assert!(error.starts_with("spin.toml:7:16: `variables.port`: required variable"), "{error}");
        assert!(error.contains("SPIN_VARIABLE_PORT"), "{error}");
    }

    #[test]
    fn arguments_are_read_as_spin_reads_them() {
        assert!("nope".parse::<VariableArgument>().is_err());
        assert!("@vars.yaml".parse::<VariableArgument>().is_err());
        assert!(matches!("a=b=c".parse(), Ok(VariableArgument::Literal(k, v)) if k == "a" && v == "b=c"));
        assert!(matches!("a=@f".parse(), Ok(VariableArgument::File(k, _)) if k == "a"));
        assert!(matches!("@f.json".parse(), Ok(VariableArgument::Json(_))));
    }
}

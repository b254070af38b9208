//! The application manifest, `spin.toml` version 2.
//!
//! Everything a manifest can ask for is either supported or refused here, before anything is compiled or
//! opened: errors name the key and its place in the file.

mod component;
mod document;
mod template;
mod trigger;

use std::collections::BTreeMap;
use std::path::Path;

pub use component::{Component, FileMount, Hosts};
pub use document::{ConfigError, Document, Item, Location, Section};
pub use template::{Template, check_variable_name};
pub use trigger::{CronTrigger, HttpTarget, HttpTrigger, Route, StaticResponse};

/// The only manifest version there is.
const MANIFEST_VERSION: u64 = 2;

/// A validated application manifest.
#[derive(Debug)]
pub struct Manifest {
    /// `application.name`.
    pub name: String,
    /// `application.version`, empty when not given.
    pub version: String,
    /// Application variables by name.
    pub variables: BTreeMap<String, Variable>,
    /// `[[trigger.http]]` in the order of the file.
    pub http: Vec<HttpTrigger>,
    /// `[[trigger.cron]]` in the order of the file.
    pub cron: Vec<CronTrigger>,
    /// Components by id.
    pub components: BTreeMap<String, Component>,
}

/// An application variable.
#[derive(Debug)]
pub struct Variable {
    /// The value when no provider has one; `None` for required variables.
    pub default: Option<String>,
    /// Whether the value must not be shown.
    pub secret: bool,
    /// Where it is declared.
    pub location: Location,
}

impl Manifest {
    /// Reads and validates the manifest at `path`. Relative paths in it count from its directory.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::from_document(&Document::read(path)?)
    }

    /// Validates a manifest that has been read.
    pub fn from_document(doc: &Document) -> Result<Self, ConfigError> {
        let table = doc.parse()?;
        let mut root = doc.root(&table);

        let version = root.require("spin_manifest_version")?;
        if version.unsigned()? != MANIFEST_VERSION {
            return Err(version.error("only manifest version 2 is supported"));
        }
        let mut application = root.require("application")?.section()?;
        let base = read_application(&mut application)?;
        let name = application.require("name")?.string()?;
        let app_version = application.string("version")?.unwrap_or_default();
        application.finish()?;

        let variables = match root.take("variables") {
            Some(item) => read_variables(item.section()?)?,
            None => BTreeMap::new(),
        };
        let components = match root.take("component") {
            Some(item) => component::read_all(item.section()?, &variables)?,
            None => BTreeMap::new(),
        };
        let (http, cron) = trigger::read_all(root.require("trigger")?.section()?, &components, &base)?;
        root.finish()?;
        Ok(Self { name, version: app_version, variables, http, cron, components })
    }
}

/// Takes what `[application]` holds beside name and version; gives the HTTP base path.
fn read_application(application: &mut Section<'_>) -> Result<String, ConfigError> {
    // About people and tools, without effect on how the application runs.
    for key in ["description", "authors", "tool", "targets"] {
        application.take(key);
    }
    let Some(item) = application.take("trigger") else { return Ok("/".to_owned()) };
    let mut triggers = item.section()?;
    let mut base = "/".to_owned();
    if let Some(item) = triggers.take("http") {
        let mut http = item.section()?;
        if let Some(item) = http.take("base") {
            base = item.string()?;
            if !base.starts_with('/') {
                return Err(item.error("must start with `/`"));
            }
        }
        http.finish()?;
    }
    triggers.finish()?;
    Ok(base)
}

fn read_variables(mut section: Section<'_>) -> Result<BTreeMap<String, Variable>, ConfigError> {
    let mut variables = BTreeMap::new();
    for (name, item) in section.take_all() {
        check_variable_name(&name).map_err(|message| item.error(message))?;
        let mut entry = item.section()?;
        entry.take("description");
        let required = entry.boolean("required")?.unwrap_or(false);
        let default = entry.string("default")?;
        let secret = entry.boolean("secret")?.unwrap_or(false);
        if required == default.is_some() {
            return Err(entry.error("must have either `required = true` or a `default`"));
        }
        entry.finish()?;
        variables.insert(name, Variable { default, secret, location: item.location() });
    }
    Ok(variables)
}

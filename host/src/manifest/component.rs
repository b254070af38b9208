//! `[component.<id>]`: a Wasm file and what it is granted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ConfigError, Item, Location, Section, Template, Variable, check_variable_name};

/// A component and its grants. What is not listed here is denied.
#[derive(Debug)]
pub struct Component {
    /// The Wasm file, relative to the manifest's directory.
    pub source: PathBuf,
    /// Where `source` stands in the manifest.
    pub source_location: Location,
    /// Values it may read through `spin:variables`, as templates over application variables.
    pub variables: BTreeMap<String, Template>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Files it may read.
    pub files: Vec<FileMount>,
    /// Glob patterns of files that `files` must leave out.
    pub exclude_files: Vec<String>,
    /// Where it may connect to.
    pub allowed_outbound_hosts: Vec<Hosts>,
    /// Key-value stores it may open.
    pub key_value_stores: Vec<(String, Location)>,
    /// SQLite databases it may open.
    pub sqlite_databases: Vec<(String, Location)>,
}

/// One entry of `files`.
#[derive(Debug)]
pub enum FileMount {
    /// A glob pattern relative to the manifest; matches keep their relative path.
    Pattern(String, Location),
    /// A file or directory placed at an absolute path in the guest.
    Placement {
        /// File or directory relative to the manifest.
        source: PathBuf,
        /// Absolute path in the guest.
        destination: String,
        /// Where it stands in the manifest.
        location: Location,
    },
}

/// One entry of `allowed_outbound_hosts`: a template, checked when variables are known.
#[derive(Debug)]
pub struct Hosts {
    /// The entry.
    pub template: Template,
    /// Where it stands in the manifest.
    pub location: Location,
}

/// Reads `[component]`.
pub(super) fn read_all(
    mut section: Section<'_>,
    variables: &BTreeMap<String, Variable>,
) -> Result<BTreeMap<String, Component>, ConfigError> {
    let mut components = BTreeMap::new();
    for (id, item) in section.take_all() {
        check_component_id(&id).map_err(|message| item.error(message))?;
        components.insert(id, read(item.section()?, variables)?);
    }
    Ok(components)
}

fn read(mut section: Section<'_>, variables: &BTreeMap<String, Variable>) -> Result<Component, ConfigError> {
    // Build-time and human matters; `profile` variants act only where a profile is chosen, and crema has
    // no flag that chooses one.
    for key in ["description", "build", "tool", "targets", "profile"] {
        section.take(key);
    }
    refuse_unsupported(&mut section)?;

    let source_item = section.require("source")?;
    if !source_item.is_string() {
        return Err(source_item.error(
            "must be a path: crema does not download components; fetch the .wasm file and name it here",
        ));
    }
    let component = Component {
        source: PathBuf::from(source_item.string()?),
        source_location: source_item.location(),
        variables: read_variables(&mut section, variables)?,
        environment: section
            .strings("environment")?
            .into_iter()
            .map(|(key, value, _)| (key, value))
            .collect(),
        files: section.list("files")?.into_iter().map(read_file).collect::<Result<_, _>>()?,
        exclude_files: section.list("exclude_files")?.iter().map(Item::string).collect::<Result<_, _>>()?,
        allowed_outbound_hosts: read_hosts(&mut section, variables)?,
        key_value_stores: read_labels(&mut section, "key_value_stores")?,
        sqlite_databases: read_labels(&mut section, "sqlite_databases")?,
    };
    section.finish()?;
    Ok(component)
}

/// Keys of Spin's that crema cannot honour. An empty value asks for nothing and passes.
fn refuse_unsupported(section: &mut Section<'_>) -> Result<(), ConfigError> {
    for (key, advice) in [
        ("ai_models", "crema has no inference"),
        ("allowed_http_hosts", "this key is deprecated; use `allowed_outbound_hosts`"),
    ] {
        if let Some(item) = section.take(key)
            && !item.list()?.is_empty()
        {
            return Err(item.error(advice));
        }
    }
    if let Some(item) = section.take("dependencies")
        && !item.section()?.take_all().is_empty()
    {
        return Err(item.error("crema does not compose components; compose them when building"));
    }
    if let Some(item) = section.take("dependencies_inherit_configuration")
        && item.boolean()?
    {
        return Err(item.error("crema does not compose components"));
    }
    Ok(())
}

fn read_variables(
    section: &mut Section<'_>,
    declared: &BTreeMap<String, Variable>,
) -> Result<BTreeMap<String, Template>, ConfigError> {
    section
        .strings("variables")?
        .into_iter()
        .map(|(name, text, location)| {
            check_variable_name(&name).map_err(|message| location.error(message))?;
            let template = read_template(&text, declared, &location)?;
            Ok((name, template))
        })
        .collect()
}

fn read_hosts(
    section: &mut Section<'_>,
    declared: &BTreeMap<String, Variable>,
) -> Result<Vec<Hosts>, ConfigError> {
    section
        .list("allowed_outbound_hosts")?
        .into_iter()
        .map(|item| {
            let location = item.location();
            let template = read_template(&item.string()?, declared, &location)?;
            Ok(Hosts { template, location })
        })
        .collect()
}

fn read_template(
    text: &str,
    declared: &BTreeMap<String, Variable>,
    location: &Location,
) -> Result<Template, ConfigError> {
    let template = Template::parse(text).map_err(|message| location.error(message))?;
    if let Some(unknown) = template.variables().find(|name| !declared.contains_key(*name)) {
        return Err(location.error(format!("there is no `[variables]` entry named {unknown:?}")));
    }
    Ok(template)
}

fn read_file(item: Item<'_>) -> Result<FileMount, ConfigError> {
    let location = item.location();
    if item.is_string() {
        return Ok(FileMount::Pattern(item.string()?, location));
    }
    let mut entry = item.section()?;
    let source = PathBuf::from(entry.require("source")?.string()?);
    let destination_item = entry.require("destination")?;
    let destination = destination_item.string()?;
    if !destination.starts_with('/') {
        return Err(destination_item.error("must be an absolute path"));
    }
    entry.finish()?;
    Ok(FileMount::Placement { source, destination, location })
}

fn read_labels(section: &mut Section<'_>, key: &str) -> Result<Vec<(String, Location)>, ConfigError> {
    section
        .list(key)?
        .into_iter()
        .map(|item| {
            let label = item.string()?;
            if is_cased(&label, '-') || is_cased(&label, '_') {
                Ok((label, item.location()))
            } else {
                Err(item.error("must be kebab-case or snake_case"))
            }
        })
        .collect()
}

fn check_component_id(id: &str) -> Result<(), String> {
    if is_cased(id, '-') { Ok(()) } else { Err(format!("component id {id:?} must be kebab-case")) }
}

/// Spin's identifiers: words of letters and digits that start with a letter, each all lower or all upper case.
fn is_cased(text: &str, separator: char) -> bool {
    text.split(separator).all(|word| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
            && (word.chars().all(|c| !c.is_ascii_uppercase())
                || word.chars().all(|c| !c.is_ascii_lowercase()))
    })
}

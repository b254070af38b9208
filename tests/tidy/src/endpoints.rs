//! One list of endpoints: folder = package = component in `spin.toml` = component of the operations table.

use std::collections::{BTreeMap, BTreeSet};

use api::operations;

use crate::tree::{packages, report, toml};

/// Components that serve no operation, and what they are for instead.
const WITHOUT_OPERATIONS: &[(&str, &str)] = &[];

/// Routes in `spin.toml` that are no operation: static replies and private triggers are not in this list.
const ROUTES_BESIDE: &[&str] = &[];

#[test]
fn a_function_is_folder_package_and_component() {
    let folders: BTreeSet<String> = packages()
        .iter()
        .filter_map(|package| package.folder.strip_prefix("functions/").map(str::to_owned))
        .collect();
    let mut complaints = Vec::new();
    for package in packages().iter().filter(|package| package.folder.starts_with("functions/")) {
        if package.folder != format!("functions/{}", package.name) {
            complaints.push(format!("{} holds the package {}", package.folder, package.name));
        }
        let crate_type = package.manifest.get("lib").and_then(|lib| lib.get("crate-type"));
        if crate_type
            .and_then(toml::Value::as_array)
            .is_none_or(|kinds| kinds.len() != 1 || kinds[0].as_str() != Some("cdylib"))
        {
            complaints.push(format!(
                "{}: crate-type must be [\"cdylib\"] alone: \"rlib\" beside it loses LTO",
                package.folder
            ));
        }
    }
    let components = components();
    for missing in folders.difference(&components.keys().cloned().collect()) {
        complaints.push(format!("functions/{missing} has no component in spin.toml"));
    }
    for (name, source) in &components {
        if !folders.contains(name) {
            complaints.push(format!("component {name} in spin.toml has no folder in functions/"));
        }
        if *source != format!("target/functions/{name}.wasm") {
            complaints
                .push(format!("component {name}: source must be target/functions/{name}.wasm, not {source}"));
        }
    }
    report(&complaints, "functions/ and spin.toml differ.");
}

#[test]
fn routes_are_the_operations_paths() {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations::all() {
        expected.entry(operation.component.to_owned()).or_default().insert(operation.path.to_owned());
    }
    let mut complaints = Vec::new();
    let mut routed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (component, route) in routes() {
        if !ROUTES_BESIDE.contains(&route.as_str()) {
            routed.entry(component).or_default().insert(route);
        }
    }
    for (component, paths) in &expected {
        for path in paths.difference(routed.get(component).unwrap_or(&BTreeSet::new())) {
            complaints.push(format!("spin.toml routes nothing at {path} to {component}"));
        }
    }
    for (component, paths) in &routed {
        for path in paths.difference(expected.get(component).unwrap_or(&BTreeSet::new())) {
            complaints.push(format!("spin.toml routes {path} to {component}, which is no operation"));
        }
    }
    for component in components().keys() {
        let serves = expected.contains_key(component) || scheduled().contains(component);
        if !serves && !WITHOUT_OPERATIONS.iter().any(|(name, _)| name == component) {
            complaints.push(format!("component {component} serves no operation and no schedule"));
        }
    }
    report(&complaints, "spin.toml and api::operations differ.");
}

/// What a component and a trigger may say. Both hosts refuse anything else; a careless merge of two lists makes such.
const COMPONENT_KEYS: [&str; 5] =
    ["source", "sqlite_databases", "key_value_stores", "allowed_outbound_hosts", "variables"];
const TRIGGER_KEYS: [&str; 3] = ["component", "route", "cron_expression"];

#[test]
fn the_manifest_says_nothing_that_hosts_refuse() {
    let manifest = toml("spin.toml");
    let components = manifest["component"].as_table().expect("[component.<name>] tables");
    let mut complaints = Vec::new();
    for (name, component) in components {
        let keys = component.as_table().into_iter().flat_map(toml::Table::keys);
        for key in keys.filter(|key| !COMPONENT_KEYS.contains(&key.as_str())) {
            complaints.push(format!("component {name} says {key}"));
        }
    }
    for trigger in triggers("http").into_iter().chain(triggers("cron")) {
        let keys = trigger.as_table().into_iter().flat_map(toml::Table::keys);
        for key in keys.filter(|key| !TRIGGER_KEYS.contains(&key.as_str())) {
            complaints.push(format!("a trigger says {key}: {trigger}"));
        }
    }
    report(&complaints, "spin.toml is not as hosts read it.");
}

/// Components and their sources.
fn components() -> BTreeMap<String, String> {
    let manifest = toml("spin.toml");
    let components = manifest["component"].as_table().expect("[component.<name>] tables");
    let source = |component: &toml::Value| component["source"].as_str().unwrap_or_default().to_owned();
    components.iter().map(|(name, component)| (name.clone(), source(component))).collect()
}

/// Component and path of every public route to a component.
fn routes() -> Vec<(String, String)> {
    let mut routes = Vec::new();
    for trigger in triggers("http") {
        if let (Some(component), Some(route)) =
            (trigger.get("component").and_then(toml::Value::as_str), trigger["route"].as_str())
        {
            routes.push((component.to_owned(), route.to_owned()));
        }
    }
    routes
}

/// Components with a cron trigger.
fn scheduled() -> BTreeSet<String> {
    let named = triggers("cron").into_iter();
    named
        .filter_map(|trigger| trigger.get("component").and_then(toml::Value::as_str).map(str::to_owned))
        .collect()
}

fn triggers(kind: &str) -> Vec<toml::Value> {
    let manifest = toml("spin.toml");
    let triggers =
        manifest.get("trigger").and_then(|trigger| trigger.get(kind)).and_then(toml::Value::as_array);
    triggers.cloned().unwrap_or_default()
}

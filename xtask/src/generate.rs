//! Generated files: what the code knows, written down once.

mod api_page;
mod endpoint_table;
mod stored;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// A generated file and what it should hold.
struct Generated {
    path: PathBuf,
    text: String,
}

/// Writes whatever is not up to date.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write() -> Result<()> {
    let files = all()?;
    for file in &files {
        if is_current(file) {
            continue;
        }
        if let Some(folder) = file.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file.path, &file.text).with_context(|| format!("write {}", file.path.display()))?;
        println!("wrote {}", workspace::shown(&file.path));
    }
    println!("{} generated files are up to date", files.len());
    Ok(())
}

/// Fails when a generated file is not up to date.
///
/// # Errors
/// Naming the files.
pub fn check() -> Result<()> {
    let stale = stale()?;
    if !stale.is_empty() {
        bail!("not up to date: {}\n  run `cargo xtask gen` and commit what it writes", stale.join(", "));
    }
    println!("generated files are up to date");
    Ok(())
}

/// The generated files that are not up to date.
///
/// # Errors
/// When a file with a generated part cannot be read.
pub fn stale() -> Result<Vec<String>> {
    let stale = all()?.into_iter().filter(|file| !is_current(file));
    Ok(stale.map(|file| workspace::shown(&file.path)).collect())
}

fn is_current(file: &Generated) -> bool {
    std::fs::read_to_string(&file.path).is_ok_and(|text| text == file.text)
}

fn all() -> Result<Vec<Generated>> {
    let root = workspace::root();
    let mut files = vec![
        Generated { path: root.join("docs/openapi.json"), text: pretty(&api::openapi::document())? },
        Generated { path: root.join("API.md"), text: api_page::text() },
    ];
    for (name, language) in [("README.md", endpoint_table::EN), ("README.ru.md", endpoint_table::RU)] {
        let path = root.join(name);
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        files.push(Generated { text: endpoint_table::insert(&text, language)?, path });
    }
    for (name, schema) in stored::schemas() {
        files.push(Generated { path: root.join("kv-schemas").join(name), text: pretty(&schema)? });
    }
    Ok(files)
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

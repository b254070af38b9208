//! The repository as these tests see it.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Folders that are not part of the source.
const SKIPPED: &[&str] = &["target", ".git", ".spin"];

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("tests/tidy is two levels deep")
}

/// A file of the repository.
pub struct File {
    /// Relative to the root, with `/` between the parts.
    pub path: String,
    pub text: String,
}

/// Every text file below `folder` whose name ends with one of `endings`, in the order of paths.
pub fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let root = root();
    let walk = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter().filter_entry(|entry| {
        !(entry.file_type().is_dir() && SKIPPED.iter().any(|skipped| entry.file_name() == *skipped))
    });
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.expect("the repository is readable");
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
            let path = entry
                .path()
                .strip_prefix(&root)
                .expect("below the root")
                .to_string_lossy()
                .replace('\\', "/");
            let text =
                std::fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
            files.push(File { path, text });
        }
    }
    files
}

/// A TOML file of the repository.
pub fn toml(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A package of the workspace.
pub struct Package {
    pub name: String,
    /// Its folder, relative to the root.
    pub folder: String,
    pub manifest: toml::Table,
}

impl Package {
    /// Names in a dependency section, whatever the target.
    pub fn dependencies(&self, section: &str) -> Vec<String> {
        let names = |table: &toml::Table| {
            table.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default()
        };
        let mut found: Vec<String> = names(&self.manifest).keys().cloned().collect();
        let targets = self.manifest.get("target").and_then(toml::Value::as_table);
        for target in
            targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table)
        {
            found.extend(names(target).keys().cloned());
        }
        found
    }
}

/// Every package of the workspace.
pub fn packages() -> Vec<Package> {
    let mut packages = Vec::new();
    for file in files(".", &["Cargo.toml"]) {
        let manifest: toml::Table =
            file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        // Packages outside the workspace are test material of the host.
        let Some(name) = manifest.get("package").and_then(|package| package["name"].as_str()) else {
            continue;
        };
        if file.path.contains("/tests/components/") {
            continue;
        }
        let folder = file.path.trim_end_matches("Cargo.toml").trim_end_matches('/').to_owned();
        packages.push(Package { name: name.to_owned(), folder, manifest });
    }
    packages
}

/// Fails with all complaints at once.
pub fn report(complaints: &[String], rule: &str) {
    assert!(complaints.is_empty(), "{rule}\n  {}\n", complaints.join("\n  "));
}

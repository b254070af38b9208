//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder with the workspace's Cargo.toml.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the xtask folder is inside the workspace")
}

/// Names of the functions: folder = package = component.
///
/// # Errors
/// When the folder `functions` cannot be read.
pub fn functions() -> Result<Vec<String>> {
    let folder = root().join("functions");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Cargo's target folder.
#[must_use]
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The component of a function, where `spin.toml` expects it whatever profile it was built with.
#[must_use]
pub fn component(function: &str) -> PathBuf {
    root().join("target/functions").join(format!("{function}.wasm"))
}

/// The host program.
#[must_use]
pub fn host() -> PathBuf {
    target().join("release").join(format!("crema{}", std::env::consts::EXE_SUFFIX))
}

/// The manifest that both hosts read.
#[must_use]
pub fn manifest() -> PathBuf {
    root().join("spin.toml")
}

/// A path relative to the root, as people write it.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

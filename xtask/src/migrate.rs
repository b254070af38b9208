//! Creating and updating the database of a state directory.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use store::native::NativeSql;

/// Spin's name for the file of its `default` database.
const DATABASE_FILE: &str = "sqlite_db.db";

/// The database file of a state directory.
#[must_use]
pub fn database(state_dir: &Path) -> PathBuf {
    state_dir.join(DATABASE_FILE)
}

/// Creates the database if it is missing, brings its schema up to date and opens it.
///
/// # Errors
/// With what to do about it.
pub fn open(state_dir: &Path) -> Result<NativeSql> {
    std::fs::create_dir_all(state_dir).with_context(|| {
        format!("could not create {}\n  choose another place with --state-dir", state_dir.display())
    })?;
    let file = database(state_dir);
    NativeSql::open(&file).with_context(|| {
        format!(
            "could not bring {} up to date\n  if it is busy, stop the server that uses it; \
             if it may go, remove it or run `cargo xtask up --fresh`",
            file.display()
        )
    })
}

//! Whom the driver speaks for: tills and signed-in guests of a generated database.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// File of the fixture in a generated state directory.
const FILE: &str = "load.json";

/// Written by `bench generate`, read by `bench load`. It holds clear tokens: for generated databases only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fixture {
    pub master_secret: String,
    pub members: u64,
    pub receipts: u64,
    pub tills: Vec<TillFixture>,
    pub guests: Vec<GuestFixture>,
}

/// A till.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TillFixture {
    pub token: String,
    pub outlet: String,
    pub brand: String,
    pub currency: String,
    pub zone: String,
}

/// A guest with an access token and points enough to spend.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GuestFixture {
    pub token: String,
    pub card: String,
    /// Index among the tills: one of their brand.
    pub till: usize,
}

/// Reads the fixture of a state directory.
///
/// # Errors
/// When it is missing, with what to do.
pub fn load(dir: &Path) -> Result<Fixture> {
    let path = dir.join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("{}: make it with `bench generate --out {}`", path.display(), dir.display())
    })?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Writes the fixture.
///
/// # Errors
/// When the file cannot be written.
pub fn save(dir: &Path, fixture: &Fixture) -> Result<()> {
    std::fs::write(dir.join(FILE), serde_json::to_vec(fixture)?)?;
    Ok(())
}

//! The demo chain: loaded into a fresh database once, with credentials made for this state directory alone.

mod data;
mod load;

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::migrate;

/// Where the credentials of a demo chain are kept.
const CREDENTIALS_FILE: &str = "demo.json";
/// Only their owner may read them.
const OWNER_ONLY: u32 = 0o600;

/// What is needed to use a demo chain. Made at random for each state directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The value of the variable `master_secret`: without it the database's personal data does not open.
    pub master_secret: String,
    pub tills: Vec<TillKey>,
    pub staff: Vec<Login>,
}

/// A till's API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TillKey {
    pub outlet: String,
    pub place: String,
    pub currency: String,
    pub zone: String,
    pub key: String,
}

/// How a member of staff signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub role: String,
    pub password: String,
    /// Secret of the second factor, base 32.
    pub totp_secret: String,
    /// The same, as authenticator apps read it from a QR code.
    pub totp_url: String,
}

impl Credentials {
    /// The key of an outlet's till.
    ///
    /// # Errors
    /// When there is no such outlet in the demo chain.
    pub fn till(&self, outlet: &str) -> Result<&TillKey> {
        self.tills.iter().find(|till| till.outlet == outlet).with_context(|| format!("no till of {outlet}"))
    }

    /// A login.
    ///
    /// # Errors
    /// When nobody has it: with those that there are.
    pub fn login(&self, login: &str) -> Result<&Login> {
        let known = || self.staff.iter().map(|person| person.login.as_str()).collect::<Vec<_>>().join(", ");
        let found = self.staff.iter().find(|person| person.login == login);
        found.with_context(|| format!("nobody signs in as {login}\n  there are {}", known()))
    }
}

/// The demo chain of a state directory: loaded now, or as it was loaded before.
///
/// # Errors
/// When the directory holds another database, or cannot be written.
pub fn prepare(state_dir: &Path) -> Result<Credentials> {
    let sql = migrate::open(state_dir)?;
    let file = credentials_file(state_dir);
    if file.exists() {
        return read(state_dir);
    }
    if load::is_loaded(&sql)? {
        bail!(
            "{} holds a database that is no demo chain: {} is not beside it\n  \
             choose another place with --state-dir, or start over with --fresh",
            state_dir.display(),
            CREDENTIALS_FILE
        );
    }
    let credentials = load::load(&sql, now()?)?;
    let text = serde_json::to_string_pretty(&credentials)?;
    let mut options = std::fs::OpenOptions::new();
    let mut output = options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&file)?;
    output.write_all(text.as_bytes()).with_context(|| format!("write {}", file.display()))?;
    Ok(credentials)
}

/// The credentials of the demo chain in a state directory.
///
/// # Errors
/// When there is none.
pub fn read(state_dir: &Path) -> Result<Credentials> {
    let file = credentials_file(state_dir);
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("{} is not there\n  say with --state-dir where the demo chain was loaded", file.display())
    })?;
    serde_json::from_str(&text).with_context(|| {
        format!("{} cannot be read\n  start over with `cargo xtask up --fresh`", file.display())
    })
}

/// Removes what an earlier `up` left in a state directory, and nothing else.
///
/// # Errors
/// When something is there that cannot be removed.
pub fn forget(state_dir: &Path) -> Result<()> {
    let databases = ["sqlite_db.db", "sqlite_key_value.db"];
    let files = databases
        .iter()
        .flat_map(|name| [String::new(), "-wal".into(), "-shm".into()].map(|end| format!("{name}{end}")));
    for name in files.chain([CREDENTIALS_FILE.to_owned()]) {
        let file = state_dir.join(name);
        if file.exists() {
            std::fs::remove_file(&file).with_context(|| format!("remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// Where a state directory keeps the credentials of its demo chain.
#[must_use]
pub fn credentials_file(state_dir: &Path) -> PathBuf {
    state_dir.join(CREDENTIALS_FILE)
}

/// The time, from this machine's clock.
///
/// # Errors
/// When the clock is set before 1970.
pub fn now() -> Result<Timestamp> {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock of this machine is set before 1970\n  set it")?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_chain_is_loaded_once_and_found_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = prepare(folder.path()).expect("loads");
        assert_eq!((first.tills.len(), first.staff.len()), (6, data::LOGINS.len()));
        assert_eq!(prepare(folder.path()).expect("finds"), first);
        std::fs::remove_file(credentials_file(folder.path())).expect("removes");
        assert!(prepare(folder.path()).is_err(), "somebody else's database is left alone");
        forget(folder.path()).expect("forgets");
        assert_ne!(prepare(folder.path()).expect("loads anew").master_secret, first.master_secret);
    }
}

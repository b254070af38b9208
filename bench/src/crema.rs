//! Which host and which application a command is about.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rig::host::Crema;

/// Where they are not the workspace's own.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CremaArgs {
    /// Another manifest than the workspace's: to hold one build against another.
    #[arg(long)]
    pub manifest: Option<PathBuf>,
    /// Another host than the one in target/release.
    #[arg(long)]
    pub host: Option<PathBuf>,
}

impl CremaArgs {
    /// The workspace's, or what the arguments name instead.
    ///
    /// # Errors
    /// When either is missing, with what to do about it.
    pub fn find(&self, root: &Path) -> Result<Crema> {
        Crema::find_or(root, self.host.as_deref(), self.manifest.as_deref())
    }
}

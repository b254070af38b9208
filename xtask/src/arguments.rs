//! Arguments that several commands share.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use xtask::process::{self, cargo};

/// Where databases, stores and logs are.
#[derive(Debug, Args)]
pub struct StateDir {
    /// Folder of the database, the key-value store and the logs.
    #[arg(long, default_value = ".spin", value_name = "DIR")]
    pub state_dir: PathBuf,
}

/// Arguments for the program `bench`, which has its own `--help`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Passed {
    /// Runs a subcommand of `bench` with the arguments.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, subcommand: &str) -> Result<()> {
        let mut command = cargo(&["run", "--quiet", "--release", "-p", "bench", "--", subcommand]);
        command.args(&self.arguments);
        process::run(command, &format!("see `cargo xtask {subcommand} --help`"))
    }
}

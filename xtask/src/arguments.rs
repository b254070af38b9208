//! Arguments that several commands share.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use xtask::build::Profile;
use xtask::process::{self, cargo};
use xtask::up::Up;
use xtask::workspace;

/// Where the service listens.
const LISTEN: &str = "127.0.0.1:3000";
/// Where the text message inbox listens: the default of the variable `sms_gateway_url`.
const INBOX_PORT: u16 = 3001;

/// Where databases, stores and logs are.
#[derive(Debug, Args)]
pub struct StateDir {
    /// Folder of the database, the key-value store and the logs.
    #[arg(long, default_value_os_t = workspace::root().join(".spin"), value_name = "DIR")]
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

/// Arguments of `up`.
#[derive(Debug, Args)]
pub struct UpArguments {
    /// Where to serve.
    #[arg(long, default_value = LISTEN, value_name = "ADDR")]
    listen: SocketAddr,
    /// Port of the text message inbox on 127.0.0.1; the simulators of iiko, YooKassa and T-Bank take the next three.
    #[arg(long, default_value_t = INBOX_PORT, value_name = "PORT")]
    inbox_port: u16,
    #[command(flatten)]
    state: StateDir,
    /// Start over: remove the database and the key-value store first.
    #[arg(long)]
    fresh: bool,
    /// How to compile the functions.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Where to serve Prometheus metrics, at /metrics; nowhere if not given.
    #[arg(long, value_name = "ADDR")]
    metrics_listen: Option<SocketAddr>,
}

impl UpArguments {
    /// The arguments as the command takes them.
    pub fn into_up(self) -> Up {
        Up {
            listen: self.listen,
            inbox_port: self.inbox_port,
            state_dir: self.state.state_dir,
            fresh: self.fresh,
            profile: self.profile,
            metrics: self.metrics_listen,
        }
    }
}

/// What `demo` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Told {
    /// Joining, receipts, points, returns.
    #[default]
    Points,
    /// From a chain's menu in iiko to an order paid, made, cancelled, refunded; on a server of its own.
    Order,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// What is told.
    #[arg(value_enum, default_value_t)]
    pub told: Told,
    /// Where a running `up` serves; without one, the demo starts a server of its own.
    #[arg(long, default_value = LISTEN, value_name = "ADDR")]
    pub listen: SocketAddr,
    /// Port of the running inbox.
    #[arg(long, default_value_t = INBOX_PORT, value_name = "PORT")]
    pub inbox_port: u16,
    /// State directory of the running server.
    #[command(flatten)]
    pub state: StateDir,
}

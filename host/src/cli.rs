//! The command line: Spin's names and meanings where Spin has them.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::limits::{
    self, InstanceLimits, ServerLimits, Span, parse_count, parse_duration, parse_duration_span,
};
use crate::variables::VariableArgument;

/// A Spin-compatible WebAssembly host in one binary.
#[derive(Debug, Parser)]
#[command(name = "crema", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run an application.
    Up(Box<UpArgs>),
}

/// Arguments of `crema up`.
#[derive(Args, Debug)]
pub struct UpArgs {
    /// The manifest, or the directory that holds a spin.toml.
    #[arg(short = 'f', long = "from", alias = "file", value_name = "FILE", default_value = "spin.toml")]
    pub manifest: PathBuf,

    /// Where to listen.
    #[arg(
        long,
        env = "SPIN_HTTP_LISTEN_ADDR",
        default_value = "127.0.0.1:3000",
        value_name = "ADDR",
        value_parser = parse_address
    )]
    pub listen: SocketAddr,

    /// Directory for stores, databases and logs; empty to keep nothing [default: .spin beside the manifest]
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<String>,

    /// Where stores and databases other than the default ones live.
    #[arg(long, env = "RUNTIME_CONFIG_FILE", value_name = "FILE")]
    pub runtime_config_file: Option<PathBuf>,

    /// Set an environment variable in every component.
    #[arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub environment: Vec<(String, String)>,

    /// Set an application variable: name=value, name=@file, @file.json or @file.toml.
    #[arg(long = "variable", value_name = "VARIABLE")]
    pub variables: Vec<VariableArgument>,

    /// Run SQL on the default database before starting: a statement, or @file or @file:label.
    #[arg(long = "sqlite", value_name = "SQL")]
    pub sqlite: Vec<String>,

    /// Set a key in the default store before starting.
    #[arg(long = "key-value", value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub key_value: Vec<(String, String)>,

    /// Do not show component output.
    #[arg(short = 'q', long, conflicts_with = "follow")]
    pub quiet: bool,

    /// Show output of only these components.
    #[arg(long, value_name = "COMPONENT")]
    pub follow: Vec<String>,

    /// Directory of component logs; empty for none [default: logs in the state directory]
    #[arg(short = 'L', long, env = "SPIN_LOG_DIR", value_name = "DIR")]
    pub log_dir: Option<String>,

    /// Empty the component logs first.
    #[arg(long)]
    pub truncate_logs: bool,

    #[command(flatten)]
    instances: InstanceArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Where to serve Prometheus metrics, at /metrics; nowhere if not given.
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub metrics_listen: Option<SocketAddr>,

    /// Format of the host's own log on standard error; RUST_LOG filters it.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// Do not log every request.
    #[arg(long)]
    pub no_access_log: bool,

    /// Directory of compiled components [default: crema in the user's cache directory]
    #[arg(long, env = "CREMA_CACHE_DIR", value_name = "DIR", conflicts_with = "disable_cache")]
    pub cache_dir: Option<PathBuf>,

    /// Compile every component at every start.
    #[arg(long)]
    pub disable_cache: bool,
}

/// How instances live.
#[derive(Args, Debug)]
struct InstanceArgs {
    /// Requests an instance answers before it is dropped: a number or a range such as 1..8.
    #[arg(long, value_name = "COUNT", default_value_t = Shown(Span::Exactly(limits::REUSE_COUNT)), value_parser = shown_count)]
    max_instance_reuse_count: Shown<usize>,

    /// Requests inside an instance at once. With 1, a trap can harm no request but its own.
    #[arg(long, value_name = "COUNT", default_value_t = Shown(Span::Exactly(limits::CONCURRENT_REUSE_COUNT)), value_parser = shown_count)]
    max_instance_concurrent_reuse_count: Shown<usize>,

    /// How long an instance waits for its next request, such as 1s, 500ms or 1s..2s.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration_span)]
    idle_instance_timeout: Span<Duration>,

    /// How long a component may take to answer, whatever it does; for ever if not given.
    #[arg(long, value_name = "TIME", value_parser = parse_duration_span)]
    request_timeout: Option<Span<Duration>>,

    /// Bytes of memory an instance may have.
    #[arg(long, env = "SPIN_MAX_INSTANCE_MEMORY", value_name = "BYTES")]
    max_instance_memory: Option<usize>,

    /// Instances alive at once, of all components together.
    #[arg(long, env = "SPIN_MAX_INSTANCE_COUNT", value_name = "COUNT", default_value_t = limits::MAX_INSTANCES)]
    max_instances: u32,
}

/// What the server accepts.
#[derive(Args, Debug)]
struct ServerArgs {
    /// Bytes of a request body; larger ones get a 413.
    #[arg(long, value_name = "BYTES", default_value_t = limits::MAX_REQUEST_BODY)]
    max_request_body: u64,

    /// Bytes of a request's headers; more get a 431.
    #[arg(long, value_name = "BYTES", default_value_t = limits::MAX_REQUEST_HEADERS)]
    max_request_headers: usize,

    /// Open connections; further clients wait.
    #[arg(long, value_name = "COUNT", default_value_t = limits::MAX_CONNECTIONS)]
    max_connections: usize,

    /// How long requests in flight may take to finish at shutdown.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    shutdown_timeout: Duration,
}

/// Format of the host's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl UpArgs {
    /// What instances live under; `config_memory` is the runtime configuration's `max_instance_memory`.
    pub fn instance_limits(&self, config_memory: Option<usize>) -> InstanceLimits {
        let args = &self.instances;
        InstanceLimits {
            reuse_count: args.max_instance_reuse_count.0,
            concurrent_reuse_count: args.max_instance_concurrent_reuse_count.0,
            idle_timeout: args.idle_instance_timeout,
            request_timeout: args.request_timeout,
            memory: args.max_instance_memory.or(config_memory).unwrap_or(limits::INSTANCE_MEMORY),
        }
    }

    /// Instances alive at once.
    pub fn max_instances(&self) -> u32 {
        self.instances.max_instances
    }

    /// What the server accepts.
    pub fn server_limits(&self) -> ServerLimits {
        let args = &self.server;
        ServerLimits {
            connections: args.max_connections,
            request_body: args.max_request_body,
            request_headers: args.max_request_headers,
            shutdown: args.shutdown_timeout,
        }
    }
}

/// A span that prints as it is written.
#[derive(Clone, Copy, Debug)]
struct Shown<T>(Span<T>);

impl std::fmt::Display for Shown<usize> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Span::Exactly(value) => write!(f, "{value}"),
            Span::Between(low, high) => write!(f, "{low}..{high}"),
        }
    }
}

fn shown_count(text: &str) -> Result<Shown<usize>, String> {
    parse_count(text).map(Shown)
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Resolves an address; like Spin, prefers IPv4 loopback for names such as `localhost`.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let addresses: Vec<SocketAddr> = text.to_socket_addrs().map_err(|error| error.to_string())?.collect();
    let loopback = addresses.iter().find(|address| address.is_ipv4() && address.ip().is_loopback());
    loopback.or(addresses.first()).copied().ok_or_else(|| "has no address".to_owned())
}

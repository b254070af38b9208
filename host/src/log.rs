//! The host's own log, on standard error. A slow reader costs log lines, never requests.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Lines that may wait to be written; beyond them lines are dropped.
const BUFFERED_LINES: usize = 64 * 1024;
/// Without RUST_LOG: what an operator wants to know, but not what libraries say to themselves.
const DEFAULT_FILTER: &str = "warn,crema=info,crema_sqlite=info";

/// Starts logging; the guard writes what is left when dropped.
pub fn init(format: LogFormat, access: bool) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(BUFFERED_LINES)
        .lossy(true)
        .finish(std::io::stderr());
    let mut filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    if !access && let Ok(directive) = "crema::access=off".parse() {
        filter = filter.add_directive(directive);
    }
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => subscriber.with_ansi(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    guard
}

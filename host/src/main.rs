//! The `crema` program.

use std::process::ExitCode;

use clap::Parser as _;
use crema::cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Turns of tasks after which a busy worker looks for events of sockets and timers. A guest that computes keeps
/// its turn for a whole epoch tick, so with as many of those as processors everybody else waits for this many
/// ticks at each event: with tokio's 61 that was half a second a request. A look costs about a microsecond.
const EVENT_INTERVAL: u32 = 4;

fn main() -> ExitCode {
    let Command::Up(args) = Cli::parse().command;
    let guard = crema::log::init(args.log_format, !args.no_access_log);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().event_interval(EVENT_INTERVAL).build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(crema::up::run(*args));
            // Everything that had to finish has: a guest that loops for ever must not keep the process.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(error.into()),
    };
    drop(guard);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crema: {error:#}");
            ExitCode::FAILURE
        }
    }
}

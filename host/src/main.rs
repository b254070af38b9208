//! The `crema` program.

use std::process::ExitCode;

use clap::Parser as _;
use crema::cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Command::Up(args) = Cli::parse().command;
    let guard = crema::log::init(args.log_format, !args.no_access_log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
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

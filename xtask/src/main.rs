//! `cargo xtask`: the project's commands.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use console::style;
use xtask::build::{self, Profile};
use xtask::{chain, generate, migrate, suite, totp, up};

mod arguments;

use arguments::{DemoArguments, Passed, StateDir, Told, UpArguments};

/// The project's commands. Start with `cargo xtask up`.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything, load a demo chain, serve it, and print commands to try.
    Up(UpArguments),
    /// Perform what `up` prints and check every answer: on a running server, or on one of its own.
    Demo(DemoArguments),
    /// Build every function (WebAssembly) and the host, and print sizes.
    Build {
        #[arg(long, value_enum, default_value_t)]
        profile: Profile,
    },
    /// Create the database of a state directory, or bring its schema up to date.
    Migrate(StateDir),
    /// Load the demo chain into the empty database of a state directory.
    Seed(StateDir),
    /// Print the code of the moment with which a member of the demo staff signs in.
    Code {
        /// Who signs in, such as administrator.
        login: String,
        #[command(flatten)]
        state: StateDir,
    },
    /// Before a commit: format, lints, house rules, native unit tests.
    Check {
        /// Only the steps whose name contains this.
        #[arg(default_value = "")]
        only: String,
    },
    /// Everything that CI runs.
    Test {
        /// Only the steps whose name contains this.
        #[arg(default_value = "")]
        only: String,
    },
    /// Write what is generated: OpenAPI, API.md, the README's table, JSON Schemas of stored values.
    Gen {
        /// Write nothing; fail if a file is not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Measure: throughput, latency, start, memory, against the same code built natively.
    Bench(Passed),
    /// Post a month of real receipts over HTTP and compare the totals.
    Replay(Passed),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error:#}", style("error:").red().bold().for_stderr());
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Up(arguments) => up::up(&arguments.into_up()),
        Command::Demo(arguments) if arguments.told == Told::Order => up::demo_orders(),
        Command::Demo(arguments) => {
            up::demo(arguments.listen, arguments.inbox_port, &arguments.state.state_dir)
        }
        Command::Build { profile } => {
            build::all(profile)?;
            build::print_sizes()
        }
        Command::Migrate(state) => {
            let file = migrate::database(&state.state_dir);
            migrate::open(&state.state_dir)?;
            println!("{} is up to date", file.display());
            Ok(())
        }
        Command::Seed(state) => {
            let credentials = chain::prepare(&state.state_dir)?;
            let file = chain::credentials_file(&state.state_dir);
            println!(
                "{} tills and {} logins: see {}",
                credentials.tills.len(),
                credentials.staff.len(),
                file.display()
            );
            Ok(())
        }
        Command::Code { login, state } => {
            let credentials = chain::read(&state.state_dir)?;
            println!("{}", totp::code(&credentials.login(&login)?.totp_secret, chain::now()?)?);
            Ok(())
        }
        Command::Check { only } => suite::run(&[suite::CHECK], &only),
        Command::Test { only } => suite::run(&[suite::CHECK, suite::TEST], &only),
        Command::Gen { check: true } => generate::check(),
        Command::Gen { check: false } => generate::write(),
        Command::Bench(passed) => passed.run("bench"),
        Command::Replay(passed) => passed.run("replay"),
    }
}

//! `bench`: real receipts replayed, databases generated, loads driven, wasm held against native.

mod audit;
mod baseline;
mod bot;
mod crema;
mod feedback;
mod fraud_check;
mod generate;
mod kpi;
mod load;
mod messages;
mod meter;
mod quote;
mod replay;
mod simulate;
mod simulated;
mod statements;
mod tiers;

use rig::{chain, host, http, state};

/// The quote function's own module, which its `run` names by this path.
#[path = "../../functions/cart-quote/src/reply.rs"]
mod reply;

/// The history function's own module, which its `run` names by this path.
#[path = "../../functions/history/src/reason.rs"]
mod reason;

/// The modules of the bot's webhook, which name each other by these paths.
#[path = "../../functions/telegram-webhook/src/bots.rs"]
mod bots;
#[path = "../../functions/telegram-webhook/src/hook.rs"]
mod hook;
#[path = "../../functions/telegram-webhook/src/run.rs"]
mod run;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::baseline::BaselineArgs;
use crate::bot::BotArgs;
use crate::feedback::FeedbackArgs;
use crate::fraud_check::FraudArgs;
use crate::generate::GenerateArgs;
use crate::kpi::KpiArgs;
use crate::load::LoadArgs;
use crate::messages::MessagesArgs;
use crate::quote::QuoteArgs;
use crate::replay::ReplayArgs;
use crate::simulate::SimulateArgs;
use crate::statements::StatementsArgs;
use crate::tiers::TiersArgs;

#[derive(Debug, Parser)]
#[command(name = "bench", about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Feed real receipts through the HTTP functions and check the totals.
    Replay(ReplayArgs),
    /// Make a database of the chain's size.
    Generate(GenerateArgs),
    /// Hold the functions against the same code native, and measure the host.
    Load(LoadArgs),
    /// Price carts over a menu and promotions of a real size, on the host and native.
    Quote(QuoteArgs),
    /// What each SQL statement costs, and how often it is planned anew.
    Statements(StatementsArgs),
    /// Replay drafts of promotions over a month of receipts of the generated database.
    Simulate(SimulateArgs),
    /// Ask about a day's receipts, take answers, and report over a year of answers and tickets.
    Feedback(FeedbackArgs),
    /// Judge everybody's tier over a copy of the generated database.
    Tiers(TiersArgs),
    /// What counters of staff goals cost, leaderboards and awards over the whole chain.
    Kpi(KpiArgs),
    /// What telling guests something costs, over everybody's addresses and against carriers that answer at once.
    Messages(MessagesArgs),
    /// What an update of the Telegram bot costs, over a chain's members.
    Bot(BotArgs),
    /// What judging an event costs, and a receipt with it.
    Fraud(FraudArgs),
    /// Serve the functions' code natively; `load` starts it.
    Baseline(BaselineArgs),
    /// Check every invariant of the ledger over the database in a state directory.
    Audit { state_dir: PathBuf },
}

fn main() -> Result<()> {
    // One thread is enough for a driver, and leaves the other processor to the server.
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    match Cli::parse().command {
        Command::Replay(args) => runtime()?.block_on(replay::run(&args)),
        Command::Generate(args) => generate::run(&args),
        Command::Load(args) => runtime()?.block_on(load::run(&args)),
        Command::Quote(args) => runtime()?.block_on(quote::run(&args)),
        Command::Statements(args) => statements::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Feedback(args) => feedback::run(&args),
        Command::Tiers(args) => tiers::run(&args),
        Command::Kpi(args) => kpi::run(&args),
        Command::Messages(args) => messages::run(&args),
        Command::Bot(args) => bot::run(&args),
        Command::Fraud(args) => fraud_check::run(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Audit { state_dir } => {
            let broken = audit::audit(&state::reader(&state_dir)?)?;
            anyhow::ensure!(broken == 0, "{broken} invariants are broken");
            Ok(())
        }
    }
}

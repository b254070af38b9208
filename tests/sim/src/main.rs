//! `cargo run --release -p sim -- --seed S --operations N --target store|wasm`: see `--help`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;
use sim::coverage::{Coverage, ENOUGH};
use sim::episode::Divergence;
use sim::generate::Profile;
use sim::operation::Operation;
use sim::play::{self, Ended, Kind, Plan, Script};
use sim::reference::Mistake;

/// Random operations on the product, each judged by an independent reference.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seed of the first episode, each further one has the next; drawn and printed when absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Operations in all.
    #[arg(long, default_value_t = 20_000)]
    operations: u64,
    /// Operations of one episode; each has a chain, rules and a database of its own.
    #[arg(long, default_value_t = 20_000)]
    episode: u32,
    #[arg(long, value_enum, default_value_t = Kind::Store)]
    target: Kind,
    /// Members of the chain.
    #[arg(long, default_value_t = 40)]
    members: usize,
    #[arg(long, value_enum, default_value_t = Profile::Even)]
    profile: Profile,
    /// Compares all of the books every so many operations.
    #[arg(long, default_value_t = 500)]
    audit_every: u32,
    /// Plays the operations of a file instead.
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Where the shrunk operations of a difference are written.
    #[arg(long, default_value = "target/sim-divergence.json")]
    save: PathBuf,
    /// Where hosts keep their state; one in memory (`/dev/shm/sim`) spares waiting for the disk.
    #[arg(long, default_value = "target/sim")]
    states: PathBuf,
    /// Lets the reference make a mistake, to see that it is found.
    #[arg(long, value_enum)]
    mistake: Option<Mistake>,
}

/// Operations between two lines of progress.
const SAID_EVERY: u64 = 10_000;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(path) = &arguments.replay {
        return replay(&arguments, path);
    }
    let seed = arguments.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("seed {seed}");
    let (started, mut done, mut coverage, mut next) = (Instant::now(), 0, Coverage::default(), seed);
    while done < arguments.operations {
        let left = arguments.operations - done;
        let operations = u32::try_from(left).map_or(arguments.episode, |left| left.min(arguments.episode));
        let plan = plan(&arguments, next, operations);
        let mut say = |in_episode: u32| {
            let all = done + u64::from(in_episode);
            if all.is_multiple_of(SAID_EVERY) {
                let rate = u128::from(all) * 1_000 / started.elapsed().as_millis().max(1);
                eprintln!("{all} operations, {rate} a second, seed {next}");
            }
        };
        match play::play(&plan, &mut say)? {
            Ended::Whole(more) => coverage.merge(&more),
            Ended::Diverged { divergence, operations } => {
                return diverged(&arguments, &plan, &divergence, &operations);
            }
        }
        done += u64::from(operations);
        next += 1;
    }
    let rate = u128::from(done) * 1_000 / started.elapsed().as_millis().max(1);
    println!("{coverage}\n{done} operations without a difference, {rate} a second");
    let missing = coverage.missing();
    if done >= ENOUGH && !missing.is_empty() {
        println!("never happened:\n  {}", missing.join("\n  "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn plan(arguments: &Arguments, seed: u64, operations: u32) -> Plan {
    Plan {
        seed,
        operations,
        members: arguments.members,
        kind: arguments.target,
        profile: arguments.profile,
        mistake: arguments.mistake,
        audit_every: arguments.audit_every,
        states: arguments.states.clone(),
    }
}

fn diverged(
    arguments: &Arguments,
    plan: &Plan,
    divergence: &Divergence,
    operations: &[Operation],
) -> Result<ExitCode> {
    println!("seed {}: a difference at operation {}", plan.seed, operations.len());
    show(divergence);
    let mut say = |left: usize| eprintln!("{left} operations left");
    let (script, divergence) = play::shrink(plan, operations, &mut say)?;
    println!("\n{} operations show it:", script.operations.len());
    for operation in &script.operations {
        println!("{}", serde_json::to_string(operation)?);
    }
    if let Some(divergence) = &divergence {
        show(divergence);
    }
    let text = serde_json::to_string_pretty(&script)?;
    std::fs::write(&arguments.save, text).with_context(|| arguments.save.display().to_string())?;
    let target = if plan.kind == Kind::Wasm { "wasm" } else { "store" };
    println!("\ncargo run --release -p sim -- --target {target} --replay {}", arguments.save.display());
    Ok(ExitCode::FAILURE)
}

fn show(divergence: &Divergence) {
    println!(
        "{:?}\nsent: {}\nreference: {}\nproduct: {}",
        divergence.operation, divergence.about, divergence.reference, divergence.product
    );
}

fn replay(arguments: &Arguments, path: &PathBuf) -> Result<ExitCode> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let script: Script = serde_json::from_str(&text)?;
    let plan = Plan { members: script.members, ..plan(arguments, script.seed, 0) };
    let Some(divergence) = play::play_list(&plan, &script.operations)? else {
        println!("{} operations without a difference", script.operations.len());
        return Ok(ExitCode::SUCCESS);
    };
    show(&divergence);
    Ok(ExitCode::FAILURE)
}

//! `cargo run --release -p abuse`: how well the standard rules tell abuse from honest behaviour.

use std::path::PathBuf;

use abuse::report::Report;
use abuse::town::Town;
use abuse::{attacks, honest, play};
use anyhow::{Context as _, Result};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "abuse", about)]
struct Arguments {
    /// Everything follows from it. Thresholds were chosen on 1 to 5.
    #[arg(long, default_value_t = 6)]
    seed: u64,
    #[arg(long, default_value_t = 120_000)]
    guests: usize,
    #[arg(long, default_value_t = 30)]
    days: i64,
    /// Attacks of every kind.
    #[arg(long, default_value_t = 200)]
    attacks: usize,
    /// Rules to judge by (JSON); the standard ones where absent.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Also say how high features went outside of attacks (`--attacks 0` for honest behaviour alone), and whom rules met.
    #[arg(long)]
    verbose: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!("seed {}", arguments.seed);
    let rules = match &arguments.rules {
        None => fraud::standard::rules(),
        Some(path) => serde_json::from_str(&std::fs::read_to_string(path)?)
            .with_context(|| path.display().to_string())?,
    };
    let mut town = Town::new(arguments.seed, arguments.days);
    honest::people(&mut town, arguments.guests);
    attacks::attack(&mut town, arguments.attacks);
    honest::share(&mut town, arguments.guests);
    let outcome = play::play(&mut town, &rules);
    println!("{}", Report::new(&town, &outcome));
    if arguments.verbose {
        for (feature, value) in &outcome.highest {
            println!("  highest {feature:?} outside of attacks: {value}");
        }
        for (member, rules) in &outcome.stopped_by {
            if town.members[*member as usize].attack.is_none() {
                println!("  stopped an honest guest: {}", rules.join(", "));
            }
        }
        for (rule, members) in &outcome.by_rule {
            let honest = members.iter().filter(|m| town.members[**m as usize].attack.is_none()).count();
            println!("  {rule}: {} members, {honest} of them honest", members.len());
        }
    }
    Ok(())
}

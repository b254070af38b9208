//! `bench quote`: carts priced by the function on the host and by the same code native, side by side.
//!
//! Over a copy of a generated database that gets a menu and promotions of a real size ([`shop`]). A cart has eight
//! lines, drawn anew for every request.

mod shop;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use rand::Rng as _;
use rand::rngs::SmallRng;

use crate::crema::CremaArgs;
use crate::host::{self, Server};
use crate::load::fixture::{self, Fixture};
use crate::load::measure::{Measured, drive};
use crate::load::report::{self, Figure, Machine, Report, Row};
use crate::load::workload::Workload;
use crate::state;

/// Lines of a cart.
pub const LINES: usize = 8;
/// What a quote may cost, by the project's own aim.
const GUEST_CPU_US_MAX: f64 = 2_000.0;
const P99_MS_MAX: f64 = 10.0;
const RATIO_MIN: f64 = 0.5;
/// The connections at which the aims hold.
const AIM_CONNECTIONS: usize = 16;

/// Arguments of `bench quote`.
#[derive(Debug, clap::Args)]
pub struct QuoteArgs {
    /// State directory made by `bench generate`.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// How often the two servers take turns.
    #[arg(long, default_value_t = 2)]
    pub rounds: usize,
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16])]
    pub connections: Vec<usize>,
    /// Active promotions of the brand.
    #[arg(long, default_value_t = 200)]
    pub promotions: usize,
    /// Items of the menu.
    #[arg(long, default_value_t = 300)]
    pub items: usize,
    #[command(flatten)]
    pub crema: CremaArgs,
    /// Where the JSON file goes.
    #[arg(long, default_value = "target/bench/quote.json")]
    pub json: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// When a server misbehaves or something is missing.
pub async fn run(args: &QuoteArgs) -> Result<()> {
    let root = host::workspace_root()?;
    let data = root.join(&args.data);
    let fixture = Arc::new(one_brand(fixture::load(&data)?)?);
    let machine = Machine::here();
    println!(
        "{} items, {} promotions, carts of {LINES} lines; {} processors shared by driver and servers, load average \
         before: {}\n",
        args.items, args.promotions, machine.processors, machine.load_before
    );
    let prepare = |name: &str| -> Result<PathBuf> {
        let dir = data.with_file_name(name);
        copy(&data, &dir)?;
        shop::furnish(&dir, &fixture, args.items, args.promotions)?;
        Ok(dir)
    };
    let dir = prepare("quote-wasm")?;
    let variables = host::test_variables(&fixture.master_secret);
    let wasm = args.crema.find(&root)?.start(&dir, &variables, &[]).await?;
    let dir = prepare("quote-native")?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("baseline").arg("--state-dir").arg(&dir).arg("--master-secret").arg(&fixture.master_secret);
    let native = Server::start(command, &dir, "/readyz").await?;

    let mut report =
        Report { machine, members: fixture.members, receipts: fixture.receipts, ..Report::default() };
    report::print_heading();
    for &connections in &args.connections {
        let (ours, theirs) = pair(args, &wasm, &native, &fixture, connections).await?;
        report::print_pair(&ours, Some(&theirs));
        if connections == AIM_CONNECTIONS {
            report.figures.extend(aims(&ours, &theirs));
        }
        report.rows.extend([ours, theirs]);
    }
    println!();
    report.figures.iter().for_each(Figure::print);
    wasm.stop().await?;
    native.stop().await?;
    report::save(&report, &root.join(&args.json))
}

/// Drives both servers in turns, so that what disturbs one disturbs the other.
async fn pair(
    args: &QuoteArgs,
    wasm: &Server,
    native: &Server,
    fixture: &Arc<Fixture>,
    connections: usize,
) -> Result<(Row, Row)> {
    let duration = Duration::from_secs(args.seconds);
    let (mut ours, mut theirs) = (Measured::new()?, Measured::new()?);
    for round in 0..args.rounds {
        let run = format!("quote-{connections}-{round}");
        ours.add(&drive(wasm, fixture, Workload::Quote, connections, duration, &run).await?)?;
        theirs.add(&drive(native, fixture, Workload::Quote, connections, duration, &run).await?)?;
    }
    let name = Workload::Quote.name();
    Ok((Row::new(name, connections, "wasm", &ours), Row::new(name, connections, "native", &theirs)))
}

fn aims(ours: &Row, theirs: &Row) -> [Figure; 3] {
    let ratio = ours.per_second / theirs.per_second.max(f64::MIN_POSITIVE);
    let figure = |name, value, unit, aim, met| Figure { name, value, unit, aim, met: Some(met) };
    [
        figure(
            "quote: processor time of host and function",
            ours.server_us,
            "us",
            "below 2000",
            ours.server_us < GUEST_CPU_US_MAX,
        ),
        figure("quote: p99 at 16 connections", ours.p99_ms, "ms", "below 10", ours.p99_ms < P99_MS_MAX),
        figure("quote: rate over the native one's", ratio, "", "at least 0.5", ratio >= RATIO_MIN),
    ]
}

/// The tills and guests of the brand that the first guest is of: the one with the menu.
fn one_brand(mut fixture: Fixture) -> Result<Fixture> {
    ensure!(!fixture.guests.is_empty(), "the fixture has no guests");
    let brand = fixture.tills[fixture.guests[0].till].brand.clone();
    let of_brand: Vec<bool> = fixture.tills.iter().map(|till| till.brand == brand).collect();
    fixture.guests.retain(|guest| of_brand[guest.till]);
    fixture.tills.retain(|till| till.brand == brand);
    fixture.tills.truncate(shop::OUTLETS);
    for (index, guest) in fixture.guests.iter_mut().enumerate() {
        guest.till = index % fixture.tills.len();
    }
    Ok(fixture)
}

/// Copies the two database files.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    std::fs::copy(state::database_path(from), state::database_path(to))?;
    std::fs::copy(state::key_value_path(from), state::key_value_path(to))?;
    Ok(())
}

/// Writes a cart for an outlet: eight items in a size, each with two additions, a third of them twice.
pub fn cart(body: &mut String, outlet: &str, rng: &mut SmallRng) -> std::fmt::Result {
    body.clear();
    write!(body, r#"{{"outlet":"{outlet}","points":"max","payment":"sbp","lines":["#)?;
    for line in 0..LINES {
        let comma = if line == 0 { "" } else { "," };
        let item = rng.random_range(0..shop::ITEMS_ALWAYS);
        let (size, quantity) =
            (shop::SIZES[rng.random_range(0..shop::SIZES.len())], 1 + u32::from(line % 3 == 0));
        let (milk, syrup) = (rng.random_range(0..shop::MODIFIERS), rng.random_range(0..shop::MODIFIERS));
        write!(
            body,
            r#"{comma}{{"item":"i{item}","size":"{size}","quantity":{quantity},"modifiers":[{{"code":"g0m{milk}"}},{{"code":"g1m{syrup}"}}]}}"#
        )?;
    }
    body.push_str("]}");
    Ok(())
}

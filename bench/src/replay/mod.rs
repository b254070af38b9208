//! `bench replay`: real receipts through the HTTP functions, and whether the totals come out.
//!
//! Reading order: [`mapping`] (what a data set is), [`table`], [`sales`] (rows to receipts), [`prepare`] (the chain),
//! [`post`], [`checks`].

pub mod checks;
pub mod mapping;
pub mod post;
pub mod prepare;
pub mod sales;
pub mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::audit;
use crate::crema::CremaArgs;
use crate::host;
use crate::replay::checks::Report;
use crate::replay::mapping::Mapping;
use crate::replay::post::{Mode, Tally};
use crate::replay::prepare::Tables;
use crate::replay::sales::{Formats, Sales};
use crate::state;

/// Where the data sets are, unless the environment says otherwise.
const DATA_VARIABLE: &str = "CREMA_DATA";
const DATA_DEFAULT: &str = "../shared/data";
/// Most complaints printed of one kind.
const COMPLAINTS_SHOWN: usize = 40;

/// Arguments of `bench replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Mapping files [default: those in bench/mappings]
    pub mappings: Vec<PathBuf>,
    /// Replay the damaged copy instead, and check that exactly its bad cells are reported.
    #[arg(long)]
    pub spoiled: bool,
    /// Post everything a second time and check that nothing changes.
    #[arg(long)]
    pub again: bool,
    /// How receipts travel.
    #[arg(long, value_enum, default_value_t = Mode::Single)]
    pub mode: Mode,
    /// Read the files and report, but post nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub crema: CremaArgs,
}

/// Runs the command.
///
/// # Errors
/// When a total differs, or something is missing.
pub async fn run(args: &ReplayArgs) -> Result<()> {
    let root = host::workspace_root()?;
    let data = std::env::var_os(DATA_VARIABLE).map_or_else(|| root.join(DATA_DEFAULT), PathBuf::from);
    let mut missed = 0;
    for path in mapping_files(args, &root)? {
        let mapping = mapping::load(&path)?;
        if !data.join(&mapping.receipts.file).exists() {
            println!(
                "{}: skipped, no {} below {} (set {DATA_VARIABLE})",
                mapping.title,
                mapping.receipts.file,
                data.display()
            );
            continue;
        }
        if args.spoiled && mapping.spoiled.is_none() {
            println!("{}: no damaged copy", mapping.title);
            continue;
        }
        println!("{}", mapping.title);
        let report = replay(args, &root, &data, &mapping).await?;
        println!("  {} expectations met, {} missed\n", report.met, report.missed);
        missed += report.missed;
    }
    if missed > 0 {
        bail!("{missed} expectations missed");
    }
    Ok(())
}

fn mapping_files(args: &ReplayArgs, root: &Path) -> Result<Vec<PathBuf>> {
    if !args.mappings.is_empty() {
        return Ok(args.mappings.clone());
    }
    let folder = root.join("bench/mappings");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

async fn replay(args: &ReplayArgs, root: &Path, data: &Path, mapping: &Mapping) -> Result<Report> {
    let mut report = Report::default();
    let mut tables = Tables::new(data);
    let sales = read(args, mapping, &mut tables, &mut report)?;
    println!(
        "  {} receipts, {} lines; {} lines below quantity x price sent with a discount, {} above it with the price charged",
        sales.receipts.len(),
        sales.lines,
        sales.markdowns,
        sales.markups
    );
    if args.dry_run {
        return Ok(report);
    }
    let dir = root.join("target/replay").join(&mapping.chain.brand);
    let chain = prepare::prepare(mapping, &mut tables, &sales, &dir)?;
    let crema = args.crema.find(root)?;
    let server = crema.start(&dir, &host::test_variables(&chain.secret), &[]).await?;
    println!("  the host serves after {:.0} ms", server.ready_after.as_secs_f64() * 1e3);
    let books = state::reader(&dir)?;

    let tally = post::post(server.address, mapping, &chain, &sales, args.mode, "posting").await?;
    print_tally(&tally);
    report.expect("receipts recorded", &sales.receipts.len().to_string(), &tally.recorded.to_string());
    if !args.spoiled {
        checks::totals(mapping, &books, &mut report)?;
    }
    checks::against_file(mapping, &chain, &sales, &books, &mut report)?;
    if args.again {
        let before = checks::snapshot(&books)?;
        let tally = post::post(server.address, mapping, &chain, &sales, args.mode, "again").await?;
        print_tally(&tally);
        report.expect("receipts replayed", &sales.receipts.len().to_string(), &tally.replayed.to_string());
        checks::unchanged(&before, &checks::snapshot(&books)?, &mut report);
    }
    report.missed += audit::audit(&books)?;
    server.stop().await?;
    Ok(report)
}

/// Reads the receipts. Of a damaged copy it also checks the complaints, and that what is left is the clean file
/// without the refused rows.
fn read(args: &ReplayArgs, mapping: &Mapping, tables: &mut Tables<'_>, report: &mut Report) -> Result<Sales> {
    let prices = prepare::list_prices(mapping, tables)?;
    let receipts = &mapping.receipts;
    let formats = Formats { date: receipts.date.clone(), time: receipts.time.clone() };
    let Some(spoiled) = mapping.spoiled.as_ref().filter(|_| args.spoiled) else {
        let sales = sales::read(mapping, tables.table(&receipts.file)?, &formats, &prices, &[])?;
        print_complaints("refused", &sales.bad);
        report.expect("cells refused", "0", &sales.bad.len().to_string());
        return Ok(sales);
    };
    let mut damaged = formats.clone();
    damaged.date.format.clone_from(&spoiled.date_format);
    damaged.time.format.clone_from(&spoiled.time_format);
    let sales = sales::read(mapping, tables.table(&spoiled.file)?, &damaged, &prices, &[])?;
    print_complaints("refused", &sales.bad);
    print_complaints("doubtful", &sales.doubtful);
    let cells = |complaints: &[sales::Complaint]| {
        let mut cells: Vec<_> = complaints.iter().map(|complaint| complaint.cell.clone()).collect();
        cells.sort();
        format!("{cells:?}")
    };
    let listed = |cells: &[mapping::BadCell]| {
        let mut cells = cells.to_vec();
        cells.sort();
        format!("{cells:?}")
    };
    report.expect("cells refused", &spoiled.bad.len().to_string(), &sales.bad.len().to_string());
    let same = |what: &mut Report, name: &str, expected: &str, found: &str| {
        let verdict = if expected == found { "exactly those listed" } else { found };
        let wanted = if expected == found { "exactly those listed" } else { expected };
        what.expect(name, wanted, verdict);
    };
    same(report, "refused cells", &listed(&spoiled.bad), &cells(&sales.bad));
    same(report, "doubtful cells", &listed(&spoiled.doubtful), &cells(&sales.doubtful));
    let without: Vec<u64> = sales.bad.iter().map(|complaint| complaint.cell.line).collect();
    let clean = sales::read(mapping, tables.table(&receipts.file)?, &formats, &prices, &without)?;
    let figures = |sales: &Sales| {
        let total: i64 = sales.receipts.iter().map(sales::Receipt::total_minor).sum();
        format!("{} receipts, {} lines, {total} minor units", sales.receipts.len(), sales.lines)
    };
    report.expect("the clean file without the refused rows", &figures(&clean), &figures(&sales));
    Ok(sales)
}

fn print_complaints(what: &str, complaints: &[sales::Complaint]) {
    for complaint in complaints.iter().take(COMPLAINTS_SHOWN) {
        let cell = &complaint.cell;
        println!("  {what}: line {}, {} {:?}: {}", cell.line, cell.column, cell.value, complaint.why);
    }
}

fn print_tally(tally: &Tally) {
    let posted = tally.recorded + tally.replayed + tally.refused;
    println!(
        "  posted {posted} receipts in {:.1} s, {:.0} a second: {} recorded, {} replayed, {} refused",
        tally.took.as_secs_f64(),
        posted as f64 / tally.took.as_secs_f64(),
        tally.recorded,
        tally.replayed,
        tally.refused
    );
    for refusal in &tally.refusals {
        println!("    {refusal}");
    }
}

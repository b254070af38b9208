//! `bench load`: the functions on the host against the same code native, side by side, and the host's own figures.
//!
//! Driver and servers share the machine's processors, so rates are lower than a server alone would reach; the ratio
//! of two servers driven alike, in turns, is what the table is about. Processor time for one unit of work is given
//! too: it does not depend on what else the machine was doing.
//!
//! Reading order: [`fixture`], [`workload`], [`measure`], [`figures`], [`report`].

mod batch;
mod figures;
pub mod fixture;
pub mod measure;
pub mod report;
pub mod workload;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::crema::CremaArgs;
use crate::host::{self, Crema, Server};
use crate::load::fixture::Fixture;
use crate::load::measure::{Measured, drive};
use crate::load::report::{Machine, Report, Row};
use crate::load::workload::Workload;
use crate::state;

/// The probe's component; built when missing.
const PROBE: &str = "target/wasm32-wasip2/function/bench_probe.wasm";

/// Arguments of `bench load`.
#[derive(Debug, clap::Args)]
pub struct LoadArgs {
    /// State directory made by `bench generate`.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// How often the two servers take turns.
    #[arg(long, default_value_t = 2)]
    pub rounds: usize,
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    pub connections: Vec<usize>,
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_values_t = [Workload::Balance, Workload::History, Workload::Receipt, Workload::Redemption]
    )]
    pub workloads: Vec<Workload>,
    /// Only the table, none of the single figures.
    #[arg(long)]
    pub table_only: bool,
    /// Receipts sent through the batch function; 0 for none.
    #[arg(long, default_value_t = 60_000)]
    pub batch_receipts: usize,
    #[command(flatten)]
    pub crema: CremaArgs,
    /// Where the JSON file goes.
    #[arg(long, default_value = "target/bench/load.json")]
    pub json: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// When a server misbehaves or something is missing.
pub async fn run(args: &LoadArgs) -> Result<()> {
    let root = host::workspace_root()?;
    let data = root.join(&args.data);
    let fixture = Arc::new(fixture::load(&data)?);
    let machine = Machine::here();
    println!(
        "{} members, {} receipts; {} processors shared by driver and servers, load average before: {}\n",
        fixture.members, fixture.receipts, machine.processors, machine.load_before
    );
    let mut report =
        Report { machine, members: fixture.members, receipts: fixture.receipts, ..Report::default() };
    let bench = Bench { root: root.clone(), data, fixture, args };
    bench.table(&mut report).await?;
    if !args.table_only {
        println!();
        bench.figures(&mut report).await?;
    }
    report::save(&report, &root.join(&args.json))
}

/// What all measurements share.
pub struct Bench<'a> {
    pub root: PathBuf,
    pub data: PathBuf,
    pub fixture: Arc<Fixture>,
    pub args: &'a LoadArgs,
}

impl Bench<'_> {
    /// The host with the product's functions over a fresh copy of the database.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn wasm(&self, copy: &str, more: &[&str]) -> Result<Server> {
        let dir = self.copy(copy)?;
        self.crema()?.start(&dir, &host::test_variables(&self.fixture.master_secret), more).await
    }

    fn crema(&self) -> Result<Crema> {
        self.args.crema.find(&self.root)
    }

    /// The baseline over a fresh copy of the database.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn native(&self, copy: &str) -> Result<Server> {
        let dir = self.copy(copy)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("baseline").arg("--state-dir").arg(&dir);
        command.arg("--master-secret").arg(&self.fixture.master_secret);
        Server::start(command, &dir, "/readyz").await
    }

    /// The host with the probe over a fresh copy of the database.
    ///
    /// # Errors
    /// When the probe cannot be built or does not start.
    pub async fn probe(&self, copy: &str) -> Result<Server> {
        if !self.root.join(PROBE).exists() {
            let mut build = Command::new("cargo");
            build.current_dir(&self.root).args(["build", "--quiet", "--profile", "function"]);
            build.args(["--target", "wasm32-wasip2", "-p", "bench-probe"]);
            ensure!(build.status()?.success(), "the probe was not built");
        }
        let dir = self.copy(copy)?;
        let crema = Crema { manifest: self.root.join("bench/probe/spin.toml"), ..self.crema()? };
        crema.start(&dir, &[], &[]).await
    }

    fn copy(&self, name: &str) -> Result<PathBuf> {
        let dir = self.data.with_file_name(name);
        copy_state(&self.data, &dir).with_context(|| format!("copying the database to {}", dir.display()))?;
        Ok(dir)
    }

    async fn table(&self, report: &mut Report) -> Result<()> {
        let wasm = self.wasm("run-wasm", &[]).await?;
        let native = self.native("run-native").await?;
        report::print_heading();
        for &workload in &self.args.workloads {
            let probing = workload == Workload::Probe;
            let probe = if probing { Some(self.probe("run-probe").await?) } else { None };
            for &connections in &self.args.connections {
                let (ours, theirs) =
                    self.pair(probe.as_ref().unwrap_or(&wasm), &native, workload, connections).await?;
                report::print_pair(&ours, Some(&theirs));
                report.rows.extend([ours, theirs]);
            }
            if let Some(probe) = probe {
                probe.stop().await?;
            }
        }
        wasm.stop().await?;
        native.stop().await
    }

    /// Drives both servers in turns, so that what disturbs one disturbs the other.
    async fn pair(
        &self,
        wasm: &Server,
        native: &Server,
        workload: Workload,
        connections: usize,
    ) -> Result<(Row, Row)> {
        let duration = Duration::from_secs(self.args.seconds);
        let (mut ours, mut theirs) = (Measured::new()?, Measured::new()?);
        for round in 0..self.args.rounds {
            let run = format!("{}-{connections}-{round}", workload.name());
            ours.add(&drive(wasm, &self.fixture, workload, connections, duration, &run).await?)?;
            theirs.add(&drive(native, &self.fixture, workload, connections, duration, &run).await?)?;
        }
        let name = workload.name();
        Ok((Row::new(name, connections, "wasm", &ours), Row::new(name, connections, "native", &theirs)))
    }
}

/// Copies the two database files and nothing else. A left-over WAL would mean that the source is in use.
fn copy_state(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for path in [state::database_path(from), state::key_value_path(from)] {
        let name = path.file_name().context("a file has a name")?;
        let mut wal = path.clone().into_os_string();
        wal.push("-wal");
        if std::fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0) {
            bail!("{} is not empty: is the database in use?", PathBuf::from(wal).display());
        }
        let copy = to.join(name);
        std::fs::copy(&path, &copy)?;
        // Gigabytes still on their way to the disk would be in the way of the syncs that are measured.
        std::fs::File::open(copy)?.sync_all()?;
    }
    Ok(())
}

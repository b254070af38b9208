//! The table on the screen and the JSON file.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::load::measure::Measured;

/// One measured thing.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub workload: &'static str,
    pub connections: usize,
    pub server: &'static str,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Processor time of the server for one unit of work, microseconds.
    pub server_us: f64,
    /// The same of the driver.
    pub driver_us: f64,
    /// Work done by the connection that got least, over that of the one that got most.
    pub fairness: f64,
    pub count: u64,
}

impl Row {
    /// A row of a measurement.
    #[must_use]
    pub fn new(
        workload: &'static str,
        connections: usize,
        server: &'static str,
        measured: &Measured,
    ) -> Self {
        Self {
            workload,
            connections,
            server,
            per_second: measured.rate(),
            p50_ms: measured.ms(0.5),
            p99_ms: measured.ms(0.99),
            max_ms: measured.ms(1.0),
            server_us: measured.server_us(),
            driver_us: measured.driver_us(),
            fairness: measured.least as f64 / measured.most.max(1) as f64,
            count: measured.latency.len(),
        }
    }
}

/// A single figure: a start time, a size.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    /// What it should be, in words.
    pub aim: &'static str,
    pub met: Option<bool>,
}

impl Figure {
    /// Prints the figure on a line of its own.
    pub fn print(&self) {
        let verdict = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        println!("{:<58}{:>12.2} {:<14}{:<34}{verdict}", self.name, self.value, self.unit, self.aim);
    }
}

/// Everything that a run measured.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub members: u64,
    pub receipts: u64,
    pub rows: Vec<Row>,
    pub figures: Vec<Figure>,
}

/// Where it ran.
#[derive(Debug, Default, Serialize)]
pub struct Machine {
    pub processors: usize,
    pub kernel: String,
    /// Load average of the last minute before the run: work of others disturbs the figures.
    pub load_before: String,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_before: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

/// Prints the heading of the table.
pub fn print_heading() {
    println!(
        "{:<16}{:>5} {:<7}{:>10}{:>9}{:>9}{:>9}{:>11}{:>11}{:>9}{:>8}",
        "workload",
        "conns",
        "server",
        "per s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "server us",
        "driver us",
        "fairness",
        "ratio"
    );
}

/// Prints a pair of rows with the ratio of their rates.
pub fn print_pair(wasm: &Row, native: Option<&Row>) {
    print_row(wasm, native.map(|native| wasm.per_second / native.per_second));
    if let Some(native) = native {
        print_row(native, None);
    }
}

fn print_row(row: &Row, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
    println!(
        "{:<16}{:>5} {:<7}{:>10.0}{:>9.2}{:>9.2}{:>9.2}{:>11.0}{:>11.0}{:>9.2}{:>8}",
        row.workload,
        row.connections,
        row.server,
        row.per_second,
        row.p50_ms,
        row.p99_ms,
        row.max_ms,
        row.server_us,
        row.driver_us,
        row.fairness,
        ratio
    );
}

/// Writes the JSON file.
///
/// # Errors
/// When it cannot be written.
pub fn save(report: &Report, path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_vec_pretty(report)?)?;
    println!("written to {}", path.display());
    Ok(())
}

//! Drives one server with one workload and measures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::host::{self, Server};
use crate::http::Client;
use crate::load::fixture::Fixture;
use crate::load::workload::{Sender, Workload};

/// Before a measurement, so that instances exist and caches are filled.
const WARM_UP: Duration = Duration::from_millis(700);
/// Significant digits of latencies.
const DIGITS: u8 = 3;

/// What was measured; several measurements of one thing add up.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Microseconds.
    pub latency: Histogram<u64>,
    pub elapsed: Duration,
    /// Processor time of the server, all threads.
    pub server_cpu: Duration,
    /// Processor time of this driver, which shares the processors.
    pub driver_cpu: Duration,
    /// Work done by the connection that got least, and by the one that got most.
    pub least: u64,
    pub most: u64,
}

impl Measured {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never: the histogram's precision is a constant that it takes.
    pub fn new() -> Result<Self> {
        Ok(Self {
            latency: Histogram::new(DIGITS)?,
            elapsed: Duration::ZERO,
            server_cpu: Duration::ZERO,
            driver_cpu: Duration::ZERO,
            least: 0,
            most: 0,
        })
    }

    /// Adds another measurement of the same thing.
    ///
    /// # Errors
    /// Never: both histograms grow by themselves.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.elapsed += other.elapsed;
        self.server_cpu += other.server_cpu;
        self.driver_cpu += other.driver_cpu;
        self.least += other.least;
        self.most += other.most;
        Ok(())
    }

    /// Units of work a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.latency.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// A quantile of the latency in milliseconds.
    #[must_use]
    pub fn ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1e3
    }

    /// Microseconds of the server's processor time for one unit of work.
    #[must_use]
    pub fn server_us(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.latency.len().max(1) as f64
    }

    /// Microseconds of the driver's processor time for one unit of work.
    #[must_use]
    pub fn driver_us(&self) -> f64 {
        self.driver_cpu.as_secs_f64() * 1e6 / self.latency.len().max(1) as f64
    }
}

/// Sends `workload` over `connections` for `duration`. `run` keeps receipt numbers of different calls apart.
///
/// # Errors
/// When a reply is not the expected one.
pub async fn drive(
    server: &Server,
    fixture: &Arc<Fixture>,
    workload: Workload,
    connections: usize,
    duration: Duration,
    run: &str,
) -> Result<Measured> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut tasks = JoinSet::new();
    for connection in 0..connections {
        let mut client = Client::connect(server.address).await?;
        let name = format!("{run}-{connection}");
        let mut sender = Sender::new(workload, Arc::clone(fixture), seed(&name), name);
        tasks.spawn(async move {
            let mut latency = Histogram::<u64>::new(DIGITS)?;
            loop {
                let took = sender.step(&mut client).await?;
                let now = Instant::now();
                // Work counts when it began and ended in the window.
                if now > end {
                    return anyhow::Ok(latency);
                }
                if now - took >= begin {
                    latency.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX))?;
                }
            }
        });
    }
    tokio::time::sleep_until(begin.into()).await;
    let (server_before, driver_before) = (server.cpu_time()?, host::cpu_time_of("self")?);
    tokio::time::sleep_until(end.into()).await;
    let mut measured = Measured::new()?;
    measured.server_cpu = server.cpu_time()? - server_before;
    measured.driver_cpu = host::cpu_time_of("self")? - driver_before;
    measured.elapsed = duration;
    measured.least = u64::MAX;
    while let Some(done) = tasks.join_next().await {
        let latency = done?.with_context(|| format!("{} at {connections} connections", workload.name()))?;
        measured.least = measured.least.min(latency.len());
        measured.most = measured.most.max(latency.len());
        measured.latency.add(latency)?;
    }
    Ok(measured)
}

/// FNV-1a: the same name draws the same guests.
fn seed(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

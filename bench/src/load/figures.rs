//! Figures that are no row of the table: starts, sizes, durable writes, batches, the probe.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::host::Server;
use crate::http::{self, Client};
use crate::load::Bench;
use crate::load::batch;
use crate::load::measure::{Measured, drive};
use crate::load::report::{self, Figure, Report, Row};
use crate::load::workload::Workload;

/// Starts of the host that are timed.
const STARTS: usize = 5;
/// Times that a component is let go cold.
const COLD_REQUESTS: usize = 20;
/// Longer than the host keeps an idle instance.
const COOL_DOWN: Duration = Duration::from_millis(1_300);
/// What Spin with TCP_NODELAY serves of a key-value read and a select at 16 connections on such a machine, at best.
const SPIN_PROBE_PER_SECOND: f64 = 2_450.0;
const DURABLE_CONNECTIONS: usize = 64;
/// Receipts of a month.
const MONTH_RECEIPTS: f64 = 1_500_000.0;

impl Bench<'_> {
    /// Measures and prints every single figure.
    ///
    /// # Errors
    /// When a server misbehaves.
    pub async fn figures(&self, report: &mut Report) -> Result<()> {
        show(report, self.starts().await?);
        show(report, self.instances().await?);
        show(report, self.durable().await?);
        show(report, self.batches().await?);
        let probe = self.probe_figures(report).await?;
        show(report, probe);
        Ok(())
    }

    async fn starts(&self) -> Result<Vec<Figure>> {
        let mut starts = Vec::new();
        let mut resident = 0;
        for _ in 0..STARTS {
            let server = self.wasm("run-start", &[]).await?;
            starts.push(server.ready_after);
            resident = server.resident_bytes()?;
            server.stop().await?;
        }
        starts.sort();
        let median = starts[starts.len() / 2].as_secs_f64() * 1e3;
        Ok(vec![
            Figure {
                name: "host start with a warm cache, median of 5",
                value: median,
                unit: "ms",
                aim: "under 500",
                met: Some(median < 500.0),
            },
            Figure {
                name: "host resident after the start",
                value: resident as f64 / 1e6,
                unit: "MB",
                aim: "",
                met: None,
            },
        ])
    }

    /// What an instance costs: the first request after all instances are gone, against one that finds an instance;
    /// and the same with a host that makes an instance for every request.
    async fn instances(&self) -> Result<Vec<Figure>> {
        let server = self.wasm("run-start", &[]).await?;
        let request = http::request("GET", "/v1/balance", &[], &[]);
        let mut client = Client::connect(server.address).await?;
        let (mut cold, mut warm) = (Vec::new(), Vec::new());
        for _ in 0..COLD_REQUESTS {
            tokio::time::sleep(COOL_DOWN).await;
            cold.push(timed(&mut client, &request).await?);
            warm.push(timed(&mut client, &request).await?);
        }
        let (cold, warm) = (median(cold), median(warm));
        let reused = self.refusals(&server).await?;
        server.stop().await?;
        let server = self.wasm("run-start", &["--max-instance-reuse-count", "1"]).await?;
        let fresh = self.refusals(&server).await?;
        server.stop().await?;
        let instance_ms = (fresh.server_us() - reused.server_us()) / 1e3;
        Ok(vec![
            Figure {
                name: "request that finds no instance (refusal by balance), median",
                value: cold * 1e3,
                unit: "ms",
                aim: "",
                met: None,
            },
            Figure { name: "request that finds one", value: warm * 1e3, unit: "ms", aim: "", met: None },
            Figure {
                name: "an instance ready (difference of the two)",
                value: (cold - warm) * 1e3,
                unit: "ms",
                aim: "under 1",
                met: Some(cold - warm < 1e-3),
            },
            Figure {
                name: "processor time of an instance (reuse 1 against 128)",
                value: instance_ms,
                unit: "ms",
                aim: "",
                met: None,
            },
        ])
    }

    async fn refusals(&self, server: &Server) -> Result<Measured> {
        let duration = Duration::from_secs(self.args.seconds);
        drive(server, &self.fixture, Workload::Refusal, 1, duration, "refusals").await
    }

    async fn probe_figures(&self, report: &mut Report) -> Result<Vec<Figure>> {
        let (probe, native) = (self.probe("run-probe").await?, self.native("run-native").await?);
        let (ours, theirs) = self.pair(&probe, &native, Workload::Probe, 16).await?;
        probe.stop().await?;
        native.stop().await?;
        let times = ours.per_second / SPIN_PROBE_PER_SECOND;
        println!();
        report::print_heading();
        report::print_pair(&ours, Some(&theirs));
        report.rows.extend([ours, theirs]);
        Ok(vec![Figure {
            name: "kv get + select at 16 connections, times Spin's best 2,450",
            value: times,
            unit: "times",
            aim: "at least 5",
            met: Some(times >= 5.0),
        }])
    }

    /// Durable receipts at 64 connections, for long enough that checkpoints happen and nobody can starve unseen.
    async fn durable(&self) -> Result<Vec<Figure>> {
        let server = self.wasm("run-wasm", &[]).await?;
        let duration = Duration::from_secs(self.args.seconds * 5);
        let fixture = Arc::clone(&self.fixture);
        let measured =
            drive(&server, &fixture, Workload::Receipt, DURABLE_CONNECTIONS, duration, "durable").await?;
        let reads = drive(&server, &fixture, Workload::Balance, 16, duration, "reads").await?;
        let resident = server.resident_bytes()? as f64 / 1e6;
        server.stop().await?;
        let row = Row::new("receipt", DURABLE_CONNECTIONS, "wasm", &measured);
        let figure = |name, value, unit, aim, met: Option<bool>| Figure { name, value, unit, aim, met };
        Ok(vec![
            figure(
                "durable receipts at 64 connections",
                row.per_second,
                "a second",
                "at least 2,000",
                Some(row.per_second >= 2_000.0),
            ),
            figure("  p99", row.p99_ms, "ms", "under 60", Some(row.p99_ms < 60.0)),
            figure("  longest wait", row.max_ms, "ms", "nobody starves", None),
            figure(
                "  least served connection, share of the best served",
                row.fairness,
                "",
                "nobody starves",
                Some(row.fairness > 0.5),
            ),
            figure(
                "balance p99 at 16 connections",
                reads.ms(0.99),
                "ms",
                "under 5",
                Some(reads.ms(0.99) < 5.0),
            ),
            figure("host resident after this load", resident, "MB", "under 250", Some(resident < 250.0)),
        ])
    }

    async fn batches(&self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        if self.args.batch_receipts == 0 {
            return Ok(figures);
        }
        let names =
            ["receipts through the batch function, wasm", "receipts through the batch function, native"];
        for (index, name) in names.into_iter().enumerate() {
            let server = if index == 0 {
                self.wasm("run-wasm", &[]).await?
            } else {
                self.native("run-native").await?
            };
            let took = batch::post(&server, &self.fixture, self.args.batch_receipts).await?;
            server.stop().await?;
            let rate = self.args.batch_receipts as f64 / took.as_secs_f64();
            figures.push(Figure { name, value: rate, unit: "a second", aim: "", met: None });
            if index == 0 {
                let minutes = MONTH_RECEIPTS / rate / 60.0;
                let met = Some(minutes < 10.0);
                figures.push(Figure {
                    name: "  a month of 1.5 million at that rate",
                    value: minutes,
                    unit: "min",
                    aim: "under 10",
                    met,
                });
            }
        }
        Ok(figures)
    }
}

/// Prints figures as they come: a run takes minutes.
fn show(report: &mut Report, figures: Vec<Figure>) {
    figures.iter().for_each(Figure::print);
    report.figures.extend(figures);
}

async fn timed(client: &mut Client, request: &[u8]) -> Result<f64> {
    let started = Instant::now();
    client.send(request).await?;
    Ok(started.elapsed().as_secs_f64())
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

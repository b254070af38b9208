//! `bench fraud`: what judging an event costs, and what share of a receipt that is.
//!
//! A small chain on a disk, as the host opens it but for the sync at each commit, which would hide everything else. Receipts
//! are recorded by the product's use case with staff, payment tokens and live rules, until counts are as they are after
//! weeks; then as many again are timed, and as many decisions by themselves.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use club::guest::Named;
use club::receipt::{self, NewSale};
use club::{Moment, Refusal};
use fraud::facts::{Trace, Who};
use fraud::{Event, Facts, standard};
use hdrhistogram::Histogram;
use kernel::{Currency, IdSource, Money, Quantity, Timestamp, Zone};
use loyalty::sale::{self, Payment, PaymentMethod, Sale, SaleLine};
use membership::secrets::Secrets;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rig::small::{self, Chain};
use store::StoreError;
use store::native::NativeSql;
use store::outlets::{self, Outlet};
use store::transaction::transaction;
use watch::inline::{self, Conclusion, Traces};
use watch::rules::{self, NewVersion};

use crate::{host, state};

/// Arguments of `bench fraud`.
#[derive(Debug, clap::Args)]
pub struct FraudArgs {
    /// Receipts before the measurement, and in it.
    #[arg(long, default_value_t = 20_000)]
    pub receipts: u32,
    #[arg(long, default_value_t = 5_000)]
    pub guests: usize,
    /// Most that a decision may take in 99 of 100 cases, in milliseconds.
    #[arg(long, default_value_t = 5.0)]
    pub p99_ms_max: f64,
    /// State directory; what is there is removed.
    #[arg(long, default_value = "target/bench/fraud")]
    pub work: PathBuf,
}

/// Milliseconds between two receipts of the outlet.
const PACE_MS: i64 = 40_000;
const STAFF: u32 = 12;

struct Bench {
    sql: NativeSql,
    chain: Chain,
    outlet: Outlet,
    ids: IdSource,
    random: StdRng,
    now: Timestamp,
    number: u32,
}

/// Runs the command.
///
/// # Errors
/// When a decision takes too long.
pub fn run(args: &FraudArgs) -> Result<()> {
    let mut bench = Bench::new(args)?;
    let mut warm = Histogram::new(3)?;
    for _ in 0..args.receipts {
        bench.receipt(&mut warm)?;
    }
    let mut receipts = Histogram::new(3)?;
    for _ in 0..args.receipts {
        bench.receipt(&mut receipts)?;
    }
    let mut decisions = Histogram::new(3)?;
    for _ in 0..args.receipts {
        bench.decision(&mut decisions)?;
    }
    println!("{} receipts of {} guests before the measurement", args.receipts, args.guests);
    show("a receipt with the check, without sync", &receipts);
    show("a decision: read, judge, write", &decisions);
    let (with, check) = (receipts.mean(), decisions.mean());
    println!("a receipt takes {:.2} times what it would without the check", with / (with - check).max(1.0));
    let p99 = decisions.value_at_quantile(0.99) as f64 / 1e6;
    ensure!(p99 <= args.p99_ms_max, "a decision takes {p99:.2} ms in 99 of 100 cases");
    Ok(())
}

fn show(name: &str, times: &Histogram<u64>) {
    let ms = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1e6;
    println!(
        "{name}: mean {:.3} ms, p50 {:.3} ms, p99 {:.3} ms, longest {:.3} ms",
        times.mean() / 1e6,
        ms(0.5),
        ms(0.99),
        ms(1.0)
    );
}

impl Bench {
    fn new(args: &FraudArgs) -> Result<Self> {
        let work = host::workspace_root()?.join(&args.work);
        let chain = small::create(&work, args.guests, 11)?;
        let sql = NativeSql::open(&state::database_path(&work)).map_err(|error| anyhow!("{error}"))?;
        sql.connection().execute_batch("pragma synchronous = normal; pragma cache_size = -16384;")?;
        let outlet = outlets::load(&sql, chain.tills[1].outlet)?.context("an outlet")?;
        let now = Timestamp::parse("2026-11-01T06:00:00Z")?;
        let mut ids = IdSource::new(5);
        let rules = standard::rules();
        transaction(&sql, |tx| {
            let new =
                NewVersion { brand: &outlet.brand, rules: &rules, is_live: true, note: "bench", by: None };
            rules::publish(tx, &new, &mut watch::Moment { now, ids: &mut ids })
        })?;
        Ok(Self { sql, chain, outlet, ids, random: StdRng::seed_from_u64(6), now, number: 0 })
    }

    fn receipt(&mut self, times: &mut Histogram<u64>) -> Result<()> {
        self.now = self.now.plus_millis(PACE_MS);
        self.number += 1;
        let guest = self.random.random_range(0..self.chain.guests.len());
        let card = self.chain.guests[guest].card.clone();
        let new = self.sale(card)?;
        let traces = Traces { payment: Some(Trace::from_raw(guest as i64 / 2)), device: None };
        let secrets = || -> Result<Secrets, Refusal> { Err(Refusal::Secrets("a card needs none".into())) };
        let started = Instant::now();
        let prepared = receipt::prepare(&self.sql, &self.outlet, &new, &secrets, self.now).traced(traces);
        let mut moment = Moment { now: self.now, ids: &mut self.ids };
        transaction(&self.sql, |tx| {
            let reply = |_: &receipt::Outcome| "{}".to_owned();
            receipt::record(tx, &self.outlet, &new, prepared, &secrets, &mut moment, reply)
        })?;
        record(times, started.elapsed())
    }

    fn decision(&mut self, times: &mut Histogram<u64>) -> Result<()> {
        self.now = self.now.plus_millis(PACE_MS);
        let guest = self.random.random_range(0..self.chain.guests.len());
        let facts = Facts {
            who: Some(Who { member: self.chain.guests[guest].member, joined_at: Timestamp::from_millis(0) }),
            staff: Some(format!("s{}", self.random.random_range(0..STAFF))),
            payment: Some(Trace::from_raw(guest as i64 / 2)),
            ..Facts::new(Event::Receipt, self.now)
        };
        let (outlet, now) = (&self.outlet, self.now);
        let mut took = Duration::ZERO;
        transaction(&self.sql, |tx| {
            let started = Instant::now();
            let prepared = inline::prepare(tx, &outlet.brand, Some(outlet.id))?;
            let judged = inline::judge(tx, &prepared, facts, now)?;
            let mut moment = watch::Moment { now, ids: &mut self.ids };
            inline::conclude(tx, &judged, &outlet.brand, &Conclusion::default(), &mut moment)?;
            took = started.elapsed();
            Ok::<_, StoreError>(())
        })?;
        record(times, took)
    }

    fn sale(&mut self, card: String) -> Result<NewSale> {
        let zone = Zone::parse("Europe/Moscow")?;
        let money = |minor: i64| Money::new(minor, Currency::Rub);
        let line = |line_no: u32| SaleLine {
            line_no,
            product_code: "cappuccino".to_owned(),
            category: Some("coffee".to_owned()),
            quantity: Quantity::from_thousandths(1_000),
            unit_price: money(21_000),
            discount: money(0),
            amount: money(21_000),
            is_promo: false,
            is_fractional: false,
        };
        Ok(NewSale {
            number: self.number.to_string(),
            staff_code: Some(format!("s{}", self.random.random_range(0..STAFF))),
            channel: "counter",
            named: Some(Named::Card(card)),
            hold: None,
            names: vec!["Cappuccino".to_owned(); 2],
            sale: Sale {
                outlet: sale::Outlet {
                    id: self.outlet.id,
                    zone: zone.clone(),
                    currency: Currency::Rub,
                    country: "RU".to_owned(),
                },
                business_date: self.now.date_in(&zone),
                sold_at: self.now,
                lines: vec![line(1), line(2)],
                payments: vec![Payment { method: PaymentMethod::Card, amount: money(42_000) }],
                rounding: money(0),
            },
            request_hash: self.number.to_be_bytes().to_vec(),
        })
    }
}

fn record(times: &mut Histogram<u64>, took: Duration) -> Result<()> {
    Ok(times.record(took.as_nanos() as u64)?)
}

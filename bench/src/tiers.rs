//! `bench tiers`: everybody's tier after the end of a quarter, over a copy of the generated database.
//!
//! The job of the product itself is timed over a connection that syncs every commit. Afterwards each member's tier is
//! compared with what one statement over the receipts says, late receipts are recorded by a second connection while the
//! job runs once more, and the comparison is made again.

mod check;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use club::Moment;
use club::programme_admin::{self, NewVersion};
use club::tiers::recalc::{self, Bounds, Done, Outcome};
use kernel::{IdSource, Timestamp};
use loyalty::programme::Programme;
use loyalty::tiers::rules::{Downgrade, Effective, TierRules, Window};
use rusqlite::Connection;
use store::native::NativeSql;
use store::port::{Rows, Sql, SqlError};
use store::transaction::transaction;
use store::{Value, programmes};

use crate::meter::processor;
use crate::{host, state};

/// Arguments of `bench tiers`.
#[derive(Debug, clap::Args)]
pub struct TiersArgs {
    /// State directory made by `bench generate`; it is read only.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Where the copy goes; what is there is removed.
    #[arg(long, default_value = "target/bench/tiers")]
    pub work: PathBuf,
    /// Most that judging everybody may take, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds_max: f64,
    /// Most that the process may grow while it does, in MiB.
    #[arg(long, default_value_t = 48)]
    pub growth_mib_max: u64,
    /// Members in one transaction.
    #[arg(long, default_value_t = recalc::MEMBERS_PER_SLICE)]
    pub slice: i64,
    /// Late receipts recorded while the job runs.
    #[arg(long, default_value_t = 2_000)]
    pub late: u32,
}

/// As the host opens the database.
const SETTINGS: &str = "pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; \
     pragma cache_size = -16384; pragma mmap_size = 0;";

/// Times how long the right to write is held.
struct Metered {
    sql: NativeSql,
    since: Cell<Option<Instant>>,
    held: RefCell<Vec<Duration>>,
    /// Largest resident memory seen after a transaction, in KiB.
    resident_kib: Cell<u64>,
    /// Whether others get a turn between transactions, as the host's queue of writers gives them.
    shares: Cell<bool>,
}

/// A turn of somebody else.
const TURN: Duration = Duration::from_millis(2);

impl Sql for Metered {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let rows = self.sql.execute(statement, parameters);
        match statement {
            "begin immediate" => self.since.set(Some(Instant::now())),
            "commit" | "rollback" => {
                self.held.borrow_mut().extend(self.since.take().map(|since| since.elapsed()));
                let resident = memory_kib("VmRSS").unwrap_or_default();
                self.resident_kib.set(self.resident_kib.get().max(resident));
                if self.shares.get() {
                    std::thread::sleep(TURN);
                }
            }
            _ => {}
        }
        rows
    }
}

/// Runs the command.
///
/// # Errors
/// When it takes too long or too much, or somebody has another tier than the receipts say.
pub fn run(args: &TiersArgs) -> Result<()> {
    let root = host::workspace_root()?;
    let work = root.join(&args.work);
    copy(&root.join(&args.data), &work)?;
    let path = state::database_path(&work);
    let prepared = Instant::now();
    let sql = NativeSql::open(&path).map_err(|error| anyhow!("{error}"))?;
    sql.connection().execute_batch(SETTINGS)?;
    println!("schema brought up to date in {:.1} s", prepared.elapsed().as_secs_f64());
    let sql = Metered {
        sql,
        since: Cell::new(None),
        held: RefCell::default(),
        resident_kib: Cell::new(0),
        shares: Cell::new(false),
    };
    let mut ids = IdSource::new(8);
    let last = newest(&sql)?;
    let bounds = Bounds { members_per_slice: args.slice, ..Bounds::STANDARD };

    // The service looks after tiers since the last receipt, by rules that measure a quarter.
    publish(&sql, last, &mut ids)?;
    job(&sql, last.plus_millis(1_000), &mut ids, bounds)?;
    sql.held.borrow_mut().clear();

    let turn = check::after_quarter(last)?;
    let before = memory_kib("VmRSS")?;
    sql.resident_kib.set(before);
    let (done, took) = job(&sql, turn, &mut ids, bounds)?;
    let grown = sql.resident_kib.get().saturating_sub(before) / 1_024;
    let window = check::window(sql.sql.connection(), last)?;
    println!(
        "{} members, {} receipts in the window, {} of them of members",
        window.members, window.receipts, window.of_members
    );
    report("everybody", &done, took, &sql);
    println!("  grew by {grown} MiB");
    check::tiers(sql.sql.connection(), last)?;
    println!("  every member has the tier that one statement over all receipts and returns gives");

    let (again, took_again) = job(&sql, turn.plus_millis(1_000), &mut ids, bounds)?;
    report("once more", &again, took_again, &sql);
    ensure!(again.changed == 0, "a second run changed {} tiers", again.changed);

    concurrently(&sql, &path, args.late, turn, &mut ids, bounds)?;
    check::tiers(sql.sql.connection(), last)?;
    println!("  and again every member has the tier that the statement gives");
    ensure!(took.as_secs_f64() <= args.seconds_max, "judging everybody took {:.1} s", took.as_secs_f64());
    ensure!(grown <= args.growth_mib_max, "the process grew by {grown} MiB");
    Ok(())
}

/// Judges everybody anew while another connection records late receipts, then whom they touched.
fn concurrently(
    sql: &Metered,
    path: &Path,
    late: u32,
    turn: Timestamp,
    ids: &mut IdSource,
    bounds: Bounds,
) -> Result<()> {
    sql.sql.connection().execute_batch(
        "begin immediate; update tier_passes set cursor = 0; \
         update tier_standings set judged_on = (select min(started_on) from tier_passes); commit",
    )?;
    sql.shares.set(true);
    let stop = AtomicBool::new(false);
    let recorded = std::thread::scope(|scope| -> Result<u32> {
        let writer = scope.spawn(|| check::record_late(path, late, &stop));
        let (done, took) = job(sql, turn.plus_millis(2_000), ids, bounds)?;
        stop.store(true, Ordering::Relaxed);
        report("while late receipts came", &done, took, sql);
        writer.join().map_err(|_| anyhow!("the writer of late receipts failed"))?
    })?;
    let (done, took) = job(sql, turn.plus_millis(3_000), ids, bounds)?;
    report("after them", &done, took, sql);
    println!("  {recorded} late receipts of the quarter were recorded meanwhile");
    Ok(())
}

fn job(sql: &Metered, now: Timestamp, ids: &mut IdSource, bounds: Bounds) -> Result<(Done, Duration)> {
    let (started, busy) = (Instant::now(), processor()?);
    let mut moment = Moment { now, ids };
    let outcome = recalc::run(sql, &mut moment, bounds)?;
    let Outcome::Ran(done) = outcome else { anyhow::bail!("another run holds the lease") };
    ensure!(done.failed == 0 && !done.more, "{done:?}");
    let (took, busy) = (started.elapsed(), processor()?.saturating_sub(busy));
    println!("  a run: {:.2} s, {:.2} s of them on a processor", took.as_secs_f64(), busy.as_secs_f64());
    Ok((done, took))
}

fn report(name: &str, done: &Done, took: Duration, sql: &Metered) {
    let mut held = std::mem::take(&mut *sql.held.borrow_mut());
    held.sort_unstable();
    let millis = |place: usize| held.get(place).map_or(0.0, |held| held.as_secs_f64() * 1e3);
    println!(
        "{name}: {:.2} s, {} judged, {} tiers changed; {} transactions held the right to write {:.1} ms (median), \
         {:.1} ms (p99), {:.1} ms (longest)",
        took.as_secs_f64(),
        done.judged,
        done.changed,
        held.len(),
        millis(held.len() / 2),
        millis(held.len().saturating_sub(1) * 99 / 100),
        millis(held.len().saturating_sub(1)),
    );
}

/// Rules that measure a quarter, in every brand.
fn publish(sql: &Metered, now: Timestamp, ids: &mut IdSource) -> Result<()> {
    for (code, ..) in crate::generate::plan::BRANDS {
        let newest = programmes::list(sql, code, i64::MAX, 1)?;
        let newest = newest.first().with_context(|| format!("{code} has no programme"))?;
        let mut rules: Programme = serde_json::from_str(&newest.rules)?;
        rules.tier_rules = Some(TierRules {
            window: Window::CalendarQuarter {},
            effective: Effective::NextPeriod,
            validity_periods: 1,
            grace_days: 0,
            downgrade: Downgrade::Full,
            warn_days: 0,
        });
        let new = NewVersion { brand: code, rules: &rules, effective_from: None, note: "bench", by: None };
        transaction(sql, |tx| programme_admin::publish(tx, &new, &mut Moment { now, ids }))?;
    }
    Ok(())
}

/// The time of the newest receipt.
fn newest(sql: &Metered) -> Result<Timestamp> {
    let newest = state::integer(sql.sql.connection(), "select max(sold_at) from receipts")?;
    Ok(Timestamp::from_millis(newest))
}

/// Copies a database and what has not been moved into it yet.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    let name = state::database_path(from);
    std::fs::copy(&name, state::database_path(to)).with_context(|| name.display().to_string())?;
    let log = name.with_extension("db-wal");
    if log.exists() {
        std::fs::copy(&log, state::database_path(to).with_extension("db-wal"))?;
    }
    Ok(())
}

/// A field of this process's status, in KiB.
fn memory_kib(field: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).context("no such field")?;
    let number = line.split_whitespace().nth(1).context("a number")?;
    Ok(number.parse()?)
}

/// A connection as another instance would have it.
fn second(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(SETTINGS)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    Ok(connection)
}

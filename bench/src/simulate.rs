//! `bench simulate`: drafts of promotions replayed over a month of receipts, over a copy of the generated database.
//!
//! The product's own job is timed over a connection that syncs every commit, beside so many promotions that are switched
//! on. Printed are receipts a second, by how much the process grew, and how long a slice kept others from writing.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use club::Moment;
use kernel::{IdSource, SimulationId, Timestamp};
use rusqlite::{Connection, params};
use serde_json::{Value as Json, json};
use shop::promotion::administration as office;
use shop::simulation::{self, NewSimulation, TICK_MAX};
use store::Value;
use store::native::NativeSql;
use store::port::{Rows, Sql, SqlError};
use store::promotions::simulations;
use store::transaction::transaction;

use crate::generate::plan;
use crate::generate::sales::product_code;
use crate::host;
use crate::state;

/// Arguments of `bench simulate`.
#[derive(Debug, clap::Args)]
pub struct SimulateArgs {
    /// State directory made by `bench generate`; it is read only.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Where the copy goes; what is there is removed.
    #[arg(long, default_value = "target/bench/simulate")]
    pub work: PathBuf,
    /// Promotions that are switched on beside the draft.
    #[arg(long, default_value_t = 200)]
    pub promotions: usize,
    /// Fewest receipts that a replay gets through in a second.
    #[arg(long, default_value_t = 2_000.0)]
    pub rate_min: f64,
    /// Most that the process may grow, in MiB.
    #[arg(long, default_value_t = 96)]
    pub growth_mib_max: u64,
}

/// As the host opens the database.
const SETTINGS: &str = "pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; \
     pragma cache_size = -16384; pragma mmap_size = 0;";
/// Every so-manieth member is in the segment, and has the tag.
const SEGMENT_SHARE: i64 = 10;

/// Times how long the right to write is held.
struct Metered {
    sql: NativeSql,
    since: Cell<Option<Instant>>,
    longest: RefCell<Duration>,
}

impl Sql for Metered {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let rows = self.sql.execute(statement, parameters);
        match statement {
            "begin immediate" => self.since.set(Some(Instant::now())),
            "commit" | "rollback" => {
                let held = self.since.take().map(|since| since.elapsed()).unwrap_or_default();
                let mut longest = self.longest.borrow_mut();
                *longest = longest.max(held);
            }
            _ => {}
        }
        rows
    }
}

/// Runs the command.
///
/// # Errors
/// When a replay is too slow or takes too much memory.
pub fn run(args: &SimulateArgs) -> Result<()> {
    let root = host::workspace_root()?;
    let work = root.join(&args.work);
    copy(&root.join(&args.data), &work)?;
    let path = state::database_path(&work);
    let sql = NativeSql::open(&path).map_err(|error| anyhow!("{error}"))?;
    sql.connection().execute_batch(SETTINGS)?;
    let sql = Metered { sql, since: Cell::new(None), longest: RefCell::default() };
    let database = sql.sql.connection();
    let (first, last): (i64, i64) =
        database.query_row("select min(sold_at), max(sold_at) from receipts", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let now = Timestamp::from_millis(last).plus_millis(kernel::time::DAY_MS);
    let brand = plan::BRANDS[0].0;
    furnish(database, brand, args.promotions, now)?;
    let mut ids = IdSource::new(9);
    let span = (Timestamp::from_millis(first), Timestamp::from_millis(last + 1));
    for (name, rules) in drafts(brand) {
        let id = begin(&sql, rules, span, now, &mut ids)?;
        *sql.longest.borrow_mut() = Duration::ZERO;
        let before = memory_kib("VmRSS")?;
        let (took, most) = replay(&sql, id, now, &mut ids)?;
        let receipts = state::integer(
            database,
            &format!(
                "select sum(receipts) from promotion_simulation_parts where simulation_id = {}",
                id.raw()
            ),
        )?;
        let touched = state::integer(
            database,
            &format!(
                "select sum(touched) from promotion_simulation_parts where simulation_id = {}",
                id.raw()
            ),
        )?;
        let guests = simulations::count_guests(&sql, id)?;
        let (rate, grown) = (receipts as f64 / took.as_secs_f64(), most.saturating_sub(before) / 1_024);
        println!(
            "{name}: {receipts} receipts in {:.1} s, {rate:.0} a second; {touched} touched, {guests} guests; \
             grew by {grown} MiB; the right to write held {:.1} ms at most",
            took.as_secs_f64(),
            sql.longest.borrow().as_secs_f64() * 1e3,
        );
        ensure!(rate >= args.rate_min, "{name}: {rate:.0} receipts a second");
        ensure!(grown <= args.growth_mib_max, "{name}: the process grew by {grown} MiB");
    }
    Ok(())
}

/// Ticks until the replay is done; answers how long it took, and the largest resident memory, in KiB.
fn replay(sql: &Metered, id: SimulationId, now: Timestamp, ids: &mut IdSource) -> Result<(Duration, u64)> {
    let (started, mut most) = (Instant::now(), 0);
    loop {
        let mut moment = Moment { now, ids };
        simulation::tick(sql, TICK_MAX, None, &mut moment)?.context("nobody else is at it")?;
        most = most.max(memory_kib("VmRSS")?);
        if simulation::load(sql, id)?.done {
            return Ok((started.elapsed(), most));
        }
    }
}

fn begin(
    sql: &Metered,
    rules: Json,
    (sold_from, sold_until): (Timestamp, Timestamp),
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<SimulationId> {
    let rules = serde_json::from_value(rules)?;
    let mut moment = Moment { now, ids };
    let drafted = transaction(sql, |tx| office::create(tx, &rules, "bench", None, &mut moment))?;
    let new =
        NewSimulation { promotion: drafted.0.id, version: None, sold_from, sold_until, assume_coupon: false };
    Ok(transaction(sql, |tx| simulation::begin(tx, &new, None, &mut moment))?.id)
}

/// One that any receipt may meet, one that asks much about guests, and one that nobody gets.
fn drafts(brand: &str) -> [(&'static str, Json); 3] {
    let rules = |condition: Json, effect: Json| {
        let mut rules = base(brand, "Draft", vec![effect]);
        if !condition.is_null() {
            rules["condition"] = condition;
        }
        rules
    };
    let percent = json!({ "kind": "percent_off", "on": { "categories": ["coffee"] }, "percent": "0.1" });
    let guests = json!({ "kind": "all", "of": [
        { "kind": "segment", "any_of": ["press"] },
        { "kind": "any", "of": [
            { "kind": "visits", "within": "days30", "at_most": 3 }, { "kind": "tag", "any_of": ["vegan"] }] },
    ] });
    let nobody = json!({ "kind": "segment", "any_of": ["nobody"] });
    [
        ("10 % off coffee", rules(Json::Null, percent.clone())),
        ("10 % off coffee by segment, tag and visits", rules(guests, percent.clone())),
        ("nobody's", rules(nobody, percent)),
    ]
}

fn base(brand: &str, title: &str, effects: Vec<Json>) -> Json {
    json!({
        "brand": brand, "title": { "ru": title, "kk": title, "en": title }, "effects": effects,
        "funding": [{ "funder": { "kind": "brand" }, "weight": 60 }, { "funder": { "kind": "franchisee" }, "weight": 40 }],
    })
}

/// Promotions of several kinds that are switched on, a segment and a tag.
fn furnish(database: &Connection, brand: &str, promotions: usize, now: Timestamp) -> Result<()> {
    database.execute_batch("begin immediate")?;
    for number in 0..promotions {
        let id = i64::try_from(number)? + 1;
        let products: Vec<String> =
            (0..4).map(|at| product_code((number * 3 + at) % plan::PRODUCTS)).collect();
        let products = json!({ "products": products });
        let effect = match number % 4 {
            0 => json!({ "kind": "percent_off", "on": products, "percent": "0.05" }),
            1 => json!({ "kind": "nth_item", "on": products, "nth": 2, "percent": "0.5" }),
            2 => json!({ "kind": "points_multiplier", "on": products, "factor": "2" }),
            _ => json!({ "kind": "percent_off", "on": products, "percent": "0.2" }),
        };
        let mut rules = base(brand, &format!("Promotion {number}"), vec![effect]);
        if number % 4 == 3 {
            rules["condition"] = json!({ "kind": "time_of_day", "from": "07:00", "until": "09:00" });
        }
        rules["stacking"] = json!({ "groups": [format!("g{}", number % 20)] });
        let at = now.plus_millis(-1).millis();
        database.execute(
            "insert into promotions values (?1, ?2, 'live', 1, ?3, null, null, 0, 0)",
            params![id, brand, at],
        )?;
        database.execute(
            "insert into promotion_versions values (?1, 1, ?2, '', null, 0)",
            params![id, rules.to_string()],
        )?;
    }
    for (table, what) in [("member_segments", "press"), ("member_tags", "vegan")] {
        database.execute(
            &format!("insert into {table} select id, ?1, 0 from members where id % ?2 = 0"),
            params![what, SEGMENT_SHARE],
        )?;
    }
    Ok(database.execute_batch("commit")?)
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
    Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
}

//! `bench statements`: what each SQL statement of a function costs, and how often SQLite plans it anew.
//!
//! Runs the functions natively on one connection, without network, sandbox or syncs, and times every statement.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, StatementStatus};
use store::Value;
use store::native::NativeSql;
use store::port::{Rows, Sql, SqlError};

use crate::baseline::functions::{self, BALANCE, Function, HISTORY, RECEIPT};
use crate::baseline::ports::KeyValueFile;
use crate::host;
use crate::load::fixture;
use crate::load::workload::{Sender, Workload};
use crate::state;

/// Characters of a statement in the table.
const SHOWN: usize = 88;

/// Arguments of `bench statements`.
#[derive(Debug, clap::Args)]
pub struct StatementsArgs {
    /// State directory made by `bench generate`; it is written to.
    #[arg(long, default_value = "target/bench/data")]
    pub data: PathBuf,
    /// Requests of each function.
    #[arg(long, default_value_t = 5_000)]
    pub requests: u32,
    /// Plan statements without looking at their parameters (SQLite's stability guarantee).
    #[arg(long)]
    pub stable_plans: bool,
}

/// What one statement has cost so far.
#[derive(Debug, Default, Clone, Copy)]
struct Cost {
    calls: u32,
    time: Duration,
    planned_anew: i64,
}

/// Times every statement on its way to the database.
struct Metered {
    sql: NativeSql,
    costs: RefCell<BTreeMap<String, Cost>>,
}

impl Sql for Metered {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let started = Instant::now();
        let rows = self.sql.execute(statement, parameters);
        let time = started.elapsed();
        let mut costs = self.costs.borrow_mut();
        let cost = costs.entry(statement.to_owned()).or_default();
        cost.calls += 1;
        cost.time += time;
        // The same prepared statement, from the connection's cache.
        if let Ok(prepared) = self.sql.connection().prepare_cached(statement) {
            cost.planned_anew += i64::from(prepared.reset_status(StatementStatus::RePrepare));
        }
        rows
    }
}

/// Runs the command.
///
/// # Errors
/// When a function does not answer as it should.
pub fn run(args: &StatementsArgs) -> Result<()> {
    let data = host::workspace_root()?.join(&args.data);
    let fixture = Arc::new(fixture::load(&data)?);
    for (function, workload, status) in [
        (&BALANCE, Workload::Balance, 200),
        (&HISTORY, Workload::History, 200),
        (&RECEIPT, Workload::Receipt, 201),
    ] {
        let sql = Metered { sql: NativeSql::wrap(open(&data, args)?), costs: RefCell::default() };
        let kv = KeyValueFile(state::key_value(&data)?);
        let name = format!("statements-{}", std::process::id());
        let mut sender = Sender::new(workload, Arc::clone(&fixture), 1, name);
        let mut whole = Duration::ZERO;
        for _ in 0..args.requests {
            let request = parse(sender.compose()?)?;
            let started = Instant::now();
            let reply = functions::answer(&sql, &kv, &fixture.master_secret, function, request);
            whole += started.elapsed();
            ensure!(reply.status == status, "{}: {}", workload.name(), String::from_utf8_lossy(&reply.body));
        }
        print(function, &sql, whole, args.requests);
    }
    Ok(())
}

fn open(data: &Path, args: &StatementsArgs) -> Result<Connection> {
    let connection = Connection::open(state::database_path(data))?;
    connection.execute_batch("pragma synchronous = off; pragma foreign_keys = on")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, args.stable_plans)?;
    Ok(connection)
}

/// A request of the driver as the functions take it.
fn parse(bytes: &[u8]) -> Result<web::Request> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(bytes)? else { anyhow::bail!("half a request") };
    let mut request = web::Request {
        method: parsed.method.context("a method")?.parse()?,
        path: parsed.path.context("a path")?.to_owned(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: bytes[head..].to_vec(),
        client_address: String::new(),
    };
    for header in parsed.headers.iter() {
        let name: http::HeaderName = header.name.parse()?;
        request.headers.insert(name, http::HeaderValue::from_bytes(header.value)?);
    }
    Ok(request)
}

fn print(function: &Function, sql: &Metered, whole: Duration, requests: u32) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let costs = sql.costs.borrow();
    let in_sql: Duration = costs.values().map(|cost| cost.time).sum();
    println!(
        "{}: {:.0} us a request, {:.0} us of them in SQL",
        function.component,
        micros(whole) / f64::from(requests),
        micros(in_sql) / f64::from(requests)
    );
    println!("  {:>9} {:>9} {:>9}  statement", "calls/req", "us/call", "planned");
    let mut sorted: Vec<_> = costs.iter().collect();
    sorted.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.time));
    for (text, cost) in sorted {
        println!(
            "  {:>9.2} {:>9.1} {:>9.2}  {}",
            f64::from(cost.calls) / f64::from(requests),
            micros(cost.time) / f64::from(cost.calls),
            cost.planned_anew as f64 / f64::from(cost.calls),
            text.chars().take(SHOWN).collect::<String>()
        );
    }
}

//! The functions' own `run`, compiled into this program, and the shell around it that `platform` is in wasm.

use std::time::{SystemTime, UNIX_EPOCH};

use futures::executor::block_on;
use kernel::{IdSource, Timestamp};
use membership::profile::Language;
use store::{Kv, Sql};
use web::auth::Principal;
use web::{Call, Problem, Reply, Request};

use crate::baseline::Shared;
use crate::baseline::ports::{EngineKv, EngineSql, NoPartners, Secret};

#[path = "../../../functions/balance/src/run.rs"]
mod balance;
#[path = "../../../functions/cart-quote/src/run.rs"]
mod cart_quote;
#[path = "../../../functions/history/src/run.rs"]
mod history;
#[path = "../../../functions/receipt/src/run.rs"]
mod receipt;
#[path = "../../../functions/receipt-batch/src/run.rs"]
mod receipt_batch;
#[path = "../../../functions/receipt-return/src/run.rs"]
mod receipt_return;
#[path = "../../../functions/redemption-hold/src/run.rs"]
mod redemption_hold;

/// A function by its component's name.
pub struct Function {
    pub component: &'static str,
    run: fn(&mut Call<'_>) -> Result<Reply, Problem>,
    /// True when it never writes.
    pub reads_only: bool,
}

pub static BALANCE: Function =
    Function { component: "balance", run: |call| block_on(balance::run(call)), reads_only: true };
pub static HISTORY: Function =
    Function { component: "history", run: |call| block_on(history::run(call)), reads_only: true };
pub static QUOTE: Function =
    Function { component: "cart-quote", run: |call| block_on(cart_quote::run(call)), reads_only: false };
pub static RECEIPT: Function =
    Function { component: "receipt", run: |call| block_on(receipt::run(call)), reads_only: false };
pub static RECEIPT_BATCH: Function = Function {
    component: "receipt-batch",
    run: |call| block_on(receipt_batch::run(call)),
    reads_only: false,
};
pub static RETURN: Function = Function {
    component: "receipt-return",
    run: |call| block_on(receipt_return::run(call)),
    reads_only: false,
};
pub static HOLDS: Function = Function {
    component: "redemption-hold",
    run: |call| block_on(redemption_hold::run(call)),
    reads_only: false,
};

/// Serves one request over a connection of the pool.
#[must_use]
pub fn call(shared: &Shared, function: &Function, request: Request) -> Reply {
    match EngineSql::connect(&shared.database) {
        Ok(sql) => answer(&sql, &EngineKv(&shared.key_value), &shared.master_secret, function, request),
        Err(error) => Problem::internal(error.to_string()).into_reply(Language::En),
    }
}

/// Serves one request, as `platform::serve` does.
#[must_use]
pub fn answer(sql: &dyn Sql, kv: &dyn Kv, secret: &str, function: &Function, request: Request) -> Reply {
    attempt(sql, kv, secret, function, request).unwrap_or_else(|problem| {
        if let Some(cause) = problem.cause() {
            eprintln!("request.failed component={} cause={cause:?}", function.component);
        }
        problem.into_reply(Language::En)
    })
}

fn attempt(
    sql: &dyn Sql,
    kv: &dyn Kv,
    secret: &str,
    function: &Function,
    request: Request,
) -> Result<Reply, Problem> {
    let (operation, parameters) = web::dispatch::find(function.component, &request)?;
    let settings = Secret(secret);
    let mut call = Call {
        request,
        operation,
        parameters,
        principal: Principal::Public,
        language: Language::En,
        now: now(),
        ids: IdSource::new(rand::random()),
        random: |count| std::iter::repeat_with(rand::random).take(count).collect(),
        sql,
        kv,
        settings: &settings,
        partners: &NoPartners,
    };
    block_on(web::dispatch(&mut call))?;
    (function.run)(&mut call)
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// See the probe component in `bench/probe`, which does the same in wasm.
///
/// # Errors
/// When a database fails.
pub fn probe(shared: &Shared) -> anyhow::Result<String> {
    let kv = EngineKv(&shared.key_value);
    let value = block_on(kv.get("probe"))?.unwrap_or_default();
    let sql = EngineSql::connect(&shared.database)?;
    let rows = sql.execute("select count(*) from brands where code <> ?1", &["".into()])?;
    Ok(format!("{} {}", value.len(), rows.len()))
}

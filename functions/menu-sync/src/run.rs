//! Read what is due, make menus anew, say how it went.

use api::problem as p;
use api::wire::iiko_accounts::{SyncFailure, SyncReply};
use club::personal::Personal;
use kernel::IikoAccountId;
use platform::scheduled::{Run, finish};
use shop::iiko_account::Line;
use shop::menu;
use shop::menu_sync::{self, CALLS_BY_HAND_MAX, CALLS_MAX, Done, Outcome, REBUILT_MAX};
use store::menus::accounts;
use web::till::{MASTER_SECRET, secrets};
use web::{Call, Problem, Reply, guest};

use crate::events;

/// The variables that a scheduled run reads.
pub const VARIABLES: &[&str] = &[MASTER_SECRET];

/// Serves what administrators ask of iiko.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "run_menu_sync" => sync(call).await,
        "register_iiko_events" => events::register(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

/// Runs the job. Refused while another run is at it.
async fn sync(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let only = call.query("account", IikoAccountId::parse)?;
    if let Some(id) = only {
        accounts::load(call.sql, id)?.ok_or_else(|| Problem::of(&p::NOT_FOUND))?;
    }
    let secrets = guest::secrets(call.settings)?;
    let lease = call.ids.next(call.now);
    let personal = Personal { secrets: &secrets, random: &call.random };
    let line = Line { sql: call.sql, partners: call.partners, personal, now: call.now };
    let done = match menu_sync::run_alone(&line, lease, only, CALLS_BY_HAND_MAX)? {
        Outcome::Busy => return Err(Problem::of(&p::JOB_RUNNING)),
        Outcome::Ran(done) => done,
    };
    let rebuilt = menu::rebuild_stale(call.sql, call.kv, REBUILT_MAX, call.now).await?;
    Reply::json(200, &reply(done, rebuilt))
}

fn reply(done: Done, rebuilt: usize) -> SyncReply {
    let failed = done.failed.into_iter();
    SyncReply {
        accounts: done.accounts as u64,
        calls: done.calls as u64,
        menus: done.menus as u64,
        products_changed: done.products_changed as u64,
        stops_changed: done.stops_changed as u64,
        rebuilt: rebuilt as u64,
        failed: failed.map(|(account, error)| SyncFailure { account: account.to_string(), error }).collect(),
        more: done.more,
    }
}

/// Runs what is due.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(mut resources: Run) -> Result<(), String> {
    let secrets = secrets(resources.settings.as_ref())().map_err(|refusal| refusal.to_string())?;
    let lease = resources.ids.next(resources.now);
    let personal = Personal { secrets: &secrets, random: &resources.random };
    let (sql, now) = (resources.sql, resources.now);
    let line = Line { sql, partners: resources.partners, personal, now };
    let outcome = menu_sync::run_alone(&line, lease, None, CALLS_MAX);
    // Menus follow from more than what is read here.
    let rebuilt = finish(menu::rebuild_stale(sql, resources.kv, REBUILT_MAX, now))?;
    let rebuilt = rebuilt.map_err(|error| format!("menus: {error}"))?;
    match outcome.map_err(|error| format!("{}: {error}", menu_sync::JOB))? {
        Outcome::Ran(done) => report(&done, rebuilt),
        Outcome::Busy => {}
    }
    Ok(())
}

fn report(done: &Done, rebuilt: usize) {
    if done.calls + rebuilt > 0 {
        println!(
            "job.ran name={} accounts={} calls={} menus={} products={} stops={} rebuilt={rebuilt} more={}",
            menu_sync::JOB,
            done.accounts,
            done.calls,
            done.menus,
            done.products_changed,
            done.stops_changed,
            done.more
        );
    }
    for (account, error) in &done.failed {
        eprintln!("job.failed name={} account={account} cause={error:?}", menu_sync::JOB);
    }
}

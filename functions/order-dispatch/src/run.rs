//! Do what is due, and say how it went.

use api::wire::orders::DispatchRunReply;
use club::Moment;
use club::personal::Personal;
use kernel::Timestamp;
use platform::scheduled::Run;
use shop::order::Ground;
use shop::order::reconcile::{self, Found};
use shop::order::run::{self as outbox, Done, Scope};
use store::orders::steps;
use store::{Sql, StoreError};
use web::orders::{ground, refused, urls};
use web::{Call, Problem, Reply, guest};

/// Does what is due at an administrator's wish.
///
/// # Errors
/// A failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (secrets, urls) = (guest::secrets(call.settings)?, urls(call.settings)?);
    let random = call.random;
    let random = move |count| random(count);
    let refused = refused(call);
    let ground = ground(call, &secrets, &urls, &random);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let done = outbox::run(&ground, &mut moment, Scope::ALL).map_err(&refused)?;
    let found = reconcile::run(&ground, &mut moment).map_err(&refused)?;
    report(call.sql, &done, &found, call.now)?;
    let next = steps::load_next_due(call.sql)?;
    Reply::json(
        200,
        &DispatchRunReply {
            steps: done.steps as u64,
            failed: done.failed as u64,
            more: done.more,
            next_due_at: next.map(|at| at.to_string()),
        },
    )
}

/// Does what is due at the timer's tick.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, random, sql, partners, settings, .. } = resources;
    let fault = |problem: Problem| problem.cause().unwrap_or_default().to_owned();
    let secrets = guest::secrets(settings.as_ref()).map_err(fault)?;
    let urls = urls(settings.as_ref()).map_err(fault)?;
    let random = move |count| random(count);
    let ground =
        Ground { sql, partners, personal: Personal { secrets: &secrets, random: &random }, urls: &urls };
    let mut moment = Moment { now, ids: &mut ids };
    let done = outbox::run(&ground, &mut moment, Scope::ALL).map_err(|refusal| refusal.to_string())?;
    let found = reconcile::run(&ground, &mut moment).map_err(|refusal| refusal.to_string())?;
    report(sql, &done, &found, now).map_err(|error| error.to_string())
}

fn report(sql: &dyn Sql, done: &Done, found: &Found, now: Timestamp) -> Result<(), StoreError> {
    if done.steps > 0 {
        outbox::note(sql, done, now)?;
        println!("orders.ran steps={} failed={} more={}", done.steps, done.failed, done.more);
    }
    if found.news > 0 {
        println!("orders.reconciled accounts={} news={}", found.accounts, found.news);
    }
    for failure in done.failures.iter().chain(&found.failures) {
        eprintln!("orders.failed cause={failure:?}");
    }
    Ok(())
}

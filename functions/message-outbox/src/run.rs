//! Tell what is due, and say how it went.

use club::Moment;
use club::personal::Personal;
use kernel::Timestamp;
use messaging::channel::Lane;
use platform::scheduled::Run;
use post::Refusal;
use post::outbox::{self, Bounds, Done, Ground};
use store::jobs::{self, Finished};
use store::transaction::transaction;
use store::{Sql, StoreError};
use web::{Call, Problem, Reply, guest, messages};

const LANE: Lane = Lane::Direct;
const JOB: &str = outbox::DIRECT;

/// Tells what is due at an administrator's wish.
///
/// # Errors
/// A failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let (secrets, carriers) = (guest::secrets(call.settings)?, messages::carriers(call.settings)?);
    let random = call.random;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let ground = Ground { sql: call.sql, partners: call.partners, personal, carriers: &carriers };
    let done = work(&ground, &mut Moment { now: call.now, ids: &mut call.ids })?;
    report(call.sql, &done, call.now)?;
    Reply::json(200, &messages::run(&done, outbox::due_at(call.sql, LANE, call.now)?))
}

/// Tells what is due at the timer's tick.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, random, sql, partners, settings, .. } = resources;
    let fault = |problem: Problem| problem.cause().unwrap_or_default().to_owned();
    let secrets = guest::secrets(settings.as_ref()).map_err(fault)?;
    let carriers = messages::carriers(settings.as_ref()).map_err(fault)?;
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let ground = Ground { sql, partners, personal, carriers: &carriers };
    let done = work(&ground, &mut Moment { now, ids: &mut ids }).map_err(|refusal| refusal.to_string())?;
    report(sql, &done, now).map_err(|error| error.to_string())
}

fn work(ground: &Ground<'_>, moment: &mut Moment<'_>) -> Result<Done, Refusal> {
    let mut done = Done::default();
    outbox::plan(ground, moment, Bounds::STANDARD, &mut done)?;
    outbox::dispatch(ground, moment, LANE, Bounds::STANDARD, &mut done)?;
    Ok(done)
}

fn report(sql: &dyn Sql, done: &Done, now: Timestamp) -> Result<(), StoreError> {
    if done.total() == 0 {
        return Ok(());
    }
    let error = done.complaints.first().map(String::as_str);
    let due_at = outbox::due_at(sql, LANE, now)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let finished = Finished { at: now, due_at, done: done.total(), error };
    transaction(sql, |tx| jobs::note(tx, JOB, &finished))?;
    println!(
        "messages.ran job={JOB} planned={} called={} sent={} failed={} ended={} more={}",
        done.planned, done.called, done.sent, done.failed, done.ended, done.more
    );
    for complaint in &done.complaints {
        eprintln!("messages.failed job={JOB} cause={complaint:?}");
    }
    Ok(())
}

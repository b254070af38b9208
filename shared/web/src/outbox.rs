//! A run of an outbox of messages, by the clock or by hand.

use club::Moment;
use club::personal::Personal;
use kernel::{IdSource, Timestamp};
use messaging::channel::Lane;
use partner::Exchange;
use post::outbox::{self, Bounds, Done, Ground};
use store::Sql;

use crate::call::{Call, Settings};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::{guest, messages};

/// What a run needs.
pub struct Means<'a> {
    pub sql: &'a dyn Sql,
    pub partners: &'a dyn Exchange,
    pub settings: &'a dyn Settings,
    /// Cryptographically strong random bytes.
    pub random: fn(usize) -> Vec<u8>,
    pub now: Timestamp,
    /// What the time is by now.
    pub clock: &'a dyn Fn() -> Timestamp,
    pub ids: &'a mut IdSource,
}

/// Tells what is due, and says how it went on the function's output.
///
/// # Errors
/// A variable that is not granted; a failure of storage.
pub fn run(means: Means<'_>, lane: Lane, bounds: Bounds) -> Result<Done, Problem> {
    let Means { sql, partners, settings, random, now, clock, ids } = means;
    let (secrets, carriers) = (guest::secrets(settings)?, messages::carriers(settings)?);
    let random = move |count| random(count);
    let personal = Personal { secrets: &secrets, random: &random };
    let ground = Ground { sql, partners, personal, carriers: &carriers, clock };
    let done = outbox::run(&ground, &mut Moment { now, ids }, lane, bounds)?;
    report(&done, outbox::job(lane));
    Ok(done)
}

/// Tells what is due at an administrator's wish.
///
/// # Errors
/// As [`run`].
pub fn by_hand(call: &mut Call<'_>, lane: Lane) -> Result<Reply, Problem> {
    let (sql, now) = (call.sql, call.now);
    let means = Means {
        sql,
        partners: call.partners,
        settings: call.settings,
        random: call.random,
        now,
        // A call has one reading of the clock.
        clock: &|| now,
        ids: &mut call.ids,
    };
    let done = run(means, lane, Bounds::BY_HAND)?;
    Reply::json(200, &messages::run(&done, outbox::due_at(sql, lane, now)?))
}

fn report(done: &Done, job: &str) {
    if done.total() > 0 {
        println!(
            "messages.ran job={job} planned={} called={} sent={} failed={} ended={} more={}",
            done.planned, done.called, done.sent, done.failed, done.ended, done.more
        );
    }
    // Every two seconds the same would fill the log: once, and whenever something was done.
    for complaint in done.complaints.iter().filter(|_| done.is_noted) {
        eprintln!("messages.failed job={job} cause={complaint:?}");
    }
}

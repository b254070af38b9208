//! Run, and say how it went.

use api::problem as p;
use api::wire::tiers::TierRunReply;
use club::Moment;
use club::tiers::recalc::{self, Bounds, Done, Outcome};
use platform::scheduled::Run;
use web::{Call, Problem, Reply};

/// Slices of a run by hand: its caller waits, and a request may take half a minute.
const SLICES_BY_HAND: i64 = 800;

/// Runs the job at an administrator's wish.
///
/// # Errors
/// 409 while another run is at it; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let bounds = Bounds { slices_per_run: SLICES_BY_HAND, ..Bounds::STANDARD };
    let done = match recalc::run(call.sql, &mut moment, bounds)? {
        Outcome::Busy => return Err(Problem::of(&p::JOB_RUNNING)),
        Outcome::Ran(done) => done,
    };
    let next = recalc::due_at(call.sql, call.now)?;
    Reply::json(
        200,
        &TierRunReply {
            judged: done.judged,
            changed: done.changed,
            warned: done.warned,
            failed: done.failed,
            more: done.more,
            next_due_at: next.map(|at| at.to_string()),
        },
    )
}

/// Runs the job.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, sql, .. } = resources;
    let mut moment = Moment { now, ids: &mut ids };
    match recalc::run(sql, &mut moment, Bounds::STANDARD) {
        Ok(Outcome::Ran(done)) => {
            report(&done);
            Ok(())
        }
        Ok(Outcome::Busy) => Ok(()),
        Err(error) => Err(format!("{}: {error}", recalc::JOB)),
    }
}

fn report(done: &Done) {
    if done.judged + done.warned + done.failed > 0 {
        println!(
            "job.ran name={} judged={} changed={} warned={} failed={} more={}",
            recalc::JOB,
            done.judged,
            done.changed,
            done.warned,
            done.failed,
            done.more
        );
    }
    for failure in &done.failures {
        eprintln!("job.failed name={} cause={failure:?}", recalc::JOB);
    }
}

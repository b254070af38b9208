//! Run what is due, and say how it went.

use api::problem as p;
use api::wire::jobs::RunReply;
use club::Moment;
use club::lifecycle::{self, Bounds, Done, Outcome};
use platform::scheduled::Run;
use web::{Call, Problem, Reply};

/// Runs the points job at an administrator's wish.
///
/// # Errors
/// 409 while another run is at it; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (ran, done) = match lifecycle::run_points(call.sql, &mut moment, Bounds::STANDARD)? {
        Outcome::Busy => return Err(Problem::of(&p::JOB_RUNNING)),
        Outcome::NotDue(_) => (false, Done::default()),
        Outcome::Ran(done) => (true, done),
    };
    let next = lifecycle::due_at(call.sql, lifecycle::POINTS)?;
    Reply::json(
        200,
        &RunReply {
            ran,
            lapsed: done.lapsed,
            activated: done.activated,
            expired: done.expired,
            failed: done.failed,
            more: done.more,
            next_due_at: next.map(|at| at.to_string()),
        },
    )
}

/// Runs every job that is due.
///
/// # Errors
/// What failed, for the host's log; the other job is run all the same.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, sql, .. } = resources;
    let mut moment = Moment { now, ids: &mut ids };
    let points = lifecycle::run_points(sql, &mut moment, Bounds::STANDARD);
    let housekeeping = lifecycle::run_housekeeping(sql, &mut moment);
    let mut faults = Vec::new();
    for (name, outcome) in [(lifecycle::POINTS, points), (lifecycle::HOUSEKEEPING, housekeeping)] {
        match outcome {
            Ok(Outcome::Ran(done)) => report(name, &done),
            Ok(Outcome::NotDue(_) | Outcome::Busy) => {}
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

fn report(name: &str, done: &Done) {
    if done.lapsed + done.activated + done.expired + done.failed > 0 {
        println!(
            "job.ran name={name} lapsed={} activated={} expired={} failed={} more={}",
            done.lapsed, done.activated, done.expired, done.failed, done.more
        );
    }
    for failure in &done.failures {
        eprintln!("job.failed name={name} cause={failure:?}");
    }
}

//! Run, and say how it went.

use api::problem as p;
use api::wire::goals::AwardRunReply;
use club::Moment;
use crew::award::{self, Done, Outcome};
use platform::scheduled::Run;
use web::{Call, Problem, Reply};

/// Runs the job at an administrator's wish.
///
/// # Errors
/// 409 while another run is at it; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let done = match award::run(call.sql, &mut moment)? {
        Outcome::Busy => return Err(Problem::of(&p::JOB_RUNNING)),
        Outcome::Ran(done) => done,
    };
    let next = award::due_at(call.sql, call.now)?;
    report(&done);
    Reply::json(
        200,
        &AwardRunReply {
            periods: done.periods,
            awarded: done.awarded,
            reversed: done.reversed,
            posted: done.posted,
            unknown: done.unknown,
            failed: done.failures.len(),
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
    match award::run(sql, &mut moment) {
        Ok(Outcome::Ran(done)) => {
            report(&done);
            Ok(())
        }
        Ok(Outcome::Busy) => Ok(()),
        Err(error) => Err(format!("{}: {error}", award::JOB)),
    }
}

fn report(done: &Done) {
    if done.periods + done.awarded + done.reversed + done.posted > 0 {
        println!(
            "job.ran name={} periods={} awarded={} reversed={} posted={} unknown={} more={}",
            award::JOB,
            done.periods,
            done.awarded,
            done.reversed,
            done.posted,
            done.unknown,
            done.more
        );
    }
    for failure in &done.failures {
        eprintln!("job.failed name={} cause={failure:?}", award::JOB);
    }
}

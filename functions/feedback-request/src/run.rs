//! Run, and say how it went.

use api::problem as p;
use api::wire::feedback::FeedbackRunReply;
use care::ask::{self, Bounds, Done, Outcome};
use club::Moment;
use club::personal::Personal;
use platform::scheduled::Run;
use web::{Call, Problem, Reply, feedback as words, guest};

/// Runs the job at an administrator's wish.
///
/// # Errors
/// 409 while another run is at it; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let links = words::links(call.settings)?;
    let (secrets, random) = (guest::secrets(call.settings)?, call.random);
    let personal = Personal { secrets: &secrets, random: &random };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let done = match ask::run(call.sql, &mut moment, &links, personal, Bounds::STANDARD)? {
        Outcome::Busy => return Err(Problem::of(&p::JOB_RUNNING)),
        Outcome::Ran(done) => done,
    };
    Reply::json(
        200,
        &FeedbackRunReply {
            looked_at: done.looked_at,
            planned: done.planned,
            asked: done.asked,
            skipped: done.skipped,
            failed: done.failed,
            more: done.more,
            next_due_at: ask::due_at(call.sql)?.map(|at| at.to_string()),
        },
    )
}

/// Runs the job.
///
/// # Errors
/// What failed, for the host's log.
pub fn tick(resources: Run) -> Result<(), String> {
    let Run { now, mut ids, sql, settings, random, .. } = resources;
    let unfit = |problem: Problem| format!("{}: {:?}", ask::JOB, problem.cause());
    let (links, secrets) =
        (words::links(&*settings).map_err(unfit)?, guest::secrets(&*settings).map_err(unfit)?);
    let personal = Personal { secrets: &secrets, random: &random };
    let mut moment = Moment { now, ids: &mut ids };
    match ask::run(sql, &mut moment, &links, personal, Bounds::STANDARD) {
        Ok(Outcome::Ran(done)) => {
            report(&done);
            Ok(())
        }
        Ok(Outcome::Busy) => Ok(()),
        Err(error) => Err(format!("{}: {error}", ask::JOB)),
    }
}

fn report(done: &Done) {
    if done.asked + done.skipped + done.failed > 0 {
        println!(
            "job.ran name={} looked_at={} planned={} asked={} skipped={} failed={} more={}",
            ask::JOB,
            done.looked_at,
            done.planned,
            done.asked,
            done.skipped,
            done.failed,
            done.more
        );
    }
    if let Some(failure) = &done.failure {
        eprintln!("job.failed name={} cause={failure:?}", ask::JOB);
    }
}

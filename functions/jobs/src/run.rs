//! Read, reply.

use api::wire::jobs::{JobReply, JobsReply};
use club::lifecycle;
use club::tiers::recalc;
use kernel::Timestamp;
use store::jobs::{self, Job};
use web::{Call, Problem, Reply};

/// Lists every job.
///
/// # Errors
/// A failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let mut items = Vec::with_capacity(lifecycle::JOBS.len() + 1);
    for name in lifecycle::JOBS {
        let (job, due_at) = lifecycle::state(call.sql, name)?;
        items.push(reply(call, name, job.as_ref(), due_at));
    }
    let due_at = recalc::due_at(call.sql, call.now)?;
    items.push(reply(call, recalc::JOB, jobs::load(call.sql, recalc::JOB)?.as_ref(), due_at));
    Reply::json(200, &JobsReply { items })
}

fn reply(call: &Call<'_>, name: &str, job: Option<&Job>, due_at: Option<Timestamp>) -> JobReply {
    // The epoch stands for a job that never ran: it is due, but was not at any time.
    let since = due_at.filter(|at| at.millis() > 0);
    JobReply {
        name: name.to_owned(),
        due_at: since.map(|at| at.to_string()),
        is_due: due_at.is_some_and(|at| at <= call.now),
        running: job.is_some_and(|job| job.lease_until > call.now),
        last_started_at: job.and_then(|job| job.last_started_at).map(|at| at.to_string()),
        last_finished_at: job.and_then(|job| job.last_finished_at).map(|at| at.to_string()),
        last_done: job.map_or(0, |job| job.last_done),
        last_error: job.and_then(|job| job.last_error.clone()),
    }
}

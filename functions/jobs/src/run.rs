//! Read, reply.

use api::wire::jobs::{JobReply, JobsReply};
use kernel::time::SECOND_MS;
use shop::schedule::{self, Scheduled};
use web::{Call, Problem, Reply};

use crate::metrics;

/// Serves the operations on jobs.
///
/// # Errors
/// What the operation is refused for; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_jobs" => list(call),
        "read_job_metrics" => metrics::serve(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = schedule::list(call.sql, call.now)?.into_iter().map(|job| reply(call, job));
    let items = items.collect();
    Reply::json(200, &JobsReply { items })
}

fn reply(call: &Call<'_>, scheduled: Scheduled) -> JobReply {
    let Scheduled { name, component, timer, job, due_at, next_run_at, backlog } = scheduled;
    let job = job.as_ref();
    // The epoch stands for a job that never ran: it is due, but was not at any time.
    let since = due_at.filter(|at| at.millis() > 0);
    JobReply {
        name: name.to_owned(),
        component: component.to_owned(),
        every_seconds: timer.every_ms / SECOND_MS,
        next_run_at: next_run_at.to_string(),
        due_at: since.map(|at| at.to_string()),
        is_due: due_at.is_some_and(|at| at <= call.now),
        running: job.is_some_and(|job| job.lease_until > call.now),
        last_started_at: job.and_then(|job| job.last_started_at).map(|at| at.to_string()),
        last_finished_at: job.and_then(|job| job.last_finished_at).map(|at| at.to_string()),
        last_done: job.map_or(0, |job| job.last_done),
        last_error: job.and_then(|job| job.last_error.clone()),
        last_ms: job.and_then(|job| job.last_ms),
        backlog,
    }
}

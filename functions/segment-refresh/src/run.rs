//! Run, and say how it went.

use api::problem as p;
use api::wire::segments::SegmentRunReply;
use club::Moment;
use platform::scheduled::Run;
use shop::segment::{self, JOB};
use web::{Call, Problem, Reply};

/// Runs the job at an administrator's wish.
///
/// # Errors
/// 409 while another run is at it; a failure of storage.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let done = segment::run(call.sql, &mut moment)?.ok_or_else(|| Problem::of(&p::JOB_RUNNING))?;
    let next = segment::due_at(call.sql)?;
    Reply::json(
        200,
        &SegmentRunReply {
            segments: done.segments,
            judged: done.judged,
            moved: done.moved,
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
    match segment::run(sql, &mut moment) {
        Ok(Some(done)) if done.judged > 0 => {
            println!(
                "job.ran name={JOB} segments={} judged={} moved={} more={}",
                done.segments, done.judged, done.moved, done.more
            );
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{JOB}: {error}")),
    }
}

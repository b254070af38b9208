//! What a scheduled function gets instead of a request.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kernel::{IdSource, Timestamp};
use partner::Exchange;
use store::{Kv, Sql, StoreError};
use web::Settings;

use crate::key_value::SpinKv;
use crate::settings;

/// Everything a scheduled run may use. Each port works through a synchronous import: the cron interface is
/// synchronous, and a synchronous export must not wait for an asynchronous one.
pub struct Run {
    /// When the run began.
    pub now: Timestamp,
    /// What the time is by now, for runs that last.
    pub clock: fn() -> Timestamp,
    pub ids: IdSource,
    /// Cryptographically strong random bytes.
    pub random: fn(usize) -> Vec<u8>,
    pub sql: &'static dyn Sql,
    /// Its futures are ready at once: see [`finish`].
    pub kv: &'static dyn Kv,
    pub partners: &'static dyn Exchange,
    pub settings: Box<dyn Settings>,
}

/// The resources of a run that starts now. `variables` are the component's variables that the run reads.
///
/// # Errors
/// A variable that is not set or not granted, in words: a deployment fault.
pub fn run(variables: &[&'static str]) -> Result<Run, String> {
    Ok(Run {
        now: crate::system_now(),
        clock: crate::system_now,
        ids: crate::id_source(),
        random: crate::random_bytes,
        sql: crate::sql::connection(),
        kv: &SpinKv,
        partners: &crate::partners::SpinPartners,
        settings: Box::new(settings::read(variables.iter().copied())?),
    })
}

/// Characters of an error kept with the job.
const ERROR_LEN_MAX: usize = 500;

/// A timer's tick: makes a run's resources, runs `tick`, and notes how long it took for those of `jobs` that it moved. A
/// tick that fails before its job could say so is noted with each of them, until one does not fail.
///
/// # Errors
/// Those of [`run`] and `tick`.
pub fn timed(
    jobs: &[&str],
    variables: &[&'static str],
    tick: impl FnOnce(Run) -> Result<(), String>,
) -> Result<(), String> {
    let (sql, began) = (crate::sql::connection(), crate::system_now());
    let outcome = run(variables).and_then(|resources| tick(Run { now: began, ..resources }));
    let took = crate::system_now().millis().saturating_sub(began.millis());
    let noted = note(sql, jobs, began, took, outcome.as_ref().err());
    // What went wrong first is the cause of what went wrong then.
    outcome.and(noted.map_err(|error| error.to_string()))
}

/// Notes a tick with each of its jobs.
fn note(
    sql: &dyn Sql,
    jobs: &[&str],
    began: Timestamp,
    took: i64,
    error: Option<&String>,
) -> Result<(), StoreError> {
    for name in jobs {
        let job = store::jobs::load(sql, name)?;
        let is_moved = job.as_ref().is_some_and(|job| job.last_started_at == Some(began));
        // A job that was taken and did not come to its end has said nothing yet.
        let has_said = is_moved && job.as_ref().is_some_and(|job| job.last_finished_at >= Some(began));
        match error {
            Some(error) if !has_said => {
                let error: String = error.chars().take(ERROR_LEN_MAX).collect();
                store::jobs::broke(sql, name, began, &error)?;
            }
            // A tick that found nothing to do says nothing about how long the work takes.
            _ if is_moved => store::jobs::took(sql, name, took)?,
            None if job.is_some_and(|job| job.is_broken) => store::jobs::went_well(sql, name)?,
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// Runs use cases that are asynchronous only because of the key-value port, whose futures are ready here.
///
/// # Errors
/// When `future` waits for something else all the same: a defect of ours.
pub fn finish<T>(future: impl Future<Output = T>) -> Result<T, String> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("a scheduled run waits for an asynchronous import".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use store::jobs::{self, Finished};
    use store::native::NativeSql;

    use super::*;

    const JOB: &str = "job";

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn error(sql: &dyn Sql, name: &str) -> Option<String> {
        jobs::load(sql, name).expect("read").and_then(|job| job.last_error)
    }

    fn finished(now: i64, error: Option<&str>) -> Finished<'_> {
        Finished { at: at(now), due_at: at(now), done: 1, error }
    }

    #[test]
    fn a_tick_that_failed_is_seen_until_one_does_not_whatever_it_finds_to_do() {
        let sql = NativeSql::in_memory().expect("a database");
        let why = "no variable".to_owned();
        note(&sql, &[JOB], at(10), 1, Some(&why)).expect("noted");
        assert_eq!(error(&sql, JOB).as_deref(), Some("no variable"));
        // It finds nothing to do, so the job itself says nothing.
        note(&sql, &[JOB], at(20), 1, None).expect("noted");
        assert_eq!(error(&sql, JOB), None);
        let job = jobs::load(&sql, JOB).expect("read").expect("a job");
        assert_eq!((job.last_started_at, job.last_ms), (Some(at(10)), None), "an idle tick is no run");
    }

    #[test]
    fn what_a_run_itself_complained_about_stands_until_the_next_run() {
        let sql = NativeSql::in_memory().expect("a database");
        jobs::note(&sql, JOB, &finished(10, Some("one failed"))).expect("noted");
        note(&sql, &[JOB], at(10), 7, None).expect("noted");
        note(&sql, &[JOB], at(20), 1, None).expect("noted");
        assert_eq!(error(&sql, JOB).as_deref(), Some("one failed"));
        // A failed tick hides it, and no longer than it lasts.
        note(&sql, &[JOB], at(30), 1, Some(&"no variable".to_owned())).expect("noted");
        assert_eq!(error(&sql, JOB).as_deref(), Some("no variable"));
        note(&sql, &[JOB], at(40), 1, None).expect("noted");
        assert_eq!(error(&sql, JOB).as_deref(), Some("one failed"));
        assert_eq!(jobs::load(&sql, JOB).expect("read").and_then(|job| job.last_ms), Some(7));
        note(&sql, &[JOB], at(50), 1, Some(&"no variable".to_owned())).expect("noted");
        jobs::note(&sql, JOB, &finished(60, None)).expect("noted");
        assert_eq!(error(&sql, JOB), None, "a run that notes itself clears both");
    }

    #[test]
    fn a_job_that_was_taken_and_came_to_no_end_is_said_to_have_failed() {
        let sql = NativeSql::in_memory().expect("a database");
        let why = "the disk is full".to_owned();
        assert_eq!(jobs::take(&sql, JOB, 1, at(10), at(90)), Ok(true));
        note(&sql, &[JOB], at(10), 5, Some(&why)).expect("noted");
        assert_eq!(error(&sql, JOB), Some(why.clone()));
        // Of two jobs of one tick the one that came to its end is not to blame.
        for (name, lease) in [("first", 2), ("second", 3)] {
            assert_eq!(jobs::take(&sql, name, lease, at(10), at(90)), Ok(true));
        }
        jobs::finish(&sql, "first", 2, &finished(10, None)).expect("finished");
        note(&sql, &["first", "second"], at(10), 5, Some(&why)).expect("noted");
        assert_eq!((error(&sql, "first"), error(&sql, "second")), (None, Some(why)));
        assert_eq!(jobs::load(&sql, "first").expect("read").and_then(|job| job.last_ms), Some(5));
    }
}

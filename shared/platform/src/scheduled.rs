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
/// tick that fails before its job could say so is noted with each of them.
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

fn note(
    sql: &dyn Sql,
    jobs: &[&str],
    began: Timestamp,
    took: i64,
    error: Option<&String>,
) -> Result<(), StoreError> {
    for name in jobs {
        let job = store::jobs::load(sql, name)?;
        // A tick that found nothing to do says nothing about how long the work takes.
        if job.is_some_and(|job| job.last_started_at == Some(began)) {
            store::jobs::took(sql, name, took)?;
        } else if let Some(error) = error {
            let error: String = error.chars().take(ERROR_LEN_MAX).collect();
            store::jobs::broke(sql, name, began, &error)?;
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

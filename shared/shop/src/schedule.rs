//! Everything that runs by the clock, for who looks after it.

use care::ask;
use club::lifecycle;
use club::tiers::recalc;
use kernel::Timestamp;
use messaging::channel::Lane;
use post::outbox;
use store::Sql;
use store::feedback::requests;
use store::jobs::backlog::{self, COUNTED_MAX};
use store::jobs::{self, Job};
use store::orders::steps;
use watch::sweep;

use crate::{menu_sync, order, segment, simulation, together};

/// Every job, with the component whose timer runs it.
pub const JOBS: &[(&str, &str)] = &[
    ("points-lifecycle", lifecycle::POINTS),
    ("points-lifecycle", lifecycle::HOUSEKEEPING),
    ("tier-recalc", recalc::JOB),
    ("menu-sync", menu_sync::JOB),
    ("order-dispatch", order::JOB),
    ("cart-quote", together::JOB),
    ("segment-refresh", segment::JOB),
    ("promotion-simulate", simulation::JOB),
    ("feedback-request", ask::JOB),
    ("kpi-award", crew::award::JOB),
    ("fraud-check", sweep::JOB),
    ("message-outbox", outbox::DIRECT),
    ("telegram-outbox", outbox::TELEGRAM),
];

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    pub name: &'static str,
    /// None before its first run.
    pub job: Option<Job>,
    /// When it has something to do, as far as the data tell; the epoch for a job that never ran.
    pub due_at: Option<Timestamp>,
    /// How many things are due, at most [`COUNTED_MAX`]; none for a job that has nothing to count.
    pub backlog: Option<i64>,
}

/// Every job, in the order of [`JOBS`].
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, now: Timestamp) -> Result<Vec<Scheduled>, club::Refusal> {
    JOBS.iter()
        .map(|&(_, name)| {
            let job = jobs::load(sql, name)?;
            let due_at = match name {
                lifecycle::POINTS | lifecycle::HOUSEKEEPING => lifecycle::state(sql, name)?.1,
                recalc::JOB => recalc::due_at(sql, now)?,
                // New receipts are found by looking: due at the latest when the last run said.
                ask::JOB => {
                    let looks = job.as_ref().map_or(Timestamp::from_millis(0), |job| job.due_at);
                    Some(requests::load_next_due(sql)?.map_or(looks, |asks| asks.min(looks)))
                }
                order::JOB => steps::load_next_due(sql)?,
                segment::JOB => segment::due_at(sql)?,
                simulation::JOB => simulation::due_at(sql, now)?,
                crew::award::JOB => crew::award::due_at(sql, now)?,
                outbox::DIRECT => outbox::due_at(sql, Lane::Direct, now)?,
                outbox::TELEGRAM => outbox::due_at(sql, Lane::Telegram, now)?,
                _ => Some(job.as_ref().map_or(Timestamp::from_millis(0), |job| job.due_at)),
            };
            Ok(Scheduled { name, job, due_at, backlog: waiting(sql, name, now)? })
        })
        .collect()
}

fn waiting(sql: &dyn Sql, name: &str, now: Timestamp) -> Result<Option<i64>, store::StoreError> {
    Ok(match name {
        lifecycle::POINTS => Some(backlog::points(sql, now)?),
        recalc::JOB => Some(backlog::tiers(sql, now)?),
        order::JOB => Some(backlog::order_steps(sql, now)?),
        outbox::DIRECT => Some(outbox::backlog(sql, Lane::Direct, now, COUNTED_MAX)?),
        outbox::TELEGRAM => Some(outbox::backlog(sql, Lane::Telegram, now, COUNTED_MAX)?),
        _ => None,
    })
}

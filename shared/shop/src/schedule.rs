//! Everything that runs by the clock, for who looks after it.

use care::ask;
use club::lifecycle;
use club::tiers::recalc;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{IdSource, MessageId, Timestamp};
use messaging::channel::Lane;
use post::outbox;
use store::feedback::requests;
use store::jobs::backlog::{self, COUNTED_MAX, Leftovers};
use store::jobs::{self, Job};
use store::orders::steps;
use store::{Sql, StoreError};
use watch::sweep;

use crate::{menu_sync, order, segment, simulation, together};

/// When a timer ticks: every so often, so long after midnight in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    pub every_ms: i64,
    pub after_ms: i64,
}

impl Timer {
    const fn every(every_ms: i64, after_ms: i64) -> Self {
        Self { every_ms, after_ms }
    }

    /// The first tick that is not before `at`.
    #[must_use]
    pub const fn next(self, at: Timestamp) -> Timestamp {
        let late = (at.millis() - self.after_ms).rem_euclid(self.every_ms);
        at.plus_millis(if late == 0 { 0 } else { self.every_ms - late })
    }
}

/// A job, and what runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    /// The component whose timer runs it.
    pub component: &'static str,
    pub job: &'static str,
    /// As `spin.toml` has it.
    pub timer: Timer,
}

const fn runs(component: &'static str, job: &'static str, every_ms: i64, after_ms: i64) -> Runs {
    Runs { component, job, timer: Timer::every(every_ms, after_ms) }
}

/// Every job.
pub const JOBS: &[Runs] = &[
    runs("points-lifecycle", lifecycle::POINTS, MINUTE_MS, 0),
    runs("points-lifecycle", lifecycle::HOUSEKEEPING, MINUTE_MS, 0),
    runs("tier-recalc", recalc::JOB, MINUTE_MS, 30 * SECOND_MS),
    runs("menu-sync", menu_sync::JOB, MINUTE_MS, 20 * SECOND_MS),
    runs("order-dispatch", order::JOB, 2 * SECOND_MS, 0),
    runs("cart-quote", together::JOB, DAY_MS, 22 * HOUR_MS + 17 * MINUTE_MS),
    runs("segment-refresh", segment::JOB, MINUTE_MS, 15 * SECOND_MS),
    runs("promotion-simulate", simulation::JOB, MINUTE_MS, 45 * SECOND_MS),
    runs("feedback-request", ask::JOB, MINUTE_MS, 15 * SECOND_MS),
    runs("kpi-award", crew::award::JOB, 5 * MINUTE_MS, 45 * SECOND_MS),
    runs("fraud-check", sweep::JOB, 10 * MINUTE_MS, 50 * SECOND_MS),
    runs("message-outbox", outbox::DIRECT, 2 * SECOND_MS, 0),
    runs("telegram-outbox", outbox::TELEGRAM, 2 * SECOND_MS, SECOND_MS),
];

/// Jobs for which nothing waits that could be counted: they look at everything anew.
pub const WITHOUT_BACKLOG: &[&str] = &[together::JOB];

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    pub name: &'static str,
    pub component: &'static str,
    pub timer: Timer,
    /// None before its first run.
    pub job: Option<Job>,
    /// When it has something to do, as far as the data tell; the epoch for a job that never ran.
    pub due_at: Option<Timestamp>,
    /// The first tick of its timer at which it is due; where nothing is, the first at which it looks.
    pub next_run_at: Timestamp,
    /// How many things are due, at most [`COUNTED_MAX`]; none for a job that has nothing to count.
    pub backlog: Option<i64>,
}

/// Every job, in the order of [`JOBS`].
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, now: Timestamp) -> Result<Vec<Scheduled>, club::Refusal> {
    JOBS.iter()
        .map(|&Runs { component, job: name, timer }| {
            let job = jobs::load(sql, name)?;
            let due_at = due_at(sql, name, job.as_ref(), now)?;
            // One that begins at this very moment has begun.
            let earliest = due_at.unwrap_or(now).max(now.plus_millis(1));
            let backlog = waiting(sql, name, now)?;
            Ok(Scheduled { name, component, timer, job, due_at, next_run_at: timer.next(earliest), backlog })
        })
        .collect()
}

fn due_at(
    sql: &dyn Sql,
    name: &str,
    job: Option<&Job>,
    now: Timestamp,
) -> Result<Option<Timestamp>, club::Refusal> {
    let looks = job.map_or(Timestamp::from_millis(0), |job| job.due_at);
    Ok(match name {
        lifecycle::POINTS | lifecycle::HOUSEKEEPING => lifecycle::state(sql, name)?.1,
        recalc::JOB => recalc::due_at(sql, now)?,
        // New receipts are found by looking: due at the latest when the last run said.
        ask::JOB => Some(requests::load_next_due(sql)?.map_or(looks, |asks| asks.min(looks))),
        order::JOB => steps::load_next_due(sql)?,
        segment::JOB => segment::due_at(sql)?,
        simulation::JOB => simulation::due_at(sql, now)?,
        crew::award::JOB => crew::award::due_at(sql, now)?,
        outbox::DIRECT => outbox::due_at(sql, Lane::Direct, now)?,
        outbox::TELEGRAM => outbox::due_at(sql, Lane::Telegram, now)?,
        _ => Some(looks),
    })
}

fn waiting(sql: &dyn Sql, name: &str, now: Timestamp) -> Result<Option<i64>, StoreError> {
    Ok(Some(match name {
        lifecycle::POINTS => backlog::points(sql, now)?,
        lifecycle::HOUSEKEEPING => backlog::leftovers(sql, &leftovers(now))?,
        recalc::JOB => backlog::tiers(sql, now)?,
        menu_sync::JOB => backlog::menus(sql, now)?,
        order::JOB => backlog::order_steps(sql, now)?,
        segment::JOB => backlog::segments(sql, now)?,
        simulation::JOB => backlog::replays(sql)?,
        ask::JOB => backlog::questions(sql, now)?,
        crew::award::JOB => backlog::periods(sql, now, now.plus_millis(-crew::award::CHECK_EVERY_MS))?,
        sweep::JOB => backlog::linked(sql, sweep::RINGS)?,
        outbox::DIRECT => outbox::backlog(sql, Lane::Direct, now, COUNTED_MAX)?,
        outbox::TELEGRAM => outbox::backlog(sql, Lane::Telegram, now, COUNTED_MAX)?,
        _ => return Ok(None),
    }))
}

fn leftovers(now: Timestamp) -> Leftovers {
    let before = |kept: i64| now.plus_millis(-kept);
    Leftovers {
        counters: before(lifecycle::COUNTERS_KEPT_MS),
        spent_codes: before(lifecycle::SPENT_CODES_KEPT_MS),
        challenges: before(lifecycle::CHALLENGES_KEPT_MS),
        idempotency: before(lifecycle::IDEMPOTENCY_KEPT_MS),
        sessions: before(lifecycle::SESSIONS_KEPT_MS),
        notifications: before(lifecycle::NOTIFICATIONS_KEPT_MS),
        // Ids begin with the time.
        messages: MessageId::new(&mut IdSource::new(0), before(lifecycle::MESSAGES_KEPT_MS)),
    }
}

//! The job: periods that are over are judged once, awards recorded with their arithmetic, points moved to whoever
//! linked a guest account; changed results are corrected by reversal.
//!
//! It can stop anywhere and be started again: a period is judged in one transaction, and each award's points move in
//! one.

mod decide;
mod post;

use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{Timestamp, Zone};
use sha2::{Digest as _, Sha256};
use store::jobs::{self, Finished};
use store::kpi::{awards, goals, periods};
use store::transaction::transaction;
use store::{Sql, StoreError};

use club::Moment;
use merit::goal::Goal;
use merit::period::Days;

use crate::ground::{Ground, Known, load_goals};
use crate::judge::{Judged, judge};
use crate::refusal::Refused;

/// Name of the job.
pub const JOB: &str = "kpi-award";
/// After this a run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// Periods judged in one run; what is left is due at once.
const PERIODS_PER_RUN: usize = 500;
/// Periods looked at again in one run.
const CHECKS_PER_RUN: i64 = 500;
/// How often a judged period is looked at again while it may be corrected.
pub const CHECK_EVERY_MS: i64 = HOUR_MS;
/// Awards whose points move in one run.
const POSTS_PER_RUN: usize = 20_000;
/// Reasons of failures kept from one run, and characters of an error kept with the job.
const FAILURES_KEPT_MAX: usize = 20;
const ERROR_LEN_MAX: usize = 500;

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Periods judged for the first time.
    pub periods: i64,
    /// Awards recorded.
    pub awarded: i64,
    /// Awards taken back by a correction.
    pub reversed: i64,
    /// Awards in points that reached the ledger.
    pub posted: i64,
    /// Winners of no known staff code: nobody to give it to.
    pub unknown: i64,
    pub failures: Vec<String>,
    /// The run stopped at its bound with more to do.
    pub more: bool,
}

/// How the job was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another run holds the lease.
    Busy,
    Ran(Done),
}

/// Runs the job if nobody else is at it. Takes the connection, not a transaction: it makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(sql: &dyn Sql, moment: &mut Moment<'_>) -> Result<Outcome, Refused> {
    let now = moment.now;
    let lease = moment.ids.next(now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(Outcome::Busy);
    }
    let mut done = Done::default();
    let result = work(sql, moment, &mut done);
    let error = match &result {
        Ok(()) => done.failures.first().cloned(),
        Err(error) => Some(error.to_string()),
    };
    let error: Option<String> = error.map(|error| error.chars().take(ERROR_LEN_MAX).collect());
    let next = due_at(sql, now)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let moved = done.awarded + done.reversed + done.posted;
    let finished = Finished { at: now, due_at: next, done: moved, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(|()| Outcome::Ran(done))
}

fn work(sql: &dyn Sql, moment: &mut Moment<'_>, done: &mut Done) -> Result<(), Refused> {
    for brand in goals::list_brands(sql)? {
        let ground = Ground::load(sql, &brand, moment.now.date_in(&Zone::UTC))?;
        for known in load_goals(sql, &brand)? {
            judge_over(sql, &ground, &known, moment, done)?;
        }
    }
    check_again(sql, moment, done)?;
    post::run(sql, moment, done, POSTS_PER_RUN)
}

/// The next period of a goal to be judged, and when.
fn next_period(
    sql: &dyn Sql,
    ground: &Ground,
    known: &Known,
) -> Result<Option<(Days, Timestamp)>, StoreError> {
    let last = periods::load_last(sql, known.id)?;
    let Some((_, any)) = known.versions.first() else { return Ok(None) };
    let days = match last {
        Some(last) => Some(any.period.after(Days { from: last.from, until: last.until })),
        None => known.first(),
    };
    let Some((days, (_, goal))) = days.and_then(|days| Some((days, known.at(days.from)?))) else {
        return Ok(None);
    };
    let over = ground.of_period(sql, goal, days)?.over_at(goal, days);
    Ok(Some((days, over.plus_millis(i64::from(goal.settle_days) * DAY_MS))))
}

/// Judges a goal's periods that are over, the oldest first.
fn judge_over(
    sql: &dyn Sql,
    ground: &Ground,
    known: &Known,
    moment: &mut Moment<'_>,
    done: &mut Done,
) -> Result<(), Refused> {
    for _ in 0..PERIODS_PER_RUN {
        let Some((days, due)) = next_period(sql, ground, known)? else { return Ok(()) };
        if due > moment.now {
            return Ok(());
        }
        if done.periods >= PERIODS_PER_RUN as i64 {
            done.more = true;
            return Ok(());
        }
        let Some((version, goal)) = known.at(days.from) else { return Ok(()) };
        transaction(sql, |tx| {
            // Somebody else may have been quicker.
            if next_period(tx, ground, known)?.map(|(next, _)| next) != Some(days) {
                return Ok::<_, Refused>(());
            }
            let judged = judge(tx, ground, goal, days)?;
            let period = decide::Period { ground, goal, goal_id: known.id, version: version.version, days };
            let (wanted, unknown) = decide::wanted(tx, &period, &judged)?;
            done.unknown += unknown;
            let rows = decide::first(&period, wanted, moment);
            awards::insert(tx, &rows)?;
            done.awarded += rows.len() as i64;
            done.periods += 1;
            let correct_until = due.plus_millis(i64::from(goal.correct_days) * DAY_MS);
            save(tx, &period, digest(&judged, unknown), correct_until, moment.now)?;
            Ok(())
        })?;
    }
    Ok(())
}

fn save(
    tx: &dyn Sql,
    period: &decide::Period<'_>,
    digest: Vec<u8>,
    correct_until: Timestamp,
    at: Timestamp,
) -> Result<(), StoreError> {
    periods::save(
        tx,
        &periods::Judged {
            goal: period.goal_id,
            from: period.days.from,
            until: period.days.until,
            version: period.version,
            at,
            digest,
            correct_until,
        },
    )
}

/// Of what was counted and who worked. Where winners were unknown it is like no other: they may be known the next time.
fn digest(judged: &[Judged], unknown: i64) -> Vec<u8> {
    let mut hash = Sha256::new();
    if unknown > 0 {
        hash.update(unknown.to_le_bytes());
    }
    for one in judged {
        hash.update(one.measured.key.as_bytes());
        hash.update([0, one.class]);
        hash.update(crate::arithmetic::facts(&one.measured.facts).to_string().as_bytes());
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

/// Looks again at judged periods that may still be corrected.
fn check_again(sql: &dyn Sql, moment: &mut Moment<'_>, done: &mut Done) -> Result<(), Refused> {
    let before = moment.now.plus_millis(-CHECK_EVERY_MS);
    let open = periods::list_open(sql, moment.now, before, CHECKS_PER_RUN)?;
    done.more |= open.len() as i64 >= CHECKS_PER_RUN;
    for brand in goals::list_brands(sql)? {
        let ground = Ground::load(sql, &brand, moment.now.date_in(&Zone::UTC))?;
        for known in load_goals(sql, &brand)? {
            for period in open.iter().filter(|period| period.goal == known.id) {
                let found = known.versions.iter().find(|(version, _)| version.version == period.version);
                let Some((_, goal)) = found else { continue };
                transaction(sql, |tx| check_one(tx, &ground, goal, period, moment, done))?;
            }
        }
    }
    Ok(())
}

fn check_one(
    tx: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    known: &periods::Judged,
    moment: &mut Moment<'_>,
    done: &mut Done,
) -> Result<(), Refused> {
    let days = Days { from: known.from, until: known.until };
    let judged = judge(tx, ground, goal, days)?;
    let period = decide::Period { ground, goal, goal_id: known.goal, version: known.version, days };
    let mut found = digest(&judged, 0);
    if found != known.digest {
        let (wanted, unknown) = decide::wanted(tx, &period, &judged)?;
        done.unknown += unknown;
        found = digest(&judged, unknown);
        let standing = awards::list_of_period(tx, known.goal, days.from)?;
        let rows = decide::corrections(&period, wanted, &standing, moment);
        done.reversed += rows.iter().filter(|row| row.reverses.is_some()).count() as i64;
        done.awarded += rows.iter().filter(|row| row.reverses.is_none()).count() as i64;
        awards::insert(tx, &rows)?;
    }
    Ok(save(tx, &period, found, known.correct_until, moment.now)?)
}

/// When something is due by the data: the next end of a period, or the next look at one that may be corrected.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut due = periods::load_longest_unchecked(sql, now)?.map(|at| at.plus_millis(CHECK_EVERY_MS));
    if !awards::list_unposted(sql, 0, 1)?.is_empty() {
        due = Some(now);
    }
    for brand in goals::list_brands(sql)? {
        let ground = Ground::load(sql, &brand, now.date_in(&Zone::UTC))?;
        for known in load_goals(sql, &brand)? {
            let next = next_period(sql, &ground, &known)?.map(|(_, over)| over);
            due = due.into_iter().chain(next).min();
        }
    }
    Ok(due)
}

//! What time does: holds lapse, pending points become available, points expire; and what is of no more use goes.
//!
//! A run can stop anywhere and be started again, twice or in two places: it works in short transactions, each finds
//! what is due by the data itself, and an entry of a kind exists once for its event (L4). The lease in `jobs` only
//! spares two hosts from doing the same work; nothing depends on it.
//!
//! What is done to a member is [`account::bring`], the same that every use case does first: nobody waits for the timer,
//! and it changes nothing that anybody sees. It keeps the books close to the present, so that looking at them is one row.

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{IdSource, MemberId, MessageId, Timestamp};
use ledger::model::EntryKind;
use messaging::Topic;
use store::jobs::{self, Finished, Job};
use store::lifecycle::{self as due, DueMember};
use store::telegram::sayings;
use store::transaction::{nested, transaction};
use store::{
    Sql, StoreError, challenges, counters, deliveries, guests, idempotency, messages, notifications, sessions,
};

use crate::refusal::Refusal;
use crate::{Moment, account};

/// Name of the job that moves points.
pub const POINTS: &str = "points-lifecycle";
/// Name of the job that deletes what is of no more use.
pub const HOUSEKEEPING: &str = "housekeeping";
/// Every job.
pub const JOBS: [&str; 2] = [POINTS, HOUSEKEEPING];

/// Members in one transaction: tills wait for it, some 10 to 20 ms.
pub const MEMBERS_PER_TRANSACTION: i64 = 32;
/// Members in one run. What is left is due at once, and the next run takes it.
pub const MEMBERS_PER_RUN: i64 = 10_000;
/// After this the run counts as dead, and another may take the job. A run lasts some seconds.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// Reasons of failures kept from one run.
const FAILURES_KEPT_MAX: usize = 20;
/// Characters of an error kept with the job.
const ERROR_LEN_MAX: usize = 500;

/// How often leftovers are deleted.
const HOUSEKEEPING_EVERY_MS: i64 = 10 * MINUTE_MS;
/// Rows of one table deleted at once.
const LEFTOVERS_MAX: i64 = 2_000;
/// Limits look back a day at most.
pub const COUNTERS_KEPT_MS: i64 = 2 * DAY_MS;
/// A rotating code is good for a minute or two; a till's clock may be wrong by more.
pub const SPENT_CODES_KEPT_MS: i64 = DAY_MS;
/// For questions about a sign-in that did not work.
pub const CHALLENGES_KEPT_MS: i64 = 7 * DAY_MS;
/// A client that has not repeated a request by then never will.
pub const IDEMPOTENCY_KEPT_MS: i64 = 7 * DAY_MS;
/// For questions about who was signed in.
pub const SESSIONS_KEPT_MS: i64 = 30 * DAY_MS;
/// For questions about a message that did not arrive.
pub const MESSAGES_KEPT_MS: i64 = 30 * DAY_MS;

/// How guests were told something: for questions about a message that did not arrive. Longer than any intent is of use.
pub const NOTIFICATIONS_KEPT_MS: i64 = 92 * DAY_MS;

/// How much one run may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub members_per_transaction: i64,
    pub members_per_run: i64,
}

impl Bounds {
    /// As in production.
    pub const STANDARD: Self =
        Self { members_per_transaction: MEMBERS_PER_TRANSACTION, members_per_run: MEMBERS_PER_RUN };
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    pub lapsed: i64,
    pub activated: i64,
    pub expired: i64,
    /// Members whose points could not be moved. They stay due and are tried again.
    pub failed: i64,
    /// Why, for the first of them.
    pub failures: Vec<String>,
    /// Whether the run stopped at its bound with more to do.
    pub more: bool,
}

/// How a job was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is due before that moment; `None` when nothing waits at all.
    NotDue(Option<Timestamp>),
    /// Another run holds the lease.
    Busy,
    Ran(Done),
}

/// When a job is due: of points by the data, so that nothing is missed or forgotten.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql, name: &str) -> Result<Option<Timestamp>, StoreError> {
    if name == POINTS {
        return due::load_next_due(sql);
    }
    let job = jobs::load(sql, name)?;
    Ok(Some(job.map_or(Timestamp::from_millis(0), |job| job.due_at)))
}

/// A job as it stands, with the time it is due by now; one that never ran as well.
///
/// # Errors
/// A failure of storage.
pub fn state(sql: &dyn Sql, name: &str) -> Result<(Option<Job>, Option<Timestamp>), StoreError> {
    Ok((jobs::load(sql, name)?, due_at(sql, name)?))
}

/// Runs the points job if something is due and nobody else is at it. Takes the connection, not a transaction: it
/// makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run_points(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds) -> Result<Outcome, Refusal> {
    run(sql, POINTS, moment, |sql, moment| move_points(sql, moment, bounds))
}

/// Runs the housekeeping job if it is due and nobody else is at it.
///
/// # Errors
/// As [`run_points`].
pub fn run_housekeeping(sql: &dyn Sql, moment: &mut Moment<'_>) -> Result<Outcome, Refusal> {
    run(sql, HOUSEKEEPING, moment, |sql, moment| {
        clean(sql, moment.now)?;
        Ok(Done::default())
    })
}

fn run(
    sql: &dyn Sql,
    name: &str,
    moment: &mut Moment<'_>,
    work: impl FnOnce(&dyn Sql, &mut Moment<'_>) -> Result<Done, Refusal>,
) -> Result<Outcome, Refusal> {
    let now = moment.now;
    let due = due_at(sql, name)?;
    if due.is_none_or(|due| due > now) {
        return Ok(Outcome::NotDue(due));
    }
    let lease = moment.ids.next(now);
    let until = now.plus_millis(LEASE_MS);
    if !transaction(sql, |tx| jobs::take(tx, name, lease, now, until))? {
        return Ok(Outcome::Busy);
    }
    let result = work(sql, moment);
    let error = match &result {
        Ok(done) => done.failures.first().map(|first| format!("{} failed, first: {first}", done.failed)),
        Err(error) => Some(error.to_string()),
    };
    let error: Option<String> = error.map(|error| error.chars().take(ERROR_LEN_MAX).collect());
    let done = result.as_ref().map_or(0, |done| done.lapsed + done.activated + done.expired);
    let next =
        if name == POINTS { due::load_next_due(sql)? } else { Some(now.plus_millis(HOUSEKEEPING_EVERY_MS)) };
    let due_at = next.unwrap_or(Timestamp::from_millis(i64::MAX));
    let finished = Finished { at: now, due_at, done, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, name, lease, &finished))?;
    result.map(Outcome::Ran)
}

fn move_points(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds) -> Result<Done, Refusal> {
    moment.scatter_ids();
    let mut done = Done::default();
    let mut left = bounds.members_per_run;
    // A member who cannot be moved stays due: the place behind them keeps them from being met again in this run.
    let mut place = (Timestamp::from_millis(i64::MIN), MemberId::from_raw(0));
    loop {
        let limit = bounds.members_per_transaction.min(left);
        if limit <= 0 {
            done.more = true;
            return Ok(done);
        }
        let met = transaction(sql, |tx| slice(tx, place, limit, moment, &mut done))?;
        left -= met.len() as i64;
        let Some(last) = met.last() else { return Ok(done) };
        place = (last.account.due_at.unwrap_or(moment.now), last.member);
    }
}

/// Moves the points of the first `limit` members of whom something is due after `place`, in one transaction.
fn slice(
    tx: &dyn Sql,
    place: (Timestamp, MemberId),
    limit: i64,
    moment: &mut Moment<'_>,
    done: &mut Done,
) -> Result<Vec<DueMember>, Refusal> {
    let met = due::list_due(tx, moment.now, place, limit)?;
    for due in &met {
        match nested(tx, || account::bring(tx, due.member, &due.brand, due.account, moment)) {
            Ok((_, aged)) => {
                let count = |kind| aged.entries.iter().filter(|entry| entry.kind == kind).count() as i64;
                done.lapsed += aged.lapsed.len() as i64;
                done.activated += count(EntryKind::Activation);
                done.expired += count(EntryKind::Expiry);
            }
            Err(Refusal::Store(error)) if error.is_unavailable() => return Err(error.into()),
            Err(error) => {
                done.failed += 1;
                if done.failures.len() < FAILURES_KEPT_MAX {
                    done.failures.push(format!("{}: {error}", due.member));
                }
            }
        }
    }
    Ok(met)
}

/// Deletes a bounded number of leftovers of every kind, each in a transaction of its own.
fn clean(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    let before = |kept: i64| now.plus_millis(-kept);
    transaction(sql, |tx| counters::delete_before(tx, before(COUNTERS_KEPT_MS), LEFTOVERS_MAX))?;
    transaction(sql, |tx| guests::delete_spent_codes(tx, before(SPENT_CODES_KEPT_MS), LEFTOVERS_MAX))?;
    transaction(sql, |tx| challenges::delete_before(tx, before(CHALLENGES_KEPT_MS), LEFTOVERS_MAX))?;
    transaction(sql, |tx| idempotency::delete_before(tx, before(IDEMPOTENCY_KEPT_MS), LEFTOVERS_MAX))?;
    transaction(sql, |tx| sessions::delete_before(tx, before(SESSIONS_KEPT_MS), LEFTOVERS_MAX))?;
    let told = before(NOTIFICATIONS_KEPT_MS);
    transaction(sql, |tx| deliveries::delete_before(tx, told, LEFTOVERS_MAX))?;
    transaction(sql, |tx| notifications::delete_before(tx, told, LEFTOVERS_MAX))?;
    // A one-time code or a link that opens something by itself is not kept for questions about how it was told.
    for topic in Topic::ALL.into_iter().filter(|topic| topic.is_sealed_until_expiry()) {
        transaction(sql, |tx| notifications::forget_expired(tx, topic, now, LEFTOVERS_MAX))?;
    }
    transaction(sql, |tx| sayings::delete_before(tx, before(sayings::KEPT_MS), LEFTOVERS_MAX))?;
    // Ids begin with the time, so that any id of that moment tells older messages from younger.
    let first_kept = MessageId::new(&mut IdSource::new(0), before(MESSAGES_KEPT_MS));
    transaction(sql, |tx| messages::delete_before(tx, first_kept, LEFTOVERS_MAX))
}

//! What a promotion would have done: a replay over stored receipts, in bounded slices that can stop anywhere.
//!
//! Each receipt is priced twice at its list prices: under the promotions that are switched on now, and under these and
//! the one in question. The difference is what it would have cost. What was taken off at the time is not looked at.
//! Facts are those of the sale where they are stored (place, time, goods, modifiers of orders, payment, visits before it)
//! and today's where they are not (tier, segments, tags, birthday; sizes and tags of goods from the brand's menu).
//!
//! A slice is read first and written afterwards in one short transaction that moves the place on only from where it
//! was read: a slice that is run twice, or by two at once, counts once. The timer goes on with what nobody asks to go on
//! with. However long the span, memory holds one slice.

mod replay;

use club::Moment;
use club::personal::Personal;
use club::receipt::LATE_DAYS_MAX;
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{PromotionId, SimulationId, StaffId, Timestamp};
use membership::secrets::Secrets;
use store::jobs::{self, Finished};
use store::promotions::replayed;
use store::promotions::simulations::{self, Simulation};
use store::transaction::transaction;
use store::{Sql, StoreError, promotions};

use replay::Replay;

/// Receipts that one call looks at, at most.
pub const SLICE_MAX: i64 = 5_000;
/// Receipts that one run of the timer looks at, at most.
pub const TICK_MAX: i64 = 200_000;
/// Replays that one run of the timer goes on with.
const RUNNING_MAX: i64 = 100;
/// Name of the job.
pub const JOB: &str = "promotion-simulate";
/// After this a run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// How far the clock of a till may be ahead of ours, generously.
const AHEAD_MS: i64 = DAY_MS;
/// How long after a sale its receipt may come.
const LATE_MS: i64 = (LATE_DAYS_MAX as i64 + 1) * DAY_MS;
/// Days of receipts that a replay covers.
pub const DAYS_MAX: i64 = 400;

/// Why a replay did not begin or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such promotion or version")]
    UnknownPromotion,
    #[error("no such simulation")]
    Unknown,
    #[error("a span ends after it begins, and has at most {DAYS_MAX} days")]
    Span,
}

/// A replay to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSimulation {
    pub promotion: PromotionId,
    /// The one that holds where absent.
    pub version: Option<u32>,
    pub sold_from: Timestamp,
    /// Without it.
    pub sold_until: Timestamp,
    /// As if every guest had the promotion's coupon.
    pub assume_coupon: bool,
}

/// Begins a replay of the receipts that there are by now.
///
/// # Errors
/// See [`Refused`].
pub fn begin(
    tx: &dyn Sql,
    new: &NewSimulation,
    by: Option<StaffId>,
    moment: &mut Moment<'_>,
) -> Result<Simulation, Refused> {
    let days = DAY_MS * DAYS_MAX;
    let span = new.sold_until.millis().saturating_sub(new.sold_from.millis());
    if !(1..=days).contains(&span) {
        return Err(Refused::Span);
    }
    let stored = promotions::load(tx, new.promotion)?.ok_or(Refused::UnknownPromotion)?;
    let version = new.version.unwrap_or(stored.version);
    promotions::load_version(tx, new.promotion, version)?.ok_or(Refused::UnknownPromotion)?;
    let simulation = Simulation {
        id: SimulationId::new(moment.ids, moment.now),
        brand: stored.brand,
        promotion: new.promotion,
        version,
        sold_from: new.sold_from,
        sold_until: new.sold_until,
        done: false,
        // A receipt is recorded after its sale, and within some months.
        cursor: replayed::seek(tx, new.sold_from.plus_millis(-AHEAD_MS))?,
        end: if new.sold_until.plus_millis(LATE_MS) > moment.now {
            i64::MAX
        } else {
            replayed::seek(tx, new.sold_until.plus_millis(LATE_MS))?
        },
        assume_coupon: new.assume_coupon,
        created_at: moment.now,
        changed_at: moment.now,
    };
    simulations::insert(tx, &simulation, by)?;
    load(tx, simulation.id)
}

/// A replay as it stands.
///
/// # Errors
/// [`Refused::Unknown`].
pub fn load(sql: &dyn Sql, id: SimulationId) -> Result<Simulation, Refused> {
    simulations::load(sql, id)?.ok_or(Refused::Unknown)
}

/// Runs the next slice of at most `limit` receipts. Takes the connection, not a transaction: pricing thousands of
/// receipts must not keep tills from writing. Without `secrets` nobody's birthday is known.
///
/// # Errors
/// See [`Refused`].
pub fn run(
    sql: &dyn Sql,
    id: SimulationId,
    limit: i64,
    secrets: Option<&Secrets>,
    now: Timestamp,
) -> Result<Simulation, Refused> {
    let simulation = load(sql, id)?;
    if simulation.done {
        return Ok(simulation);
    }
    let replay = Replay::new(sql, &simulation, now)?;
    step(sql, &replay, &simulation, limit, secrets, now)?;
    load(sql, id)
}

/// When the timer has something to do: now, or when somebody begins a replay.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(simulations::list_running(sql, 1)?.first().map(|_| now))
}

/// Goes on with replays that are not done, oldest first, for so many receipts in all; answers how many it looked at, or
/// none while another run is at it.
///
/// # Errors
/// See [`Refused`]. What was committed before it stays.
pub fn tick(
    sql: &dyn Sql,
    receipts_max: i64,
    secrets: Option<&Secrets>,
    moment: &mut Moment<'_>,
) -> Result<Option<i64>, Refused> {
    let now = moment.now;
    if simulations::list_running(sql, 1)?.is_empty() {
        return Ok(Some(0));
    }
    let lease = moment.ids.next(now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(None);
    }
    let mut looked_at = 0;
    let result = work(sql, receipts_max, secrets, now, &mut looked_at);
    let error = result.as_ref().err().map(ToString::to_string);
    let due_at = due_at(sql, now)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let finished = Finished { at: now, due_at, done: looked_at, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(|()| Some(looked_at))
}

fn work(
    sql: &dyn Sql,
    receipts_max: i64,
    secrets: Option<&Secrets>,
    now: Timestamp,
    looked_at: &mut i64,
) -> Result<(), Refused> {
    let mut first = Ok(());
    for id in simulations::list_running(sql, RUNNING_MAX)? {
        // One that cannot go on does not keep the others waiting.
        if let Err(error) = go_on(sql, id, receipts_max, secrets, now, looked_at) {
            first = first.and(Err(error));
        }
    }
    first
}

fn go_on(
    sql: &dyn Sql,
    id: SimulationId,
    receipts_max: i64,
    secrets: Option<&Secrets>,
    now: Timestamp,
    looked_at: &mut i64,
) -> Result<(), Refused> {
    let mut simulation = load(sql, id)?;
    let replay = Replay::new(sql, &simulation, now)?;
    while !simulation.done && *looked_at < receipts_max {
        let limit = SLICE_MAX.min(receipts_max - *looked_at);
        *looked_at += step(sql, &replay, &simulation, limit, secrets, now)?;
        simulation = load(sql, id)?;
    }
    Ok(())
}

/// Judges a slice and records what it found; answers how many receipts it was about.
fn step(
    sql: &dyn Sql,
    replay: &Replay,
    simulation: &Simulation,
    limit: i64,
    secrets: Option<&Secrets>,
    now: Timestamp,
) -> Result<i64, Refused> {
    // Nothing is sealed here, so no randomness is needed.
    let personal = secrets.map(|secrets| Personal { secrets, random: &|_| Vec::new() });
    let slice = replayed::list_receipts(sql, simulation, limit.clamp(1, SLICE_MAX), replay.asks().payment)?;
    let Some(slice) = slice else {
        transaction(sql, |tx| simulations::advance(tx, simulation, simulation.end, now))?;
        return Ok(0);
    };
    let found = replay.judge(sql, &slice, personal, now)?;
    transaction(sql, |tx| {
        if simulations::advance(tx, simulation, slice.until, now)? {
            simulations::add(tx, simulation.id, &found)?;
        }
        Ok::<_, Refused>(())
    })?;
    // What a slice passes over costs little, and yet it bounds a run.
    Ok((slice.receipts.len() as i64).max(1))
}

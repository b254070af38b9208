//! The job: everybody after a boundary, then whoever was touched, then whose grace or grant ends, then warnings.
//!
//! It can stop anywhere and be started again, twice or in two places: it works in short transactions, a pass remembers
//! its last member, and what was decided once is decided the same again. The lease only spares two hosts the same work.

use kernel::time::MINUTE_MS;
use kernel::{MemberId, Timestamp, Zone};
use store::Sql;
use store::jobs::{self, Finished};
use store::tiers::passes::{self, COMPLETE, Pass};
use store::tiers::people;
use store::transaction::transaction;

use crate::Moment;
use crate::refusal::Refusal;
use crate::tiers::member::{Batch, Ground, settle};
use crate::tiers::opening::{first_pass, open_passes};
use crate::tiers::slice::{self, Open};
use crate::tiers::versions::Versions;
use crate::tiers::warn;

/// Name of the job.
pub const JOB: &str = "tier-recalc";
/// Members in one transaction of a pass: tills wait for it, some 10 to 20 ms.
pub const MEMBERS_PER_SLICE: i64 = 2_048;
/// Slices in one run. What is left is due at once, and the next run takes it.
pub const SLICES_PER_RUN: i64 = 4_000;
/// Members judged one by one in one transaction.
const PEOPLE_PER_SLICE: i64 = 64;
/// After this the run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// How far ahead a boundary is looked for: the longest period, and the month that is running.
const MONTHS_AHEAD: i32 = 13;
/// Reasons of failures kept from one run.
const FAILURES_KEPT_MAX: usize = 20;
/// Characters of an error kept with the job.
const ERROR_LEN_MAX: usize = 500;

/// How much one run may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub members_per_slice: i64,
    pub slices_per_run: i64,
}

impl Bounds {
    /// As in production.
    pub const STANDARD: Self = Self { members_per_slice: MEMBERS_PER_SLICE, slices_per_run: SLICES_PER_RUN };
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Members whose facts were looked at.
    pub judged: i64,
    /// Members whose tier changed.
    pub changed: i64,
    /// Members to be told that their tier ends.
    pub warned: i64,
    /// Members who could not be judged. They stay noted, and are met again by the next run.
    pub failed: i64,
    /// Why, for the first of them.
    pub failures: Vec<String>,
    /// Transactions made.
    pub slices: i64,
    /// Whether the run stopped at its bound with more to do.
    pub more: bool,
}

/// How the job was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Another run holds the lease.
    Busy,
    Ran(Done),
}

impl Done {
    /// Notes that a member could not be judged.
    ///
    /// # Errors
    /// The failure itself when the database is gone: nobody else can be judged either.
    pub(super) fn fail(&mut self, member: MemberId, error: Refusal) -> Result<(), Refusal> {
        match error {
            Refusal::Store(error) if error.is_unavailable() => Err(error.into()),
            error => {
                self.failed += 1;
                if self.failures.len() < FAILURES_KEPT_MAX {
                    self.failures.push(format!("{member}: {error}"));
                }
                Ok(())
            }
        }
    }

    /// Counts a transaction. False when the run may not make another.
    pub(super) fn may_go_on(&mut self, bounds: Bounds) -> bool {
        if self.slices >= bounds.slices_per_run {
            self.more = true;
            return false;
        }
        self.slices += 1;
        true
    }
}

/// When something is due by the data: now when somebody waits, else the next boundary, version of the rules, end of grace
/// or end of a grant.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let (next, waiting) = passes::load_next_due(sql)?;
    if waiting {
        return Ok(Some(now));
    }
    let mut due = next;
    for brand in passes::list_brands(sql)? {
        let versions = Versions::new(sql, &brand);
        due = due.into_iter().chain(versions.next_begins(now)?).min();
        for pass in passes::list(sql, &brand)? {
            let Ok(zone) = Zone::parse(&pass.zone) else { continue };
            let ahead = now.date_in(&zone).plus_months(MONTHS_AHEAD);
            let next = versions.next_boundary(|_| &zone, pass.judged_on, ahead)?;
            due = due.into_iter().chain(next.map(|(on, _)| on.start_in(&zone))).min();
        }
    }
    Ok(due)
}

/// Runs the job if nobody else is at it. Takes the connection, not a transaction: it makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds) -> Result<Outcome, Refusal> {
    let now = moment.now;
    let lease = moment.ids.next(now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(Outcome::Busy);
    }
    let mut done = Done::default();
    let result = work(sql, moment, bounds, &mut done);
    let error = match &result {
        Ok(()) => done.failures.first().map(|first| format!("{} failed, first: {first}", done.failed)),
        Err(error) => Some(error.to_string()),
    };
    let error: Option<String> = error.map(|error| error.chars().take(ERROR_LEN_MAX).collect());
    let due_at = due_at(sql, now)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let finished = Finished { at: now, due_at, done: done.changed, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(|()| Outcome::Ran(done))
}

fn work(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds, done: &mut Done) -> Result<(), Refusal> {
    moment.scatter_ids();
    let brands = passes::list_brands(sql)?;
    loop {
        // One boundary at a time, the oldest first: a judgement stands on the one before it.
        transaction(sql, |tx| open_passes(tx, &brands, moment.now))?;
        let mut any = false;
        for brand in &brands {
            any |= go_over(sql, brand, moment, bounds, done)?;
            if done.more {
                return Ok(());
            }
        }
        if !any {
            break;
        }
    }
    touched(sql, moment, bounds, done)?;
    due(sql, moment, bounds, done)?;
    for brand in &brands {
        warn::run(sql, brand, moment, bounds, done)?;
    }
    Ok(())
}

/// Judges the members of a brand's open passes. False when there is none.
fn go_over(
    sql: &dyn Sql,
    brand: &str,
    moment: &mut Moment<'_>,
    bounds: Bounds,
    done: &mut Done,
) -> Result<bool, Refusal> {
    let versions = Versions::new(sql, brand);
    let Some(now) = versions.at(moment.now)? else { return Ok(false) };
    let mut open = Vec::new();
    for pass in passes::list(sql, brand)?.into_iter().filter(|pass| pass.cursor != COMPLETE) {
        let at = Zone::parse(&pass.zone).map_or(moment.now, |zone| pass.judged_on.start_in(&zone));
        let rules = versions.at(at)?.unwrap_or_else(|| now.clone());
        open.push((pass, rules));
    }
    let Some(mut after) = open.iter().map(|(pass, _)| pass.cursor).min() else { return Ok(false) };
    let open = Open { brand, passes: open, now };
    while after != COMPLETE {
        if !done.may_go_on(bounds) {
            return Ok(true);
        }
        after = transaction(sql, |tx| {
            let end = passes::load_slice_end(tx, after, bounds.members_per_slice)?.unwrap_or(COMPLETE);
            slice::judge(tx, &open, (after, end), &versions, moment, done)?;
            passes::advance(tx, brand, end)?;
            Ok::<_, Refusal>(end)
        })?;
    }
    Ok(true)
}

/// Judges again whom a late receipt or a return concerns.
fn touched(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds, done: &mut Done) -> Result<(), Refusal> {
    let mut after = MemberId::from_raw(0);
    loop {
        if !done.may_go_on(bounds) {
            return Ok(());
        }
        let met = transaction(sql, |tx| {
            let met = passes::list_touched(tx, after, PEOPLE_PER_SLICE)?;
            for &(member, from) in &met {
                if one(tx, member, Some(from), moment, done)? {
                    passes::delete_touched(tx, member)?;
                }
            }
            Ok::<_, Refusal>(met)
        })?;
        let Some(&(last, _)) = met.last() else { return Ok(()) };
        after = last;
    }
}

/// Looks at whose grace or grant has ended, or whose grant has begun.
fn due(sql: &dyn Sql, moment: &mut Moment<'_>, bounds: Bounds, done: &mut Done) -> Result<(), Refusal> {
    let mut after = (Timestamp::from_millis(i64::MIN), MemberId::from_raw(0));
    loop {
        if !done.may_go_on(bounds) {
            return Ok(());
        }
        let met = transaction(sql, |tx| {
            let met = passes::list_due(tx, moment.now, after, PEOPLE_PER_SLICE)?;
            for &(member, _) in &met {
                one(tx, member, None, moment, done)?;
            }
            Ok::<_, Refusal>(met)
        })?;
        let Some(&(member, at)) = met.last() else { return Ok(()) };
        after = (at, member);
    }
}

/// Judges one member and writes what became of them. False when that failed.
pub(super) fn one(
    tx: &dyn Sql,
    member: MemberId,
    from: Option<Timestamp>,
    moment: &mut Moment<'_>,
    done: &mut Done,
) -> Result<bool, Refusal> {
    match judge_one(tx, member, from, moment) {
        Ok(changed) => {
            done.judged += 1;
            done.changed += i64::from(changed);
            Ok(true)
        }
        Err(error) => done.fail(member, error).map(|()| false),
    }
}

/// Judges one member in the open transaction, and says whether their tier changed. A member of a zone that was never
/// gone over is left alone: the next run takes that zone up.
pub(super) fn judge_one(
    tx: &dyn Sql,
    member: MemberId,
    from: Option<Timestamp>,
    moment: &mut Moment<'_>,
) -> Result<bool, Refusal> {
    let Some(person) = people::load(tx, member)? else { return Ok(false) };
    if person.status == store::guests::MemberStatus::Erased {
        // Nobody is at home: what was to happen to them is not waited for.
        store::tiers::records::settle_for_good(tx, member)?;
        return Ok(false);
    }
    let versions = Versions::new(tx, &person.brand);
    let rules = versions.at(moment.now)?.ok_or(Refusal::NoProgramme)?;
    let zone = person.home.as_ref().map_or(&rules.rules.zone, |(zone, _)| zone);
    let known = passes::list(tx, &person.brand)?.into_iter().find(|pass| pass.zone == *zone);
    let pass = match known {
        Some(pass) => pass,
        None => {
            let parsed = Zone::parse(zone).unwrap_or(Zone::UTC);
            Pass { cursor: COMPLETE, ..first_pass(zone.clone(), &rules, &parsed, moment.now) }
        }
    };
    let ground = Ground { brand: &person.brand, pass: &pass, versions: &versions };
    let mut batch = Batch::default();
    let changed = settle(tx, &person, from, &ground, moment, &mut batch)?;
    batch.write(tx)?;
    Ok(changed)
}

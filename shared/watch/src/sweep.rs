//! What only a look at many accounts shows: rings of accounts that share devices or payment tokens, and fresh accounts that
//! spend their welcome at one outlet.
//!
//! A run goes on where the last one stopped, in short transactions; what it has done it does not do again, because a ring is
//! judged when it has grown and a harvested account once. Two at once do no harm.

use std::collections::{BTreeMap, BTreeSet};

use fraud::facts::{Place, Trace, Who};
use fraud::observe::{Link, Shared};
use fraud::ring::{Component, SHARED_BY_MAX, components};
use fraud::state::Ring;
use fraud::{State, Subject, told};
use kernel::id::id_before;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{MemberId, Timestamp};
use store::fraud::inline as counted;
use store::fraud::links::HarvestedFrom;
use store::fraud::{leavers, links};
use store::guests::{self, Guest, MemberStatus};
use store::jobs::{self, Finished};
use store::transaction::transaction;
use store::{Sql, StoreError};

use crate::Moment;
use crate::inline::{self, Conclusion};
use crate::leaver::REMEMBERED_DAYS;
use crate::trial::DAYS_MAX;

/// Name of the job.
pub const JOB: &str = "fraud-check";
/// How often it looks.
const EVERY_MS: i64 = 10 * MINUTE_MS;
/// After this the run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// Linked members that one slice begins at.
const CHANGED_PER_SLICE: i64 = 64;
/// Slices of one run.
const SLICES_PER_RUN: usize = 64;
/// Members that a ring is followed to: a larger one is a ring as well.
const FOLLOWED_MAX: usize = 200;
/// Links and friends of one member that are followed.
const LINKS_MAX: i64 = 64;
/// Fresh accounts looked at in one run: more than a day has. Were there more, the next run goes on at the next outlet.
const HARVESTED_MAX: i64 = 5_000;
/// Counts of subjects of whom nothing was heard for so long say nothing any more: the longest window has 30 days.
const SUBJECTS_KEPT_MS: i64 = 32 * DAY_MS;
/// Subjects looked at in one turn to write, and turns of one run: a million are through within a day.
const SUBJECTS_PER_SLICE: i64 = 2_000;
const SUBJECT_SLICES_PER_RUN: usize = 4;
/// Rows deleted at once.
const LEFTOVERS_MAX: i64 = 2_000;
/// An account that was judged is not judged again for so long.
const JUDGED_ONCE_MS: i64 = 7 * DAY_MS;
/// Links, referrals, traces and whom decided cases are about where no member is known are kept for so long: as far back as a
/// trial may look.
const LINKS_KEPT_MS: i64 = DAYS_MAX * DAY_MS;
/// Name of the place up to which accounts were looked at for belonging together.
pub const RINGS: &str = "rings";
/// Name of the place up to which outlets were looked at for fresh accounts that spend.
const HARVEST: &str = "harvest";

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Linked members whose surroundings were looked at.
    pub looked_at: i64,
    /// Rings that have grown.
    pub rings: i64,
    /// Fresh accounts judged.
    pub fresh: i64,
    /// The run stopped at its bound with more to do.
    pub more: bool,
}

/// How the job was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    NotDue,
    /// Another run holds the lease.
    Busy,
    Ran(Done),
}

/// Runs the job if it is due, or `at_once`. Takes the connection, not a transaction: it makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(sql: &dyn Sql, at_once: bool, moment: &mut Moment<'_>) -> Result<Outcome, StoreError> {
    let now = moment.now;
    let due = jobs::load(sql, JOB)?.is_none_or(|job| job.due_at <= now);
    if !due && !at_once {
        return Ok(Outcome::NotDue);
    }
    let lease = moment.ids.next(now);
    let until = now.plus_millis(LEASE_MS);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, until))? {
        return Ok(Outcome::Busy);
    }
    let result = work(sql, moment);
    let error = result.as_ref().err().map(ToString::to_string);
    let done = result.as_ref().map_or(0, |done| done.rings + done.fresh);
    let more = result.as_ref().is_ok_and(|done| done.more);
    let due_at = if more { now } else { now.plus_millis(EVERY_MS) };
    let finished = Finished { at: now, due_at, done, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(Outcome::Ran)
}

fn work(sql: &dyn Sql, moment: &mut Moment<'_>) -> Result<Done, StoreError> {
    let mut done = Done { more: true, ..Done::default() };
    for _ in 0..SLICES_PER_RUN {
        let before = done.looked_at;
        rings(sql, moment, &mut done)?;
        if done.looked_at == before {
            done.more = false;
            break;
        }
    }
    harvest(sql, moment, &mut done)?;
    tidy(sql, moment)?;
    Ok(done)
}

/// Deletes what says nothing any more, a bounded part of it.
fn tidy(sql: &dyn Sql, moment: &mut Moment<'_>) -> Result<(), StoreError> {
    let now = moment.now;
    let oldest = id_before(moment.ids.next(now), LINKS_KEPT_MS);
    for _ in 0..SUBJECT_SLICES_PER_RUN {
        let before = now.plus_millis(-SUBJECTS_KEPT_MS);
        if !transaction(sql, |tx| counted::tidy(tx, before, SUBJECTS_PER_SLICE))? {
            break;
        }
    }
    transaction(sql, |tx| {
        links::prune(tx, oldest, LEFTOVERS_MAX)?;
        leavers::blank_old_subjects(tx, now.plus_millis(-LINKS_KEPT_MS), LEFTOVERS_MAX)?;
        links::prune_swept(tx, now.plus_millis(-JUDGED_ONCE_MS))?;
        leavers::prune(tx, now.plus_millis(-REMEMBERED_DAYS * DAY_MS))
    })
}

/// Looks at the surroundings of the next linked members.
fn rings(sql: &dyn Sql, moment: &mut Moment<'_>, done: &mut Done) -> Result<(), StoreError> {
    let cursor = links::load_cursor(sql, RINGS)?;
    let changed = links::list_changed(sql, cursor, CHANGED_PER_SLICE)?;
    let Some((last, _)) = changed.last().copied() else { return Ok(()) };
    done.looked_at += changed.len() as i64;
    let mut seen: BTreeSet<MemberId> = BTreeSet::new();
    let mut found: Vec<Component> = Vec::new();
    for (_, member) in changed {
        if seen.contains(&member) {
            continue;
        }
        let (all, referrals) = surroundings(sql, member)?;
        let around = components(&all, &referrals);
        found.extend(around.into_iter().filter(|component| component.members.contains(&member)));
        seen.extend(found.last().iter().flat_map(|component| component.members.iter().copied()));
        seen.insert(member);
    }
    transaction(sql, |tx| {
        for component in &found {
            done.rings += i64::from(grow(tx, component, moment)?);
        }
        links::save_cursor(tx, RINGS, last)
    })
}

/// What members share, and who brought whom.
type Surroundings = (Vec<Link>, Vec<(MemberId, MemberId)>);

/// Everybody who is reached from a member over what is shared, with what they share and whom they brought.
fn surroundings(sql: &dyn Sql, from: MemberId) -> Result<Surroundings, StoreError> {
    let (mut all, mut referrals) = (Vec::new(), Vec::new());
    let (mut members, mut things) = (BTreeSet::from([from]), BTreeSet::new());
    let mut waiting = vec![from];
    while let Some(member) = waiting.pop() {
        for shared in links::list_of(sql, member, LINKS_MAX)? {
            if !things.insert(shared.clone()) {
                continue;
            }
            let sharing = links::list_sharing(sql, &shared, SHARED_BY_MAX as i64 + 1)?;
            let to = if shared.0 == "device" {
                Shared::Device(Trace::from_raw(shared.1))
            } else {
                Shared::Payment(Trace::from_raw(shared.1))
            };
            all.extend(sharing.iter().map(|&member| Link { member, to }));
            // What is nobody's own leads nowhere.
            if sharing.len() > SHARED_BY_MAX {
                continue;
            }
            for other in sharing {
                if members.len() < FOLLOWED_MAX && members.insert(other) {
                    waiting.push(other);
                }
            }
        }
        referrals
            .extend(links::list_friends(sql, member, LINKS_MAX)?.into_iter().map(|friend| (member, friend)));
    }
    Ok((all, referrals))
}

/// Notes a ring with its members and judges them, if it has grown since it was noted last.
fn grow(tx: &dyn Sql, component: &Component, moment: &mut Moment<'_>) -> Result<bool, StoreError> {
    let ring = Ring { members: component.members.len() as i64, referrals: component.referrals as i64 };
    let mut grown = false;
    for &member in &component.members {
        let key = Subject::Member(member).to_string();
        let (states, _) = counted::load(tx, std::slice::from_ref(&key), None)?;
        let stored = states.first().and_then(|(_, text)| serde_json::from_str::<State>(text).ok());
        let mut state = stored.unwrap_or_default();
        let known = state.ring.unwrap_or_default();
        if ring.members <= known.members && ring.referrals <= known.referrals {
            continue;
        }
        grown = true;
        state.ring = Some(ring);
        let known = fraud::Known(vec![(Subject::Member(member), state)]);
        counted::save(tx, &inline::states(&known), moment.now)?;
        let guest = guests::load(tx, member)?.filter(|guest| guest.status == MemberStatus::Active);
        if let Some(guest) = guest {
            judge(tx, &guest, None, moment)?;
        }
    }
    Ok(grown)
}

fn judge(
    tx: &dyn Sql,
    guest: &Guest,
    place: Option<Place>,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let who = Who { member: guest.member, joined_at: guest.joined_at };
    let facts = told::sweep(who, place, moment.now);
    let prepared = inline::prepare(tx, &guest.brand, place.map(|place| place.outlet))?;
    let judged = inline::judge(tx, &prepared, facts, moment.now)?;
    inline::conclude(tx, &judged, &guest.brand, &Conclusion::default(), moment).map(drop)
}

/// Judges fresh accounts that spent points after buying once at most, where several did so at one outlet: each once a week,
/// whatever came of it.
fn harvest(sql: &dyn Sql, moment: &mut Moment<'_>, done: &mut Done) -> Result<(), StoreError> {
    let now = moment.now;
    let from = HarvestedFrom {
        hold: id_before(moment.ids.next(now), DAY_MS),
        joined_after: now.plus_millis(-fraud::observe::FRESH_HOURS * HOUR_MS),
        judged_after: now.plus_millis(-JUDGED_ONCE_MS),
        outlet: links::load_cursor(sql, HARVEST)?,
    };
    let found = links::list_harvested(sql, from, HARVESTED_MAX)?;
    let is_cut = found.len() as i64 == HARVESTED_MAX;
    let mut by_outlet: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for harvested in found {
        by_outlet.entry(harvested.outlet).or_default().push(harvested);
    }
    // The last outlet may be cut in the middle; it comes first in the next run.
    let cut = if is_cut && by_outlet.len() > 1 { by_outlet.pop_last() } else { None };
    let last = by_outlet.keys().next_back().filter(|_| is_cut).map_or(0, |outlet| outlet.raw());
    done.more |= cut.is_some();
    for (outlet, accounts) in by_outlet {
        if accounts.len() < 2 {
            continue;
        }
        for account in accounts.iter().filter(|account| !account.judged) {
            transaction(sql, |tx| {
                links::mark_swept(tx, account.member, now)?;
                let Some(guest) = guests::load(tx, account.member)? else { return Ok(()) };
                judge(tx, &guest, Some(Place { outlet, position: None }), moment)
            })?;
            done.fresh += 1;
        }
    }
    transaction(sql, |tx| links::save_cursor(tx, HARVEST, last))
}

/// When the job is due next.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql) -> Result<Timestamp, StoreError> {
    Ok(jobs::load(sql, JOB)?.map_or(Timestamp::from_millis(0), |job| job.due_at))
}

//! Segments of guests and tags on them: their administration, and the job that applies saved conditions.
//!
//! Promotions ask for segments and tags by their codes. Who is in a segment is decided by a list that people import, or
//! by a rule that the job applies every so many hours. The job goes over all members in short transactions and can stop
//! anywhere: a pass remembers its last member, and what was decided once is decided the same again.

use club::Moment;
use kernel::time::{HOUR_MS, MINUTE_MS};
use kernel::{Date, MemberId, StaffId, Timestamp, Zone};
use pricing::segment::{Known, SegmentFault, SegmentRule};
use store::guests::{self, MemberStatus};
use store::jobs::{self, Finished};
use store::segments::{self, Facts, Groups, Segment, Since};
use store::transaction::transaction;
use store::{Sql, StoreError, brands};

/// Name of the job.
pub const JOB: &str = "segment-refresh";
/// Segments of a brand.
pub const SEGMENTS_MAX: i64 = 200;
/// Characters of a segment's code and of a tag.
pub const CODE_LEN_MAX: usize = 64;
/// Characters of a segment's name.
pub const NAME_LEN_MAX: usize = 120;
/// How often a rule may be applied, and how seldom: once in four weeks.
pub const REFRESH_HOURS: std::ops::RangeInclusive<u32> = 1..=672;
/// Tags on one guest.
pub const TAGS_MAX: usize = 32;
/// Members in one transaction of a pass: tills wait for it.
const MEMBERS_PER_SLICE: i64 = 512;
/// Transactions in one run. What is left is due at once, and the next run takes it.
const SLICES_PER_RUN: usize = 1_000;
/// After this a run counts as dead, and another may take the job.
const LEASE_MS: i64 = 5 * MINUTE_MS;
/// Nothing was bought after this day.
const NEVER: &str = "9999-12-31";

/// Why a segment or tag was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such brand")]
    UnknownBrand,
    #[error("no such member")]
    UnknownMember,
    #[error("a brand has at most {SEGMENTS_MAX} segments")]
    TooMany,
    #[error("the rule does not make sense")]
    Rule(Vec<(&'static str, SegmentFault)>),
}

/// A segment as people want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSegment {
    pub brand: String,
    pub code: String,
    pub name: String,
    /// None: members are listed by import.
    pub rule: Option<SegmentRule>,
    /// How often the rule is applied, within [`REFRESH_HOURS`].
    pub refresh_hours: u32,
}

/// Makes a segment, or changes it. A rule is applied from now on; members of a segment that loses its rule stay.
///
/// # Errors
/// See [`Refused`].
pub fn put(
    tx: &dyn Sql,
    new: &NewSegment,
    by: Option<StaffId>,
    moment: &Moment<'_>,
) -> Result<Segment, Refused> {
    if let Some(faults) = new.rule.as_ref().map(SegmentRule::check).filter(|faults| !faults.is_empty()) {
        return Err(Refused::Rule(faults));
    }
    brands::load(tx, &new.brand)?.ok_or(Refused::UnknownBrand)?;
    let known = segments::load(tx, &new.brand, &new.code)?;
    if known.is_none() && segments::list(tx, &new.brand, SEGMENTS_MAX)?.len() as i64 >= SEGMENTS_MAX {
        return Err(Refused::TooMany);
    }
    let rule = new.rule.as_ref().map(write_rule).transpose()?;
    let is_ruled = rule.is_some();
    let segment = Segment {
        brand: new.brand.clone(),
        code: new.code.clone(),
        name: new.name.clone(),
        rule,
        refresh_hours: is_ruled.then_some(new.refresh_hours),
        due_at: is_ruled.then_some(moment.now),
        cursor: 0,
        refreshed_at: known.as_ref().and_then(|known| known.refreshed_at),
        members: known.as_ref().map_or(0, |known| known.members),
        created_at: known.map_or(moment.now, |known| known.created_at),
        changed_at: moment.now,
    };
    segments::put(tx, &segment, by)?;
    Ok(segment)
}

/// A member's segments and tags.
///
/// # Errors
/// [`Refused::UnknownMember`] also for an erased one; a failure of storage.
pub fn groups(sql: &dyn Sql, member: MemberId) -> Result<Groups, Refused> {
    known(sql, member)?;
    Ok(segments::load_of_member(sql, member)?)
}

/// Replaces a member's tags.
///
/// # Errors
/// As [`groups`].
pub fn set_tags(
    tx: &dyn Sql,
    member: MemberId,
    tags: &[String],
    moment: &Moment<'_>,
) -> Result<Groups, Refused> {
    let before = groups(tx, member)?.tags;
    let gone = before.iter().filter(|tag| !tags.contains(tag)).map(|tag| (member, tag.as_str()));
    segments::delete_tags(tx, &gone.collect::<Vec<_>>())?;
    let new = tags.iter().filter(|tag| !before.contains(tag)).map(|tag| (member, tag.as_str()));
    segments::insert_tags(tx, &new.collect::<Vec<_>>(), moment.now)?;
    groups(tx, member)
}

fn known(sql: &dyn Sql, member: MemberId) -> Result<(), Refused> {
    let guest = guests::load(sql, member)?.filter(|guest| guest.status != MemberStatus::Erased);
    guest.map(|_| ()).ok_or(Refused::UnknownMember)
}

/// What a run of the job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Passes that ended.
    pub segments: i64,
    /// Members looked at.
    pub judged: i64,
    /// Members who came or left.
    pub moved: i64,
    /// Whether the run stopped at its bound with more to do.
    pub more: bool,
}

/// When the next rule is due; none while there are none.
///
/// # Errors
/// A failure of storage.
pub fn due_at(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    Ok(segments::load_next_due(sql)?.and_then(|segment| segment.due_at))
}

/// Applies every rule that is due, if nobody else is at it; none when somebody is. Takes the connection, not a
/// transaction: it makes several.
///
/// # Errors
/// A failure of storage. What was committed before it stays.
pub fn run(sql: &dyn Sql, moment: &mut Moment<'_>) -> Result<Option<Done>, StoreError> {
    let now = moment.now;
    let lease = moment.ids.next(now);
    if !transaction(sql, |tx| jobs::take(tx, JOB, lease, now, now.plus_millis(LEASE_MS)))? {
        return Ok(None);
    }
    let mut done = Done::default();
    let result = work(sql, now, &mut done);
    let error = result.as_ref().err().map(ToString::to_string);
    let due_at = due_at(sql)?.unwrap_or(Timestamp::from_millis(i64::MAX));
    let finished = Finished { at: now, due_at, done: done.moved, error: error.as_deref() };
    transaction(sql, |tx| jobs::finish(tx, JOB, lease, &finished))?;
    result.map(|()| Some(done))
}

fn work(sql: &dyn Sql, now: Timestamp, done: &mut Done) -> Result<(), StoreError> {
    for _ in 0..SLICES_PER_RUN {
        if due_at(sql)?.is_none_or(|due| due > now) {
            return Ok(());
        }
        // Read in the transaction that writes: a person may have changed the rule meanwhile.
        transaction(sql, |tx| match segments::load_next_due(tx)? {
            Some(segment) if segment.due_at.is_some_and(|due| due <= now) => slice(tx, &segment, now, done),
            _ => Ok(()),
        })?;
    }
    done.more = due_at(sql)?.is_some_and(|due| due <= now);
    Ok(())
}

/// Goes over the next members of a pass, or ends it.
fn slice(tx: &dyn Sql, segment: &Segment, now: Timestamp, done: &mut Done) -> Result<(), StoreError> {
    let hours = i64::from(segment.refresh_hours.unwrap_or(*REFRESH_HOURS.start()));
    let Some(until) = segments::load_slice_end(tx, segment.cursor, MEMBERS_PER_SLICE)? else {
        done.segments += 1;
        return segments::finish(tx, segment, now, now.plus_millis(hours * HOUR_MS));
    };
    let rule = read_rule(segment.rule.as_deref().unwrap_or_default())?;
    let today = now.date_in(&Zone::UTC);
    let facts = segments::list_facts(tx, segment, (segment.cursor, until), since(&rule, today))?;
    let (mut came, mut left) = (Vec::new(), Vec::new());
    for facts in &facts {
        match (rule.holds(&as_known(facts), today), facts.is_in) {
            (true, false) => came.push((facts.member, segment.code.as_str())),
            (false, true) => left.push((facts.member, segment.code.as_str())),
            _ => {}
        }
    }
    segments::insert_members(tx, &came, now)?;
    segments::delete_members(tx, &left)?;
    segments::advance(tx, segment, until, came.len() as i64 - left.len() as i64)?;
    done.judged += facts.len() as i64;
    done.moved += (came.len() + left.len()) as i64;
    Ok(())
}

/// Since when purchases and money count; what the rule does not ask for is not counted.
fn since(rule: &SegmentRule, today: Date) -> Since {
    let never = Date::parse(NEVER).unwrap_or(today);
    let back = |days: Option<u32>| {
        let days = days.and_then(|days| i32::try_from(days).ok());
        days.map_or(never, |days| today.plus_days(-days))
    };
    Since {
        purchases: back(rule.purchases.map(|asked| asked.days)),
        spent: back(rule.spent.as_ref().map(|asked| asked.days)),
        currency: rule.spent.as_ref().and_then(pricing::segment::Spent::currency),
    }
}

fn as_known(facts: &Facts) -> Known {
    Known {
        tier: facts.tier.clone(),
        home_outlet: facts.home_outlet.clone(),
        home_city: facts.home_city.clone(),
        joined: facts.joined_at.date_in(&Zone::UTC),
        last_purchase: facts.last_purchase,
        purchases: facts.purchases,
        spent_minor: facts.spent_minor,
    }
}

/// A stored rule, read.
///
/// # Errors
/// When no known version of the schema reads it.
pub fn read_rule(rule: &str) -> Result<SegmentRule, StoreError> {
    serde_json::from_str(rule).map_err(|error| unreadable(&error))
}

fn write_rule(rule: &SegmentRule) -> Result<String, StoreError> {
    serde_json::to_string(rule).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Unreadable { what: "segment rule", problem: error.to_string() }
}

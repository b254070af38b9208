//! What was decided, and by which arithmetic. Judgements and events are only ever added.

use kernel::{Date, MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};
use crate::tiers::{Arithmetic, Judged, read_arithmetic, read_judged, text_of};

const INSERT_JUDGEMENTS: ManyRows = ManyRows::insert(
    "tiers.insert_judgements",
    "insert into tier_judgements (id, member_id, on_date, effective_at, recorded_at, verdict, tier_before, tier_after, \
     valid_until, falls_on, floor, programme_version_id, window_from, window_until, currency, spend_minor, points, \
     visits, earned_tier) values ",
    19,
);
const INSERT_EVENTS: ManyRows = ManyRows::insert(
    "tiers.insert_events",
    "insert into tier_events (id, member_id, cause, tier_before, tier_after, effective_at, recorded_at, \
     programme_version_id, window_from, window_until, currency, spend_minor, points, visits, earned_tier, grant_id) \
     values ",
    16,
);
const SAVE_STANDINGS: ManyRows = ManyRows {
    name: "tiers.save_standings",
    head: "insert into tier_standings (member_id, brand, base_tier, tier, valid_until, falls_on, floor, judged_on, \
           next_at) values ",
    width: 9,
    tail: " on conflict (member_id) do update set tier = excluded.tier, valid_until = excluded.valid_until, \
           falls_on = excluded.falls_on, floor = excluded.floor, judged_on = excluded.judged_on, \
           next_at = excluded.next_at",
};
const SETTLE_FOR_GOOD: Statement = Statement::new(
    "tiers.settle_for_good",
    "update tier_standings set next_at = null where member_id = ?1 and next_at is not null",
);
const SET_TIERS: ManyRows = ManyRows {
    name: "tiers.set_tiers",
    head: "with changed (member_id, tier, changed_at) as (values ",
    width: 3,
    tail: ") update members set tier = changed.tier, changed_at = changed.changed_at from changed \
           where members.id = changed.member_id",
};
const JUDGEMENTS: Statement = Statement::new(
    "tiers.judgements",
    "select j.on_date, j.tier_after, j.valid_until, j.falls_on, j.floor from tier_judgements j \
     where j.member_id = ?1 and j.on_date >= ?2 and j.id = (select max(n.id) from tier_judgements n \
     where n.member_id = j.member_id and n.on_date = j.on_date) order by j.on_date",
);
const JUDGED_BEFORE: Statement = Statement::new(
    "tiers.judged_before",
    "select tier_after, valid_until, falls_on, floor from tier_judgements where member_id = ?1 and on_date < ?2 \
     order by on_date desc, id desc limit 1",
);
const LIST_EVENTS: Statement = Statement::new(
    "tiers.events",
    "select id, cause, tier_before, tier_after, effective_at, recorded_at, grant_id, programme_version_id, \
     window_from, window_until, currency, spend_minor, points, visits, earned_tier from tier_events \
     where member_id = ?1 and id < ?2 order by id desc limit ?3",
);

/// A judgement to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJudgement {
    pub id: i64,
    pub member: MemberId,
    pub on: Date,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    pub verdict: &'static str,
    pub before: String,
    pub after: Judged,
    pub arithmetic: Arithmetic,
}

/// What a member was judged to be, to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStanding<'a> {
    pub member: MemberId,
    pub brand: &'a str,
    /// Kept from the first time on.
    pub base_tier: String,
    pub judged: Judged,
    pub judged_on: Date,
    pub next_at: Option<Timestamp>,
}

/// A change of the tier that a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub id: i64,
    pub member: MemberId,
    pub cause: &'static str,
    pub before: String,
    pub after: String,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    pub arithmetic: Arithmetic,
    pub grant: Option<i64>,
}

/// A change as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: i64,
    pub cause: String,
    pub before: String,
    pub after: String,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    pub grant: Option<i64>,
    pub arithmetic: Arithmetic,
}

/// Records judgements.
///
/// # Errors
/// A failure of storage.
pub fn insert_judgements(sql: &dyn Sql, judgements: &[NewJudgement]) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(judgements.len() * INSERT_JUDGEMENTS.width);
    for new in judgements {
        values.extend([
            new.id.into(),
            new.member.raw().into(),
            new.on.to_string().into(),
            new.effective_at.millis().into(),
            new.recorded_at.millis().into(),
            new.verdict.into(),
            new.before.as_str().into(),
            new.after.tier.as_str().into(),
            text_of(new.after.valid_until),
            text_of(new.after.falls_on),
            new.after.floor.as_str().into(),
        ]);
        push_arithmetic(&mut values, &new.arithmetic);
    }
    INSERT_JUDGEMENTS.run(sql, &values)
}

/// Records changes, and makes them.
///
/// # Errors
/// A failure of storage.
pub fn insert_events(sql: &dyn Sql, events: &[NewEvent]) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(events.len() * INSERT_EVENTS.width);
    let mut changes: Vec<Value> = Vec::with_capacity(events.len() * SET_TIERS.width);
    for new in events {
        values.extend([
            new.id.into(),
            new.member.raw().into(),
            new.cause.into(),
            new.before.as_str().into(),
            new.after.as_str().into(),
            new.effective_at.millis().into(),
            new.recorded_at.millis().into(),
        ]);
        push_arithmetic(&mut values, &new.arithmetic);
        values.push(new.grant.into());
        changes.extend([new.member.raw().into(), new.after.as_str().into(), new.recorded_at.millis().into()]);
    }
    INSERT_EVENTS.run(sql, &values)?;
    SET_TIERS.run(sql, &changes)
}

fn push_arithmetic(values: &mut Vec<Value>, arithmetic: &Arithmetic) {
    values.extend([
        arithmetic.programme.raw().into(),
        text_of(arithmetic.window_from),
        arithmetic.window_until.to_string().into(),
        arithmetic.currency.code().into(),
        arithmetic.spend_minor.into(),
        arithmetic.points.hundredths().into(),
        i64::from(arithmetic.visits).into(),
        arithmetic.earned.as_str().into(),
    ]);
}

/// Keeps what members were judged to be.
///
/// # Errors
/// A failure of storage.
pub fn save_standings(sql: &dyn Sql, standings: &[NewStanding<'_>]) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(standings.len() * SAVE_STANDINGS.width);
    for new in standings {
        values.extend([
            new.member.raw().into(),
            new.brand.into(),
            new.base_tier.as_str().into(),
            new.judged.tier.as_str().into(),
            text_of(new.judged.valid_until),
            text_of(new.judged.falls_on),
            new.judged.floor.as_str().into(),
            new.judged_on.to_string().into(),
            new.next_at.map(Timestamp::millis).into(),
        ]);
    }
    SAVE_STANDINGS.run(sql, &values)
}

/// A member is not to be looked at again: they have left.
///
/// # Errors
/// A failure of storage.
pub fn settle_for_good(sql: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    SETTLE_FOR_GOOD.run(sql, &[member.raw().into()])
}

/// The judgements of a member that hold, from a day on, in order.
///
/// # Errors
/// A failure of storage.
pub fn list_judgements(
    sql: &dyn Sql,
    member: MemberId,
    from: Date,
) -> Result<Vec<(Date, Judged)>, StoreError> {
    let mut rows = JUDGEMENTS.query(sql, &[member.raw().into(), from.to_string().into()])?;
    rows.iter_mut().map(|row| Ok((row.parsed(Date::parse)?, read_judged(row)?))).collect()
}

/// What a member was judged to be before a day; `None` when they were not judged before it.
///
/// # Errors
/// A failure of storage.
pub fn load_judged_before(
    sql: &dyn Sql,
    member: MemberId,
    before: Date,
) -> Result<Option<Judged>, StoreError> {
    let row = JUDGED_BEFORE.query_one(sql, &[member.raw().into(), before.to_string().into()])?;
    row.map(|mut row| read_judged(&mut row)).transpose()
}

/// Changes of a member's tier before the one with the id `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_events(
    sql: &dyn Sql,
    member: MemberId,
    before: i64,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let mut rows = LIST_EVENTS.query(sql, &[member.raw().into(), before.into(), limit.into()])?;
    rows.iter_mut().map(read_event).collect()
}

fn read_event(row: &mut Row) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.integer()?,
        cause: row.text()?,
        before: row.text()?,
        after: row.text()?,
        effective_at: Timestamp::from_millis(row.integer()?),
        recorded_at: Timestamp::from_millis(row.integer()?),
        grant: row.integer_or_null()?,
        arithmetic: read_arithmetic(row)?,
    })
}

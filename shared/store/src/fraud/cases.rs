//! Decisions, and the cases that people look at.

use kernel::{MemberId, OutletId, StaffId, Timestamp};

use super::rules::mode;
use super::{count, member_or_null, outlet_or_null};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! case_columns {
    () => {
        "c.id, c.brand, c.member_id, c.outlet_id, o.code, c.status, c.score, c.action, c.opened_at, c.changed_at, \
         c.decided_at, c.decided_by, c.note, (select count(*) from fraud_decisions d where d.case_id = c.id), \
         (select count(*) from fraud_appeals a where a.case_id = c.id and a.answered_at is null), \
         c.stopped_at from fraud_cases c left join outlets o on o.id = c.outlet_id"
    };
}

const INSERT_DECISION: Statement = Statement::new(
    "fraud.insert_decision",
    "insert into fraud_decisions (id, case_id, brand, event, reference, member_id, outlet_id, staff_code, \
     rule_version_id, decided_by, mode, score, action, reasons, effective_at, recorded_at, note) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
);
/// The open case, or else the upheld one by which something still holds or waits: what is found next belongs there, or
/// two cases would undo each other's rulings.
const BEHIND_MEMBER: Statement = Statement::new(
    "fraud.case_behind_member",
    "select c.id, c.action, c.status from fraud_cases c where c.member_id = ?1 and (c.status = 'open' or \
     (c.status = 'upheld' and (exists (select 1 from fraud_standings s where s.case_id = c.id \
     and s.standing <> 'trusted' and (s.until_at is null or s.until_at > ?2)) \
     or exists (select 1 from fraud_delays d where d.case_id = c.id \
     and (d.ended = 'withheld' or (d.ended is null and d.until_at > ?2)))))) \
     order by case when c.status = 'open' then 0 else 1 end, c.id desc limit 1",
);
const OPEN_OF_OUTLET: Statement = Statement::new(
    "fraud.open_case_of_outlet",
    "select id, action, status from fraud_cases where outlet_id = ?1 and member_id is null and status = 'open'",
);
const STOP: Statement = Statement::new(
    "fraud.case_stops",
    "update fraud_cases set stopped_at = ?2 where id = ?1 and stopped_at is null",
);
const INSERT_CASE: Statement = Statement::new(
    "fraud.insert_case",
    "insert into fraud_cases (id, brand, member_id, outlet_id, status, score, action, opened_at, changed_at) \
     values (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?7)",
);
const RAISE_CASE: Statement = Statement::new(
    "fraud.raise_case",
    "update fraud_cases set score = case when score < ?2 then ?2 else score end, action = ?3, changed_at = ?4 \
     where id = ?1",
);
const DECIDE_CASE: Statement = Statement::new(
    "fraud.decide_case",
    "update fraud_cases set status = ?2, action = ?3, decided_at = ?4, decided_by = ?5, note = ?6, changed_at = ?4 \
     where id = ?1 and status <> 'overturned'",
);
const BY_ID: Statement =
    Statement::new("fraud.case_by_id", concat!("select ", case_columns!(), " where c.id = ?1"));
const LAST_OF_MEMBER: Statement = Statement::new(
    "fraud.last_case_of_member",
    concat!("select ", case_columns!(), " where c.member_id = ?1 order by c.id desc limit 1"),
);
const QUEUE: Statement = Statement::new(
    "fraud.queue",
    concat!(
        "select ",
        case_columns!(),
        " where c.status = ?1 and (c.score < ?2 or (c.score = ?2 and c.id < ?3)) \
         order by c.score desc, c.id desc limit ?4"
    ),
);
const DECISIONS: Statement = Statement::new(
    "fraud.decisions_of_case",
    "select d.id, d.event, d.reference, d.member_id, d.outlet_id, o.code, d.staff_code, d.rule_version_id, d.decided_by, \
     d.mode, d.score, d.action, d.reasons, d.effective_at, d.recorded_at, d.note from fraud_decisions d \
     left join outlets o on o.id = d.outlet_id where d.case_id = ?1 and d.id < ?2 order by d.id desc limit ?3",
);
const APART: Statement = Statement::new(
    "fraud.decisions_apart",
    "select d.id, d.event, d.reference, d.member_id, d.outlet_id, o.code, d.staff_code, d.rule_version_id, d.decided_by, \
     d.mode, d.score, d.action, d.reasons, d.effective_at, d.recorded_at, d.note from fraud_decisions d \
     left join outlets o on o.id = d.outlet_id where d.brand = ?1 and d.case_id is null and d.id < ?2 \
     order by d.id desc limit ?3",
);

/// A case that was upheld is looked at again, unless a newer one of the member is open.
const REOPEN: Statement = Statement::new(
    "fraud.reopen_case",
    "update fraud_cases set status = 'open', decided_at = null, decided_by = null, changed_at = ?2 \
     where id = ?1 and status = 'upheld' and not exists (select 1 from fraud_cases n \
     where n.member_id = fraud_cases.member_id and n.status = 'open')",
);

/// A decision to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision<'a> {
    pub id: i64,
    pub case: Option<i64>,
    pub brand: &'a str,
    pub event: &'static str,
    pub reference: Option<&'a str>,
    pub member: Option<MemberId>,
    pub outlet: Option<OutletId>,
    pub staff: Option<&'a str>,
    pub rules: Option<i64>,
    pub by: Option<StaffId>,
    pub is_live: bool,
    pub score: u32,
    pub action: &'static str,
    /// JSON.
    pub reasons: &'a str,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    /// A person's words.
    pub note: Option<&'a str>,
}

/// A decision as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub id: i64,
    pub event: String,
    pub reference: Option<String>,
    pub member: Option<MemberId>,
    pub outlet: Option<OutletId>,
    pub outlet_code: Option<String>,
    pub staff: Option<String>,
    pub rules: Option<i64>,
    pub by: Option<StaffId>,
    pub mode: String,
    pub score: u32,
    pub action: String,
    /// JSON.
    pub reasons: String,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    /// A person's words.
    pub note: Option<String>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: i64,
    pub brand: String,
    pub member: Option<MemberId>,
    pub outlet: Option<OutletId>,
    pub outlet_code: Option<String>,
    /// `open`, `upheld` or `overturned`.
    pub status: String,
    pub score: u32,
    pub action: String,
    pub opened_at: Timestamp,
    pub changed_at: Timestamp,
    pub decided: Option<(Timestamp, Option<StaffId>)>,
    pub note: Option<String>,
    pub decisions: i64,
    /// An appeal waits for its answer.
    pub has_appeal: bool,
    /// Since when it has stopped spending, the first time.
    pub stopped_at: Option<Timestamp>,
}

/// Writes a decision down.
///
/// # Errors
/// A failure of storage.
pub fn insert_decision(tx: &dyn Sql, new: &NewDecision<'_>) -> Result<(), StoreError> {
    INSERT_DECISION.run(
        tx,
        &[
            new.id.into(),
            new.case.into(),
            new.brand.into(),
            new.event.into(),
            new.reference.into(),
            new.member.map(MemberId::raw).into(),
            new.outlet.map(OutletId::raw).into(),
            new.staff.into(),
            new.rules.into(),
            new.by.map(StaffId::raw).into(),
            mode(new.is_live).into(),
            i64::from(new.score).into(),
            new.action.into(),
            new.reasons.into(),
            new.effective_at.millis().into(),
            new.recorded_at.millis().into(),
            new.note.into(),
        ],
    )
}

/// A case that what is found next belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub id: i64,
    pub action: String,
    pub is_open: bool,
}

/// The case behind what holds for a member or waits at `now`, an open one first; or the open one of an outlet where no
/// member is known.
///
/// # Errors
/// A failure of storage.
pub fn load_behind(
    sql: &dyn Sql,
    member: Option<MemberId>,
    outlet: Option<OutletId>,
    now: Timestamp,
) -> Result<Option<Behind>, StoreError> {
    let row = match (member, outlet) {
        (Some(member), _) => BEHIND_MEMBER.query_one(sql, &[member.raw().into(), now.millis().into()])?,
        (None, Some(outlet)) => OPEN_OF_OUTLET.query_one(sql, &[outlet.raw().into()])?,
        (None, None) => None,
    };
    let read =
        |mut row: Row| Ok(Behind { id: row.integer()?, action: row.text()?, is_open: row.text()? == "open" });
    row.map(read).transpose()
}

/// Notes that a case stops spending, if it has not before.
///
/// # Errors
/// A failure of storage.
pub fn stop(tx: &dyn Sql, id: i64, now: Timestamp) -> Result<(), StoreError> {
    STOP.run(tx, &[id.into(), now.millis().into()])
}

/// A case to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase<'a> {
    pub id: i64,
    pub brand: &'a str,
    pub member: Option<MemberId>,
    pub outlet: Option<OutletId>,
    pub score: u32,
    pub action: &'static str,
    pub at: Timestamp,
}

/// Opens a case.
///
/// # Errors
/// A failure of storage; a unique violation where one is open.
pub fn insert(tx: &dyn Sql, new: &NewCase<'_>) -> Result<(), StoreError> {
    INSERT_CASE.run(
        tx,
        &[
            new.id.into(),
            new.brand.into(),
            new.member.map(MemberId::raw).into(),
            new.outlet.map(OutletId::raw).into(),
            i64::from(new.score).into(),
            new.action.into(),
            new.at.millis().into(),
        ],
    )
}

/// Raises a case's score to at least `score`, and says what was taken.
///
/// # Errors
/// A failure of storage.
pub fn raise(tx: &dyn Sql, id: i64, score: u32, action: &str, now: Timestamp) -> Result<(), StoreError> {
    RAISE_CASE.run(tx, &[id.into(), i64::from(score).into(), action.into(), now.millis().into()])
}

/// What a person decided of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling<'a> {
    /// `upheld` or `overturned`.
    pub status: &'static str,
    pub action: &'static str,
    pub by: StaffId,
    pub note: &'a str,
}

/// Decides a case.
///
/// # Errors
/// A failure of storage.
pub fn decide(tx: &dyn Sql, id: i64, ruling: &Ruling<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Ruling { status, action, by, note } = ruling;
    let parameters =
        [id.into(), (*status).into(), (*action).into(), now.millis().into(), by.raw().into(), (*note).into()];
    DECIDE_CASE.run(tx, &parameters)
}

/// Opens a case again that was upheld.
///
/// # Errors
/// A failure of storage.
pub fn reopen(tx: &dyn Sql, id: i64, now: Timestamp) -> Result<(), StoreError> {
    REOPEN.run(tx, &[id.into(), now.millis().into()])
}

/// A case.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Case>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// A member's newest case.
///
/// # Errors
/// A failure of storage.
pub fn load_last(sql: &dyn Sql, member: MemberId) -> Result<Option<Case>, StoreError> {
    LAST_OF_MEMBER.query_one(sql, &[member.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Cases of a status behind a place in the queue: the highest scores first.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    status: &str,
    (score, id): (i64, i64),
    limit: i64,
) -> Result<Vec<Case>, StoreError> {
    let parameters = [status.into(), score.into(), id.into(), limit.into()];
    QUEUE.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Decisions of a case before one, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_decisions(
    sql: &dyn Sql,
    case: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<Decision>, StoreError> {
    let parameters = [case.into(), before.into(), limit.into()];
    DECISIONS.query(sql, &parameters)?.iter_mut().map(read_decision).collect()
}

/// Decisions that no case holds, newest first: what rules that only observe would have done, and what was found about
/// nobody who is known.
///
/// # Errors
/// A failure of storage.
pub fn list_apart(sql: &dyn Sql, brand: &str, before: i64, limit: i64) -> Result<Vec<Decision>, StoreError> {
    let parameters = [brand.into(), before.into(), limit.into()];
    APART.query(sql, &parameters)?.iter_mut().map(read_decision).collect()
}

fn read_decision(row: &mut Row) -> Result<Decision, StoreError> {
    Ok(Decision {
        id: row.integer()?,
        event: row.text()?,
        reference: row.text_or_null()?,
        member: member_or_null(row)?,
        outlet: outlet_or_null(row)?,
        outlet_code: row.text_or_null()?,
        staff: row.text_or_null()?,
        rules: row.integer_or_null()?,
        by: row.integer_or_null()?.map(StaffId::from_raw),
        mode: row.text()?,
        score: count(row)?,
        action: row.text()?,
        reasons: row.text()?,
        effective_at: Timestamp::from_millis(row.integer()?),
        recorded_at: Timestamp::from_millis(row.integer()?),
        note: row.text_or_null()?,
    })
}

fn read(row: &mut Row) -> Result<Case, StoreError> {
    Ok(Case {
        id: row.integer()?,
        brand: row.text()?,
        member: member_or_null(row)?,
        outlet: outlet_or_null(row)?,
        outlet_code: row.text_or_null()?,
        status: row.text()?,
        score: count(row)?,
        action: row.text()?,
        opened_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
        decided: {
            let at = row.integer_or_null()?.map(Timestamp::from_millis);
            let by = row.integer_or_null()?.map(StaffId::from_raw);
            at.map(|at| (at, by))
        },
        note: row.text_or_null()?,
        decisions: row.integer()?,
        has_appeal: row.integer()? > 0,
        stopped_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

//! Decisions of rules and people, append-only.

use kernel::{MemberId, OutletId, StaffId, Timestamp};

use super::rules::mode;
use super::{count, member_or_null, outlet_or_null};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "fraud.insert_decision",
    "insert into fraud_decisions (id, case_id, brand, event, reference, member_id, outlet_id, staff_code, \
     rule_version_id, decided_by, mode, score, action, reasons, effective_at, recorded_at, note) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
);
const OF_CASE: Statement = Statement::new(
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

/// Writes a decision down.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, new: &NewDecision<'_>) -> Result<(), StoreError> {
    INSERT.run(
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

/// Decisions of a case before one, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, case: i64, before: i64, limit: i64) -> Result<Vec<Decision>, StoreError> {
    let parameters = [case.into(), before.into(), limit.into()];
    OF_CASE.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Decisions that no case holds, newest first: what rules that only observe would have done.
///
/// # Errors
/// A failure of storage.
pub fn list_apart(sql: &dyn Sql, brand: &str, before: i64, limit: i64) -> Result<Vec<Decision>, StoreError> {
    let parameters = [brand.into(), before.into(), limit.into()];
    APART.query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Decision, StoreError> {
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

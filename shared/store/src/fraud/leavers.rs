//! What outlives an erased account for a while, so that leaving neither ends what holds for somebody nor brings a second
//! welcome.

use kernel::{MemberId, Timestamp};

use super::inline::Standing;
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const KEEP: Statement = Statement::new(
    "fraud.keep_leaver",
    "insert into fraud_leavers (brand, phone_index, standing, case_id, until_at, welcomed, left_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (brand, phone_index) do update set \
     standing = excluded.standing, case_id = excluded.case_id, until_at = excluded.until_at, \
     welcomed = excluded.welcomed, left_at = excluded.left_at",
);
const DROP: Statement =
    Statement::new("fraud.drop_leaver", "delete from fraud_leavers where brand = ?1 and phone_index = ?2");
const LOAD: Statement = Statement::new(
    "fraud.leaver",
    "select welcomed, standing, case_id, until_at from fraud_leavers \
     where brand = ?1 and phone_index = ?2 and left_at > ?3",
);
const REJOIN: Statement =
    Statement::new("fraud.rejoin", "insert into fraud_rejoined (member_id, at) values (?1, ?2)");
const HAS_REJOINED: Statement =
    Statement::new("fraud.has_rejoined", "select 1 from fraud_rejoined where member_id = ?1");
const FORGET: Statement =
    Statement::new("fraud.forget_rejoined", "delete from fraud_rejoined where member_id = ?1");
const PRUNE: Statement =
    Statement::new("fraud.prune_leavers", "delete from fraud_leavers where left_at <= ?1");
const PRUNE_REJOINED: Statement =
    Statement::new("fraud.prune_rejoined", "delete from fraud_rejoined where at <= ?1");
/// A case about a subject of which the keyed hash is gone: its own id stands there, so that cases can still be told apart.
const BLANK_OF: Statement = Statement::new(
    "fraud.blank_subject",
    "update fraud_cases set subject = substr(subject, 1, 2) || cast(id as text) where subject = ?1 and brand = ?2",
);
/// Blocks of numbers are nobody's.
const BLANK_OLD: Statement = Statement::new(
    "fraud.blank_old_subjects",
    "update fraud_cases set subject = substr(subject, 1, 2) || cast(id as text) where id in (select id from fraud_cases \
     where subject is not null and status <> 'open' and changed_at < ?1 and substr(subject, 1, 2) in ('d:', 'n:', 'w:') \
     and subject <> substr(subject, 1, 2) || cast(id as text) order by id limit ?2)",
);

/// What is remembered of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    /// An account with it had its welcome.
    pub welcomed: bool,
    pub standing: Option<Standing>,
}

/// Remembers a phone, instead of what was remembered before; nothing where there is nothing to remember.
///
/// # Errors
/// A failure of storage.
pub fn keep(
    tx: &dyn Sql,
    brand: &str,
    phone_index: &[u8],
    leaver: &Leaver,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !leaver.welcomed && leaver.standing.is_none() {
        return DROP.run(tx, &[brand.into(), phone_index.into()]);
    }
    let standing = leaver.standing.as_ref();
    KEEP.run(
        tx,
        &[
            brand.into(),
            phone_index.into(),
            standing.map(|standing| standing.standing.as_str()).into(),
            standing.map(|standing| standing.case).into(),
            standing.and_then(|standing| standing.until).map(Timestamp::millis).into(),
            leaver.welcomed.into(),
            now.millis().into(),
        ],
    )
}

/// What is remembered of a phone whose account was erased after `after`.
///
/// # Errors
/// A failure of storage.
pub fn load(
    sql: &dyn Sql,
    brand: &str,
    phone_index: &[u8],
    after: Timestamp,
) -> Result<Option<Leaver>, StoreError> {
    let row = LOAD.query_one(sql, &[brand.into(), phone_index.into(), after.millis().into()])?;
    let Some(mut row) = row else { return Ok(None) };
    let welcomed = row.boolean()?;
    let (standing, case) = (row.text_or_null()?, row.integer_or_null()?);
    let until = row.integer_or_null()?.map(Timestamp::from_millis);
    let standing = standing.zip(case).map(|(standing, case)| Standing { standing, case, until });
    Ok(Some(Leaver { welcomed, standing }))
}

/// Notes that a new member was welcomed before.
///
/// # Errors
/// A failure of storage.
pub fn rejoin(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    REJOIN.run(tx, &[member.raw().into(), now.millis().into()])
}

/// Whether a member was welcomed before, under an account that was erased.
///
/// # Errors
/// A failure of storage.
pub fn has_rejoined(sql: &dyn Sql, member: MemberId) -> Result<bool, StoreError> {
    Ok(HAS_REJOINED.query_one(sql, &[member.raw().into()])?.is_some())
}

/// Forgets that a member was welcomed before.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    FORGET.run(tx, &[member.raw().into()])
}

/// Forgets phones whose accounts were erased by `until`.
///
/// # Errors
/// A failure of storage.
pub fn prune(tx: &dyn Sql, until: Timestamp) -> Result<(), StoreError> {
    PRUNE.run(tx, &[until.millis().into()])?;
    PRUNE_REJOINED.run(tx, &[until.millis().into()])
}

/// Takes the keyed hash of a leaving member's phone out of the cases about it.
///
/// # Errors
/// A failure of storage.
pub fn blank_subject(tx: &dyn Sql, brand: &str, subject: &str) -> Result<(), StoreError> {
    BLANK_OF.run(tx, &[subject.into(), brand.into()])
}

/// Takes keyed hashes out of at most `limit` decided cases of which nothing was heard since `before`.
///
/// # Errors
/// A failure of storage.
pub fn blank_old_subjects(tx: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    BLANK_OLD.run(tx, &[before.millis().into(), limit.into()])
}

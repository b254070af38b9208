//! What guests say to a case against them.

use kernel::{MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "fraud.insert_appeal",
    "insert into fraud_appeals (id, case_id, member_id, text_sealed, created_at) values (?1, ?2, ?3, ?4, ?5)",
);
const OF_CASE: Statement = Statement::new(
    "fraud.appeals_of_case",
    "select id, case_id, member_id, text_sealed, created_at, answered_at, upheld from fraud_appeals \
     where case_id = ?1 order by id",
);
const ANSWER: Statement = Statement::new(
    "fraud.answer_appeals",
    "update fraud_appeals set answered_at = ?2, upheld = ?3 where case_id = ?1 and answered_at is null \
     returning id, member_id",
);
const ERASE: Statement =
    Statement::new("fraud.erase_appeals", "update fraud_appeals set text_sealed = null where member_id = ?1");

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    pub id: i64,
    pub case: i64,
    pub member: MemberId,
    /// Encrypted.
    pub text_sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub answered: Option<(Timestamp, bool)>,
}

/// Takes an appeal in.
///
/// # Errors
/// A failure of storage; a unique violation while another waits for its answer.
pub fn insert(tx: &dyn Sql, new: &Appeal) -> Result<(), StoreError> {
    let parameters = [
        new.id.into(),
        new.case.into(),
        new.member.raw().into(),
        new.text_sealed.clone().into(),
        new.created_at.millis().into(),
    ];
    INSERT.run(tx, &parameters)
}

/// The appeals of a case.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, case: i64) -> Result<Vec<Appeal>, StoreError> {
    OF_CASE.query(sql, &[case.into()])?.iter_mut().map(read).collect()
}

/// Answers the appeals of a case that wait; says whose they are.
///
/// # Errors
/// A failure of storage.
pub fn answer(
    tx: &dyn Sql,
    case: i64,
    upheld: bool,
    now: Timestamp,
) -> Result<Vec<(i64, MemberId)>, StoreError> {
    let mut rows = ANSWER.query(tx, &[case.into(), now.millis().into(), upheld.into()])?;
    rows.iter_mut().map(|row| Ok((row.integer()?, MemberId::from_raw(row.integer()?)))).collect()
}

/// Erases what a member wrote.
///
/// # Errors
/// A failure of storage.
pub fn erase(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    ERASE.run(tx, &[member.raw().into()])
}

fn read(row: &mut Row) -> Result<Appeal, StoreError> {
    Ok(Appeal {
        id: row.integer()?,
        case: row.integer()?,
        member: MemberId::from_raw(row.integer()?),
        text_sealed: row.blob_or_null()?,
        created_at: Timestamp::from_millis(row.integer()?),
        answered: {
            let at = row.integer_or_null()?.map(Timestamp::from_millis);
            let upheld = row.integer_or_null()?;
            at.zip(upheld.map(|upheld| upheld == 1))
        },
    })
}

//! What a guest wrote: for their own copy, and to be forgotten.

use kernel::{MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const ANSWERS: Statement = Statement::new(
    "feedback.words_answers",
    "select a.request_id, o.code, a.business_date, a.stars, a.nps, a.text_sealed, a.photo_sealed, a.answered_at, \
     p.prize, p.points from feedback_answers a join outlets o on o.id = a.outlet_id \
     left join feedback_plays p on p.request_id = a.request_id \
     where a.member_id = ?1 and a.request_id > ?2 order by a.request_id limit ?3",
);
const FORGET_ANSWERS: Statement = Statement::new(
    "feedback.forget_answers",
    "update feedback_answers set text_sealed = null, photo_sealed = null \
     where member_id = ?1 and (text_sealed is not null or photo_sealed is not null)",
);
const FORGET_THREADS: Statement = Statement::new(
    "feedback.forget_threads",
    "update ticket_events set body_sealed = null where body_sealed is not null \
     and ticket_id in (select id from tickets where member_id = ?1)",
);
const FORGET_LESSONS: Statement = Statement::new(
    "feedback.forget_lessons",
    "update tickets set lesson = null, lesson_sealed = null \
     where member_id = ?1 and (lesson is not null or lesson_sealed is not null)",
);
const FORGET_PLANS: Statement = Statement::new(
    "feedback.forget_plans",
    "update feedback_requests set status = 'skipped', skipped = 'inactive' where member_id = ?1 and status = 'planned'",
);

/// An answer as its guest may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAnswer {
    pub request: i64,
    pub outlet: String,
    pub business_date: String,
    pub stars: i64,
    pub nps: Option<i64>,
    pub text_sealed: Option<Vec<u8>>,
    pub photo_sealed: Option<Vec<u8>>,
    pub answered_at: Timestamp,
    pub prize: Option<String>,
    /// Hundredths; `None` when it has not played.
    pub points: Option<i64>,
}

/// A member's answers after `after`, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_answers(
    sql: &dyn Sql,
    member: MemberId,
    after: i64,
    limit: i64,
) -> Result<Vec<OwnAnswer>, StoreError> {
    ANSWERS.query(sql, &[member.raw().into(), after.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Forgets everything that a member wrote and that was written to or about them, and asks them nothing more.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    for statement in [FORGET_ANSWERS, FORGET_THREADS, FORGET_LESSONS, FORGET_PLANS] {
        statement.run(tx, &[member.raw().into()])?;
    }
    Ok(())
}

fn read(row: &mut Row) -> Result<OwnAnswer, StoreError> {
    Ok(OwnAnswer {
        request: row.integer()?,
        outlet: row.text()?,
        business_date: row.text()?,
        stars: row.integer()?,
        nps: row.integer_or_null()?,
        text_sealed: row.blob_or_null()?,
        photo_sealed: row.blob_or_null()?,
        answered_at: Timestamp::from_millis(row.integer()?),
        prize: row.text_or_null()?,
        points: row.integer_or_null()?,
    })
}

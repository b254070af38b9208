//! Answers. Words in them are encrypted before they come here.

use kernel::{MemberId, OutletId, ReceiptId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const INSERT: Statement = Statement::new(
    "feedback.answer",
    "insert into feedback_answers (request_id, member_id, outlet_id, staff_code, business_date, hour, stars, nps, \
     text_sealed, photo_sealed, answered_at, streak) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
);
const INSERT_TAGS: ManyRows =
    ManyRows::insert("feedback.answer_tags", "insert into feedback_answer_tags (request_id, tag) values ", 2);
const INSERT_PRODUCTS: Statement = Statement::new(
    "feedback.answer_products",
    "insert into feedback_answer_products (outlet_id, business_date, product_code, request_id, stars, nps) \
     select distinct ?1, ?2, l.product_code, ?3, ?4, ?5 from receipt_lines l where l.receipt_id = ?6",
);
const LOW_OF_MEMBER: Statement = Statement::new(
    "feedback.low_of_member",
    "select answered_at from feedback_answers where member_id = ?1 and stars <= ?2 \
     order by answered_at desc limit ?3",
);
/// Answers of a member since a question of theirs last ran out unanswered.
const RUN: Statement = Statement::new(
    "feedback.answers_in_a_row",
    "select count(*) from feedback_answers a where a.member_id = ?1 and a.answered_at >= coalesce((select max(q.until_at) \
     from feedback_requests q where q.member_id = ?1 and q.asked_at is not null and q.status = 'asked' \
     and q.until_at <= ?2), 0)",
);
const STREAK: Statement =
    Statement::new("feedback.streak", "select streak from feedback_answers where request_id = ?1");
const BY_ID: Statement = Statement::new(
    "feedback.answer_by_id",
    "select stars, nps, text_sealed, photo_sealed from feedback_answers where request_id = ?1",
);
const TAGS: Statement = Statement::new(
    "feedback.tags_of_answer",
    "select tag from feedback_answer_tags where request_id = ?1 order by tag",
);

/// An answer to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer<'a> {
    pub request: i64,
    pub receipt: ReceiptId,
    pub member: MemberId,
    pub outlet: OutletId,
    pub staff_code: Option<&'a str>,
    pub business_date: &'a str,
    /// Of the sale, at the outlet.
    pub hour: u8,
    pub stars: u8,
    pub nps: Option<u8>,
    pub text_sealed: Option<Vec<u8>>,
    pub photo_sealed: Option<Vec<u8>>,
    pub tags: &'a [String],
    pub answered_at: Timestamp,
    /// Its place among the answers in a row, from one.
    pub streak: i64,
}

/// An answer as a ticket shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    pub stars: i64,
    pub nps: Option<i64>,
    pub text_sealed: Option<Vec<u8>>,
    pub photo_sealed: Option<Vec<u8>>,
    pub tags: Vec<String>,
}

/// Records an answer with its tags and the products it is about.
///
/// # Errors
/// A failure of storage; a unique violation when the request was answered before.
pub fn insert(sql: &dyn Sql, answer: &NewAnswer<'_>) -> Result<(), StoreError> {
    let nps: Value = answer.nps.map(i64::from).into();
    INSERT.run(
        sql,
        &[
            answer.request.into(),
            answer.member.raw().into(),
            answer.outlet.raw().into(),
            answer.staff_code.into(),
            answer.business_date.into(),
            i64::from(answer.hour).into(),
            i64::from(answer.stars).into(),
            nps.clone(),
            answer.text_sealed.clone().into(),
            answer.photo_sealed.clone().into(),
            answer.answered_at.millis().into(),
            answer.streak.into(),
        ],
    )?;
    let tags: Vec<Value> =
        answer.tags.iter().flat_map(|tag| [answer.request.into(), tag.as_str().into()]).collect();
    INSERT_TAGS.run(sql, &tags)?;
    INSERT_PRODUCTS.run(
        sql,
        &[
            answer.outlet.raw().into(),
            answer.business_date.into(),
            answer.request.into(),
            i64::from(answer.stars).into(),
            nps,
            answer.receipt.raw().into(),
        ],
    )
}

/// When a member answered with at most so many stars, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_low(
    sql: &dyn Sql,
    member: MemberId,
    stars_max: u8,
    limit: i64,
) -> Result<Vec<Timestamp>, StoreError> {
    let parameters = [member.raw().into(), i64::from(stars_max).into(), limit.into()];
    let mut rows = LOW_OF_MEMBER.query(sql, &parameters)?;
    rows.iter_mut().map(|row| row.integer().map(Timestamp::from_millis)).collect()
}

/// How many questions a member has answered by `now` since one last ran out unanswered. Whoever records another answer
/// counts in the same transaction, so that no two have one place.
///
/// # Errors
/// A failure of storage.
pub fn count_in_a_row(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<i64, StoreError> {
    let row = RUN.query_one(sql, &[member.raw().into(), now.millis().into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// The place of an answer among those in a row; zero for a request without one.
///
/// # Errors
/// A failure of storage.
pub fn load_streak(sql: &dyn Sql, request: i64) -> Result<u32, StoreError> {
    let Some(mut row) = STREAK.query_one(sql, &[request.into()])? else { return Ok(0) };
    let streak = row.integer()?;
    u32::try_from(streak).map_err(|_| row.inconsistent("not a count"))
}

/// The answer to a request.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, request: i64) -> Result<Option<StoredAnswer>, StoreError> {
    let Some(mut row) = BY_ID.query_one(sql, &[request.into()])? else { return Ok(None) };
    let mut tags = TAGS.query(sql, &[request.into()])?;
    Ok(Some(StoredAnswer {
        stars: row.integer()?,
        nps: row.integer_or_null()?,
        text_sealed: row.blob_or_null()?,
        photo_sealed: row.blob_or_null()?,
        tags: tags.iter_mut().map(Row::text).collect::<Result<_, _>>()?,
    }))
}

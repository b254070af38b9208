//! Awards: append-only, taken back by rows of their own.

use kernel::{Date, MemberId, Points, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

macro_rules! columns {
    () => {
        "select a.id, a.goal_id, g.code, a.version, a.period_from, a.period_until, a.subject, a.staff_id, s.code, a.prize, \
         a.revision, a.amount, a.reverses, a.arithmetic, a.decided_at, p.member_id, p.points from awards a \
         join goals g on g.id = a.goal_id join staff s on s.id = a.staff_id \
         left join award_postings p on p.award_id = a.id "
    };
}

const INSERT: ManyRows = ManyRows::insert(
    "awards.insert",
    "insert into awards (id, goal_id, version, period_from, period_until, subject, staff_id, prize, revision, amount, \
     reverses, arithmetic, decided_at) values ",
    13,
);
const OF_PERIOD: Statement = Statement::new(
    "awards.of_period",
    concat!(columns!(), "where a.goal_id = ?1 and a.period_from = ?2 order by a.id"),
);
const OF_STAFF: Statement = Statement::new(
    "awards.of_staff",
    concat!(columns!(), "where a.staff_id = ?1 and a.id < ?2 order by a.id desc limit ?3"),
);
const OF_TIME: Statement = Statement::new(
    "awards.of_time",
    concat!(
        columns!(),
        "where a.decided_at >= ?1 and a.decided_at < ?2 and a.prize like 'money:%' and a.id > ?3 order by a.id limit ?4"
    ),
);
/// Points that wait: awards whose owner has a linked guest account of the goal's brand, and what takes back posted ones.
const UNPOSTED: Statement = Statement::new(
    "awards.unposted",
    "select a.id, a.staff_id, g.code, g.brand, a.amount, a.reverses, \
     t.id, coalesce(b.points, 0), t.language, v.rules \
     from awards a join goals g on g.id = a.goal_id \
     join goal_versions v on v.goal_id = a.goal_id and v.version = a.version \
     left join award_postings p on p.award_id = a.id left join award_postings b on b.award_id = a.reverses \
     left join staff_members l on l.staff_id = a.staff_id and l.unlinked_at is null \
     join members t on t.id = case when a.reverses is null then l.member_id else b.member_id end \
     where p.award_id is null and a.prize = 'points' and a.id > ?1 and ( \
     (a.reverses is null and t.brand = g.brand and t.status = 'active' \
     and not exists (select 1 from awards r where r.reverses = a.id)) or b.award_id is not null) order by a.id limit ?2",
);
const POST: Statement = Statement::new(
    "awards.post",
    "insert into award_postings (award_id, member_id, points, posted_at) values (?1, ?2, ?3, ?4)",
);

/// An award, or what takes one back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    pub id: i64,
    pub goal: i64,
    /// The goal's code; not written.
    pub goal_code: String,
    pub version: i64,
    pub from: Date,
    pub until: Date,
    /// Who was measured.
    pub subject: String,
    /// Who gets it.
    pub staff: StaffId,
    /// Their code; not written.
    pub staff_code: String,
    /// `points`, `badge:<code>` or `money:<currency>`.
    pub prize: String,
    pub revision: i64,
    /// Hundredths of points, minor units, 1 for a badge; below zero takes back.
    pub amount: i64,
    pub reverses: Option<i64>,
    /// JSON.
    pub arithmetic: String,
    pub decided_at: Timestamp,
    /// Whose points moved, and how many; not written.
    pub posted: Option<(MemberId, Points)>,
}

/// Records awards.
///
/// # Errors
/// A failure of storage; a unique violation when a revision of an award exists.
pub fn insert(tx: &dyn Sql, awards: &[Award]) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(awards.len() * INSERT.width);
    for award in awards {
        values.extend([
            award.id.into(),
            award.goal.into(),
            award.version.into(),
            award.from.to_string().into(),
            award.until.to_string().into(),
            award.subject.as_str().into(),
            award.staff.raw().into(),
            award.prize.as_str().into(),
            award.revision.into(),
            award.amount.into(),
            award.reverses.into(),
            award.arithmetic.as_str().into(),
            award.decided_at.millis().into(),
        ]);
    }
    INSERT.run(tx, &values)
}

/// Awards of a goal's period, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of_period(sql: &dyn Sql, goal: i64, from: Date) -> Result<Vec<Award>, StoreError> {
    OF_PERIOD.query(sql, &[goal.into(), from.to_string().into()])?.iter_mut().map(read).collect()
}

/// Somebody's awards before the one with the id `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of_staff(
    sql: &dyn Sql,
    staff: StaffId,
    before: i64,
    limit: i64,
) -> Result<Vec<Award>, StoreError> {
    OF_STAFF.query(sql, &[staff.raw().into(), before.into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Awards in money decided from one moment up to and without another, after the one with the id `after`, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_money(
    sql: &dyn Sql,
    from: Timestamp,
    until: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<Award>, StoreError> {
    let parameters = [from.millis().into(), until.millis().into(), after.into(), limit.into()];
    OF_TIME.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Points that are to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unposted {
    pub award: i64,
    pub staff: StaffId,
    pub goal_code: String,
    pub brand: String,
    /// Below zero takes back.
    pub amount: Points,
    /// The award that is taken back.
    pub reverses: Option<i64>,
    pub member: MemberId,
    /// What the award that is taken back has moved.
    pub moved: Points,
    /// Of the member: `ru`, `kk` or `en`.
    pub language: String,
    /// JSON of the goal's version.
    pub rules: String,
}

/// Awards in points, after the one with the id `after`, that have somebody to go to and have not gone there.
///
/// # Errors
/// A failure of storage.
pub fn list_unposted(sql: &dyn Sql, after: i64, limit: i64) -> Result<Vec<Unposted>, StoreError> {
    UNPOSTED
        .query(sql, &[after.into(), limit.into()])?
        .iter_mut()
        .map(|row| {
            Ok(Unposted {
                award: row.integer()?,
                staff: StaffId::from_raw(row.integer()?),
                goal_code: row.text()?,
                brand: row.text()?,
                amount: Points::from_hundredths(row.integer()?),
                reverses: row.integer_or_null()?,
                member: MemberId::from_raw(row.integer()?),
                moved: Points::from_hundredths(row.integer()?),
                language: row.text()?,
                rules: row.text()?,
            })
        })
        .collect()
}

/// Notes that an award's points moved.
///
/// # Errors
/// A failure of storage; a unique violation when they did before.
pub fn insert_posting(
    tx: &dyn Sql,
    award: i64,
    member: MemberId,
    points: Points,
    now: Timestamp,
) -> Result<(), StoreError> {
    POST.run(tx, &[award.into(), member.raw().into(), points.hundredths().into(), now.millis().into()])
}

fn read(row: &mut Row) -> Result<Award, StoreError> {
    Ok(Award {
        id: row.integer()?,
        goal: row.integer()?,
        goal_code: row.text()?,
        version: row.integer()?,
        from: row.parsed(Date::parse)?,
        until: row.parsed(Date::parse)?,
        subject: row.text()?,
        staff: StaffId::from_raw(row.integer()?),
        staff_code: row.text()?,
        prize: row.text()?,
        revision: row.integer()?,
        amount: row.integer()?,
        reverses: row.integer_or_null()?,
        arithmetic: row.text()?,
        decided_at: Timestamp::from_millis(row.integer()?),
        posted: match (row.integer_or_null()?, row.integer_or_null()?) {
            (Some(member), Some(points)) => {
                Some((MemberId::from_raw(member), Points::from_hundredths(points)))
            }
            _ => None,
        },
    })
}

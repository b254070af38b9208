//! The cases that people look at.

use kernel::{MemberId, OutletId, StaffId, Timestamp};

use super::{count, member_or_null, outlet_or_null};
use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! case_columns {
    () => {
        "c.id, c.brand, c.member_id, c.outlet_id, o.code, c.status, c.score, c.action, c.opened_at, c.changed_at, \
         c.decided_at, c.decided_by, c.note, (select count(*) from fraud_decisions d where d.case_id = c.id), \
         (select count(*) from fraud_appeals a where a.case_id = c.id and a.answered_at is null), \
         c.stopped_at, c.subject, c.until_at from fraud_cases c left join outlets o on o.id = c.outlet_id"
    };
}

/// The open case, or else the upheld one by which something still holds or waits: what is found next belongs there, or
/// two cases would undo each other's rulings.
const BEHIND_MEMBER: Statement = Statement::new(
    "fraud.case_behind_member",
    "select c.id, c.action, c.status, c.score from fraud_cases c where c.member_id = ?1 and (c.status = 'open' or \
     (c.status = 'upheld' and (exists (select 1 from fraud_standings s where s.case_id = c.id \
     and s.standing <> 'trusted' and (s.until_at is null or s.until_at > ?2)) \
     or exists (select 1 from fraud_delays d where d.case_id = c.id \
     and (d.ended = 'withheld' or (d.ended is null and d.until_at > ?2)))))) \
     order by case when c.status = 'open' then 0 else 1 end, c.id desc limit 1",
);
/// Of an outlet or of a subject, the open one, or else the upheld one whose ruling holds.
const BEHIND_OUTLET: Statement = Statement::new(
    "fraud.case_behind_outlet",
    "select id, action, status, score from fraud_cases where outlet_id = ?1 and member_id is null \
     and (status = 'open' or (status = 'upheld' and until_at > ?2)) \
     order by case when status = 'open' then 0 else 1 end, id desc limit 1",
);
const BEHIND_SUBJECT: Statement = Statement::new(
    "fraud.case_behind_subject",
    "select id, action, status, score from fraud_cases where subject = ?1 and brand = ?3 \
     and (status = 'open' or (status = 'upheld' and until_at > ?2)) \
     order by case when status = 'open' then 0 else 1 end, id desc limit 1",
);
/// Whether a person has found nothing wrong, and for how long that counts.
const TRUSTED_OUTLET: Statement = Statement::new(
    "fraud.trusted_outlet",
    "select 1 from fraud_cases where outlet_id = ?1 and member_id is null and status = 'overturned' \
     and until_at > ?2 limit 1",
);
const TRUSTED_SUBJECT: Statement = Statement::new(
    "fraud.trusted_subject",
    "select 1 from fraud_cases where subject = ?1 and brand = ?3 and status = 'overturned' and until_at > ?2 limit 1",
);
/// By a person until a time, by rules until a person has looked.
const STOPPED_SUBJECT: Statement = Statement::new(
    "fraud.stopped_subject",
    "select 1 from fraud_cases where subject = ?1 and brand = ?3 and action in ('hold', 'block') \
     and (status = 'open' or (status = 'upheld' and until_at > ?2)) limit 1",
);
const STOP: Statement = Statement::new(
    "fraud.case_stops",
    "update fraud_cases set stopped_at = ?2 where id = ?1 and stopped_at is null",
);
const INSERT_CASE: Statement = Statement::new(
    "fraud.insert_case",
    "insert into fraud_cases (id, brand, member_id, outlet_id, subject, status, score, action, opened_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8, ?8)",
);
const RAISE_CASE: Statement = Statement::new(
    "fraud.raise_case",
    "update fraud_cases set score = case when score < ?2 then ?2 else score end, action = ?3, changed_at = ?4 \
     where id = ?1",
);
const DECIDE_CASE: Statement = Statement::new(
    "fraud.decide_case",
    "update fraud_cases set status = ?2, action = ?3, decided_at = ?4, decided_by = ?5, note = ?6, changed_at = ?4, \
     until_at = ?7 where id = ?1 and status <> 'overturned'",
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
/// A case that was upheld is looked at again, unless a newer one of the member is open.
const REOPEN: Statement = Statement::new(
    "fraud.reopen_case",
    "update fraud_cases set status = 'open', decided_at = null, decided_by = null, until_at = null, changed_at = ?2 \
     where id = ?1 and status = 'upheld' and not exists (select 1 from fraud_cases n \
     where n.member_id = fraud_cases.member_id and n.status = 'open')",
);

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: i64,
    pub brand: String,
    pub member: Option<MemberId>,
    pub outlet: Option<OutletId>,
    pub outlet_code: Option<String>,
    /// What it is about where neither is known, as it is counted.
    pub subject: Option<String>,
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
    /// Where no member is known: how long the ruling holds.
    pub until: Option<Timestamp>,
}

/// A case that what is found next belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub id: i64,
    pub action: String,
    pub is_open: bool,
    pub score: u32,
}

/// Whom a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    Member(MemberId),
    /// An outlet, or who works there.
    Outlet(OutletId),
    /// A device, a block of numbers or a phone, as it is counted; of one brand.
    Subject {
        brand: &'a str,
        key: &'a str,
    },
}

impl Whose<'_> {
    /// Of an outlet or a subject: what is asked, and by which statement.
    fn ask(&self, of_outlet: &Statement, of_subject: &Statement, sql: &dyn Sql, now: Timestamp) -> Asked {
        match self {
            Self::Member(_) => Ok(None),
            Self::Outlet(outlet) => of_outlet.query_one(sql, &[outlet.raw().into(), now.millis().into()]),
            Self::Subject { brand, key } => {
                of_subject.query_one(sql, &[(*key).into(), now.millis().into(), (*brand).into()])
            }
        }
    }
}

type Asked = Result<Option<Row>, StoreError>;

/// The case behind what holds or waits at `now`, an open one first.
///
/// # Errors
/// A failure of storage.
pub fn load_behind(sql: &dyn Sql, whose: Whose<'_>, now: Timestamp) -> Result<Option<Behind>, StoreError> {
    let row = match whose {
        Whose::Member(member) => BEHIND_MEMBER.query_one(sql, &[member.raw().into(), now.millis().into()])?,
        other => other.ask(&BEHIND_OUTLET, &BEHIND_SUBJECT, sql, now)?,
    };
    let read = |mut row: Row| {
        Ok(Behind {
            id: row.integer()?,
            action: row.text()?,
            is_open: row.text()? == "open",
            score: count(&mut row)?,
        })
    };
    row.map(read).transpose()
}

/// Whether a person has looked at an outlet or a subject and found nothing wrong, a while ago at most. Of members that is
/// a standing.
///
/// # Errors
/// A failure of storage.
pub fn is_trusted(sql: &dyn Sql, whose: Whose<'_>, now: Timestamp) -> Result<bool, StoreError> {
    Ok(whose.ask(&TRUSTED_OUTLET, &TRUSTED_SUBJECT, sql, now)?.is_some())
}

/// Whether codes from a subject are not looked at: until a person has looked at the case, or as long as that person said.
///
/// # Errors
/// A failure of storage.
pub fn is_stopped(sql: &dyn Sql, brand: &str, key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let parameters = [key.into(), now.millis().into(), brand.into()];
    Ok(STOPPED_SUBJECT.query_one(sql, &parameters)?.is_some())
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
    pub subject: Option<&'a str>,
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
            new.subject.into(),
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
    /// Where no member is known: how long it holds.
    pub until: Option<Timestamp>,
}

/// Decides a case.
///
/// # Errors
/// A failure of storage.
pub fn decide(tx: &dyn Sql, id: i64, ruling: &Ruling<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Ruling { status, action, by, note, until } = ruling;
    let parameters = [
        id.into(),
        (*status).into(),
        (*action).into(),
        now.millis().into(),
        by.raw().into(),
        (*note).into(),
        until.map(Timestamp::millis).into(),
    ];
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
        subject: row.text_or_null()?,
        until: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use crate::native::NativeSql;
    use crate::port::{Sql, Value};

    fn texts(sql: &NativeSql, statement: &str) -> Vec<Vec<String>> {
        let text = |value: Value| match value {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let rows = sql.execute(statement, &[]).expect("rows");
        rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
    }

    /// A migration that makes the table anew looks for what refers to each of its rows.
    #[test]
    fn what_refers_to_a_case_is_found_by_an_index() {
        let sql = NativeSql::in_memory().expect("a database");
        let referring = texts(
            &sql,
            "select m.name, f.\"from\" from sqlite_master m join pragma_foreign_key_list(m.name) f \
             where m.type = 'table' and f.\"table\" = 'fraud_cases'",
        );
        assert!(referring.len() >= 5, "{referring:?}");
        for row in &referring {
            let [table, column] = &row[..] else { panic!("{row:?}") };
            let plan = texts(&sql, &format!("explain query plan select 1 from {table} where {column} = 1"));
            let plan = plan.concat().concat();
            assert!(plan.contains("SEARCH") && plan.contains(column.as_str()), "{table}: {plan}");
        }
    }
}

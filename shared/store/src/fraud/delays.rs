//! Points that become spendable later than the programme says. The ledger moves them when their time comes, as it does with
//! any pending lot; here only that time is moved.

use kernel::{MemberId, Points, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const INSERT: ManyRows = ManyRows::insert(
    "fraud.insert_delays",
    "insert into fraud_delays (event, case_id, member_id, points, programme_at, until_at) values ",
    6,
);
const OF_CASE: Statement = Statement::new(
    "fraud.delays_of_case",
    "select event, member_id, points, programme_at, until_at, ended from fraud_delays where case_id = ?1 order by event",
);
const OPEN_OF_MEMBER: Statement = Statement::new(
    "fraud.open_delays",
    "select coalesce(sum(d.points), 0), max(d.until_at) from fraud_delays d join fraud_cases c on c.id = d.case_id \
     where d.member_id = ?1 and c.member_id = ?1 and d.ended is null and d.until_at > ?2",
);
const END: Statement = Statement::new(
    "fraud.end_delay",
    "update fraud_delays set ended = ?2, ended_at = ?3, until_at = ?4 where event = ?1",
);
/// Only what is still pending: an accrual that a return took back is gone.
const MOVE_LOTS: Statement = Statement::new(
    "fraud.move_lots",
    "update lots set activates_at = ?2 where pending > 0 and entry_id in \
     (select e.id from entries e where e.event = ?1 and e.kind = 'accrual')",
);
const HASTEN: Statement = Statement::new(
    "fraud.hasten",
    "update balances set due_at = case when due_at is null or due_at > ?2 then ?2 else due_at end \
     where member_id = ?1",
);

/// A delayed accrual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delay {
    /// The accrual's event.
    pub event: String,
    pub member: MemberId,
    pub points: Points,
    /// When the programme makes the points spendable; `None` at once.
    pub programme_at: Option<Timestamp>,
    pub until: Timestamp,
    /// `released` or `withheld`; `None` while it waits.
    pub ended: Option<String>,
}

/// Writes down which accruals of a case are delayed.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, case: i64, delays: &[Delay]) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(delays.len() * INSERT.width);
    for delay in delays {
        values.extend([
            delay.event.as_str().into(),
            case.into(),
            delay.member.raw().into(),
            delay.points.hundredths().into(),
            delay.programme_at.map(Timestamp::millis).into(),
            delay.until.millis().into(),
        ]);
    }
    INSERT.run(tx, &values)
}

/// The delayed accruals of a case.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, case: i64) -> Result<Vec<Delay>, StoreError> {
    OF_CASE.query(sql, &[case.into()])?.iter_mut().map(read).collect()
}

/// How many points of a member wait, and until when at the latest.
///
/// # Errors
/// A failure of storage.
pub fn load_waiting(
    sql: &dyn Sql,
    member: MemberId,
    now: Timestamp,
) -> Result<(Points, Option<Timestamp>), StoreError> {
    let row = OPEN_OF_MEMBER.query_one(sql, &[member.raw().into(), now.millis().into()])?;
    let Some(mut row) = row else { return Ok((Points::ZERO, None)) };
    let points = Points::from_hundredths(row.integer()?);
    Ok((points, row.integer_or_null()?.map(Timestamp::from_millis)))
}

/// Ends a delay: its points become spendable at `at`.
///
/// # Errors
/// A failure of storage.
pub fn end(
    tx: &dyn Sql,
    delay: &Delay,
    ended: &'static str,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = delay.event.as_str();
    END.run(tx, &[event.into(), ended.into(), now.millis().into(), at.millis().into()])?;
    MOVE_LOTS.run(tx, &[event.into(), at.millis().into()])?;
    HASTEN.run(tx, &[delay.member.raw().into(), at.millis().into()])
}

fn read(row: &mut Row) -> Result<Delay, StoreError> {
    Ok(Delay {
        event: row.text()?,
        member: MemberId::from_raw(row.integer()?),
        points: Points::from_hundredths(row.integer()?),
        programme_at: row.integer_or_null()?.map(Timestamp::from_millis),
        until: Timestamp::from_millis(row.integer()?),
        ended: row.text_or_null()?,
    })
}

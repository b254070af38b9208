//! Points that become spendable later than the programme says. The ledger moves them when their time comes, as it does with
//! any pending lot; here only that time is moved.

use kernel::{LotId, MemberId, Points, ReceiptId, Timestamp};
use ledger::model::Lot;

use crate::error::StoreError;
use crate::ledger::{lot_columns, points, read_lot};
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const INSERT: ManyRows = ManyRows::insert(
    "fraud.insert_delays",
    "insert into fraud_delays (event, case_id, member_id, points, programme_at, until_at) values ",
    6,
);
const OF_CASE: Statement = Statement::new(
    "fraud.delays_of_case",
    "select event, member_id, points, programme_at, until_at, ended, taken from fraud_delays where case_id = ?1 order by event",
);
const OPEN_OF_MEMBER: Statement = Statement::new(
    "fraud.open_delays",
    "select coalesce(sum(case when d.ended is null then d.points else 0 end), 0), \
     max(case when d.ended is null then d.until_at else null end), \
     coalesce(sum(case when d.ended = 'withheld' then d.points else 0 end), 0) \
     from fraud_delays d join fraud_cases c on c.id = d.case_id where d.member_id = ?1 and c.member_id = ?1 \
     and (d.ended = 'withheld' or (d.ended is null and d.until_at > ?2))",
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
/// The accrual's lots of which something is still pending.
const PENDING_LOTS: Statement = Statement::new(
    "fraud.pending_lots",
    concat!(
        "select ",
        lot_columns!(),
        " from lots l join entries e on e.id = l.entry_id \
         where e.event = ?1 and e.kind = 'accrual' and l.pending > 0 order by l.id"
    ),
);
const TAKE: Statement =
    Statement::new("fraud.take_delayed", "update fraud_delays set taken = ?2 where event = ?1");
/// So that a return of its receipt finds what came back.
const NOTE_REVIVED: Statement = Statement::new(
    "fraud.note_revived",
    "insert into fraud_delays (event, case_id, member_id, points, programme_at, until_at, taken) \
     values (?1, ?2, ?3, 0, null, ?4, ?5) on conflict (event) do update set taken = fraud_delays.taken + excluded.taken",
);
const TAKEN: Statement = Statement::new("fraud.taken", "select taken from fraud_delays where event = ?1");
const GRANTED: Statement = Statement::new(
    "fraud.granted",
    "select l.expires_at, a.recorded_at from entries a join lots l on l.entry_id = a.id \
     where a.event = ?1 and a.kind = 'accrual' order by l.id limit 1",
);
/// What ran out while it waited under a case, and when it was granted.
const EXPIRED_WAITING: Statement = Statement::new(
    "fraud.expired_waiting",
    "select d.event, l.member_id, l.id, l.receipt_id, -sum(v.amount), l.expires_at, a.recorded_at from fraud_delays d \
     join entries a on a.event = d.event and a.kind = 'accrual' join lots l on l.entry_id = a.id \
     join lot_moves v on v.lot_id = l.id and v.bucket = 'pending' \
     join entries x on x.id = v.entry_id and x.kind = 'expiry' \
     where d.case_id = ?1 and (d.ended is null or d.ended <> 'released') \
     group by d.event, l.member_id, l.id, l.receipt_id, l.expires_at, a.recorded_at order by l.id",
);
/// What a member could not spend because spending was stopped, and ran out.
const EXPIRED_STOPPED: Statement = Statement::new(
    "fraud.expired_stopped",
    "select null, x.member_id, l.id, case when l.source = 'receipt' then l.receipt_id else null end, -sum(v.amount), \
     l.expires_at, a.recorded_at from entries x \
     join lot_moves v on v.entry_id = x.id and v.bucket = 'available' join lots l on l.id = v.lot_id \
     join entries a on a.id = l.entry_id \
     where x.member_id = ?1 and x.kind = 'expiry' and x.effective_at >= ?2 and x.effective_at < ?3 \
     group by x.member_id, l.id, l.source, l.receipt_id, l.expires_at, a.recorded_at order by l.id",
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
    /// What the ledger took back of it when it was withheld; below zero: what came back after running out.
    pub taken: Points,
}

/// What of a member's points does not come by itself, by cases against the member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// For a person or for their time.
    pub points: Points,
    /// When they come at the latest.
    pub until: Option<Timestamp>,
    /// Taken back, until somebody overturns it.
    pub withheld: Points,
}

/// Points of a lot that ran out while nobody could have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// The delayed accrual that they are of.
    pub event: Option<String>,
    pub member: MemberId,
    pub lot: LotId,
    /// The receipt that granted them, if one did.
    pub receipt: Option<ReceiptId>,
    pub points: Points,
    pub expires_at: Option<Timestamp>,
    pub granted_at: Timestamp,
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

/// How many points of a member wait or are withheld.
///
/// # Errors
/// A failure of storage.
pub fn load_waiting(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Waiting, StoreError> {
    let row = OPEN_OF_MEMBER.query_one(sql, &[member.raw().into(), now.millis().into()])?;
    let Some(mut row) = row else { return Ok(Waiting::default()) };
    Ok(Waiting {
        points: points(&mut row)?,
        until: row.integer_or_null()?.map(Timestamp::from_millis),
        withheld: points(&mut row)?,
    })
}

/// The lots of a delayed accrual of which something is still pending.
///
/// # Errors
/// A failure of storage.
pub fn load_pending(sql: &dyn Sql, event: &str) -> Result<Vec<Lot>, StoreError> {
    PENDING_LOTS.query(sql, &[event.into()])?.iter_mut().map(read_lot).collect()
}

/// Notes how much the ledger has taken back of a delayed accrual, all in all.
///
/// # Errors
/// A failure of storage.
pub fn set_taken(tx: &dyn Sql, event: &str, taken: Points) -> Result<(), StoreError> {
    TAKE.run(tx, &[event.into(), taken.hundredths().into()])
}

/// Notes under a case that so many points of a receipt came back after running out, where nothing of it was delayed.
///
/// # Errors
/// A failure of storage.
pub fn note_revived(
    tx: &dyn Sql,
    case: i64,
    (receipt, member): (ReceiptId, MemberId),
    points: Points,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = format!("receipt:{}", receipt.raw());
    let parameters = [
        event.as_str().into(),
        case.into(),
        member.raw().into(),
        now.millis().into(),
        (-points.hundredths()).into(),
    ];
    NOTE_REVIVED.run(tx, &parameters)
}

/// How much the ledger has taken back of an accrual; zero if it was never delayed.
///
/// # Errors
/// A failure of storage.
pub fn load_taken(sql: &dyn Sql, event: &str) -> Result<Points, StoreError> {
    TAKEN.query_one(sql, &[event.into()])?.map_or(Ok(Points::ZERO), |mut row| points(&mut row))
}

/// When the points of a delayed accrual run out, and when they were granted.
///
/// # Errors
/// A failure of storage; an inconsistent row when there is no such accrual.
pub fn load_granted(sql: &dyn Sql, event: &str) -> Result<(Option<Timestamp>, Timestamp), StoreError> {
    let row = GRANTED.query_one(sql, &[event.into()])?;
    let mut row = row.ok_or(StoreError::Inconsistent {
        statement: GRANTED.name,
        column: 0,
        problem: "a delayed accrual without its lot",
    })?;
    let expires_at = row.integer_or_null()?.map(Timestamp::from_millis);
    Ok((expires_at, Timestamp::from_millis(row.integer()?)))
}

/// What ran out while it waited under a case.
///
/// # Errors
/// A failure of storage.
pub fn list_expired(sql: &dyn Sql, case: i64) -> Result<Vec<Expired>, StoreError> {
    EXPIRED_WAITING.query(sql, &[case.into()])?.iter_mut().map(read_expired).collect()
}

/// What ran out of a member's from `since` up to and without `until`, while spending was stopped.
///
/// # Errors
/// A failure of storage.
pub fn list_expired_between(
    sql: &dyn Sql,
    member: MemberId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Expired>, StoreError> {
    let parameters = [member.raw().into(), since.millis().into(), until.millis().into()];
    EXPIRED_STOPPED.query(sql, &parameters)?.iter_mut().map(read_expired).collect()
}

fn read_expired(row: &mut Row) -> Result<Expired, StoreError> {
    Ok(Expired {
        event: row.text_or_null()?,
        member: MemberId::from_raw(row.integer()?),
        lot: LotId::from_raw(row.integer()?),
        receipt: row.integer_or_null()?.map(ReceiptId::from_raw),
        points: points(row)?,
        expires_at: row.integer_or_null()?.map(Timestamp::from_millis),
        granted_at: Timestamp::from_millis(row.integer()?),
    })
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
        taken: points(row)?,
    })
}

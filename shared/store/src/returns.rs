//! Returns of receipts.

use kernel::{Date, MemberId, OutletId, Points, Quantity, ReceiptId, ReturnId, Timestamp};

use crate::arrivals::Recorded;
use crate::error::StoreError;
use crate::ledger::points;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const BY_KEY: Statement = Statement::new(
    "returns.by_key",
    "select id, request_hash, reply, points_back from returns where outlet_id = ?1 and business_date = ?2 and number = ?3",
);
const INSERT: Statement = Statement::new(
    "returns.insert",
    "insert into returns (id, receipt_id, outlet_id, business_date, number, request_hash, returned_at, recorded_at, \
     member_id, refund_minor, points_back_minor, points_back, points_clawed, points_expired, points_forgiven, reply) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
);
const INSERT_LINES: ManyRows = ManyRows::insert(
    "returns.insert_lines",
    "insert into return_lines (return_id, receipt_id, line_no, quantity, refund_minor, points_back_minor, \
     points_back, points_clawed) values ",
    8,
);
/// What became of a receipt's own points, by the lots that it granted: expiries are negative moves.
const UNDONE: Statement = Statement::new(
    "returns.undone",
    "select coalesce(sum(t.points_back), 0), coalesce((select -sum(v.amount) from lots l \
     join lot_moves v on v.lot_id = l.id join entries e on e.id = v.entry_id \
     where l.receipt_id = ?1 and l.source = 'receipt' and e.kind = 'expiry'), 0) - coalesce(sum(t.points_expired), 0) \
     from returns t where t.receipt_id = ?1",
);

/// The return with this natural key.
///
/// # Errors
/// A failure of storage.
pub fn load_recorded(
    sql: &dyn Sql,
    outlet: OutletId,
    business_date: Date,
    number: &str,
) -> Result<Option<Recorded>, StoreError> {
    let key = [outlet.raw().into(), business_date.to_string().into(), number.into()];
    let Some(mut row) = BY_KEY.query_one(sql, &key)? else { return Ok(None) };
    Ok(Some(Recorded {
        id: row.integer()?,
        request_hash: row.blob()?,
        reply: row.text()?,
        points: points(&mut row)?,
    }))
}

/// What time and earlier returns did to a receipt's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// Given back by earlier returns.
    pub points_back: Points,
    /// Granted by the receipt, run out unspent, and not set off by an earlier return.
    pub expired: Points,
}

/// What time and earlier returns did to a receipt's points.
///
/// # Errors
/// A failure of storage.
pub fn load_undone(sql: &dyn Sql, receipt: ReceiptId) -> Result<Undone, StoreError> {
    match UNDONE.query_one(sql, &[receipt.raw().into()])? {
        Some(mut row) => Ok(Undone { points_back: points(&mut row)?, expired: points(&mut row)? }),
        None => Ok(Undone { points_back: Points::ZERO, expired: Points::ZERO }),
    }
}

/// A return as it is written, once and for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReturn {
    pub id: ReturnId,
    pub receipt: ReceiptId,
    pub outlet: OutletId,
    pub business_date: Date,
    pub number: String,
    pub request_hash: Vec<u8>,
    pub returned_at: Timestamp,
    pub recorded_at: Timestamp,
    pub member: Option<MemberId>,
    pub points_expired: Points,
    pub points_forgiven: Points,
    pub reply: String,
    pub lines: Vec<NewReturnLine>,
}

/// A line of [`NewReturn`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReturnLine {
    pub line_no: i64,
    pub quantity: Quantity,
    pub refund_minor: i64,
    pub points_back_minor: i64,
    pub points_back: Points,
    pub points_clawed: Points,
}

/// Records a return. Call inside a transaction.
///
/// # Errors
/// A failure of storage; a unique violation when the natural key exists.
pub fn insert(sql: &dyn Sql, record: &NewReturn) -> Result<(), StoreError> {
    let sum = |part: fn(&NewReturnLine) -> i64| Value::from(record.lines.iter().map(part).sum::<i64>());
    INSERT.run(
        sql,
        &[
            record.id.raw().into(),
            record.receipt.raw().into(),
            record.outlet.raw().into(),
            record.business_date.to_string().into(),
            record.number.as_str().into(),
            record.request_hash.as_slice().into(),
            record.returned_at.millis().into(),
            record.recorded_at.millis().into(),
            record.member.map(MemberId::raw).into(),
            sum(|line| line.refund_minor),
            sum(|line| line.points_back_minor),
            sum(|line| line.points_back.hundredths()),
            sum(|line| line.points_clawed.hundredths()),
            record.points_expired.hundredths().into(),
            record.points_forgiven.hundredths().into(),
            record.reply.as_str().into(),
        ],
    )?;
    let mut lines: Vec<Value> = Vec::with_capacity(record.lines.len() * INSERT_LINES.width);
    for line in &record.lines {
        lines.extend([
            record.id.raw().into(),
            record.receipt.raw().into(),
            line.line_no.into(),
            line.quantity.thousandths().into(),
            line.refund_minor.into(),
            line.points_back_minor.into(),
            line.points_back.hundredths().into(),
            line.points_clawed.hundredths().into(),
        ]);
    }
    INSERT_LINES.run(sql, &lines)
}

//! What is kept about a member, in pages, oldest first: for the member's own copy.

use kernel::{Currency, HoldId, MemberId, Points, Quantity, ReceiptId, ReturnId, Timestamp};

use crate::error::StoreError;
use crate::holds::HoldStatus;
use crate::ledger::points;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const RECEIPTS: Statement = Statement::new(
    "exports.receipts",
    "select r.id, o.code, o.name, r.business_date, r.number, r.sold_at, r.recorded_at, r.card_number, r.identified_by, \
     r.channel, r.currency, r.total_minor, r.points_paid, r.points_earned from receipts r \
     join outlets o on o.id = r.outlet_id where r.member_id = ?1 and r.id > ?2 order by r.id limit ?3",
);
const LINES: Statement = Statement::new(
    "exports.lines",
    "select line_no, product_code, name, category, quantity, unit_price_minor, discount_minor, amount_minor, \
     points_paid, points_earned from receipt_lines where receipt_id = ?1 order by line_no",
);
const PAYMENTS: Statement = Statement::new(
    "exports.payments",
    "select method, amount_minor from receipt_payments where receipt_id = ?1 order by position",
);
const RETURNS: Statement = Statement::new(
    "exports.returns",
    "select t.id, t.receipt_id, o.code, t.business_date, t.number, t.returned_at, t.recorded_at, r.currency, \
     t.refund_minor, t.points_back, t.points_clawed from returns t join receipts r on r.id = t.receipt_id \
     join outlets o on o.id = t.outlet_id where t.member_id = ?1 and t.id > ?2 order by t.id limit ?3",
);
const RETURN_LINES: Statement = Statement::new(
    "exports.return_lines",
    "select line_no, quantity, refund_minor from return_lines where return_id = ?1 order by line_no",
);
const HOLDS: Statement = Statement::new(
    "exports.holds",
    "select h.id, o.code, h.points, h.currency, h.value_minor, h.status, h.captured, h.receipt_id, h.created_at, \
     h.expires_at, h.ended_at from holds h join outlets o on o.id = h.outlet_id \
     where h.member_id = ?1 and h.id > ?2 order by h.id limit ?3",
);
/// A receipt as its member may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedReceipt {
    pub id: ReceiptId,
    pub outlet_code: String,
    pub outlet_name: String,
    pub business_date: String,
    pub number: String,
    pub sold_at: Timestamp,
    pub recorded_at: Timestamp,
    pub card_number: Option<String>,
    pub identified_by: String,
    pub channel: String,
    pub currency: Currency,
    pub total_minor: i64,
    pub points_paid: Points,
    pub points_earned: Points,
    pub lines: Vec<ExportedLine>,
    /// Method and amount in minor units.
    pub payments: Vec<(String, i64)>,
}

/// A line of [`ExportedReceipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedLine {
    pub line_no: i64,
    pub product_code: String,
    pub name: String,
    pub category: String,
    pub quantity: Quantity,
    pub unit_price_minor: i64,
    pub discount_minor: i64,
    pub amount_minor: i64,
    pub points_paid: Points,
    pub points_earned: Points,
}

/// A return as its member may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedReturn {
    pub id: ReturnId,
    pub receipt: ReceiptId,
    pub outlet_code: String,
    pub business_date: String,
    pub number: String,
    pub returned_at: Timestamp,
    pub recorded_at: Timestamp,
    pub currency: Currency,
    pub refund_minor: i64,
    pub points_back: Points,
    pub points_clawed: Points,
    /// Line number, quantity and money back in minor units.
    pub lines: Vec<(i64, Quantity, i64)>,
}

/// A hold as its member may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedHold {
    pub id: HoldId,
    pub outlet_code: String,
    pub points: Points,
    pub currency: Currency,
    pub value_minor: i64,
    pub status: HoldStatus,
    pub captured: Points,
    pub receipt: Option<ReceiptId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// Receipts of a member after `after`, with lines and payments.
///
/// # Errors
/// A failure of storage.
pub fn list_receipts(
    sql: &dyn Sql,
    member: MemberId,
    after: ReceiptId,
    limit: i64,
) -> Result<Vec<ExportedReceipt>, StoreError> {
    let mut rows = RECEIPTS.query(sql, &[member.raw().into(), after.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| read_receipt(sql, row)).collect()
}

/// Returns of a member's receipts after `after`, with lines.
///
/// # Errors
/// A failure of storage.
pub fn list_returns(
    sql: &dyn Sql,
    member: MemberId,
    after: ReturnId,
    limit: i64,
) -> Result<Vec<ExportedReturn>, StoreError> {
    let mut rows = RETURNS.query(sql, &[member.raw().into(), after.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| read_return(sql, row)).collect()
}

/// Holds of a member after `after`.
///
/// # Errors
/// A failure of storage.
pub fn list_holds(
    sql: &dyn Sql,
    member: MemberId,
    after: HoldId,
    limit: i64,
) -> Result<Vec<ExportedHold>, StoreError> {
    let mut rows = HOLDS.query(sql, &[member.raw().into(), after.raw().into(), limit.into()])?;
    rows.iter_mut().map(read_hold).collect()
}

fn read_receipt(sql: &dyn Sql, row: &mut Row) -> Result<ExportedReceipt, StoreError> {
    let id = ReceiptId::from_raw(row.integer()?);
    let mut lines = LINES.query(sql, &[id.raw().into()])?;
    let mut payments = PAYMENTS.query(sql, &[id.raw().into()])?;
    Ok(ExportedReceipt {
        id,
        outlet_code: row.text()?,
        outlet_name: row.text()?,
        business_date: row.text()?,
        number: row.text()?,
        sold_at: Timestamp::from_millis(row.integer()?),
        recorded_at: Timestamp::from_millis(row.integer()?),
        card_number: row.text_or_null()?,
        identified_by: row.text()?,
        channel: row.text()?,
        currency: row.parsed(Currency::parse)?,
        total_minor: row.integer()?,
        points_paid: points(row)?,
        points_earned: points(row)?,
        lines: lines.iter_mut().map(read_line).collect::<Result<_, _>>()?,
        payments: payments
            .iter_mut()
            .map(|row| Ok((row.text()?, row.integer()?)))
            .collect::<Result<_, StoreError>>()?,
    })
}

fn read_line(row: &mut Row) -> Result<ExportedLine, StoreError> {
    Ok(ExportedLine {
        line_no: row.integer()?,
        product_code: row.text()?,
        name: row.text()?,
        category: row.text()?,
        quantity: Quantity::from_thousandths(row.integer()?),
        unit_price_minor: row.integer()?,
        discount_minor: row.integer()?,
        amount_minor: row.integer()?,
        points_paid: points(row)?,
        points_earned: points(row)?,
    })
}

fn read_return(sql: &dyn Sql, row: &mut Row) -> Result<ExportedReturn, StoreError> {
    let id = ReturnId::from_raw(row.integer()?);
    let mut lines = RETURN_LINES.query(sql, &[id.raw().into()])?;
    Ok(ExportedReturn {
        id,
        receipt: ReceiptId::from_raw(row.integer()?),
        outlet_code: row.text()?,
        business_date: row.text()?,
        number: row.text()?,
        returned_at: Timestamp::from_millis(row.integer()?),
        recorded_at: Timestamp::from_millis(row.integer()?),
        currency: row.parsed(Currency::parse)?,
        refund_minor: row.integer()?,
        points_back: points(row)?,
        points_clawed: points(row)?,
        lines: lines
            .iter_mut()
            .map(|row| Ok((row.integer()?, row.integer().map(Quantity::from_thousandths)?, row.integer()?)))
            .collect::<Result<_, StoreError>>()?,
    })
}

fn read_hold(row: &mut Row) -> Result<ExportedHold, StoreError> {
    Ok(ExportedHold {
        id: HoldId::from_raw(row.integer()?),
        outlet_code: row.text()?,
        points: points(row)?,
        currency: row.parsed(Currency::parse)?,
        value_minor: row.integer()?,
        status: row.parsed(HoldStatus::parse)?,
        captured: points(row)?,
        receipt: row.integer_or_null()?.map(ReceiptId::from_raw),
        created_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
        ended_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

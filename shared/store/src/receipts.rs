//! Receipts with their lines and payments.

use kernel::{
    Currency, Date, HoldId, MemberId, OutletId, Points, ProgrammeVersionId, Quantity, ReceiptId, Timestamp,
};

use crate::error::StoreError;
use crate::kpi::counting;
use crate::ledger::points;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const INSERT: Statement = Statement::new(
    "receipts.insert",
    "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
     card_number, identified_by, staff_code, channel, currency, list_minor, total_minor, points_paid_minor, \
     points_paid, points_earned, programme_version_id, hold_id, reply) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
);
const INSERT_LINES: ManyRows = ManyRows::insert(
    "receipts.insert_lines",
    "insert into receipt_lines (receipt_id, line_no, product_code, name, category, fractional, quantity, \
     unit_price_minor, discount_minor, amount_minor, points_paid_minor, points_paid, points_earned) values ",
    13,
);
const INSERT_PAYMENTS: ManyRows = ManyRows::insert(
    "receipts.insert_payments",
    "insert into receipt_payments (receipt_id, position, method, amount_minor) values ",
    4,
);
const SPENT: Statement = Statement::new(
    "receipts.spent",
    "select coalesce((select sum(total_minor - points_paid_minor) from receipts \
     where member_id = ?1 and business_date >= ?2 and business_date < ?3 and currency = ?4), 0) \
     - coalesce((select sum(t.refund_minor) from returns t join receipts r on r.id = t.receipt_id \
     where t.member_id = ?1 and r.business_date >= ?2 and r.business_date < ?3 and r.currency = ?4), 0)",
);
const STORED: Statement = Statement::new(
    "receipts.stored",
    "select r.id, r.outlet_id, r.member_id, r.currency, r.sold_at, r.hold_id, r.programme_version_id, o.brand \
     from receipts r join outlets o on o.id = r.outlet_id \
     where o.code = ?1 and r.business_date = ?2 and r.number = ?3",
);
const STORED_LINES: Statement = Statement::new(
    "receipts.stored_lines",
    "select l.line_no, l.fractional, l.quantity, l.amount_minor, l.points_paid_minor, l.points_paid, l.points_earned, \
     coalesce((select sum(t.quantity) from return_lines t where t.receipt_id = l.receipt_id \
     and t.line_no = l.line_no), 0) from receipt_lines l where l.receipt_id = ?1 order by l.line_no",
);

const HAS_OTHER: Statement =
    Statement::new("receipts.has_other", "select 1 from receipts where member_id = ?1 and id <> ?2 limit 1");

/// A receipt as it is written, once and for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    pub id: ReceiptId,
    pub outlet: OutletId,
    pub business_date: Date,
    pub number: String,
    pub request_hash: Vec<u8>,
    pub sold_at: Timestamp,
    pub recorded_at: Timestamp,
    pub member: Option<MemberId>,
    pub card_number: Option<String>,
    pub identified_by: &'static str,
    pub staff_code: Option<String>,
    pub channel: &'static str,
    pub currency: Currency,
    pub programme_version: Option<ProgrammeVersionId>,
    pub hold: Option<HoldId>,
    pub reply: String,
    pub lines: Vec<NewLine>,
    /// Method and amount in minor units.
    pub payments: Vec<(&'static str, i64)>,
}

/// A line of [`NewReceipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    pub line_no: i64,
    pub product_code: String,
    pub name: String,
    pub category: String,
    /// Sold by weight or volume.
    pub is_fractional: bool,
    pub quantity: Quantity,
    pub unit_price_minor: i64,
    pub discount_minor: i64,
    pub amount_minor: i64,
    pub points_paid_minor: i64,
    pub points_paid: Points,
    pub points_earned: Points,
}

/// Whether the member has a receipt besides this one.
///
/// # Errors
/// A failure of storage.
pub fn has_other(sql: &dyn Sql, member: MemberId, receipt: ReceiptId) -> Result<bool, StoreError> {
    Ok(HAS_OTHER.query_one(sql, &[member.raw().into(), receipt.raw().into()])?.is_some())
}

/// Records a receipt, and counts it for staff goals. Call inside a transaction.
///
/// # Errors
/// A failure of storage; a unique violation when the natural key exists.
pub fn insert(sql: &dyn Sql, receipt: &NewReceipt) -> Result<(), StoreError> {
    let standing = counting::load_standing(sql, receipt)?;
    let sum = |part: fn(&NewLine) -> i64| Value::from(receipt.lines.iter().map(part).sum::<i64>());
    INSERT.run(
        sql,
        &[
            receipt.id.raw().into(),
            receipt.outlet.raw().into(),
            receipt.business_date.to_string().into(),
            receipt.number.as_str().into(),
            receipt.request_hash.as_slice().into(),
            receipt.sold_at.millis().into(),
            receipt.recorded_at.millis().into(),
            receipt.member.map(MemberId::raw).into(),
            receipt.card_number.as_deref().into(),
            receipt.identified_by.into(),
            receipt.staff_code.as_deref().into(),
            receipt.channel.into(),
            receipt.currency.code().into(),
            sum(|line| line.amount_minor + line.discount_minor),
            sum(|line| line.amount_minor),
            sum(|line| line.points_paid_minor),
            sum(|line| line.points_paid.hundredths()),
            sum(|line| line.points_earned.hundredths()),
            receipt.programme_version.map(ProgrammeVersionId::raw).into(),
            receipt.hold.map(HoldId::raw).into(),
            receipt.reply.as_str().into(),
        ],
    )?;
    counting::exclude(sql, receipt, standing)?;
    let id = receipt.id.raw();
    let mut lines: Vec<Value> = Vec::with_capacity(receipt.lines.len() * INSERT_LINES.width);
    for line in &receipt.lines {
        lines.extend([
            id.into(),
            line.line_no.into(),
            line.product_code.as_str().into(),
            line.name.as_str().into(),
            line.category.as_str().into(),
            line.is_fractional.into(),
            line.quantity.thousandths().into(),
            line.unit_price_minor.into(),
            line.discount_minor.into(),
            line.amount_minor.into(),
            line.points_paid_minor.into(),
            line.points_paid.hundredths().into(),
            line.points_earned.hundredths().into(),
        ]);
    }
    INSERT_LINES.run(sql, &lines)?;
    counting::count(sql, receipt, standing)?;
    let mut payments: Vec<Value> = Vec::with_capacity(receipt.payments.len() * INSERT_PAYMENTS.width);
    for (position, (method, amount)) in (1_i64..).zip(&receipt.payments) {
        payments.extend([id.into(), position.into(), (*method).into(), (*amount).into()]);
    }
    INSERT_PAYMENTS.run(sql, &payments)
}

/// Money that a member has spent (not with points, less what was refunded) on receipts of business days from
/// `from` up to and without `until`, in minor units of `currency`.
///
/// # Errors
/// A failure of storage.
pub fn load_spent(
    sql: &dyn Sql,
    member: MemberId,
    from: Date,
    until: Date,
    currency: Currency,
) -> Result<i64, StoreError> {
    let window =
        [member.raw().into(), from.to_string().into(), until.to_string().into(), currency.code().into()];
    SPENT.query_one(sql, &window)?.map_or(Ok(0), |mut row| row.integer())
}

/// A receipt as far as a return needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    pub id: ReceiptId,
    pub outlet: OutletId,
    pub brand: String,
    pub member: Option<MemberId>,
    pub currency: Currency,
    pub sold_at: Timestamp,
    pub hold: Option<HoldId>,
    pub programme_version: Option<ProgrammeVersionId>,
    pub lines: Vec<StoredLine>,
}

/// A line of [`StoredReceipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    pub line_no: i64,
    /// Sold by weight or volume.
    pub is_fractional: bool,
    pub quantity: Quantity,
    pub amount_minor: i64,
    pub points_paid_minor: i64,
    pub points_paid: Points,
    pub points_earned: Points,
    /// What earlier returns took of it.
    pub returned: Quantity,
}

/// The receipt with this natural key, by the outlet's code.
///
/// # Errors
/// A failure of storage.
pub fn load_stored(
    sql: &dyn Sql,
    outlet_code: &str,
    business_date: Date,
    number: &str,
) -> Result<Option<StoredReceipt>, StoreError> {
    let key = [outlet_code.into(), business_date.to_string().into(), number.into()];
    let Some(mut row) = STORED.query_one(sql, &key)? else { return Ok(None) };
    let id = ReceiptId::from_raw(row.integer()?);
    let mut lines = Vec::new();
    for mut line in STORED_LINES.query(sql, &[id.raw().into()])? {
        lines.push(StoredLine {
            line_no: line.integer()?,
            is_fractional: line.boolean()?,
            quantity: Quantity::from_thousandths(line.integer()?),
            amount_minor: line.integer()?,
            points_paid_minor: line.integer()?,
            points_paid: points(&mut line)?,
            points_earned: points(&mut line)?,
            returned: Quantity::from_thousandths(line.integer()?),
        });
    }
    Ok(Some(StoredReceipt {
        id,
        outlet: OutletId::from_raw(row.integer()?),
        member: row.integer_or_null()?.map(MemberId::from_raw),
        currency: row.parsed(Currency::parse)?,
        sold_at: Timestamp::from_millis(row.integer()?),
        hold: row.integer_or_null()?.map(HoldId::from_raw),
        programme_version: row.integer_or_null()?.map(ProgrammeVersionId::from_raw),
        brand: row.text()?,
        lines,
    }))
}

//! A member's movements of points.

use kernel::{Currency, EntryId, MemberId, Points, ReceiptId, Timestamp};
use ledger::model::EntryKind;

use crate::error::StoreError;
use crate::ledger::{entry_id, parse_kind, points};
use crate::port::Sql;
use crate::statement::{Row, Statement};

const PAGE: Statement = Statement::new(
    "history.page",
    "select e.id, e.kind, e.event, e.effective_at, e.recorded_at, e.note, \
     coalesce((select p.amount from postings p where p.entry_id = e.id and p.account = 'pending'), 0), \
     coalesce((select p.amount from postings p where p.entry_id = e.id and p.account = 'available'), 0), \
     coalesce((select p.amount from postings p where p.entry_id = e.id and p.account = 'held'), 0), \
     e.receipt_id, r.business_date, r.number, r.total_minor, r.currency, o.code, o.name, coalesce(o.zone, eo.zone) \
     from entries e left join receipts r on r.id = e.receipt_id left join outlets o on o.id = r.outlet_id \
     left join outlets eo on eo.id = e.outlet_id \
     where e.member_id = ?1 and e.id < ?2 and e.recorded_at >= ?3 order by e.id desc limit ?4",
);

/// One ledger entry as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub id: EntryId,
    pub kind: EntryKind,
    pub event: String,
    pub effective_at: Timestamp,
    pub recorded_at: Timestamp,
    pub note: Option<String>,
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    pub receipt: Option<MovementReceipt>,
    /// Of the outlet where it happened.
    pub zone: Option<String>,
}

/// The receipt behind a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementReceipt {
    pub id: ReceiptId,
    pub business_date: String,
    pub number: String,
    pub total_minor: i64,
    pub currency: Currency,
    pub outlet_code: String,
    pub outlet_name: String,
}

/// Movements recorded since `since`, older than entry `before`, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    member: MemberId,
    before: EntryId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Movement>, StoreError> {
    let parameters = [member.raw().into(), before.raw().into(), since.millis().into(), limit.into()];
    PAGE.query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Movement, StoreError> {
    let (id, kind, event) = (entry_id(row)?, row.parsed(parse_kind)?, row.text()?);
    let effective_at = Timestamp::from_millis(row.integer()?);
    let recorded_at = Timestamp::from_millis(row.integer()?);
    let note = row.text_or_null()?;
    let (pending, available, held) = (points(row)?, points(row)?, points(row)?);
    let receipt = read_receipt(row)?;
    let zone = row.text_or_null()?;
    Ok(Movement { id, kind, event, effective_at, recorded_at, note, pending, available, held, receipt, zone })
}

fn read_receipt(row: &mut Row) -> Result<Option<MovementReceipt>, StoreError> {
    let Some(id) = row.integer_or_null()? else {
        for _ in ["business_date", "number", "total_minor", "currency", "code", "name"] {
            row.skip()?;
        }
        return Ok(None);
    };
    Ok(Some(MovementReceipt {
        id: ReceiptId::from_raw(id),
        business_date: row.text()?,
        number: row.text()?,
        total_minor: row.integer()?,
        currency: row.parsed(Currency::parse)?,
        outlet_code: row.text()?,
        outlet_name: row.text()?,
    }))
}

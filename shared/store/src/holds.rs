//! Holds: points reserved for open receipts, and the lots that they sit in.

use kernel::{Currency, HoldId, LotId, MemberId, OutletId, Points, ReceiptId, Timestamp};
use ledger::model::Hold;

use crate::error::StoreError;
use crate::ledger::points;
use crate::port::{Sql, Value};
use crate::statement::{InsertMany, Statement};

const INSERT: Statement = Statement::new(
    "holds.insert",
    "insert into holds (id, member_id, outlet_id, points, currency, value_minor, status, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, 'authorised', ?7, ?8)",
);
const INSERT_LOTS: InsertMany = InsertMany::new(
    "holds.insert_lots",
    "insert into hold_lots (hold_id, position, lot_id, points) values ",
    4,
);
const SELECT: Statement = Statement::new(
    "holds.select",
    "select id, member_id, outlet_id, points, currency, value_minor, status, captured, created_at, expires_at, \
     receipt_id from holds where id = ?1",
);
const SELECT_LOTS: Statement = Statement::new(
    "holds.select_lots",
    "select h.lot_id, h.points from hold_lots h where h.hold_id = ?1 order by h.position",
);
const END: Statement = Statement::new(
    "holds.end",
    "update holds set status = ?2, captured = ?3, receipt_id = ?4, ended_at = ?5 where id = ?1",
);
const CAPTURED_LOTS: Statement = Statement::new(
    "holds.captured_lots",
    "select m.lot_id, -m.amount, l.expires_at from lot_moves m join entries e on e.id = m.entry_id \
     join lots l on l.id = m.lot_id join hold_lots h on h.lot_id = m.lot_id \
     where e.event = ?1 and e.kind = 'capture' and h.hold_id = ?2 and m.bucket = 'held' order by h.position",
);

/// How a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldStatus {
    Authorised,
    Captured,
    Released,
    Lapsed,
}

impl HoldStatus {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Lapsed => "lapsed",
        }
    }

    pub(crate) fn parse(code: &str) -> Result<Self, ()> {
        [Self::Authorised, Self::Captured, Self::Released, Self::Lapsed]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(())
    }
}

/// A hold as stored: the points and their lots, and the terms on which they are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    pub hold: Hold,
    pub outlet: OutletId,
    pub currency: Currency,
    pub value_minor: i64,
    pub status: HoldStatus,
    pub captured: Points,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub receipt: Option<ReceiptId>,
}

/// Records a new hold; its entry is recorded apart.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, stored: &StoredHold) -> Result<(), StoreError> {
    let id = stored.hold.id.raw();
    INSERT.run(
        sql,
        &[
            id.into(),
            stored.hold.member.raw().into(),
            stored.outlet.raw().into(),
            stored.hold.amount.hundredths().into(),
            stored.currency.code().into(),
            stored.value_minor.into(),
            stored.created_at.millis().into(),
            stored.expires_at.millis().into(),
        ],
    )?;
    let mut lots: Vec<Value> = Vec::with_capacity(stored.hold.lots.len() * 4);
    for (position, (lot, points)) in (1_i64..).zip(&stored.hold.lots) {
        lots.extend([id.into(), position.into(), lot.raw().into(), points.hundredths().into()]);
    }
    INSERT_LOTS.run(sql, &lots)
}

/// The hold with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: HoldId) -> Result<Option<StoredHold>, StoreError> {
    let Some(mut row) = SELECT.query_one(sql, &[id.raw().into()])? else { return Ok(None) };
    let (id, member) = (HoldId::from_raw(row.integer()?), MemberId::from_raw(row.integer()?));
    let outlet = OutletId::from_raw(row.integer()?);
    let mut hold = Hold { id, member, amount: points(&mut row)?, lots: Vec::new() };
    for mut lot in SELECT_LOTS.query(sql, &[id.raw().into()])? {
        hold.lots.push((LotId::from_raw(lot.integer()?), points(&mut lot)?));
    }
    Ok(Some(StoredHold {
        hold,
        outlet,
        currency: row.parsed(Currency::parse)?,
        value_minor: row.integer()?,
        status: row.parsed(HoldStatus::parse)?,
        captured: points(&mut row)?,
        created_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
        receipt: row.integer_or_null()?.map(ReceiptId::from_raw),
    }))
}

/// Ends a hold; the database refuses to end one twice (L5).
///
/// # Errors
/// A failure of storage.
pub fn end(
    sql: &dyn Sql,
    id: HoldId,
    status: HoldStatus,
    captured: Points,
    receipt: Option<ReceiptId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    END.run(
        sql,
        &[
            id.raw().into(),
            status.code().into(),
            captured.hundredths().into(),
            receipt.map(ReceiptId::raw).into(),
            now.millis().into(),
        ],
    )
}

/// Which points a captured hold spent, in the order in which it spent them, and when their lots expire.
///
/// # Errors
/// A failure of storage.
pub fn load_captured_lots(
    sql: &dyn Sql,
    event: &str,
    hold: HoldId,
) -> Result<Vec<(LotId, Points, Option<Timestamp>)>, StoreError> {
    let mut rows = CAPTURED_LOTS.query(sql, &[event.into(), hold.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            let lot = LotId::from_raw(row.integer()?);
            Ok((lot, points(row)?, row.integer_or_null()?.map(Timestamp::from_millis)))
        })
        .collect()
}

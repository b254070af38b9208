//! Holds: points reserved for open receipts, and the lots that they sit in.

use kernel::{Currency, HoldId, LotId, MemberId, OutletId, Points, ReceiptId, Timestamp};
use ledger::age::OpenHold;
use ledger::model::{Hold, Lot};

use crate::error::StoreError;
use crate::ledger::{lot_columns, points, read_lot};
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

const INSERT: Statement = Statement::new(
    "holds.insert",
    "insert into holds (id, member_id, outlet_id, points, currency, value_minor, status, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, 'authorised', ?7, ?8)",
);
const INSERT_LOTS: ManyRows = ManyRows::insert(
    "holds.insert_lots",
    "insert into hold_lots (hold_id, position, lot_id, points) values ",
    4,
);
/// One row for every lot of the hold.
const SELECT: Statement = Statement::new(
    "holds.select",
    concat!(
        "select h.id, h.member_id, h.outlet_id, h.points, h.currency, h.value_minor, h.status, h.captured, \
         h.created_at, h.expires_at, h.receipt_id, x.points, ",
        lot_columns!(),
        " from holds h join hold_lots x on x.hold_id = h.id join lots l on l.id = x.lot_id \
         where h.id = ?1 order by x.position"
    ),
);
const OPEN: Statement = Statement::new(
    "holds.open",
    "select h.id, h.points, h.outlet_id, h.expires_at, x.lot_id, x.points from holds h \
     join hold_lots x on x.hold_id = h.id where h.member_id = ?1 and h.status = 'authorised' order by h.id, x.position",
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

/// The hold with this id, and the lots that it sits in, in the order in which they are spent.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: HoldId) -> Result<Option<(StoredHold, Vec<Lot>)>, StoreError> {
    let mut found: Option<(StoredHold, Vec<Lot>)> = None;
    for mut row in SELECT.query(sql, &[id.raw().into()])? {
        let stored = read(&mut row)?;
        let part = points(&mut row)?;
        let lot = read_lot(&mut row)?;
        let (stored, lots) = found.get_or_insert_with(|| (stored, Vec::new()));
        stored.hold.lots.push((lot.id, part));
        lots.push(lot);
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<StoredHold, StoreError> {
    let (id, member) = (HoldId::from_raw(row.integer()?), MemberId::from_raw(row.integer()?));
    let outlet = OutletId::from_raw(row.integer()?);
    Ok(StoredHold {
        hold: Hold { id, member, amount: points(row)?, lots: Vec::new() },
        outlet,
        currency: row.parsed(Currency::parse)?,
        value_minor: row.integer()?,
        status: row.parsed(HoldStatus::parse)?,
        captured: points(row)?,
        created_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
        receipt: row.integer_or_null()?.map(ReceiptId::from_raw),
    })
}

/// A member's holds that nobody has ended, whether or not their time is over.
///
/// # Errors
/// A failure of storage.
pub fn list_open(sql: &dyn Sql, member: MemberId) -> Result<Vec<OpenHold>, StoreError> {
    let mut open: Vec<OpenHold> = Vec::new();
    for mut row in OPEN.query(sql, &[member.raw().into()])? {
        let (id, amount) = (HoldId::from_raw(row.integer()?), points(&mut row)?);
        let outlet = OutletId::from_raw(row.integer()?);
        let expires_at = Timestamp::from_millis(row.integer()?);
        let part = (LotId::from_raw(row.integer()?), points(&mut row)?);
        match open.last_mut().filter(|last| last.hold.id == id) {
            Some(last) => last.hold.lots.push(part),
            None => {
                let hold = Hold { id, member, amount, lots: vec![part] };
                open.push(OpenHold { hold, outlet, expires_at });
            }
        }
    }
    Ok(open)
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
    at: Timestamp,
) -> Result<(), StoreError> {
    END.run(
        sql,
        &[
            id.raw().into(),
            status.code().into(),
            captured.hundredths().into(),
            receipt.map(ReceiptId::raw).into(),
            at.millis().into(),
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

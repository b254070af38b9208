//! The ledger: entries, postings, lots, balances. What `ledger` decided is written here as it is.

use kernel::{EntryId, LotId, MemberId, OutletId, Points, ReceiptId, Timestamp};
use ledger::model::{Account, Entry, EntryKind, Lot, LotSource, Wallet};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{InsertMany, Row, Statement};

const BALANCE: Statement =
    Statement::new("ledger.balance", "select pending, available, held from balances where member_id = ?1");
const OPEN_BALANCE: Statement = Statement::new(
    "ledger.open_balance",
    "insert into balances (member_id, pending, available, held) values (?1, 0, 0, 0)",
);
const OPEN_LOTS: Statement = Statement::new(
    "ledger.open_lots",
    "select id, source, receipt_id, granted, pending, available, held, activates_at, expires_at from lots \
     where member_id = ?1 and pending + available + held > 0 order by id",
);
const MOVE_BALANCE: Statement = Statement::new(
    "ledger.move_balance",
    "update balances set pending = pending + ?2, available = available + ?3, held = held + ?4 where member_id = ?1",
);
const INSERT_ENTRY: Statement = Statement::new(
    "ledger.insert_entry",
    "insert into entries (id, kind, event, member_id, receipt_id, outlet_id, effective_at, recorded_at, note) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
);
const INSERT_POSTINGS: InsertMany = InsertMany::new(
    "ledger.insert_postings",
    "insert into postings (entry_id, account, unit, amount) values ",
    4,
);
const INSERT_LOTS: InsertMany = InsertMany::new(
    "ledger.insert_lots",
    "insert into lots (id, member_id, entry_id, source, receipt_id, granted, pending, available, held, activates_at, \
     expires_at) values ",
    11,
);
const INSERT_MOVES: InsertMany = InsertMany::new(
    "ledger.insert_moves",
    "insert into lot_moves (lot_id, entry_id, bucket, amount) values ",
    4,
);
const MOVE_LOT: Statement = Statement::new(
    "ledger.move_lot",
    "update lots set pending = pending + ?2, available = available + ?3, held = held + ?4 where id = ?1",
);
const LOT_ACTIVATED: Statement =
    Statement::new("ledger.lot_activated", "update lots set activates_at = null where id = ?1");
const HAS_ENTRY: Statement =
    Statement::new("ledger.has_entry", "select 1 from entries where event = ?1 and kind = ?2");
/// A member's points and every lot with something left in it.
///
/// # Errors
/// A failure of storage; an inconsistent row when the member has no balance row.
pub fn load_wallet(sql: &dyn Sql, member: MemberId) -> Result<Wallet, StoreError> {
    let (pending, available, held) = load_balance(sql, member)?;
    let mut rows = OPEN_LOTS.query(sql, &[member.raw().into()])?;
    let lots = rows.iter_mut().map(read_lot).collect::<Result<_, _>>()?;
    Ok(Wallet { member, available, held, pending, lots })
}

/// A member's balances without the lots: pending, available, held.
///
/// # Errors
/// As [`load_wallet`].
pub fn load_balance(sql: &dyn Sql, member: MemberId) -> Result<(Points, Points, Points), StoreError> {
    let row = BALANCE.query_one(sql, &[member.raw().into()])?;
    let mut row = row.ok_or(StoreError::Inconsistent {
        statement: BALANCE.name,
        column: 0,
        problem: "a member without a balance row",
    })?;
    Ok((points(&mut row)?, points(&mut row)?, points(&mut row)?))
}

/// Gives a new member a balance of nothing.
///
/// # Errors
/// A failure of storage.
pub fn insert_balance(sql: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    OPEN_BALANCE.run(sql, &[member.raw().into()])
}

/// True when the business event has an entry of this kind (L4).
///
/// # Errors
/// A failure of storage.
pub fn has_entry(sql: &dyn Sql, event: &str, kind: EntryKind) -> Result<bool, StoreError> {
    Ok(HAS_ENTRY.query_one(sql, &[event.into(), kind.code().into()])?.is_some())
}

/// Records an entry with everything that it changes. Call inside a transaction.
///
/// # Errors
/// A failure of storage; a unique violation when the business event has an entry of this kind already (L4).
pub fn insert_entry(sql: &dyn Sql, entry: &Entry, unit: &str, note: Option<&str>) -> Result<(), StoreError> {
    let occasion = &entry.occasion;
    INSERT_ENTRY.run(
        sql,
        &[
            entry.id.raw().into(),
            entry.kind.code().into(),
            occasion.event.as_str().into(),
            entry.member.raw().into(),
            occasion.receipt.map(ReceiptId::raw).into(),
            occasion.outlet.map(OutletId::raw).into(),
            occasion.effective_at.millis().into(),
            occasion.recorded_at.millis().into(),
            note.into(),
        ],
    )?;
    let postings: Vec<Value> = entry
        .postings
        .iter()
        .flat_map(|posting| {
            [
                entry.id.raw().into(),
                posting.account.code().into(),
                unit.into(),
                posting.amount.hundredths().into(),
            ]
        })
        .collect();
    INSERT_POSTINGS.run(sql, &postings)?;
    insert_lots(sql, entry)?;
    move_lots(sql, entry)?;
    let moved = |account| {
        let amounts = entry.postings.iter().filter(|posting| posting.account == account);
        Value::from(amounts.map(|posting| posting.amount.hundredths()).sum::<i64>())
    };
    MOVE_BALANCE.run(
        sql,
        &[
            entry.member.raw().into(),
            moved(Account::Pending),
            moved(Account::Available),
            moved(Account::Held),
        ],
    )
}

fn insert_lots(sql: &dyn Sql, entry: &Entry) -> Result<(), StoreError> {
    let lots: Vec<Value> = entry
        .lots
        .iter()
        .flat_map(|lot| {
            [
                lot.id.raw().into(),
                entry.member.raw().into(),
                entry.id.raw().into(),
                lot.source.code().into(),
                lot.receipt.map(ReceiptId::raw).into(),
                lot.granted.hundredths().into(),
                lot.pending.hundredths().into(),
                lot.available.hundredths().into(),
                lot.held.hundredths().into(),
                lot.activates_at.map(Timestamp::millis).into(),
                lot.expires_at.map(Timestamp::millis).into(),
            ]
        })
        .collect();
    INSERT_LOTS.run(sql, &lots)
}

/// Records the moves and applies those of older lots; a lot born with the entry was written as it is after it.
fn move_lots(sql: &dyn Sql, entry: &Entry) -> Result<(), StoreError> {
    let moves: Vec<Value> = entry
        .moves
        .iter()
        .flat_map(|step| {
            [
                step.lot.raw().into(),
                entry.id.raw().into(),
                step.bucket.code().into(),
                step.amount.hundredths().into(),
            ]
        })
        .collect();
    INSERT_MOVES.run(sql, &moves)?;
    let mut moved: Vec<LotId> = entry.moves.iter().map(|step| step.lot).collect();
    moved.sort_unstable();
    moved.dedup();
    for lot in moved.into_iter().filter(|lot| entry.lots.iter().all(|born| born.id != *lot)) {
        let change = |bucket| {
            let steps = entry.moves.iter().filter(|step| step.lot == lot && step.bucket == bucket);
            Value::from(steps.map(|step| step.amount.hundredths()).sum::<i64>())
        };
        let changes = [change(Account::Pending), change(Account::Available), change(Account::Held)];
        let [pending, available, held] = changes;
        MOVE_LOT.run(sql, &[lot.raw().into(), pending, available, held])?;
    }
    for lot in &entry.activated {
        LOT_ACTIVATED.run(sql, &[lot.raw().into()])?;
    }
    Ok(())
}

/// Reads points from the next column.
pub(crate) fn points(row: &mut Row) -> Result<Points, StoreError> {
    row.integer().map(Points::from_hundredths)
}

fn read_lot(row: &mut Row) -> Result<Lot, StoreError> {
    Ok(Lot {
        id: LotId::from_raw(row.integer()?),
        source: row.parsed(parse_source)?,
        receipt: row.integer_or_null()?.map(ReceiptId::from_raw),
        granted: points(row)?,
        pending: points(row)?,
        available: points(row)?,
        held: points(row)?,
        activates_at: row.integer_or_null()?.map(Timestamp::from_millis),
        expires_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

fn parse_source(code: &str) -> Result<LotSource, ()> {
    use LotSource::{Correction, Opening, Receipt, Reinstated, Welcome};
    [Receipt, Welcome, Reinstated, Opening, Correction]
        .into_iter()
        .find(|source| source.code() == code)
        .ok_or(())
}

/// Reads an entry kind's code.
pub(crate) fn parse_kind(code: &str) -> Result<EntryKind, ()> {
    use EntryKind::{
        Accrual, Activation, Adjustment, Capture, Clawback, Expiry, Hold as Held, Reinstatement, Release,
    };
    [Accrual, Activation, Held, Capture, Release, Expiry, Clawback, Reinstatement, Adjustment]
        .into_iter()
        .find(|kind| kind.code() == code)
        .ok_or(())
}

/// Reads an entry id from the next column.
pub(crate) fn entry_id(row: &mut Row) -> Result<EntryId, StoreError> {
    row.integer().map(EntryId::from_raw)
}

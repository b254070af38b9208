//! The ledger: entries, postings, lots, balances. What `ledger` decided is written here as it is.

use std::collections::BTreeMap;

use kernel::{EntryId, LotId, MemberId, OutletId, Points, ReceiptId, StaffId, Timestamp};
use ledger::model::{Account as Posted, Entry, EntryKind, Lot, LotSource, Wallet};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

/// The columns that [`read_account`] expects, for statements that join balances.
macro_rules! account_columns {
    () => {
        "b.pending, b.available, b.held, b.due_at"
    };
}
pub(crate) use account_columns;

/// The columns that [`read_lot`] expects.
macro_rules! lot_columns {
    () => {
        "l.id, l.source, l.receipt_id, l.granted, l.pending, l.available, l.held, l.activates_at, l.expires_at"
    };
}
pub(crate) use lot_columns;

const ACCOUNT: Statement = Statement::new(
    "ledger.account",
    concat!("select ", account_columns!(), " from balances b where b.member_id = ?1"),
);
const OPEN_ACCOUNT: Statement = Statement::new(
    "ledger.open_account",
    "insert into balances (member_id, pending, available, held) values (?1, 0, 0, 0)",
);
const OPEN_LOTS: Statement = Statement::new(
    "ledger.open_lots",
    concat!(
        "select ",
        lot_columns!(),
        " from lots l where l.member_id = ?1 and l.pending + l.available + l.held > 0 order by l.id"
    ),
);
const MOVE_BALANCE: Statement = Statement::new(
    "ledger.move_balance",
    "update balances set pending = pending + ?2, available = available + ?3, held = held + ?4, \
     due_at = case when due_at < ?5 or ?5 is null then due_at else ?5 end where member_id = ?1",
);
const SETTLE_BALANCE: Statement = Statement::new(
    "ledger.settle_balance",
    "update balances set pending = pending + ?2, available = available + ?3, held = held + ?4, due_at = ?5 \
     where member_id = ?1",
);
const INSERT_ENTRIES: ManyRows = ManyRows::insert(
    "ledger.insert_entries",
    "insert into entries (id, kind, event, member_id, receipt_id, outlet_id, effective_at, recorded_at, note) values ",
    9,
);
const INSERT_POSTINGS: ManyRows = ManyRows::insert(
    "ledger.insert_postings",
    "insert into postings (entry_id, account, unit, amount) values ",
    4,
);
const INSERT_LOTS: ManyRows = ManyRows::insert(
    "ledger.insert_lots",
    "insert into lots (id, member_id, entry_id, source, receipt_id, granted, pending, available, held, activates_at, \
     expires_at) values ",
    11,
);
const INSERT_MOVES: ManyRows = ManyRows::insert(
    "ledger.insert_moves",
    "insert into lot_moves (lot_id, entry_id, bucket, amount) values ",
    4,
);
/// Columns of `values` are called column1, column2, … in SQLite and in PostgreSQL.
const MOVE_LOTS: ManyRows = ManyRows {
    name: "ledger.move_lots",
    head: "update lots set pending = pending + v.column2, available = available + v.column3, \
           held = held + v.column4, activates_at = case when v.column5 = 1 then null else activates_at end \
           from (values ",
    width: 5,
    tail: ") v where lots.id = v.column1",
};
const ADJUSTED: Statement = Statement::new(
    "ledger.adjusted",
    "select coalesce(sum(abs(p.amount)), 0) from entries e \
     join postings p on p.entry_id = e.id and p.account = 'adjusted' \
     where e.event >= ?1 and e.event <= ?2 and e.kind = 'adjustment' and e.recorded_at > ?3",
);
const HAS_ENTRY: Statement =
    Statement::new("ledger.has_entry", "select 1 from entries where event = ?1 and kind = ?2");

/// A member's balances as they are stored: as time had left them when they were written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    /// Time changes nothing before this: no hold ends, no lot activates or expires. `None`: never.
    pub due_at: Option<Timestamp>,
}

impl Account {
    /// Whether time has changed something by `now` that is not written yet.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due| due <= now)
    }

    /// A wallet with these balances and lots.
    #[must_use]
    pub const fn wallet(&self, member: MemberId, lots: Vec<Lot>) -> Wallet {
        Wallet { member, available: self.available, held: self.held, pending: self.pending, lots }
    }
}

/// What entries mean for the time at which something of their member falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Something falls due at that time at the latest; what else there is may be earlier.
    By(Option<Timestamp>),
    /// That is the first thing of all.
    First(Option<Timestamp>),
}

/// A member's balances.
///
/// # Errors
/// A failure of storage; an inconsistent row when the member has no balance row.
pub fn load_account(sql: &dyn Sql, member: MemberId) -> Result<Account, StoreError> {
    let row = ACCOUNT.query_one(sql, &[member.raw().into()])?;
    let mut row = row.ok_or(StoreError::Inconsistent {
        statement: ACCOUNT.name,
        column: 0,
        problem: "a member without a balance row",
    })?;
    read_account(&mut row)
}

/// Every lot of a member with something left in it.
///
/// # Errors
/// A failure of storage.
pub fn load_lots(sql: &dyn Sql, member: MemberId) -> Result<Vec<Lot>, StoreError> {
    OPEN_LOTS.query(sql, &[member.raw().into()])?.iter_mut().map(read_lot).collect()
}

/// Gives a new member a balance of nothing.
///
/// # Errors
/// A failure of storage.
pub fn insert_account(sql: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    OPEN_ACCOUNT.run(sql, &[member.raw().into()])
}

/// True when the business event has an entry of this kind (L4).
///
/// # Errors
/// A failure of storage.
pub fn has_entry(sql: &dyn Sql, event: &str, kind: EntryKind) -> Result<bool, StoreError> {
    Ok(HAS_ENTRY.query_one(sql, &[event.into(), kind.code().into()])?.is_some())
}

/// The event of a correction by hand: who did it, and a number of its own (an id), because a person may correct a balance
/// twice. All numbers have one length, so that events are in the order of their numbers.
#[must_use]
pub fn adjustment_event(by: StaffId, number: i64) -> String {
    format!("adjustment:{}:{number:019}", by.raw())
}

/// Points that a person has given and taken by hand since `since`, all members together, by events whose number is at
/// least `first`.
///
/// # Errors
/// A failure of storage.
pub fn load_adjusted(sql: &dyn Sql, by: StaffId, first: i64, since: Timestamp) -> Result<Points, StoreError> {
    // A range of the index by event.
    let (first, last) = (adjustment_event(by, first), adjustment_event(by, i64::MAX));
    let parameters = [first.as_str().into(), last.as_str().into(), since.millis().into()];
    ADJUSTED.query_one(sql, &parameters)?.map_or(Ok(Points::ZERO), |mut row| points(&mut row))
}

/// Records entries of one member with everything that they change, in a number of calls that does not depend on how many
/// they are. Call inside a transaction.
///
/// # Errors
/// A failure of storage; a unique violation when a business event has an entry of the kind already (L4).
pub fn insert_entries(
    sql: &dyn Sql,
    member: MemberId,
    entries: &[Entry],
    unit: &str,
    note: Option<&str>,
    due: Due,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(entries.len() * INSERT_ENTRIES.width);
    let mut postings = Vec::new();
    for entry in entries {
        debug_assert_eq!(entry.member, member, "entries of one member");
        let occasion = &entry.occasion;
        rows.extend([
            entry.id.raw().into(),
            entry.kind.code().into(),
            occasion.event.as_str().into(),
            entry.member.raw().into(),
            occasion.receipt.map(ReceiptId::raw).into(),
            occasion.outlet.map(OutletId::raw).into(),
            occasion.effective_at.millis().into(),
            occasion.recorded_at.millis().into(),
            note.into(),
        ]);
        for posting in &entry.postings {
            let amount = posting.amount.hundredths();
            postings.extend([
                entry.id.raw().into(),
                posting.account.code().into(),
                unit.into(),
                amount.into(),
            ]);
        }
    }
    INSERT_ENTRIES.run(sql, &rows)?;
    INSERT_POSTINGS.run(sql, &postings)?;
    insert_lots(sql, entries)?;
    move_lots(sql, entries)?;
    move_balance(sql, member, entries, due)
}

fn move_balance(sql: &dyn Sql, member: MemberId, entries: &[Entry], due: Due) -> Result<(), StoreError> {
    let moved = |account: Posted| {
        let postings = entries.iter().flat_map(|entry| &entry.postings);
        let amounts = postings.filter(|posting| posting.account == account);
        Value::from(amounts.map(|posting| posting.amount.hundredths()).sum::<i64>())
    };
    let (statement, due) = match due {
        Due::By(due) => (&MOVE_BALANCE, due),
        Due::First(due) => (&SETTLE_BALANCE, due),
    };
    let moved = [moved(Posted::Pending), moved(Posted::Available), moved(Posted::Held)];
    let [pending, available, held] = moved;
    let due = due.map(Timestamp::millis).into();
    statement.run(sql, &[member.raw().into(), pending, available, held, due])
}

fn insert_lots(sql: &dyn Sql, entries: &[Entry]) -> Result<(), StoreError> {
    let mut lots = Vec::new();
    for (entry, lot) in entries.iter().flat_map(|entry| entry.lots.iter().map(move |lot| (entry, lot))) {
        lots.extend([
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
        ]);
    }
    INSERT_LOTS.run(sql, &lots)
}

/// How an entry changes a lot that was there before it.
#[derive(Default)]
struct Change {
    pending: i64,
    available: i64,
    held: i64,
    activated: bool,
}

/// Records the moves and applies them, but for those of a lot's birth: it was written as it is after that.
fn move_lots(sql: &dyn Sql, entries: &[Entry]) -> Result<(), StoreError> {
    let mut moves = Vec::new();
    let mut changes: BTreeMap<LotId, Change> = BTreeMap::new();
    for entry in entries {
        for step in &entry.moves {
            let amount = step.amount.hundredths();
            moves.extend([
                step.lot.raw().into(),
                entry.id.raw().into(),
                step.bucket.code().into(),
                amount.into(),
            ]);
            if entry.lots.iter().any(|born| born.id == step.lot) {
                continue;
            }
            let change = changes.entry(step.lot).or_default();
            match step.bucket {
                Posted::Pending => change.pending += amount,
                Posted::Available => change.available += amount,
                Posted::Held => change.held += amount,
                // An entry's moves are in the member's buckets: `ledger` verifies it.
                Posted::Issued | Posted::Redeemed | Posted::Expired | Posted::Adjusted => {}
            }
        }
        for lot in &entry.activated {
            changes.entry(*lot).or_default().activated = true;
        }
    }
    INSERT_MOVES.run(sql, &moves)?;
    let mut rows = Vec::with_capacity(changes.len() * MOVE_LOTS.width);
    for (lot, change) in &changes {
        rows.extend([
            Value::from(lot.raw()),
            change.pending.into(),
            change.available.into(),
            change.held.into(),
            change.activated.into(),
        ]);
    }
    MOVE_LOTS.run(sql, &rows)
}

/// Reads [`account_columns!`].
pub(crate) fn read_account(row: &mut Row) -> Result<Account, StoreError> {
    Ok(Account {
        pending: points(row)?,
        available: points(row)?,
        held: points(row)?,
        due_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

/// Reads points from the next column.
pub(crate) fn points(row: &mut Row) -> Result<Points, StoreError> {
    row.integer().map(Points::from_hundredths)
}

/// Reads [`lot_columns!`].
pub(crate) fn read_lot(row: &mut Row) -> Result<Lot, StoreError> {
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
    use LotSource::{Correction, Game, Opening, Receipt, Referral, Reinstated, Welcome};
    [Receipt, Welcome, Reinstated, Opening, Correction, Game, Referral]
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

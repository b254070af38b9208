//! Re-deriving the ledger: each statement looks at a slice of members and returns only what does not fit.
//!
//! Every check compares two things that were written apart: postings with each other, with balances, with lots;
//! lots with their moves and with holds; receipts and returns with the entries that they caused. Slices are ranges
//! of member ids, so that entries, lots and receipts are found through their indexes by member.

use kernel::{EntryId, MemberId, Points};
use ledger::model::EntryKind;

use crate::dialect;
use crate::error::StoreError;
use crate::ledger::{entry_id, parse_kind};
use crate::port::Sql;
use crate::statement::{Row, Statement};

mod checks;

pub use checks::{CHECKS, Check};

const SLICE_END: Statement = Statement::new(
    "verify.slice_end",
    "select count(*), max(id) from (select id from members where id > ?1 order by id limit ?2) s",
);
const TOTALS: Statement = Statement::new(
    "verify.totals",
    "select p.account, sum(p.amount) from entries e join postings p on p.entry_id = e.id \
     where e.member_id > ?1 and e.member_id <= ?2 group by p.account order by p.account",
);
const ENTRY_COUNT: Statement = Statement::new(
    "verify.entry_count",
    "select count(*) from entries where member_id > ?1 and member_id <= ?2",
);
const SHAPES: Statement = Statement::new(
    "verify.shapes",
    "select e.kind, p.account, min(e.member_id), min(e.id) from entries e join postings p on p.entry_id = e.id \
     where e.member_id > ?1 and e.member_id <= ?2 group by e.kind, p.account order by e.kind, p.account",
);

/// Something that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    pub member: MemberId,
    /// Raw id of what the check is about.
    pub subject: i64,
    /// As derived.
    pub expected: i64,
    /// As stored.
    pub found: i64,
}

/// Members after one id up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    pub after: MemberId,
    pub last: MemberId,
    pub members: i64,
}

/// Runs `work` on one unchanging picture of the database, without keeping anybody from writing.
///
/// # Errors
/// What `work` returned, or a failure of storage.
pub fn snapshot<T>(
    sql: &dyn Sql,
    work: impl FnOnce(&dyn Sql) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    dialect::BEGIN_READ.run(sql, &[])?;
    let result = work(sql);
    dialect::COMMIT.run(sql, &[])?;
    result
}

/// The slice of up to `limit` members after `after`; `None` past the last member.
///
/// # Errors
/// A failure of storage.
pub fn load_slice(sql: &dyn Sql, after: MemberId, limit: i64) -> Result<Option<Slice>, StoreError> {
    let Some(mut row) = SLICE_END.query_one(sql, &[after.raw().into(), limit.into()])? else {
        return Ok(None);
    };
    let members = row.integer()?;
    Ok(row.integer_or_null()?.map(|last| Slice { after, last: MemberId::from_raw(last), members }))
}

/// The first `limit` differences of one check.
///
/// # Errors
/// A failure of storage.
pub fn list_differences(
    sql: &dyn Sql,
    check: &Check,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Difference>, StoreError> {
    let parameters = [slice.after.raw().into(), slice.last.raw().into(), limit.into()];
    let mut rows = check.statement.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            Ok(Difference {
                member: MemberId::from_raw(row.integer()?),
                subject: row.integer()?,
                expected: row.integer()?,
                found: row.integer()?,
            })
        })
        .collect()
}

/// A kind of entry and an account that such entries touch, with one that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    pub kind_code: String,
    /// `None` when there is no such kind.
    pub kind: Option<EntryKind>,
    pub account: String,
    pub member: MemberId,
    pub entry: EntryId,
}

/// Which kinds of entry touch which accounts.
///
/// # Errors
/// A failure of storage.
pub fn list_shapes(sql: &dyn Sql, slice: Slice) -> Result<Vec<Shape>, StoreError> {
    let mut rows = SHAPES.query(sql, &[slice.after.raw().into(), slice.last.raw().into()])?;
    let read = |row: &mut Row| {
        let kind_code = row.text()?;
        Ok(Shape {
            kind: parse_kind(&kind_code).ok(),
            kind_code,
            account: row.text()?,
            member: MemberId::from_raw(row.integer()?),
            entry: entry_id(row)?,
        })
    };
    rows.iter_mut().map(read).collect()
}

/// How many entries the slice has, and the sum of its postings by account.
///
/// # Errors
/// A failure of storage.
pub fn load_totals(sql: &dyn Sql, slice: Slice) -> Result<(i64, Vec<(String, Points)>), StoreError> {
    let range = [slice.after.raw().into(), slice.last.raw().into()];
    let entries = ENTRY_COUNT.query_one(sql, &range)?.map_or(Ok(0), |mut row| row.integer())?;
    let mut rows = TOTALS.query(sql, &range)?;
    let read = |row: &mut Row| Ok((row.text()?, Points::from_hundredths(row.integer()?)));
    Ok((entries, rows.iter_mut().map(read).collect::<Result<_, StoreError>>()?))
}

/// The guards against rewriting the ledger (L3) that this database lacks.
///
/// # Errors
/// A failure of storage.
pub fn list_missing_guards(sql: &dyn Sql) -> Result<Vec<&'static str>, StoreError> {
    let mut rows = dialect::GUARDS.query(sql, &[])?;
    let present = rows.iter_mut().map(Row::text).collect::<Result<Vec<_>, _>>()?;
    Ok(dialect::APPEND_ONLY
        .iter()
        .copied()
        .filter(|guard| !present.iter().any(|name| name == guard))
        .collect())
}

//! Of whom something is due: a hold that ends, points that become available or run out.

use kernel::{MemberId, Timestamp};

use crate::error::StoreError;
use crate::ledger::{Account, account_columns, read_account};
use crate::port::Sql;
use crate::statement::Statement;

const NEXT_DUE: Statement =
    Statement::new("lifecycle.next_due", "select min(due_at) from balances where due_at is not null");
const DUE: Statement = Statement::new(
    "lifecycle.due",
    concat!(
        "select b.member_id, m.brand, ",
        account_columns!(),
        " from balances b join members m on m.id = b.member_id where b.due_at is not null and b.due_at <= ?1 \
         and (b.due_at, b.member_id) > (?2, ?3) order by b.due_at, b.member_id limit ?4"
    ),
);

/// A member of whom something is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMember {
    pub member: MemberId,
    pub brand: String,
    pub account: Account,
}

/// The earliest moment at which something of somebody is due; `None` when nothing waits.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    let Some(mut row) = NEXT_DUE.query_one(sql, &[])? else { return Ok(None) };
    Ok(row.integer_or_null()?.map(Timestamp::from_millis))
}

/// Members of whom something is due by `now`, in the order of that time and of their ids, after the place `after`.
///
/// # Errors
/// A failure of storage.
pub fn list_due(
    sql: &dyn Sql,
    now: Timestamp,
    after: (Timestamp, MemberId),
    limit: i64,
) -> Result<Vec<DueMember>, StoreError> {
    let parameters = [now.millis().into(), after.0.millis().into(), after.1.raw().into(), limit.into()];
    let mut rows = DUE.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            let member = MemberId::from_raw(row.integer()?);
            Ok(DueMember { member, brand: row.text()?, account: read_account(row)? })
        })
        .collect()
}

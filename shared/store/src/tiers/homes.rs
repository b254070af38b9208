//! Where members were at home before: whose zone and currency counted until when.

use kernel::{Currency, Date, MemberId, OutletId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const LIST: Statement = Statement::new(
    "member_homes.list",
    "select h.moved_on, o.zone, o.currency from member_homes h join outlets o on o.id = h.outlet_before \
     where h.member_id = ?1 order by h.id limit ?2",
);
/// Only if each of the last so many receipts, in the order of business, is of one other country than the home.
const FOLLOW: Statement = Statement::new(
    "member_homes.follow",
    "insert into member_homes (id, member_id, outlet_before, outlet_after, moved_on, moved_at) \
     select ?1, m.id, h.id, n.id, ?4, ?5 from members m join outlets h on h.id = m.home_outlet_id \
     join outlets n on n.id = ?3 where m.id = ?2 and h.country <> n.country \
     and (select count(*) from (select r.outlet_id from receipts r where r.member_id = ?2 \
     order by r.business_date desc, r.sold_at desc limit ?6) l join outlets o on o.id = l.outlet_id \
     where o.country = n.country) >= ?6",
);

/// A home that a member has moved away from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The day of the move: the last on which this home counted.
    pub on: Date,
    pub zone: String,
    pub currency: Currency,
}

/// The homes that a member has left, the first of them first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId, limit: i64) -> Result<Vec<Left>, StoreError> {
    LIST.query(sql, &[member.raw().into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Moves the home of a member to `outlet` if their last `receipts` receipts are all of its country and the home is not.
/// `id` is the move's, `on` the local day at the outlet.
///
/// # Errors
/// A failure of storage.
pub fn follow(
    sql: &dyn Sql,
    id: i64,
    (member, outlet): (MemberId, OutletId),
    (on, at): (Date, Timestamp),
    receipts: i64,
) -> Result<(), StoreError> {
    FOLLOW.run(
        sql,
        &[
            id.into(),
            member.raw().into(),
            outlet.raw().into(),
            on.to_string().into(),
            at.millis().into(),
            receipts.into(),
        ],
    )
}

fn read(row: &mut Row) -> Result<Left, StoreError> {
    let on = row.parsed(Date::parse)?;
    Ok(Left { on, zone: row.text()?, currency: row.parsed(Currency::parse)? })
}

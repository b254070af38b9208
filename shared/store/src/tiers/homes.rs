//! Where members were at home before: whose zone and currency counted until when.

use kernel::{Currency, Date, MemberId, OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const LIST: Statement = Statement::new(
    "member_homes.list",
    "select h.moved_on, o.zone, o.currency from member_homes h join outlets o on o.id = h.outlet_before \
     where h.member_id = ?1 order by h.id limit ?2",
);
/// Only if each of the last so many receipts, in the order of business, is of one other country than the home. What was
/// bought before a person moved the home says nothing against the move.
const FOLLOW: Statement = Statement::new(
    "member_homes.follow",
    "insert into member_homes (id, member_id, outlet_before, outlet_after, moved_on, moved_at) \
     select ?1, m.id, h.id, n.id, ?4, ?5 from members m join outlets h on h.id = m.home_outlet_id \
     join outlets n on n.id = ?3 where m.id = ?2 and h.country <> n.country \
     and (select count(*) from (select r.outlet_id from receipts r where r.member_id = ?2 \
     and r.sold_at >= coalesce((select max(k.moved_at) from member_homes k where k.member_id = ?2 \
     and k.moved_by is not null), 0) order by r.business_date desc, r.sold_at desc limit ?6) l join outlets o on o.id = l.outlet_id \
     where o.country = n.country) >= ?6",
);

const HOME: Statement = Statement::new(
    "member_homes.home",
    "select o.code, o.zone from members m left join outlets o on o.id = m.home_outlet_id where m.id = ?1",
);
const MOVES: Statement = Statement::new(
    "member_homes.moves",
    "select b.code, a.code, h.moved_on, h.moved_at, h.moved_by, h.reason from member_homes h \
     join outlets b on b.id = h.outlet_before join outlets a on a.id = h.outlet_after \
     where h.member_id = ?1 order by h.id desc limit ?2",
);
const COUNT_BY: Statement = Statement::new(
    "member_homes.count_by",
    "select count(*) from member_homes where moved_by = ?1 and id >= ?2 and moved_at > ?3",
);
const INSERT: Statement = Statement::new(
    "member_homes.insert",
    "insert into member_homes (id, member_id, outlet_before, outlet_after, moved_on, moved_at, moved_by, reason) \
     select ?1, m.id, m.home_outlet_id, ?3, ?4, ?5, ?6, ?7 from members m where m.id = ?2",
);
const IS_OWN: Statement = Statement::new(
    "member_homes.is_own",
    "select 1 from staff_members where member_id = ?1 and staff_id = ?2 limit 1",
);

/// A home that a member has moved away from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The day of the move: the last on which this home counted.
    pub on: Date,
    pub zone: String,
    pub currency: Currency,
}

/// A move as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Codes of the outlets.
    pub before: String,
    pub after: String,
    /// The last day of the home before.
    pub on: Date,
    pub at: Timestamp,
    /// `None`: it followed the member.
    pub by: Option<StaffId>,
    pub reason: Option<String>,
}

/// A move that a person makes.
#[derive(Debug, Clone, Copy)]
pub struct NewMove<'a> {
    pub id: i64,
    pub member: MemberId,
    pub outlet: OutletId,
    pub on: Date,
    pub at: Timestamp,
    pub by: StaffId,
    pub reason: &'a str,
}

/// Code and zone of a member's home; `Some(None)` where they have none yet.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId) -> Result<Option<Option<(String, String)>>, StoreError> {
    let Some(mut row) = HOME.query_one(sql, &[member.raw().into()])? else { return Ok(None) };
    Ok(Some(row.text_or_null()?.zip(row.text_or_null()?)))
}

/// A member's moves, newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_moves(sql: &dyn Sql, member: MemberId, limit: i64) -> Result<Vec<Move>, StoreError> {
    let mut rows = MOVES.query(sql, &[member.raw().into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Move {
                before: row.text()?,
                after: row.text()?,
                on: row.parsed(Date::parse)?,
                at: Timestamp::from_millis(row.integer()?),
                by: row.integer_or_null()?.map(StaffId::from_raw),
                reason: row.text_or_null()?,
            })
        })
        .collect()
}

/// How many homes a person has moved after `since`, among moves from the id `from` on.
///
/// # Errors
/// A failure of storage.
pub fn count_by(sql: &dyn Sql, by: StaffId, from: i64, since: Timestamp) -> Result<i64, StoreError> {
    let row = COUNT_BY.query_one(sql, &[by.raw().into(), from.into(), since.millis().into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// Moves a home. The database does the rest: the member has it from then on and is looked at again.
///
/// # Errors
/// A failure of storage, also for a member without a home.
pub fn insert(tx: &dyn Sql, new: &NewMove<'_>) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            new.id.into(),
            new.member.raw().into(),
            new.outlet.raw().into(),
            new.on.to_string().into(),
            new.at.millis().into(),
            new.by.raw().into(),
            new.reason.into(),
        ],
    )
}

/// Whether a guest's account is or was that of a member of staff.
///
/// # Errors
/// A failure of storage.
pub fn is_own(sql: &dyn Sql, member: MemberId, staff: StaffId) -> Result<bool, StoreError> {
    Ok(IS_OWN.query_one(sql, &[member.raw().into(), staff.raw().into()])?.is_some())
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

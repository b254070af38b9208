//! Who shares what with whom, and who brought whom.

use kernel::{MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const INSERT: ManyRows = ManyRows {
    name: "fraud.insert_links",
    head: "insert into fraud_links (id, kind, value, member_id, first_at) values ",
    width: 5,
    tail: " on conflict (kind, value, member_id) do nothing",
};
const INSERT_REFERRAL: Statement = Statement::new(
    "fraud.insert_referral",
    "insert into fraud_referrals (id, referrer_id, friend_id, at) values (?1, ?2, ?3, ?4) \
     on conflict (referrer_id, friend_id) do nothing",
);
/// Members whom something happened to since a place: links first.
const CHANGED: Statement = Statement::new(
    "fraud.changed_members",
    "select id, member_id from (select id, member_id from fraud_links where id > ?1 \
     union all select id, friend_id from fraud_referrals where id > ?1) x order by id limit ?2",
);
const OF_MEMBER: Statement = Statement::new(
    "fraud.links_of_member",
    "select kind, value from fraud_links where member_id = ?1 order by id desc limit ?2",
);
const SHARED_BY: Statement = Statement::new(
    "fraud.shared_by",
    "select member_id from fraud_links where kind = ?1 and value = ?2 order by member_id limit ?3",
);
const REFERRALS_OF: Statement = Statement::new(
    "fraud.referrals_of",
    "select friend_id from fraud_referrals where referrer_id = ?1 order by id desc limit ?2",
);
const CURSOR: Statement =
    Statement::new("fraud.sweep_cursor", "select cursor_id from fraud_sweeps where name = ?1");
const MOVE_ON: Statement = Statement::new(
    "fraud.sweep_move_on",
    "insert into fraud_sweeps (name, cursor_id) values (?1, ?2) \
     on conflict (name) do update set cursor_id = excluded.cursor_id",
);
const FORGET_LINKS: Statement =
    Statement::new("fraud.forget_links", "delete from fraud_links where member_id = ?1");
/// Accounts of a few days that spent points after one receipt or none of their own, by outlet.
const HARVESTED: Statement = Statement::new(
    "fraud.harvested",
    "select h.outlet_id, h.member_id, m.brand, m.joined_at from holds h join members m on m.id = h.member_id \
     where h.id > ?1 and h.status = 'captured' and m.joined_at > ?2 and m.status = 'active' \
     and (select count(*) from receipts r where r.member_id = m.id and r.points_paid = 0) <= 1 \
     order by h.outlet_id, h.member_id limit ?3",
);

/// What a member was seen with: `device` or `payment`, and the number of its hash.
pub type Shared = (String, i64);

/// Writes down what members were seen with for the first time: id, kind, value, member.
///
/// # Errors
/// A failure of storage.
pub fn insert(
    tx: &dyn Sql,
    links: &[(i64, &'static str, i64, MemberId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut values: Vec<Value> = Vec::with_capacity(links.len() * INSERT.width);
    for (id, kind, value, member) in links {
        values.extend([
            (*id).into(),
            (*kind).into(),
            (*value).into(),
            member.raw().into(),
            now.millis().into(),
        ]);
    }
    INSERT.run(tx, &values)
}

/// Writes down who brought whom.
///
/// # Errors
/// A failure of storage.
pub fn insert_referral(
    tx: &dyn Sql,
    id: i64,
    referrer: MemberId,
    friend: MemberId,
    at: Timestamp,
) -> Result<(), StoreError> {
    INSERT_REFERRAL.run(tx, &[id.into(), referrer.raw().into(), friend.raw().into(), at.millis().into()])
}

/// Members who were linked after a place, with their places, in order.
///
/// # Errors
/// A failure of storage.
pub fn list_changed(sql: &dyn Sql, after: i64, limit: i64) -> Result<Vec<(i64, MemberId)>, StoreError> {
    let mut rows = CHANGED.query(sql, &[after.into(), limit.into()])?;
    rows.iter_mut().map(|row| Ok((row.integer()?, MemberId::from_raw(row.integer()?)))).collect()
}

/// What a member was seen with, the newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of(sql: &dyn Sql, member: MemberId, limit: i64) -> Result<Vec<Shared>, StoreError> {
    let mut rows = OF_MEMBER.query(sql, &[member.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| Ok((row.text()?, row.integer()?))).collect()
}

/// Who was seen with it.
///
/// # Errors
/// A failure of storage.
pub fn list_sharing(sql: &dyn Sql, shared: &Shared, limit: i64) -> Result<Vec<MemberId>, StoreError> {
    let parameters = [shared.0.as_str().into(), shared.1.into(), limit.into()];
    let mut rows = SHARED_BY.query(sql, &parameters)?;
    rows.iter_mut().map(|row| row.integer().map(MemberId::from_raw)).collect()
}

/// Whom a member brought, the newest first.
///
/// # Errors
/// A failure of storage.
pub fn list_friends(sql: &dyn Sql, referrer: MemberId, limit: i64) -> Result<Vec<MemberId>, StoreError> {
    let mut rows = REFERRALS_OF.query(sql, &[referrer.raw().into(), limit.into()])?;
    rows.iter_mut().map(|row| row.integer().map(MemberId::from_raw)).collect()
}

/// How far a scheduled look has got; zero before the first.
///
/// # Errors
/// A failure of storage.
pub fn load_cursor(sql: &dyn Sql, name: &str) -> Result<i64, StoreError> {
    CURSOR.query_one(sql, &[name.into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Moves a scheduled look on.
///
/// # Errors
/// A failure of storage.
pub fn save_cursor(tx: &dyn Sql, name: &str, cursor: i64) -> Result<(), StoreError> {
    MOVE_ON.run(tx, &[name.into(), cursor.into()])
}

/// Forgets what a member was seen with.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    FORGET_LINKS.run(tx, &[member.raw().into()])
}

/// A fresh account that spent points without having bought much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harvested {
    pub outlet: kernel::OutletId,
    pub member: MemberId,
    pub brand: String,
    pub joined_at: Timestamp,
}

/// Accounts that joined after `joined_after` and spent points by holds after the id `after`, having bought at most once, by
/// outlet.
///
/// # Errors
/// A failure of storage.
pub fn list_harvested(
    sql: &dyn Sql,
    after: i64,
    joined_after: Timestamp,
    limit: i64,
) -> Result<Vec<Harvested>, StoreError> {
    let mut rows = HARVESTED.query(sql, &[after.into(), joined_after.millis().into(), limit.into()])?;
    let read = |row: &mut crate::statement::Row| {
        Ok(Harvested {
            outlet: kernel::OutletId::from_raw(row.integer()?),
            member: MemberId::from_raw(row.integer()?),
            brand: row.text()?,
            joined_at: Timestamp::from_millis(row.integer()?),
        })
    };
    rows.iter_mut().map(read).collect()
}

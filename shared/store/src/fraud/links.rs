//! Who shares what with whom, and who brought whom.

use kernel::{MemberId, OrderId, OutletId, SessionId, Timestamp};

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
const IS_LINKED: Statement = Statement::new(
    "fraud.is_linked",
    "select 1 from fraud_links where kind = ?1 and value = ?2 and member_id = ?3",
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
/// Accounts of a few days that spent points after one receipt or none of their own, by outlet, and whether they were judged
/// for it.
const HARVESTED: Statement = Statement::new(
    "fraud.harvested",
    "select h.outlet_id, h.member_id, m.brand, m.joined_at, \
     max(case when exists (select 1 from fraud_swept s where s.member_id = h.member_id and s.at > ?3) then 1 else 0 end) \
     from holds h join members m on m.id = h.member_id \
     where h.id > ?1 and h.outlet_id > ?4 and h.status = 'captured' and m.joined_at > ?2 and m.status = 'active' \
     and (select count(*) from receipts r where r.member_id = m.id and r.points_paid = 0) <= 1 \
     group by h.outlet_id, h.member_id, m.brand, m.joined_at order by h.outlet_id, h.member_id limit ?5",
);
const MARK_SWEPT: Statement = Statement::new(
    "fraud.mark_swept",
    "insert into fraud_swept (member_id, at) values (?1, ?2) on conflict (member_id) do update set at = excluded.at",
);
const PRUNE_SWEPT: Statement = Statement::new("fraud.prune_swept", "delete from fraud_swept where at < ?1");
const PRUNE_LINKS: Statement = Statement::new(
    "fraud.prune_links",
    "delete from fraud_links where id in (select id from fraud_links where id < ?1 order by id limit ?2)",
);
const PRUNE_REFERRALS: Statement = Statement::new(
    "fraud.prune_referrals",
    "delete from fraud_referrals where id in (select id from fraud_referrals where id < ?1 order by id limit ?2)",
);
const PRUNE_TRACES: Statement = Statement::new(
    "fraud.prune_traces",
    "delete from fraud_traces where receipt_id in \
     (select receipt_id from fraud_traces where receipt_id < ?1 order by receipt_id limit ?2)",
);
const PRUNE_RETURNS: Statement = Statement::new(
    "fraud.prune_returns",
    "delete from fraud_returns where return_id in \
     (select return_id from fraud_returns where return_id < ?1 order by return_id limit ?2)",
);
/// Where somebody signed in, and where an order was made.
const SET_SESSION_DEVICE: Statement =
    Statement::new("fraud.set_session_device", "update sessions set device = ?2 where id = ?1");
const SESSION_DEVICE: Statement =
    Statement::new("fraud.session_device", "select device from sessions where id = ?1");
const SET_ORDER_DEVICE: Statement =
    Statement::new("fraud.set_order_device", "update orders set device = ?2 where id = ?1");
const ORDER_DEVICE: Statement =
    Statement::new("fraud.order_device", "select device from orders where id = ?1");
const FORGET_SESSION_DEVICES: Statement = Statement::new(
    "fraud.forget_session_devices",
    "update sessions set device = null where subject = 'member' and subject_id = ?1",
);
const FORGET_ORDER_DEVICES: Statement = Statement::new(
    "fraud.forget_order_devices",
    "update orders set device = null where member_id = ?1 and device is not null",
);
const FORGET_TRACES: Statement = Statement::new(
    "fraud.forget_traces",
    "delete from fraud_traces where receipt_id in (select id from receipts where member_id = ?1)",
);
const FORGET_SWEPT: Statement =
    Statement::new("fraud.forget_swept", "delete from fraud_swept where member_id = ?1");

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

/// Whether a member was seen with it.
///
/// # Errors
/// A failure of storage.
pub fn is_linked(sql: &dyn Sql, shared: &Shared, member: MemberId) -> Result<bool, StoreError> {
    let parameters = [shared.0.as_str().into(), shared.1.into(), member.raw().into()];
    Ok(IS_LINKED.query_one(sql, &parameters)?.is_some())
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
    for statement in [&FORGET_SWEPT, &FORGET_SESSION_DEVICES, &FORGET_ORDER_DEVICES, &FORGET_TRACES] {
        statement.run(tx, &[member.raw().into()])?;
    }
    FORGET_LINKS.run(tx, &[member.raw().into()])
}

/// Notes the device that a session was opened on.
///
/// # Errors
/// A failure of storage.
pub fn set_session_device(tx: &dyn Sql, session: SessionId, device: i64) -> Result<(), StoreError> {
    SET_SESSION_DEVICE.run(tx, &[session.raw().into(), device.into()])
}

/// The device that a session was opened on, if the app said.
///
/// # Errors
/// A failure of storage.
pub fn load_session_device(sql: &dyn Sql, session: SessionId) -> Result<Option<i64>, StoreError> {
    SESSION_DEVICE.query_one(sql, &[session.raw().into()])?.map_or(Ok(None), |mut row| row.integer_or_null())
}

/// Notes the device that an order was made on.
///
/// # Errors
/// A failure of storage.
pub fn set_order_device(tx: &dyn Sql, order: OrderId, device: i64) -> Result<(), StoreError> {
    SET_ORDER_DEVICE.run(tx, &[order.raw().into(), device.into()])
}

/// The device that an order was made on, if it is known.
///
/// # Errors
/// A failure of storage.
pub fn load_order_device(sql: &dyn Sql, order: OrderId) -> Result<Option<i64>, StoreError> {
    ORDER_DEVICE.query_one(sql, &[order.raw().into()])?.map_or(Ok(None), |mut row| row.integer_or_null())
}

/// Deletes what was linked and traced by ids before `before`, at most `limit` rows of each.
///
/// # Errors
/// A failure of storage.
pub fn prune(tx: &dyn Sql, before: i64, limit: i64) -> Result<(), StoreError> {
    for statement in [&PRUNE_LINKS, &PRUNE_REFERRALS, &PRUNE_TRACES, &PRUNE_RETURNS] {
        statement.run(tx, &[before.into(), limit.into()])?;
    }
    Ok(())
}

/// A fresh account that spent points without having bought much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harvested {
    pub outlet: OutletId,
    pub member: MemberId,
    pub brand: String,
    pub joined_at: Timestamp,
    /// The scheduled look has been here.
    pub judged: bool,
}

/// Where to look for fresh accounts that spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HarvestedFrom {
    /// By holds after this id.
    pub hold: i64,
    pub joined_after: Timestamp,
    /// Judged since then counts as judged.
    pub judged_after: Timestamp,
    /// At outlets after this one.
    pub outlet: i64,
}

/// Accounts that spent points, having bought at most once, by outlet.
///
/// # Errors
/// A failure of storage.
pub fn list_harvested(sql: &dyn Sql, from: HarvestedFrom, limit: i64) -> Result<Vec<Harvested>, StoreError> {
    let parameters = [
        from.hold.into(),
        from.joined_after.millis().into(),
        from.judged_after.millis().into(),
        from.outlet.into(),
        limit.into(),
    ];
    let read = |row: &mut crate::statement::Row| {
        Ok(Harvested {
            outlet: OutletId::from_raw(row.integer()?),
            member: MemberId::from_raw(row.integer()?),
            brand: row.text()?,
            joined_at: Timestamp::from_millis(row.integer()?),
            judged: row.boolean()?,
        })
    };
    HARVESTED.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Notes that the scheduled look has judged a member.
///
/// # Errors
/// A failure of storage.
pub fn mark_swept(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    MARK_SWEPT.run(tx, &[member.raw().into(), now.millis().into()])
}

/// Deletes marks from before `before`.
///
/// # Errors
/// A failure of storage.
pub fn prune_swept(tx: &dyn Sql, before: Timestamp) -> Result<(), StoreError> {
    PRUNE_SWEPT.run(tx, &[before.millis().into()])
}

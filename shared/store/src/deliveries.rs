//! How intents are told: one row for each, which goes from way to way until the guest is reached.

pub mod desk;
mod status;
pub mod tries;

pub use status::Status;

use kernel::{MemberId, Timestamp};
use messaging::channel::Lane;
use messaging::frequency::Told;
use messaging::missed::Reasons;
use messaging::plan::Way;
use messaging::{Channel, Topic};

use crate::error::StoreError;
use crate::notifications::urgent_topics;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};

macro_rules! delivery_columns {
    () => {
        "notification_id, member_id, topic, channel, contact_id, status, due_at, expires_at, tries, tries_from, \
         lease_until, lease_id, code, provider_id, created_at, settled_at, reasons"
    };
}
pub(crate) use delivery_columns;

const INSERT: Statement = Statement::new(
    "deliveries.insert",
    "insert into deliveries (notification_id, member_id, topic, lane, channel, contact_id, status, due_at, expires_at, \
     code, created_at, settled_at, reasons) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
);
const BY_ID: Statement = Statement::new(
    "deliveries.by_id",
    concat!("select ", delivery_columns!(), " from deliveries where notification_id = ?1"),
);
const DUE_URGENT: Statement = Statement::new(
    "deliveries.due_urgent",
    concat!(
        "select ",
        delivery_columns!(),
        " from deliveries where status = 'queued' and topic in ",
        urgent_topics!(),
        " and lane = ?1 and due_at <= ?2 and lease_until <= ?2 order by due_at limit ?3"
    ),
);
const DUE: Statement = Statement::new(
    "deliveries.due",
    concat!(
        "select ",
        delivery_columns!(),
        " from deliveries where status = 'queued' and topic not in ",
        urgent_topics!(),
        " and lane = ?1 and due_at <= ?2 and lease_until <= ?2 order by due_at limit ?3"
    ),
);
const HOLD: Statement = Statement::new(
    "deliveries.hold",
    "update deliveries set lease_id = ?2, lease_until = ?3, due_at = ?3, tries = tries + 1 where notification_id = ?1",
);
const PUT_BACK: Statement = Statement::new(
    "deliveries.put_back",
    "update deliveries set lease_id = 0, lease_until = 0, due_at = ?2, tries = ?3, code = ?4 where notification_id = ?1",
);
const REROUTE: Statement = Statement::new(
    "deliveries.reroute",
    "update deliveries set lease_id = 0, lease_until = 0, due_at = ?2, tries = 0, lane = ?3, channel = ?4, \
     contact_id = ?5, code = ?6 where notification_id = ?1",
);
const SETTLE: Statement = Statement::new(
    "deliveries.settle",
    "update deliveries set lease_id = 0, lease_until = 0, status = ?2, code = ?3, provider_id = ?4, settled_at = ?5 \
     where notification_id = ?1",
);
const END: Statement = Statement::new(
    "deliveries.end",
    "update deliveries set lease_id = 0, lease_until = 0, status = ?2, code = ?3, settled_at = ?4, reasons = ?5 \
     where notification_id = ?1",
);
const TOLD: Statement = Statement::new(
    "deliveries.told",
    "select topic, channel, settled_at from (select topic, channel, settled_at from deliveries where member_id = ?1 \
     and status in ('sent', 'unconfirmed') and settled_at > ?2 order by settled_at desc limit ?3) as past \
     union all select topic, channel, ?4 from deliveries where member_id = ?1 and status = 'queued' and lease_until > ?4 \
     and notification_id <> ?5",
);
const NEXT_DUE: Statement = Statement::new(
    "deliveries.next_due",
    "select due_at from deliveries where status = 'queued' and lane = ?1 order by due_at limit 1",
);
const COUNT_DUE: Statement = Statement::new(
    "deliveries.count_due",
    "select count(*) from (select 1 from deliveries where status = 'queued' and lane = ?1 and due_at <= ?2 \
     limit ?3) as some",
);
const DELETE_TRIES: Statement = Statement::new(
    "deliveries.delete_tries",
    "delete from delivery_tries where notification_id in (select notification_id from deliveries \
     where notification_id in (select id from notifications where created_at < ?1 order by created_at limit ?2) \
     and status <> 'queued')",
);
const DELETE_OLD: Statement = Statement::new(
    "deliveries.delete_old",
    "delete from deliveries where notification_id in (select id from notifications where created_at < ?1 \
     order by created_at limit ?2) and status <> 'queued'",
);

/// How an intent is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The intent's id, and the message's towards providers.
    pub id: i64,
    pub member: MemberId,
    pub topic: Topic,
    /// `None` when no way was found.
    pub channel: Option<Channel>,
    pub contact: Option<i64>,
    pub status: Status,
    pub due_at: Timestamp,
    pub expires_at: Timestamp,
    /// Calls this way, one under way included.
    pub tries: u32,
    /// Tries with a greater id count.
    pub tries_from: i64,
    pub lease_until: Timestamp,
    /// Not zero: a call was begun and its outcome is not recorded.
    pub lease: i64,
    /// Why it stands as it does.
    pub code: Option<String>,
    pub provider_id: Option<String>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// Of one that reached nobody: why, channel by channel.
    pub reasons: Reasons,
}

impl Delivery {
    /// The way that it goes now.
    #[must_use]
    pub fn way(&self) -> Option<Way> {
        self.channel.map(|channel| Way { channel, contact: self.contact })
    }
}

/// A decision about an intent, to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewDelivery<'a> {
    pub id: i64,
    pub member: MemberId,
    pub topic: Topic,
    pub expires_at: Timestamp,
    pub now: Timestamp,
    pub decided: Decided<'a>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided<'a> {
    Tell {
        way: Way,
        at: Timestamp,
    },
    /// Not told. With the way that it would have gone, and why each channel did not carry it, where people look at it.
    Settled {
        status: Status,
        code: &'a str,
        way: Option<Way>,
        reasons: &'a Reasons,
    },
}

/// Records how an intent is told.
///
/// # Errors
/// A failure of storage; a unique violation when it was decided before.
pub fn insert(tx: &dyn Sql, new: &NewDelivery<'_>) -> Result<(), StoreError> {
    let (way, status, due_at, code, settled_at, reasons): (_, _, _, Value, Value, Value) = match new.decided {
        Decided::Tell { way, at } => (Some(way), Status::Queued, at, Value::Null, Value::Null, Value::Null),
        Decided::Settled { status, code, way, reasons } => {
            (way, status, new.now, code.into(), new.now.millis().into(), stored(reasons))
        }
    };
    let lane = way.map_or(Lane::Direct, |way| way.channel.lane());
    INSERT.run(
        tx,
        &[
            new.id.into(),
            new.member.raw().into(),
            new.topic.code().into(),
            lane.code().into(),
            way.map(|way| way.channel.code()).into(),
            way.and_then(|way| way.contact).into(),
            status.code().into(),
            due_at.millis().into(),
            new.expires_at.millis().into(),
            code,
            new.now.millis().into(),
            settled_at,
            reasons,
        ],
    )
}

/// How an intent is told.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Delivery>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// What is due in an outbox and nobody is at: what somebody is waiting for at this very moment, then the longest waiting.
///
/// # Errors
/// A failure of storage.
pub fn list_due(sql: &dyn Sql, lane: Lane, now: Timestamp, limit: i64) -> Result<Vec<Delivery>, StoreError> {
    let mut found = Vec::new();
    for statement in [&DUE_URGENT, &DUE] {
        let left = limit - found.len() as i64;
        if left <= 0 {
            break;
        }
        let mut rows = statement.query(sql, &[lane.code().into(), now.millis().into(), left.into()])?;
        for row in &mut rows {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Takes a delivery for `lease` until a time, and counts a try. It is due again then: whoever took it may be lost.
///
/// # Errors
/// A failure of storage.
pub fn hold(tx: &dyn Sql, id: i64, lease: i64, until: Timestamp) -> Result<(), StoreError> {
    HOLD.run(tx, &[id.into(), lease.into(), until.millis().into()])
}

/// Gives a delivery back, to be tried the same way at a time, with so many tries behind it.
///
/// # Errors
/// A failure of storage.
pub fn put_back(
    tx: &dyn Sql,
    id: i64,
    due_at: Timestamp,
    tries: u32,
    code: Option<&str>,
) -> Result<(), StoreError> {
    PUT_BACK.run(tx, &[id.into(), due_at.millis().into(), i64::from(tries).into(), code.into()])
}

/// Gives a delivery back, to be tried another way.
///
/// # Errors
/// A failure of storage.
pub fn reroute(tx: &dyn Sql, id: i64, way: Way, due_at: Timestamp, code: &str) -> Result<(), StoreError> {
    let Way { channel, contact } = way;
    let parameters = [
        id.into(),
        due_at.millis().into(),
        channel.lane().code().into(),
        channel.code().into(),
        contact.into(),
        code.into(),
    ];
    REROUTE.run(tx, &parameters)
}

/// Notes how a delivery ended.
///
/// # Errors
/// A failure of storage; the database refuses to change what was sent.
pub fn settle(
    tx: &dyn Sql,
    id: i64,
    status: Status,
    code: Option<&str>,
    provider_id: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let parameters = [id.into(), status.code().into(), code.into(), provider_id.into(), now.millis().into()];
    SETTLE.run(tx, &parameters)
}

/// Notes how a delivery ended that was not told, with why each channel did not carry it.
///
/// # Errors
/// A failure of storage; the database refuses to change what was sent.
pub fn end(
    tx: &dyn Sql,
    id: i64,
    status: Status,
    code: &str,
    reasons: &Reasons,
    now: Timestamp,
) -> Result<(), StoreError> {
    let parameters = [id.into(), status.code().into(), code.into(), now.millis().into(), stored(reasons)];
    END.run(tx, &parameters)
}

fn stored(reasons: &Reasons) -> Value {
    if reasons.0.is_empty() { Value::Null } else { reasons.text().into() }
}

/// What a member was told after `since`, at most `limit` of it, and what is being told by others than `except` at `now`.
///
/// # Errors
/// A failure of storage.
pub fn list_told(
    sql: &dyn Sql,
    member: MemberId,
    since: Timestamp,
    limit: i64,
    now: Timestamp,
    except: i64,
) -> Result<Vec<Told>, StoreError> {
    let parameters =
        [member.raw().into(), since.millis().into(), limit.into(), now.millis().into(), except.into()];
    let mut rows = TOLD.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            Ok(Told {
                topic: row.parsed(Topic::parse)?,
                channel: row.parsed(Channel::parse)?,
                at: Timestamp::from_millis(row.integer()?),
            })
        })
        .collect()
}

/// When the next delivery of an outbox is due.
///
/// # Errors
/// A failure of storage.
pub fn load_next_due(sql: &dyn Sql, lane: Lane) -> Result<Option<Timestamp>, StoreError> {
    let row = NEXT_DUE.query_one(sql, &[lane.code().into()])?;
    row.map(|mut row| row.integer().map(Timestamp::from_millis)).transpose()
}

/// How many deliveries of an outbox are due, at most `max`.
///
/// # Errors
/// A failure of storage.
pub fn count_due(sql: &dyn Sql, lane: Lane, now: Timestamp, max: i64) -> Result<i64, StoreError> {
    let row = COUNT_DUE.query_one(sql, &[lane.code().into(), now.millis().into(), max.into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// Deletes how intents made before `before` were told, at most `limit` of them; what waits stays.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(tx: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_TRIES.run(tx, &[before.millis().into(), limit.into()])?;
    DELETE_OLD.run(tx, &[before.millis().into(), limit.into()])
}

/// Reads [`delivery_columns!`].
pub(crate) fn read(row: &mut Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: row.integer()?,
        member: MemberId::from_raw(row.integer()?),
        topic: row.parsed(Topic::parse)?,
        channel: if row.is_null() {
            row.skip()?;
            None
        } else {
            Some(row.parsed(Channel::parse)?)
        },
        contact: row.integer_or_null()?,
        status: row.parsed(Status::parse)?,
        due_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
        tries: {
            let tries = row.integer()?;
            u32::try_from(tries).map_err(|_| row.inconsistent("not a count"))?
        },
        tries_from: row.integer()?,
        lease_until: Timestamp::from_millis(row.integer()?),
        lease: row.integer()?,
        code: row.text_or_null()?,
        provider_id: row.text_or_null()?,
        created_at: Timestamp::from_millis(row.integer()?),
        settled_at: row.integer_or_null()?.map(Timestamp::from_millis),
        reasons: {
            let text = row.text_or_null()?.unwrap_or_default();
            Reasons::parse(&text).map_err(|_| row.inconsistent("no reasons of channels"))?
        },
    })
}

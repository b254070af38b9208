//! Intents to tell a member something. Whoever has something to tell inserts one; channel, hour and words are chosen
//! later ([`crate::deliveries`]).

use kernel::{MemberId, Timestamp};
use membership::secrets::Place;
use messaging::Topic;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const INSERT: Statement = Statement::new(
    "notifications.insert",
    "insert into notifications (id, member_id, topic, dedupe, data, body_sealed, created_at, expires_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (dedupe) do nothing",
);
const BY_ID: Statement = Statement::new(
    "notifications.by_id",
    "select id, member_id, topic, data, body_sealed, created_at, expires_at from notifications where id = ?1",
);
/// Topics that go past the others ([`Topic::is_told_at_any_hour`]), as the indexes of them have it.
macro_rules! urgent_topics {
    () => {
        "('account.held', 'order.cancelled', 'email.confirm')"
    };
}
pub(crate) use urgent_topics;

const UNPLANNED_URGENT: Statement = Statement::new(
    "notifications.unplanned_urgent",
    concat!(
        "select id, member_id, topic, data, body_sealed, created_at, expires_at from notifications \
         where planned_at is null and topic in ",
        urgent_topics!(),
        " order by id limit ?1"
    ),
);
const UNPLANNED: Statement = Statement::new(
    "notifications.unplanned",
    concat!(
        "select id, member_id, topic, data, body_sealed, created_at, expires_at from notifications \
         where planned_at is null and topic not in ",
        urgent_topics!(),
        " order by id limit ?1"
    ),
);
const COUNT_UNPLANNED: Statement = Statement::new(
    "notifications.count_unplanned",
    "select count(*) from (select 1 from notifications where planned_at is null limit ?1) as some",
);
const MARK_PLANNED: Statement =
    Statement::new("notifications.mark_planned", "update notifications set planned_at = ?2 where id = ?1");
const EXTEND: Statement =
    Statement::new("notifications.extend", "update notifications set expires_at = ?2 where id = ?1");
const FORGET_BODY: Statement =
    Statement::new("notifications.forget_body", "update notifications set body_sealed = null where id = ?1");
const FORGET_EXPIRED: Statement = Statement::new(
    "notifications.forget_expired",
    "update notifications set body_sealed = null where id in (select id from notifications \
     where body_sealed is not null and topic = ?1 and expires_at < ?2 order by expires_at limit ?3)",
);
const OF_MEMBER: Statement = Statement::new(
    "notifications.of_member",
    "select n.id, n.topic, n.created_at, d.status, d.channel, d.settled_at from notifications n \
     left join deliveries d on d.notification_id = n.id where n.member_id = ?1 and n.id > ?2 order by n.id limit ?3",
);
const ERASE: Statement = Statement::new(
    "notifications.erase",
    "update notifications set data = '{}', body_sealed = null, planned_at = coalesce(planned_at, ?2) \
     where member_id = ?1",
);
const DELETE_OLD: Statement = Statement::new(
    "notifications.delete_old",
    "delete from notifications where id in (select n.id from notifications n where n.created_at < ?1 \
     and n.planned_at is not null and not exists (select 1 from deliveries d where d.notification_id = n.id) \
     order by n.created_at limit ?2)",
);

/// Something to tell a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewIntent<'a> {
    pub id: i64,
    pub member: MemberId,
    pub topic: Topic,
    /// Names the cause: a second intent with it is none.
    pub dedupe: &'a str,
    /// JSON with the topic's fields ([`Topic::fields`]); nothing personal.
    pub data: &'a str,
    /// What a person wrote, sealed for [`body_place`]. Shown verbatim under the topic's words, and forgotten when told.
    pub body_sealed: Option<&'a [u8]>,
    pub created_at: Timestamp,
    /// From then on it is of no use to its reader.
    pub expires_at: Timestamp,
}

/// An intent as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub id: i64,
    pub member: MemberId,
    pub topic: Topic,
    pub data: String,
    pub body_sealed: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a member was to be told, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub id: i64,
    pub topic: String,
    pub created_at: Timestamp,
    /// `None` while it waits to be planned.
    pub status: Option<String>,
    pub channel: Option<String>,
    pub settled_at: Option<Timestamp>,
}

/// Where an intent's text by a person is sealed.
#[must_use]
pub const fn body_place(intent: i64) -> Place<'static> {
    Place { table: "notifications", field: "body", row: intent }
}

/// Records an intent, once per cause.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, intent: &NewIntent<'_>) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            intent.id.into(),
            intent.member.raw().into(),
            intent.topic.code().into(),
            intent.dedupe.into(),
            intent.data.into(),
            intent.body_sealed.into(),
            intent.created_at.millis().into(),
            intent.expires_at.millis().into(),
        ],
    )
}

/// The intent with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Intent>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Intents that nobody has decided about yet: what somebody is waiting for at this very moment, then the oldest.
///
/// # Errors
/// A failure of storage.
pub fn list_unplanned(sql: &dyn Sql, limit: i64) -> Result<Vec<Intent>, StoreError> {
    let mut found = Vec::new();
    for statement in [&UNPLANNED_URGENT, &UNPLANNED] {
        let left = limit - found.len() as i64;
        if left <= 0 {
            break;
        }
        for row in &mut statement.query(sql, &[left.into()])? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// How many of them there are, at most `max`.
///
/// # Errors
/// A failure of storage.
pub fn count_unplanned(sql: &dyn Sql, max: i64) -> Result<i64, StoreError> {
    COUNT_UNPLANNED.query_one(sql, &[max.into()])?.map_or(Ok(0), |mut row| row.integer())
}

/// Notes that it was decided how to tell an intent.
///
/// # Errors
/// A failure of storage.
pub fn mark_planned(tx: &dyn Sql, id: i64, now: Timestamp) -> Result<(), StoreError> {
    MARK_PLANNED.run(tx, &[id.into(), now.millis().into()])
}

/// Has an intent of use until a time.
///
/// # Errors
/// A failure of storage.
pub fn extend(tx: &dyn Sql, id: i64, expires_at: Timestamp) -> Result<(), StoreError> {
    EXTEND.run(tx, &[id.into(), expires_at.millis().into()])
}

/// Forgets what a person wrote.
///
/// # Errors
/// A failure of storage.
pub fn forget_body(tx: &dyn Sql, id: i64) -> Result<(), StoreError> {
    FORGET_BODY.run(tx, &[id.into()])
}

/// Forgets what was sealed with intents about a topic that were of use until before `before`, at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn forget_expired(tx: &dyn Sql, topic: Topic, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    FORGET_EXPIRED.run(tx, &[topic.code().into(), before.millis().into(), limit.into()])
}

/// What a member was to be told after `after`, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list_of_member(
    sql: &dyn Sql,
    member: MemberId,
    after: i64,
    limit: i64,
) -> Result<Vec<Told>, StoreError> {
    let mut rows = OF_MEMBER.query(sql, &[member.raw().into(), after.into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Told {
                id: row.integer()?,
                topic: row.text()?,
                created_at: Timestamp::from_millis(row.integer()?),
                status: row.text_or_null()?,
                channel: row.text_or_null()?,
                settled_at: row.integer_or_null()?.map(Timestamp::from_millis),
            })
        })
        .collect()
}

/// Forgets what a member was told; what waits is not told any more.
///
/// # Errors
/// A failure of storage.
pub fn erase(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    ERASE.run(tx, &[member.raw().into(), now.millis().into()])
}

/// Deletes intents made before `before` whose delivery is gone, at most `limit` of them. Their causes may then be told
/// anew; by then they are long past.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(tx: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(tx, &[before.millis().into(), limit.into()])
}

fn read(row: &mut Row) -> Result<Intent, StoreError> {
    Ok(Intent {
        id: row.integer()?,
        member: MemberId::from_raw(row.integer()?),
        topic: row.parsed(Topic::parse)?,
        data: row.text()?,
        body_sealed: row.blob_or_null()?,
        created_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_at_any_hour_goes_past_the_others() {
        let codes: Vec<String> = Topic::ALL
            .into_iter()
            .filter(|topic| topic.is_told_at_any_hour())
            .map(|topic| format!("'{}'", topic.code()))
            .collect();
        assert_eq!(urgent_topics!(), format!("({})", codes.join(", ")));
    }
}

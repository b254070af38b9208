//! Calls to providers that are over: append-only.

use kernel::Timestamp;
use messaging::Channel;
use messaging::plan::Way;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const INSERT: Statement = Statement::new(
    "delivery_tries.insert",
    "insert into delivery_tries (id, notification_id, channel, contact_id, at, outcome, given_up, detail) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);
const PAST: Statement = Statement::new(
    "delivery_tries.past",
    "select channel, contact_id, given_up from delivery_tries where notification_id = ?1 and id > ?2 \
     and (given_up = 1 or outcome = 'unknown') order by id",
);
const OF_DELIVERY: Statement = Statement::new(
    "delivery_tries.of_delivery",
    "select id, channel, contact_id, at, outcome, given_up, detail from delivery_tries where notification_id = ?1 \
     order by id desc limit ?2",
);
const LAST: Statement = Statement::new(
    "delivery_tries.last",
    "select coalesce(max(id), 0) from delivery_tries where notification_id = ?1",
);

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    pub id: i64,
    pub way: Way,
    pub at: Timestamp,
    /// See [`messaging::outcome::Outcome::code`].
    pub outcome: String,
    /// This way is not taken again.
    pub given_up: bool,
    /// For people.
    pub detail: String,
}

/// Records a call that is over.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, delivery: i64, call: &Try) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            call.id.into(),
            delivery.into(),
            call.way.channel.code().into(),
            call.way.contact.into(),
            call.at.millis().into(),
            call.outcome.as_str().into(),
            call.given_up.into(),
            call.detail.as_str().into(),
        ],
    )
}

/// What earlier calls say about how a message may be told now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// Ways that are not taken again.
    pub given_up: Vec<Way>,
    /// A way by which it may have been told already: nobody knows. Until that is known, it goes no other way.
    pub unknown: Option<Way>,
}

/// What the tries with an id greater than `from` say.
///
/// # Errors
/// A failure of storage.
pub fn load_past(sql: &dyn Sql, delivery: i64, from: i64) -> Result<Past, StoreError> {
    let mut past = Past::default();
    for row in &mut PAST.query(sql, &[delivery.into(), from.into()])? {
        let way = Way { channel: row.parsed(Channel::parse)?, contact: row.integer_or_null()? };
        if row.boolean()? {
            past.given_up.push(way);
        } else {
            past.unknown = Some(way);
        }
    }
    // Who gave it up knew better: the provider has refused the message, or does not know the address.
    past.unknown = past.unknown.filter(|way| !past.given_up.contains(way));
    Ok(past)
}

/// The calls for a delivery, the latest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, delivery: i64, limit: i64) -> Result<Vec<Try>, StoreError> {
    let mut rows = OF_DELIVERY.query(sql, &[delivery.into(), limit.into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Try {
                id: row.integer()?,
                way: Way { channel: row.parsed(Channel::parse)?, contact: row.integer_or_null()? },
                at: Timestamp::from_millis(row.integer()?),
                outcome: row.text()?,
                given_up: row.boolean()?,
                detail: row.text()?,
            })
        })
        .collect()
}

/// The id of the latest call for a delivery; 0 before the first.
///
/// # Errors
/// A failure of storage.
pub fn load_last(sql: &dyn Sql, delivery: i64) -> Result<i64, StoreError> {
    LAST.query_one(sql, &[delivery.into()])?.map_or(Ok(0), |mut row| row.integer())
}

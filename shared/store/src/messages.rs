//! Messages on their way out. Recipient and text are kept, encrypted, only until the gateway has answered.

use kernel::{MessageId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const INSERT: Statement = Statement::new(
    "messages.insert",
    "insert into messages (id, channel, kind, recipient_sealed, body_sealed, status, attempts, created_at, \
     next_attempt_at, expires_at) values (?1, 'sms', ?2, ?3, ?4, 'queued', 1, ?5, ?6, ?6)",
);
const ACCEPTED: Statement = Statement::new(
    "messages.accepted",
    "update messages set status = 'accepted', provider_id = ?2, recipient_sealed = null, body_sealed = null \
     where id = ?1",
);
const FAILED: Statement = Statement::new(
    "messages.failed",
    "update messages set status = 'failed', last_error = ?2, recipient_sealed = null, body_sealed = null \
     where id = ?1",
);
const DELETE_OLD: Statement = Statement::new(
    "messages.delete_old",
    "delete from messages where id in (select id from messages where id < ?1 order by id limit ?2)",
);

/// A text message that its caller sends at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage<'a> {
    pub id: MessageId,
    /// `otp`, `service` or `promo`.
    pub kind: &'static str,
    pub recipient_sealed: &'a [u8],
    pub body_sealed: &'a [u8],
    pub created_at: Timestamp,
    /// From then on the text is of no use to its reader.
    pub expires_at: Timestamp,
}

/// Records a message before it is sent. It is not tried again by itself: the guest asks for another.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, message: &NewMessage<'_>) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            message.id.raw().into(),
            message.kind.into(),
            message.recipient_sealed.into(),
            message.body_sealed.into(),
            message.created_at.millis().into(),
            message.expires_at.millis().into(),
        ],
    )
}

/// Notes that the gateway took the message, and forgets what was in it.
///
/// # Errors
/// A failure of storage.
pub fn mark_accepted(sql: &dyn Sql, id: MessageId, provider_id: Option<&str>) -> Result<(), StoreError> {
    ACCEPTED.run(sql, &[id.raw().into(), provider_id.into()])
}

/// Notes that the gateway did not take the message, and forgets what was in it.
///
/// # Errors
/// A failure of storage.
pub fn mark_failed(sql: &dyn Sql, id: MessageId, error: &str) -> Result<(), StoreError> {
    FAILED.run(sql, &[id.raw().into(), error.into()])
}

/// Forgets messages with ids below `before` (ids begin with the time), at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: MessageId, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(sql, &[before.raw().into(), limit.into()])
}

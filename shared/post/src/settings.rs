//! What a guest wants of messages.

use kernel::{MemberId, Timestamp};
use store::message_settings::{self, MessageSettings};
use store::{Sql, StoreError};

use crate::contacts::active;
use crate::refusal::Refusal;

/// What a member wants; the default of one who said nothing.
///
/// # Errors
/// A failure of storage.
pub fn read(sql: &dyn Sql, member: MemberId) -> Result<MessageSettings, StoreError> {
    message_settings::load(sql, member)
}

/// Stores what a member wants from now on. What waits to be told is looked at anew when its time has come.
///
/// # Errors
/// [`club::Refusal::MemberInactive`]; a failure of storage.
pub fn replace(
    tx: &dyn Sql,
    member: MemberId,
    settings: &MessageSettings,
    now: Timestamp,
) -> Result<(), Refusal> {
    active(tx, member)?;
    Ok(message_settings::save(tx, member, settings, now)?)
}

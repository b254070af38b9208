//! Whether messages go to a chat: the contact of its member.

use club::Moment;
use club::personal::Personal;
use kernel::{MemberId, Timestamp};
use messaging::Channel;
use post::contacts::{self as ways, Address, Gone};
use store::contacts::{self, Form, Status};
use store::{Sql, StoreError};
use telegram::ChatId;

use crate::Refusal;

/// Why a contact is not used while its guest lets no messages in.
const BLOCKED: &str = "blocked";

/// Has a member reached in a chat from now on, and in no other.
pub(crate) fn open(
    tx: &dyn Sql,
    member: MemberId,
    chat: ChatId,
    personal: Personal<'_>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    close(tx, member, moment.now)?;
    let text = chat.to_string();
    let address = Address { channel: Channel::Telegram, form: Form::Chat, text: &text };
    ways::link(tx, member, address, personal, moment)?;
    Ok(())
}

/// Has a member reached in no chat any more.
pub(crate) fn close(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    for contact in contacts::list(tx, member)? {
        if contact.channel == Channel::Telegram {
            contacts::forget(tx, contact.id, Gone::Removed.code(), now)?;
        }
    }
    Ok(())
}

/// Notes that a guest let no messages in.
pub(crate) fn blocked(
    tx: &dyn Sql,
    brand: &str,
    chat: ChatId,
    personal: Personal<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    match ways::holder(tx, brand, Channel::Telegram, &chat.to_string(), personal)? {
        Some(contact) => contacts::set_status(tx, contact.id, Status::Dead, Some(BLOCKED), now),
        None => Ok(()),
    }
}

//! Messages of the bots about tickets: a reply to one finds its ticket.
//!
//! A message is named by bot, chat and number: numbers are a bot's own, and another bot of the brand begins anew.

use kernel::Timestamp;
use kernel::time::DAY_MS;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// How long a reply to a message about a ticket finds the ticket.
pub const KEPT_MS: i64 = 366 * DAY_MS;

const INSERT: Statement = Statement::new(
    "telegram.insert_saying",
    "insert into telegram_sayings (bot_id, chat_index, message_id, ticket, said_at) values (?1, ?2, ?3, ?4, ?5) \
     on conflict (bot_id, chat_index, message_id) do update set ticket = excluded.ticket, said_at = excluded.said_at",
);
const FIND: Statement = Statement::new(
    "telegram.find_saying",
    "select ticket from telegram_sayings where bot_id = ?1 and chat_index = ?2 and message_id = ?3 and said_at >= ?4",
);
const DELETE_OLD: Statement = Statement::new(
    "telegram.delete_old_sayings",
    "delete from telegram_sayings where (bot_id, chat_index, message_id) in \
     (select bot_id, chat_index, message_id from telegram_sayings where said_at < ?1 order by said_at limit ?2)",
);

/// A message of a bot in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// Telegram's number of the bot.
    pub bot: i64,
    pub chat_index: &'a [u8],
    pub message: i64,
}

/// Records what a message was about.
///
/// # Errors
/// A failure of storage.
pub fn insert(tx: &dyn Sql, said: Said<'_>, ticket: &str, now: Timestamp) -> Result<(), StoreError> {
    let Said { bot, chat_index, message } = said;
    let parameters = [bot.into(), chat_index.into(), message.into(), ticket.into(), now.millis().into()];
    INSERT.run(tx, &parameters)
}

/// The ticket that a message was about; `None` for one that was about none, is not known, or was said too long ago.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, said: Said<'_>, now: Timestamp) -> Result<Option<String>, StoreError> {
    let since = now.plus_millis(-KEPT_MS);
    let Said { bot, chat_index, message } = said;
    let parameters = [bot.into(), chat_index.into(), message.into(), since.millis().into()];
    let row = FIND.query_one(sql, &parameters)?;
    row.map(|mut row| row.text()).transpose()
}

/// Forgets messages of before `before`, the oldest first, at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(tx: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(tx, &[before.millis().into(), limit.into()])
}

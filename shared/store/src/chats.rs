//! Chats as messages need them: which of a brand's bot is whose, and the bot's token. The dialogue keeps both.

use kernel::MemberId;
use membership::secrets::Place;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const BOT: Statement =
    Statement::new("chats.bot", "select bot_id, token_sealed from telegram_bots where brand = ?1");
const OF_MEMBER: Statement = Statement::new(
    "chats.of_member",
    "select id, chat_sealed from telegram_links where member_id = ?1 and blocked_at is null",
);
/// Encrypted text and where it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub place: Place<'static>,
    pub bytes: Vec<u8>,
}

/// The token of a brand's bot.
///
/// # Errors
/// A failure of storage.
pub fn load_bot_token(sql: &dyn Sql, brand: &str) -> Result<Option<Sealed>, StoreError> {
    let Some(mut row) = BOT.query_one(sql, &[brand.into()])? else { return Ok(None) };
    let place = Place { table: "telegram_bots", field: "token", row: row.integer()? };
    Ok(Some(Sealed { place, bytes: row.blob()? }))
}

/// The number of a member's chat, while it lets messages in.
///
/// # Errors
/// A failure of storage.
pub fn load_chat(sql: &dyn Sql, member: MemberId) -> Result<Option<Sealed>, StoreError> {
    let Some(mut row) = OF_MEMBER.query_one(sql, &[member.raw().into()])? else { return Ok(None) };
    let place = Place { table: "telegram_links", field: "chat", row: row.integer()? };
    Ok(Some(Sealed { place, bytes: row.blob()? }))
}

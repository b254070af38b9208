//! Telegram: the brands' bots, chats of members, updates taken, questions in a chat.

pub mod links;
pub mod sayings;
pub mod threads;
pub mod updates;

use kernel::Timestamp;
use membership::secrets::Place;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const BY_BRAND: Statement = Statement::new(
    "telegram.bot_by_brand",
    "select brand, bot_id, username, token_sealed, secret_sealed, webhook_url, app_url, terms_url, privacy_url, \
     texts_version from telegram_bots where brand = ?1",
);
const BRAND_OF: Statement =
    Statement::new("telegram.brand_of_bot", "select brand from telegram_bots where bot_id = ?1");
const SAVE: Statement = Statement::new(
    "telegram.save_bot",
    "insert into telegram_bots (brand, bot_id, username, token_sealed, secret_sealed, webhook_url, app_url, terms_url, \
     privacy_url, texts_version, created_at, changed_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11) \
     on conflict (brand) do update set bot_id = excluded.bot_id, username = excluded.username, \
     token_sealed = excluded.token_sealed, secret_sealed = excluded.secret_sealed, \
     webhook_url = excluded.webhook_url, app_url = excluded.app_url, terms_url = excluded.terms_url, \
     privacy_url = excluded.privacy_url, texts_version = excluded.texts_version, changed_at = excluded.changed_at",
);

const DELETE: Statement =
    Statement::new("telegram.delete_bot", "delete from telegram_bots where brand = ?1 returning brand");

/// A brand's bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBot {
    pub brand: String,
    pub bot_id: i64,
    /// Without the `@`.
    pub username: String,
    /// Opened with [`token_place`].
    pub token_sealed: Vec<u8>,
    /// Opened with [`secret_place`].
    pub secret_sealed: Vec<u8>,
    pub webhook_url: String,
    pub app_url: Option<String>,
    pub terms_url: String,
    pub privacy_url: String,
    pub texts_version: String,
}

/// Where a bot's token is sealed.
#[must_use]
pub const fn token_place(bot_id: i64) -> Place<'static> {
    Place { table: "telegram_bots", field: "token", row: bot_id }
}

/// Where the secret of a bot's webhook is sealed.
#[must_use]
pub const fn secret_place(bot_id: i64) -> Place<'static> {
    Place { table: "telegram_bots", field: "secret", row: bot_id }
}

/// The bot of a brand.
///
/// # Errors
/// A failure of storage.
pub fn load_bot(sql: &dyn Sql, brand: &str) -> Result<Option<StoredBot>, StoreError> {
    let Some(mut row) = BY_BRAND.query_one(sql, &[brand.into()])? else { return Ok(None) };
    Ok(Some(StoredBot {
        brand: row.text()?,
        bot_id: row.integer()?,
        username: row.text()?,
        token_sealed: row.blob()?,
        secret_sealed: row.blob()?,
        webhook_url: row.text()?,
        app_url: row.text_or_null()?,
        terms_url: row.text()?,
        privacy_url: row.text()?,
        texts_version: row.text()?,
    }))
}

/// The brand whose bot has this number.
///
/// # Errors
/// A failure of storage.
pub fn load_brand_of(sql: &dyn Sql, bot_id: i64) -> Result<Option<String>, StoreError> {
    BRAND_OF.query_one(sql, &[bot_id.into()])?.map(|mut row| row.text()).transpose()
}

/// Removes the bot of a brand.
///
/// # Errors
/// A failure of storage.
pub fn delete_bot(tx: &dyn Sql, brand: &str) -> Result<(), StoreError> {
    DELETE.query_one(tx, &[brand.into()])?;
    Ok(())
}

/// Sets the bot of a brand.
///
/// # Errors
/// A failure of storage; a unique violation when the bot is another brand's.
pub fn save_bot(sql: &dyn Sql, bot: &StoredBot, now: Timestamp) -> Result<(), StoreError> {
    SAVE.run(
        sql,
        &[
            bot.brand.as_str().into(),
            bot.bot_id.into(),
            bot.username.as_str().into(),
            bot.token_sealed.as_slice().into(),
            bot.secret_sealed.as_slice().into(),
            bot.webhook_url.as_str().into(),
            bot.app_url.as_deref().into(),
            bot.terms_url.as_str().into(),
            bot.privacy_url.as_str().into(),
            bot.texts_version.as_str().into(),
            now.millis().into(),
        ],
    )
}

//! A brand's bot, opened.

use club::personal::Personal;
use store::telegram::{self as bots, StoredBot};
use store::{Sql, StoreError};

/// A bot with its secrets in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub stored: StoredBot,
    pub token: String,
    /// What Telegram repeats in a header of every update.
    pub secret: String,
}

/// The brand only.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.stored.brand)
    }
}

/// The bot of a brand, if it has one.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, personal: Personal<'_>) -> Result<Option<Account>, StoreError> {
    let Some(stored) = bots::load_bot(sql, brand)? else { return Ok(None) };
    let token = personal.open(bots::token_place(stored.bot_id), Some(&stored.token_sealed))?;
    let secret = personal.open(bots::secret_place(stored.bot_id), Some(&stored.secret_sealed))?;
    Ok(token.zip(secret).map(|(token, secret)| Account { stored, token, secret }))
}

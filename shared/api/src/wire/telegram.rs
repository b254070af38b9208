//! Telegram: a brand's bot, and signing in from its Mini App.

use serde::{Deserialize, Serialize};

/// A brand's bot, as an administrator sets it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TelegramBotBody {
    /// As BotFather gave it. Kept encrypted, and shown to nobody again.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{1,19}:[A-Za-z0-9_-]{1,128}$")))]
    pub token: String,
    /// Scheme and host under which Telegram reaches this service: `https://api.example.com`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub public_url: String,
    /// The Mini App that the menu's button opens; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub app_url: Option<String>,
    /// Where the programme's rules can be read.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub terms_url: String,
    /// Where the consent to the handling of personal data can be read.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub privacy_url: String,
    /// Which version of both: recorded with every consent.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9._:-]{1,64}$")))]
    pub texts_version: String,
}

/// A token is a secret.
impl std::fmt::Debug for TelegramBotBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TelegramBotBody({})", self.public_url)
    }
}

/// A brand's bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TelegramBotReply {
    pub brand: String,
    /// Telegram's number of it.
    pub bot_id: String,
    /// Without the `@`.
    pub username: String,
    /// Where updates are sent.
    pub webhook_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_url: Option<String>,
    pub terms_url: String,
    pub privacy_url: String,
    pub texts_version: String,
    pub webhook: TelegramWebhookReply,
}

/// How Telegram gets on with the webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TelegramWebhookReply {
    /// Whether updates are sent to this service.
    pub is_ours: bool,
    /// Updates that wait.
    pub pending: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Signs in from a Mini App.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TelegramSessionBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub brand: String,
    /// `Telegram.WebApp.initData` as it is.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 4096)))]
    pub init_data: String,
}

/// Who opened the app is personal.
impl std::fmt::Debug for TelegramSessionBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TelegramSessionBody({})", self.brand)
    }
}

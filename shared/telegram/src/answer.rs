//! What Telegram says to a call.

use partner::Answer;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ChatId;

/// When no other time is named, in seconds.
const RETRY_AFTER_SECONDS: u32 = 5;
/// Characters of Telegram's words that are kept.
const WORDS_MAX: usize = 300;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// 429: too many calls, to this chat or altogether. Nothing was sent.
    #[error("too many calls; again in {retry_after_seconds} s")]
    TooMany { retry_after_seconds: u32 },
    /// The chat cannot be reached, and it is for its user to change that.
    #[error("the chat cannot be reached: {0:?}")]
    Unreachable(Gone),
    /// The group has become another chat; the message goes there.
    #[error("the chat has moved")]
    Moved { chat: ChatId },
    /// The message already says this: as good as done.
    #[error("the message is as it should be")]
    NotModified,
    /// 401, or 404 for the method itself: the bot's token is wrong.
    #[error("the bot's token is not accepted")]
    Unauthorised,
    /// Another 4xx: the same call will be refused again.
    #[error("refused with {code}: {words}")]
    Refused { code: u16, words: String },
    /// 5xx: it may pass.
    #[error("unavailable with {code}: {words}")]
    Unavailable { code: u16, words: String },
    /// Something else than the documentation says; the call may have been carried out.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
}

/// Why a chat cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The user blocked the bot.
    Blocked,
    /// The user has no account any more.
    Deactivated,
    /// There is no such chat, or the user never opened it.
    NotFound,
    /// The bot was removed from the group.
    Removed,
}

impl Gone {
    /// A stable name for records and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Deactivated => "deactivated",
            Self::NotFound => "chat_not_found",
            Self::Removed => "removed",
        }
    }
}

impl Failure {
    /// Whether the same call may succeed later, without anybody doing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::TooMany { .. } | Self::Unavailable { .. })
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub message: i64,
    /// Names the largest form of its picture, if it has one: sent again by this name, nothing is uploaded.
    pub file: Option<String>,
}

/// What Telegram knows about where updates go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookInfo {
    /// Empty without a webhook.
    pub url: String,
    #[serde(default)]
    pub pending_update_count: u32,
    /// Unix time of the last failure.
    pub last_error_date: Option<i64>,
    pub last_error_message: Option<String>,
}

/// The bot itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Me {
    pub id: i64,
    #[serde(default)]
    pub username: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    result: Option<T>,
}

#[derive(Deserialize)]
struct ErrorEnvelope {
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u32>,
    migrate_to_chat_id: Option<ChatId>,
}

#[derive(Deserialize)]
struct SentWire {
    message_id: i64,
    #[serde(default)]
    photo: Vec<PhotoWire>,
}

#[derive(Deserialize)]
struct PhotoWire {
    file_id: String,
    #[serde(default)]
    width: u32,
}

/// Reads the answer to a call whose result is `T`.
///
/// # Errors
/// See [`Failure`].
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    if !answer.is_success() {
        return Err(failure(answer));
    }
    let read: Envelope<T> =
        serde_json::from_slice(&answer.body).map_err(|error| Failure::Unreadable(error.to_string()))?;
    match read {
        Envelope { ok: true, result: Some(result) } => Ok(result),
        _ => Err(failure(answer)),
    }
}

/// Reads the answer to a call that sends or edits a message.
///
/// # Errors
/// See [`Failure`].
pub fn sent(answer: &Answer) -> Result<Sent, Failure> {
    let read: SentWire = read(answer)?;
    let largest = read.photo.into_iter().max_by_key(|photo| photo.width);
    Ok(Sent { message: read.message_id, file: largest.map(|photo| photo.file_id) })
}

/// Reads the answer to a call that says whether it was done: `answerCallbackQuery`, `setWebhook` and the like.
///
/// # Errors
/// See [`Failure`].
pub fn done(answer: &Answer) -> Result<(), Failure> {
    match read::<bool>(answer)? {
        true => Ok(()),
        false => Err(Failure::Unreadable("the result is false".to_owned())),
    }
}

/// What a refusal is about. Telegram's codes are few; its words tell the cases apart, and have been the same for years.
fn failure(answer: &Answer) -> Failure {
    let Ok(read) = serde_json::from_slice::<ErrorEnvelope>(&answer.body) else {
        return match answer.status {
            code @ 500.. => Failure::Unavailable { code, words: String::new() },
            status => Failure::Unreadable(format!("status {status}")),
        };
    };
    let code = read.error_code.unwrap_or(answer.status);
    let words: String =
        read.description.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect();
    let has = |part: &str| words.contains(part);
    if let Some(chat) = read.parameters.migrate_to_chat_id {
        return Failure::Moved { chat };
    }
    match code {
        429 => {
            let named = read.parameters.retry_after;
            Failure::TooMany { retry_after_seconds: named.unwrap_or(RETRY_AFTER_SECONDS) }
        }
        401 => Failure::Unauthorised,
        404 if words == "Not Found" => Failure::Unauthorised,
        403 if has("deactivated") => Failure::Unreachable(Gone::Deactivated),
        403 if has("kicked") || has("not a member") => Failure::Unreachable(Gone::Removed),
        403 => Failure::Unreachable(Gone::Blocked),
        400 if has("chat not found") || has("PEER_ID_INVALID") => Failure::Unreachable(Gone::NotFound),
        400 if has("message is not modified") => Failure::NotModified,
        500.. => Failure::Unavailable { code, words },
        _ => Failure::Refused { code, words },
    }
}

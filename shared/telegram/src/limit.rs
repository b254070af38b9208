//! What Telegram allows. Texts are measured in UTF-16 code units, as Telegram does, and after entities are parsed.

/// Most of a message's text.
pub const TEXT_MAX: usize = 4_096;
/// Most of a picture's caption.
pub const CAPTION_MAX: usize = 1_024;
/// Most bytes of what a button sends back; at least 1.
pub const CALLBACK_DATA_MAX: usize = 64;
/// Most of the words shown over the chat in answer to a button.
pub const NOTICE_MAX: usize = 200;
/// Most characters of a deep link's parameter, of `[A-Za-z0-9_-]`.
pub const START_PARAMETER_MAX: usize = 64;
/// Most bytes of an uploaded picture.
pub const PHOTO_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Characters of the secret in the webhook's header, of `[A-Za-z0-9_-]`.
pub const SECRET_LEN_MAX: usize = 256;
/// Characters on the menu button. Telegram names no limit; the field beside it should stay wide enough to write in.
pub const MENU_TEXT_MAX: usize = 24;
/// Most buttons of a message's keyboard.
pub const BUTTONS_MAX: usize = 100;

/// Messages that a bot may send in a second, to all chats together.
pub const PER_SECOND: u32 = 30;
/// Shortest time between two messages to one chat; short bursts go through, and then come refusals.
pub const PER_CHAT_MS: i64 = 1_000;
/// Messages that a bot may send to one group in a minute.
pub const PER_GROUP_MINUTE: u32 = 20;

/// How long Telegram keeps updates that nobody took, and goes on sending them.
pub const UPDATES_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;
/// Parallel connections for updates that a webhook may ask for.
pub const CONNECTIONS_MAX: u8 = 100;

/// Length as Telegram counts it.
#[must_use]
pub fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

//! What Telegram sends: an update with one event in it.
//!
//! Unknown fields are passed over and unknown kinds are [`Event::Other`]: Telegram adds both without notice. Only what a
//! private chat with a guest consists of is read.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::ChatId;

/// What a bot has to ask for; other kinds are not sent then.
pub const ALLOWED: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// The command that opens a chat, and carries a deep link's parameter.
const START: &str = "start";

/// An update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Grows by one; the same one may come again.
    pub id: i64,
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Message(Message),
    /// A button under a message was pressed.
    Callback(Callback),
    /// The bot itself was blocked, unblocked, added or removed.
    Membership(Membership),
    /// Something that we do not use.
    Other,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    pub id: i64,
    #[serde(default)]
    pub is_bot: bool,
    /// As the user's application says: `ru`, `kk`, `pt-br`.
    pub language_code: Option<String>,
}

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Chat {
    pub id: ChatId,
    #[serde(rename = "type", default)]
    pub kind: ChatKind,
}

/// Who is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One user and the bot.
    Private,
    /// Groups, channels, and what there will be.
    #[default]
    #[serde(other)]
    Other,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: i64,
    pub chat: Chat,
    /// Absent in channels.
    pub from: Option<User>,
    /// Written elsewhere, by whomever, and passed on.
    pub is_forwarded: bool,
    /// The message to which this one replies.
    pub reply_to: Option<i64>,
    pub content: Content,
}

/// What is in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Contact(Contact),
    Location(Location),
    /// Pictures, stickers, voices, and what there will be.
    Other,
}

/// A telephone number that somebody shared.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Contact {
    /// With or without a plus sign.
    pub phone_number: String,
    /// The user who has this number, where Telegram knows one.
    pub user_id: Option<i64>,
}

/// A place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Millionths of a degree.
    pub latitude_e6: i64,
    /// Millionths of a degree.
    pub longitude_e6: i64,
}

/// A button that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Names the pressing in its answer.
    pub id: String,
    pub from: User,
    /// The message with the button, and its chat; absent where it is too old or not ours.
    pub message: Option<(i64, Chat)>,
    /// What the button sends.
    pub data: String,
}

/// The bot's own place in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub chat: Chat,
    pub from: User,
    /// Whether messages reach the chat.
    pub is_reachable: bool,
}

/// Why a body is no update.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an update: {0}")]
pub struct Unreadable(String);

/// Reads an update.
///
/// # Errors
/// When it is not JSON, has no id, or an event of a known kind lacks what every such event has.
pub fn read(body: &[u8]) -> Result<Update, Unreadable> {
    let wire: UpdateWire = serde_json::from_slice(body).map_err(|error| Unreadable(error_words(&error)))?;
    let event = match wire {
        UpdateWire { message: Some(message), .. } => Event::Message(message.into()),
        UpdateWire { callback_query: Some(callback), .. } => Event::Callback(callback.into()),
        UpdateWire { my_chat_member: Some(member), .. } => Event::Membership(member.into()),
        _ => Event::Other,
    };
    Ok(Update { id: wire.update_id, event })
}

/// Where the text is wrong, and not what stands there: an update is personal.
fn error_words(error: &serde_json::Error) -> String {
    format!("line {} column {}", error.line(), error.column())
}

impl Message {
    /// The command at the beginning of the text and what follows it: `/start ref_17` or `/start@brand_bot ref_17`.
    #[must_use]
    pub fn command(&self) -> Option<(&str, &str)> {
        let Content::Text(text) = &self.content else { return None };
        let rest = text.strip_prefix('/')?;
        let (head, parameter) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let name = head.split('@').next().unwrap_or_default();
        let lawful =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        lawful.then(|| (name, parameter.trim()))
    }

    /// The parameter of `/start`; empty without a deep link.
    #[must_use]
    pub fn start(&self) -> Option<&str> {
        self.command().filter(|(name, _)| *name == START).map(|(_, parameter)| parameter)
    }

    /// The number in a contact that the sender shared of themselves. Somebody else's, a contact passed on, and one of
    /// whom Telegram does not say whose it is prove nothing.
    #[must_use]
    pub fn own_phone(&self) -> Option<&str> {
        let Content::Contact(contact) = &self.content else { return None };
        let own = self.from.as_ref().is_some_and(|from| contact.user_id == Some(from.id));
        (own && !self.is_forwarded).then_some(contact.phone_number.as_str())
    }
}

/// A number is personal.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(hidden)")
    }
}

/// So is a place.
impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Location(hidden)")
    }
}

#[derive(Deserialize)]
struct UpdateWire {
    update_id: i64,
    message: Option<MessageWire>,
    callback_query: Option<CallbackWire>,
    my_chat_member: Option<MembershipWire>,
}

#[derive(Deserialize)]
struct MessageWire {
    message_id: i64,
    chat: Chat,
    from: Option<User>,
    forward_origin: Option<serde::de::IgnoredAny>,
    reply_to_message: Option<Named>,
    text: Option<String>,
    contact: Option<Contact>,
    location: Option<LocationWire>,
}

/// A message as others mention it.
#[derive(Deserialize)]
struct Named {
    message_id: i64,
}

#[derive(Deserialize)]
struct LocationWire {
    latitude: serde_json::Number,
    longitude: serde_json::Number,
}

#[derive(Deserialize)]
struct CallbackWire {
    id: String,
    from: User,
    message: Option<CallbackMessage>,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
struct CallbackMessage {
    message_id: i64,
    chat: Chat,
}

#[derive(Deserialize)]
struct MembershipWire {
    chat: Chat,
    from: User,
    new_chat_member: MemberWire,
}

#[derive(Deserialize)]
struct MemberWire {
    status: String,
}

impl From<MessageWire> for Message {
    fn from(wire: MessageWire) -> Self {
        let content = match (wire.text, wire.contact, wire.location) {
            (Some(text), ..) => Content::Text(text),
            (_, Some(contact), _) => Content::Contact(contact),
            (.., Some(place)) => place.read().map_or(Content::Other, Content::Location),
            _ => Content::Other,
        };
        Self {
            id: wire.message_id,
            chat: wire.chat,
            from: wire.from,
            is_forwarded: wire.forward_origin.is_some(),
            reply_to: wire.reply_to_message.map(|message| message.message_id),
            content,
        }
    }
}

impl From<CallbackWire> for Callback {
    fn from(wire: CallbackWire) -> Self {
        let message = wire.message.map(|message| (message.message_id, message.chat));
        Self { id: wire.id, from: wire.from, message, data: wire.data }
    }
}

impl From<MembershipWire> for Membership {
    fn from(wire: MembershipWire) -> Self {
        let is_reachable =
            matches!(wire.new_chat_member.status.as_str(), "member" | "administrator" | "creator");
        Self { chat: wire.chat, from: wire.from, is_reachable }
    }
}

impl LocationWire {
    fn read(&self) -> Option<Location> {
        let (latitude_e6, longitude_e6) = (e6(&self.latitude)?, e6(&self.longitude)?);
        let on_globe = latitude_e6.abs() <= 90_000_000 && longitude_e6.abs() <= 180_000_000;
        on_globe.then_some(Location { latitude_e6, longitude_e6 })
    }
}

/// Degrees in millionths, rounded.
fn e6(degrees: &serde_json::Number) -> Option<i64> {
    let text = degrees.to_string();
    let degrees = Decimal::from_scientific(&text).or_else(|_| text.parse()).ok()?;
    let millionths = degrees.checked_mul(Decimal::from(1_000_000))?.round();
    millionths.try_into().ok()
}

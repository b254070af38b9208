//! Messages: contacts, settings, failed deliveries, texts, runs.

use serde::{Deserialize, Serialize};

/// A device, a chat or a mailbox of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactReply {
    /// `cnt_…`
    pub id: String,
    /// `push`, `telegram` or `email`.
    pub channel: String,
    /// `active`, or `unconfirmed` for a mailbox whose code was not answered yet.
    pub status: String,
    /// A mailbox's address; nothing of a device or a chat.
    pub address: Option<String>,
    pub created_at: String,
    /// When the device was seen last.
    pub seen_at: String,
}

/// The caller's contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactsReply {
    pub items: Vec<ContactReply>,
}

/// Whose push service a device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushProvider {
    Fcm,
    Rustore,
}

/// What names the device to its push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushForm {
    /// A registration token.
    #[default]
    Token,
    /// A Firebase installation id.
    Installation,
}

/// A device to be reached on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceBody {
    pub provider: PushProvider,
    #[serde(default)]
    pub form: PushForm,
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1024), regex(pattern = r"^[!-~]+$")))]
    pub token: String,
}

/// An address to confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailboxBody {
    #[cfg_attr(feature = "schema", schemars(length(min = 3, max = 254)))]
    pub email: String,
}

/// The code that came to a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailboxCodeBody {
    /// Six digits.
    #[cfg_attr(feature = "schema", schemars(length(min = 6, max = 16)))]
    pub code: String,
}

/// Hours in which nothing is shown, by the clock on the guest's wall; past midnight when they end before they begin.
/// Equal times: none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$")))]
    pub from: String,
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$")))]
    pub until: String,
}

/// What a guest wants of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageSettings {
    /// The channel that comes first: `push`, `telegram`, `email` or `sms`. Null: the cheapest.
    #[serde(default)]
    pub preferred: Option<String>,
    /// Channels that are never used.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 4)))]
    pub off: Vec<String>,
    /// Null: from 22:00 to 09:00.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// IANA name of the zone in which the guest is. Null: the home outlet's.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub zone: Option<String>,
}

/// A message as the desk sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageItem {
    /// `ntf_…`
    pub id: String,
    /// `mbr_…`; null where it is about a ticket: whose complaint it was is nobody's business here.
    pub member: Option<String>,
    /// `tier.ending`, `ticket.answer`, …
    pub topic: String,
    /// `queued`, `sent`, `unconfirmed`, `withheld`, `expired` or `dead`.
    pub status: String,
    /// Why it stands as it does.
    pub code: Option<String>,
    /// The way it went last: `push_fcm`, `push_rustore`, `telegram`, `email` or `sms`.
    pub channel: Option<String>,
    pub created_at: String,
    pub expires_at: String,
    /// When it is tried next, while it waits.
    pub due_at: Option<String>,
    pub settled_at: Option<String>,
    /// Of one that is `expired` or `dead`: why each channel did not carry it, as it was when it ended. Empty otherwise, and
    /// where the message itself is at fault (`code`).
    pub reasons: Vec<ChannelReason>,
}

/// Why a channel did not carry a message that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelReason {
    /// `push_fcm`, `push_rustore`, `telegram`, `email` or `sms`.
    pub channel: String,
    /// `no_carrier`, `no_address`, `not_meant` (it was for another address only), `off`, `no_consent`, `not_worth` (a text
    /// message), `given_up`, `failing` (between two tries), `carrier_waits` (at its limit, or left alone after failures),
    /// `quiet_hours`, `too_often`, `late` (no run came in time) or `other_first`.
    pub reason: String,
}

/// A page of messages that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnsentMessagesReply {
    pub items: Vec<MessageItem>,
    /// Pass as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A call to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageTry {
    pub at: String,
    pub channel: String,
    /// `cnt_…`; null for a text message.
    pub contact: Option<String>,
    /// `accepted`, `refused`, `unreachable`, `failed` or `unknown`.
    pub outcome: String,
    /// This way is not taken again.
    pub given_up: bool,
    /// In the carrier's words.
    pub detail: String,
}

/// A message with every call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageReply {
    pub message: MessageItem,
    /// The latest first.
    pub tries: Vec<MessageTry>,
}

/// What guests read about a topic in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageText {
    pub topic: String,
    /// `ru`, `kk` or `en`.
    pub language: String,
    pub title: String,
    pub text: String,
    /// As a text message.
    pub short: String,
}

/// What guests read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageTextsReply {
    pub items: Vec<MessageText>,
}

/// What a run of an outbox did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutboxRunReply {
    /// Intents about which it was decided how to tell them.
    pub planned: i64,
    /// Calls to carriers.
    pub called: i64,
    /// Messages that a carrier has taken.
    pub sent: i64,
    /// Calls that came to nothing; most are tried again.
    pub failed: i64,
    /// Ended without being told.
    pub ended: i64,
    /// The run stopped at its bound: call again for the rest, or leave it to the timer.
    pub more: bool,
    pub next_due_at: Option<String>,
}

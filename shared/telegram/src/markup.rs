//! Buttons: under a message, or in the place of the keyboard.

#![expect(clippy::disallowed_types, reason = "what `flatten` expands to names floats; there is none here")]

use serde::{Deserialize, Serialize};

/// What comes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Markup {
    /// Buttons under the message.
    Inline { inline_keyboard: Vec<Vec<InlineButton>> },
    /// Buttons in the place of the keyboard.
    Reply {
        keyboard: Vec<Vec<KeyButton>>,
        resize_keyboard: bool,
        one_time_keyboard: bool,
        is_persistent: bool,
    },
    /// Takes such buttons away.
    Remove { remove_keyboard: bool },
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InlineButton {
    pub text: String,
    #[serde(flatten)]
    pub action: Action,
}

/// What such a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sends this back to the bot.
    CallbackData(String),
    /// Opens an address.
    Url(String),
    /// Opens a Mini App.
    WebApp { url: String },
}

/// A button in the place of the keyboard: pressing it sends its text, or what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyButton {
    pub text: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub request_contact: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub request_location: bool,
}

impl Markup {
    /// Buttons under the message, row by row.
    #[must_use]
    pub const fn inline(rows: Vec<Vec<InlineButton>>) -> Self {
        Self::Inline { inline_keyboard: rows }
    }

    /// Buttons in the place of the keyboard, until others replace them.
    #[must_use]
    pub const fn keys(rows: Vec<Vec<KeyButton>>) -> Self {
        Self::Reply { keyboard: rows, resize_keyboard: true, one_time_keyboard: false, is_persistent: true }
    }

    /// Such buttons, which go away when one is pressed.
    #[must_use]
    pub const fn keys_once(rows: Vec<Vec<KeyButton>>) -> Self {
        Self::Reply { keyboard: rows, resize_keyboard: true, one_time_keyboard: true, is_persistent: false }
    }

    /// No buttons in the place of the keyboard any more.
    #[must_use]
    pub const fn remove() -> Self {
        Self::Remove { remove_keyboard: true }
    }
}

impl InlineButton {
    /// Sends `data` back: at most [`crate::limit::CALLBACK_DATA_MAX`] bytes.
    #[must_use]
    pub fn back(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self { text: text.into(), action: Action::CallbackData(data.into()) }
    }

    /// Opens an address.
    #[must_use]
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), action: Action::Url(url.into()) }
    }

    /// Opens a Mini App at an address that begins with `https://`.
    #[must_use]
    pub fn web_app(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), action: Action::WebApp { url: url.into() } }
    }
}

impl KeyButton {
    /// Sends its own text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), request_contact: false, request_location: false }
    }

    /// Sends the user's own contact. In private chats only.
    #[must_use]
    pub fn contact(text: impl Into<String>) -> Self {
        Self { request_contact: true, ..Self::text(text) }
    }

    /// Sends where the user is. In private chats only.
    #[must_use]
    pub fn location(text: impl Into<String>) -> Self {
        Self { request_location: true, ..Self::text(text) }
    }
}

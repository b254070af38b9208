//! What the bot says in answer to an update: words, buttons, perhaps a picture; as data that can be kept.
//!
//! It is recorded with the update, sealed, so that an update that comes again gets the same answer. A picture is kept as
//! what it shows, not as its bytes: a rotating code is drawn for the moment at which it is sent.

use kernel::Timestamp;
use membership::card_number::CardNumber;
use membership::picture::Picture;
use membership::rotating_code::CardKey;
use membership::secrets::{Purpose, Secrets};
use serde::{Deserialize, Serialize};
use telegram::ChatId;
use telegram::markup::Markup;
use telegram::method::{Method, Photo, Words};

use crate::Refusal;

/// Pixels of a module in the card's picture: large enough to be read off a phone's screen.
const SCALE: u32 = 10;

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SayV1 {
    pub words: String,
    /// The words have tags in them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub html: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<Markup>,
    /// The card that is shown; the words stand under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardV1>,
    /// The message of ours that is to say this, instead of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<i64>,
}

/// A card in a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CardV1 {
    pub number: String,
    /// Version of the key of its rotating code; without one the picture is the bare number.
    pub key_version: Option<u32>,
}

impl SayV1 {
    /// Plain words.
    #[must_use]
    pub fn plain(words: impl Into<String>) -> Self {
        Self { words: words.into(), html: false, markup: None, card: None, edit: None }
    }

    /// Words with tags; everything else in them is escaped.
    #[must_use]
    pub fn html(words: impl Into<String>) -> Self {
        Self { html: true, ..Self::plain(words) }
    }

    /// With buttons.
    #[must_use]
    pub fn with(self, markup: Markup) -> Self {
        Self { markup: Some(markup), ..self }
    }

    /// The call that says it in a chat at `now`.
    ///
    /// # Errors
    /// When the card's number cannot be read or drawn: a defect of what is stored.
    pub fn method(&self, chat: ChatId, secrets: &Secrets, now: Timestamp) -> Result<Method, Refusal> {
        let words = match self.html {
            true => Words::html(self.words.clone()),
            false => Words::plain(self.words.clone()),
        };
        let markup = self.markup.clone();
        let Some(card) = &self.card else {
            return Ok(match self.edit.filter(|_| self.can_edit()) {
                Some(message) => Method::EditMessageText { chat, message, words, markup },
                None => Method::say(chat, words, markup),
            });
        };
        let photo = Photo::Png(card.png(secrets, now)?);
        Ok(match self.edit {
            Some(message) => Method::EditMessagePhoto { chat, message, photo, caption: words, markup },
            None => Method::SendPhoto { chat, photo, caption: words, markup },
        })
    }

    /// Keys in the place of the keyboard come with new messages only.
    const fn can_edit(&self) -> bool {
        matches!(self.markup, None | Some(Markup::Inline { .. }))
    }
}

impl CardV1 {
    fn png(&self, secrets: &Secrets, now: Timestamp) -> Result<Vec<u8>, Refusal> {
        let number = CardNumber::parse(&self.number).map_err(|error| Refusal::Picture(error.to_string()))?;
        let text = match self.key_version {
            None => number.to_string(),
            Some(version) => CardKey::derive(&secrets.key(Purpose::RotatingCodes), version, &number)
                .rich_text(&number, now),
        };
        let picture = Picture::qr(&text).map_err(|error| Refusal::Picture(error.to_string()))?;
        picture.png(SCALE).map_err(|error| Refusal::Picture(error.to_string()))
    }
}

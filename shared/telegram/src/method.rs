//! What is asked of Telegram: a method with its fields, as a call or as the answer to an update.

use partner::Request;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::limit::{CAPTION_MAX, CONNECTIONS_MAX, MENU_TEXT_MAX, NOTICE_MAX, TEXT_MAX};
use crate::multipart::Form;
use crate::text::fit;
use crate::update::ALLOWED;
use crate::{ChatId, Markup};

/// How long an answer may take, in milliseconds.
pub const TIMEOUT_MS: u32 = 10_000;
/// The name of an uploaded picture inside of a form.
const PICTURE: &str = "picture";
/// Digits of a picture's digest that make its form's boundary.
const BOUNDARY_DIGITS: usize = 32;

/// A bot's access to Telegram.
#[derive(Clone, Copy)]
pub struct Bot<'a> {
    /// Scheme and host, `https://api.telegram.org`.
    pub base_url: &'a str,
    /// `<bot's id>:<secret>`. Part of every address: no address may be logged.
    pub token: &'a str,
}

/// The address only.
impl std::fmt::Debug for Bot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bot({})", self.base_url)
    }
}

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Every character stands for itself. A text that is too long is cut.
    #[default]
    Plain,
    /// The tags that Telegram knows. A text that is too long is refused by Telegram: it cannot be cut anywhere.
    Html,
}

/// A message's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub text: String,
    pub style: Style,
}

impl Words {
    /// Plain ones.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain }
    }

    /// With tags; whatever is not a tag has gone through [`crate::text::escape`].
    #[must_use]
    pub fn html(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Html }
    }

    fn cut(&self, max: usize) -> String {
        match self.style {
            Style::Plain => fit(&self.text, max),
            Style::Html => self.text.clone(),
        }
    }
}

/// A picture to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Photo {
    /// One that Telegram has: a `file_id` out of an earlier answer, or an address from which it may fetch one.
    Known(String),
    /// The bytes of a PNG.
    Png(Vec<u8>),
}

/// A Mini App behind the menu button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuApp {
    /// What stands on the button.
    pub text: String,
    /// Begins with `https://`.
    pub url: String,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    SendMessage {
        chat: ChatId,
        words: Words,
        markup: Option<Markup>,
        /// No sound: for what can wait until the morning.
        silent: bool,
    },
    SendPhoto {
        chat: ChatId,
        photo: Photo,
        caption: Words,
        markup: Option<Markup>,
    },
    /// Other words for a message of the bot's.
    EditMessageText {
        chat: ChatId,
        message: i64,
        words: Words,
        markup: Option<Markup>,
    },
    /// Another picture for a message of the bot's.
    EditMessagePhoto {
        chat: ChatId,
        message: i64,
        photo: Photo,
        caption: Words,
        markup: Option<Markup>,
    },
    /// Ends the waiting sign on a button, with words over the chat or without.
    AnswerCallbackQuery {
        callback: String,
        notice: Option<String>,
    },
    /// Where updates are to be sent.
    SetWebhook {
        url: String,
        secret: String,
        connections: u8,
    },
    DeleteWebhook,
    GetWebhookInfo,
    GetMe,
    /// The commands that the menu button lists, in one language; in all others without one.
    SetMyCommands {
        commands: Vec<(&'static str, String)>,
        language: Option<&'static str>,
    },
    /// What the button beside the field of a private chat does, in every chat: opens a Mini App, or lists the commands.
    SetMenuButton {
        app: Option<MenuApp>,
    },
}

impl Method {
    /// A message with nothing special about it.
    #[must_use]
    pub fn say(chat: ChatId, words: Words, markup: Option<Markup>) -> Self {
        Self::SendMessage { chat, words, markup, silent: false }
    }

    /// The name in the call's address.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SendMessage { .. } => "sendMessage",
            Self::SendPhoto { .. } => "sendPhoto",
            Self::EditMessageText { .. } => "editMessageText",
            Self::EditMessagePhoto { .. } => "editMessageMedia",
            Self::AnswerCallbackQuery { .. } => "answerCallbackQuery",
            Self::SetWebhook { .. } => "setWebhook",
            Self::DeleteWebhook => "deleteWebhook",
            Self::GetWebhookInfo => "getWebhookInfo",
            Self::GetMe => "getMe",
            Self::SetMyCommands { .. } => "setMyCommands",
            Self::SetMenuButton { .. } => "setChatMenuButton",
        }
    }

    /// The content type and body of a call, or with `in_reply` of the answer to an update, which names its method.
    fn body(&self, in_reply: bool) -> (String, Vec<u8>) {
        let mut fields = self.fields();
        if in_reply {
            fields.put("method", self.name());
        }
        match self {
            Self::SendPhoto { photo: Photo::Png(bytes), .. } => fields.form("photo", bytes),
            Self::EditMessagePhoto { photo: Photo::Png(bytes), .. } => fields.form(PICTURE, bytes),
            _ => fields.json(),
        }
    }

    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        match self {
            Self::SendMessage { chat, words, markup, silent } => {
                fields.put("chat_id", chat);
                fields.words("text", words, TEXT_MAX);
                fields.put("link_preview_options", NoPreview { is_disabled: true });
                fields.some("disable_notification", silent.then_some(true));
                fields.some("reply_markup", markup.as_ref());
            }
            Self::SendPhoto { chat, photo, caption, markup } => {
                fields.put("chat_id", chat);
                if let Photo::Known(known) = photo {
                    fields.put("photo", known);
                }
                fields.words("caption", caption, CAPTION_MAX);
                fields.some("reply_markup", markup.as_ref());
            }
            Self::EditMessageText { chat, message, words, markup } => {
                fields.put("chat_id", chat);
                fields.put("message_id", message);
                fields.words("text", words, TEXT_MAX);
                fields.put("link_preview_options", NoPreview { is_disabled: true });
                fields.some("reply_markup", markup.as_ref());
            }
            Self::EditMessagePhoto { chat, message, photo, caption, markup } => {
                fields.put("chat_id", chat);
                fields.put("message_id", message);
                fields.put("media", media(photo, caption));
                fields.some("reply_markup", markup.as_ref());
            }
            Self::AnswerCallbackQuery { callback, notice } => {
                fields.put("callback_query_id", callback);
                fields.some("text", notice.as_deref().map(|notice| fit(notice, NOTICE_MAX)));
            }
            Self::SetWebhook { url, secret, connections } => {
                fields.put("url", url);
                fields.put("secret_token", secret);
                fields.put("allowed_updates", ALLOWED);
                fields.put("max_connections", connections.clamp(&1, &CONNECTIONS_MAX));
            }
            Self::DeleteWebhook | Self::GetWebhookInfo | Self::GetMe => {}
            Self::SetMyCommands { commands, language } => {
                let listed: Vec<Command<'_>> =
                    commands.iter().map(|(command, description)| Command { command, description }).collect();
                fields.put("commands", listed);
                fields.some("language_code", *language);
            }
            // Without a chat it is the bot's own button, for everybody.
            Self::SetMenuButton { app } => fields.put("menu_button", menu_button(app.as_ref())),
        }
        fields
    }
}

impl Bot<'_> {
    /// A call.
    #[must_use]
    pub fn call(&self, method: &Method) -> Request {
        let (content_type, body) = method.body(false);
        Request {
            method: http::Method::POST,
            url: format!("{}/bot{}/{}", self.base_url.trim_end_matches('/'), self.token, method.name()),
            headers: vec![("content-type", content_type), ("accept", "application/json".to_owned())],
            body,
            timeout_ms: TIMEOUT_MS,
        }
    }

    /// A message to a chat: what most callers want.
    #[must_use]
    pub fn send_message(&self, chat: ChatId, words: Words, markup: Option<Markup>, silent: bool) -> Request {
        self.call(&Method::SendMessage { chat, words, markup, silent })
    }

    /// The bot's own number: what stands before the colon of its token.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.token.split_once(':')?.0.parse().ok()
    }
}

/// A method as the answer to an update: content type and body. Nobody says what became of it.
#[must_use]
pub fn in_reply(method: &Method) -> (String, Vec<u8>) {
    method.body(true)
}

#[derive(Serialize)]
struct NoPreview {
    is_disabled: bool,
}

#[derive(Serialize)]
struct WebApp<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct Command<'a> {
    command: &'a str,
    description: &'a str,
}

/// The button as `setChatMenuButton` names it.
fn menu_button(app: Option<&MenuApp>) -> Value {
    let mut button = Fields::default();
    match app {
        Some(app) => {
            button.put("type", "web_app");
            button.put("text", fit(&app.text, MENU_TEXT_MAX));
            button.put("web_app", WebApp { url: &app.url });
        }
        None => button.put("type", "commands"),
    }
    Value::Object(button.0)
}

/// A picture as `editMessageMedia` names it.
fn media(photo: &Photo, caption: &Words) -> Value {
    let mut media = Fields::default();
    media.put("type", "photo");
    match photo {
        Photo::Known(known) => media.put("media", known),
        Photo::Png(_) => media.put("media", format!("attach://{PICTURE}")),
    }
    media.words("caption", caption, CAPTION_MAX);
    Value::Object(media.0)
}

/// A call's fields.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).expect("wire types have string keys and no failing parts");
        self.0.insert(name.to_owned(), value);
    }

    fn some(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn words(&mut self, name: &str, words: &Words, max: usize) {
        self.put(name, words.cut(max));
        if words.style == Style::Html {
            self.put("parse_mode", "HTML");
        }
    }

    fn json(self) -> (String, Vec<u8>) {
        let body = Value::Object(self.0).to_string().into_bytes();
        ("application/json".to_owned(), body)
    }

    /// A form with a picture. Its boundary is the picture's digest: random enough to occur nowhere in the form.
    fn form(self, name: &str, png: &[u8]) -> (String, Vec<u8>) {
        let digest = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(png));
        let form =
            self.0.iter().fold(Form::new(&digest[..BOUNDARY_DIGITS]), |form, (name, value)| match value {
                Value::String(text) => form.text(name, text),
                other => form.text(name, &other.to_string()),
            });
        form.file(name, "card.png", "image/png", png).finish()
    }
}

//! Carrying a call out.

use serde_json::{Map, Value, json};

use super::{Call, ChatState, Said, Telegram, Webhook, html, refused, shapes, too_many};
use crate::serve::Reply;

/// What a picture in PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// How the address of a webhook begins.
const WEBHOOK_SCHEME: &str = "https://";

impl Telegram {
    /// Checks a call and does what it says.
    pub(super) fn carry_out(&self, method: &str, call: &Call) -> Reply {
        let Some(shape) = shapes::of(method) else {
            return refused(404, "Not Found").noting(vec![format!("{method}: no such method here")]);
        };
        let mut faults = shape.faults(&Value::Object(call.fields.clone()));
        faults.extend(buttons(&call.fields));
        faults.extend(texts(&call.fields));
        let reply = match method {
            "getMe" => done(json!({
                "id": self.bot.id, "is_bot": true, "first_name": "Brand", "username": self.bot.username,
                "can_join_groups": false, "can_read_all_group_messages": false, "supports_inline_queries": false,
            })),
            "setWebhook" => self.set_webhook(&call.fields),
            "deleteWebhook" => {
                self.lock().webhook = None;
                done(json!(true))
            }
            "getWebhookInfo" => {
                let url = self.webhook().map(|webhook| webhook.url).unwrap_or_default();
                done(json!({ "url": url, "has_custom_certificate": false, "pending_update_count": 0 }))
            }
            "setMyCommands" => {
                let language = call.fields.get("language_code").and_then(Value::as_str).unwrap_or_default();
                let commands = call.fields.get("commands").cloned().unwrap_or_default();
                self.lock().commands.insert(language.to_owned(), commands);
                done(json!(true))
            }
            "setChatMenuButton" => self.set_menu_button(&call.fields),
            "answerCallbackQuery" => self.answer_callback(&call.fields),
            "sendMessage" | "sendPhoto" => self.send(method, call),
            _ => self.edit(method, call),
        };
        reply.noting(faults.into_iter().map(|fault| format!("{method}{fault}")).collect())
    }

    fn set_webhook(&self, fields: &Map<String, Value>) -> Reply {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (url, secret) = (text("url"), text("secret_token"));
        if !url.starts_with(WEBHOOK_SCHEME) {
            return refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook");
        }
        let lawful = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !secret.bytes().all(lawful) {
            return refused(400, "Bad Request: secret token contains unallowed characters");
        }
        let mut faults = Vec::new();
        if secret.is_empty() {
            faults.push("/secret_token: anybody could send updates".to_owned());
        }
        if !fields.contains_key("allowed_updates") {
            faults.push(
                "/allowed_updates: changes of the bot's own place in a chat must be asked for".to_owned(),
            );
        }
        self.lock().webhook = Some(Webhook { url, secret });
        done(json!(true)).noting(faults)
    }

    fn set_menu_button(&self, fields: &Map<String, Value>) -> Reply {
        let button = fields.get("menu_button").cloned().unwrap_or_else(|| json!({ "type": "default" }));
        let is_app = button["type"] == "web_app";
        let has_words = button["text"].as_str().is_some_and(|text| !text.trim().is_empty());
        let url = button["web_app"]["url"].as_str();
        if is_app && !has_words {
            return refused(400, "Bad Request: text must be non-empty");
        }
        if is_app && !url.is_some_and(|url| url.starts_with("https://")) {
            return refused(
                400,
                "Bad Request: inline keyboard button Web App URL is invalid: Only HTTPS links are allowed",
            );
        }
        let mut faults = Vec::new();
        if !is_app && (button.get("text").is_some() || button.get("web_app").is_some()) {
            faults.push("/menu_button: words and an address that nobody would see".to_owned());
        }
        if fields.contains_key("chat_id") {
            faults.push("/chat_id: a button of one chat only".to_owned());
        }
        self.lock().menu_button = Some(button);
        done(json!(true)).noting(faults)
    }

    fn answer_callback(&self, fields: &Map<String, Value>) -> Reply {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(id) = text("callback_query_id").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            return refused(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            );
        };
        self.lock().answered.push((id, text("text")));
        done(json!(true))
    }

    fn send(&self, method: &str, call: &Call) -> Reply {
        let chat = match self.reach(&call.fields) {
            Ok(chat) => chat,
            Err(reply) => return *reply,
        };
        let picture = match method {
            "sendPhoto" => match picture(call, "photo", call.fields.get("photo")) {
                Ok(picture) => Some(picture),
                Err(reply) => return *reply,
            },
            _ => None,
        };
        let words = if picture.is_some() { "caption" } else { "text" };
        let said = |message_id| Said {
            message_id,
            text: call.fields.get(words).and_then(Value::as_str).unwrap_or_default().to_owned(),
            parse_mode: call.fields.get("parse_mode").and_then(Value::as_str).map(str::to_owned),
            picture,
            reply_markup: call.fields.get("reply_markup").cloned().unwrap_or(Value::Null),
            edits: 0,
        };
        if let Err(seconds) = self.admit(chat) {
            return too_many(seconds);
        }
        let mut state = self.lock();
        state.next_message += 1;
        let said = said(state.next_message);
        let message = message(chat, &said);
        state.said.entry(chat).or_default().push(said);
        done(message)
    }

    fn edit(&self, method: &str, call: &Call) -> Reply {
        let chat = match self.reach(&call.fields) {
            Ok(chat) => chat,
            Err(reply) => return *reply,
        };
        let media = call.fields.get("media");
        let picture = match (method, media) {
            ("editMessageMedia", Some(media)) => {
                let named = media["media"].as_str().unwrap_or_default();
                let name = named.strip_prefix("attach://").unwrap_or_default();
                match picture(call, name, Some(&media["media"]).filter(|_| name.is_empty())) {
                    Ok(picture) => Some(picture),
                    Err(reply) => return *reply,
                }
            }
            _ => None,
        };
        let words = match media {
            Some(media) => media["caption"].as_str(),
            None => call.fields.get("text").and_then(Value::as_str),
        };
        let words = words.unwrap_or_default().to_owned();
        let markup = call.fields.get("reply_markup").cloned().unwrap_or(Value::Null);
        let id = call.fields.get("message_id").and_then(Value::as_i64).unwrap_or_default();
        let mut state = self.lock();
        let known = state.said.entry(chat).or_default().iter_mut().find(|said| said.message_id == id);
        let Some(known) = known else {
            return refused(400, "Bad Request: message to edit not found");
        };
        if known.picture.is_some() != picture.is_some() {
            return refused(400, "Bad Request: there is no text in the message to edit");
        }
        if known.text == words && known.reply_markup == markup && known.picture == picture {
            return refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                 the same as a current content and reply markup of the message",
            );
        }
        known.text = words;
        known.reply_markup = markup;
        known.picture = picture;
        known.edits += 1;
        done(message(chat, known))
    }

    /// The chat of a call, if it can be reached.
    fn reach(&self, fields: &Map<String, Value>) -> Result<i64, Box<Reply>> {
        let missing = || Box::new(refused(400, "Bad Request: chat not found"));
        let chat = fields.get("chat_id").and_then(Value::as_i64).ok_or_else(missing)?;
        match self.lock().chats.get(&chat).copied().unwrap_or(ChatState::Open) {
            ChatState::Open => Ok(chat),
            ChatState::Blocked => Err(Box::new(refused(403, "Forbidden: bot was blocked by the user"))),
            ChatState::Deactivated => Err(Box::new(refused(403, "Forbidden: user is deactivated"))),
            ChatState::Missing => Err(missing()),
        }
    }
}

fn done(result: Value) -> Reply {
    Reply::json(200, json!({ "ok": true, "result": result }))
}

/// A message as Telegram shows it to the bot.
fn message(chat: i64, said: &Said) -> Value {
    let mut message = json!({
        "message_id": said.message_id, "date": 1_795_246_800, "chat": {"id": chat, "type": "private", "first_name": "Guest"},
        "from": {"id": 6_000_000_001_i64, "is_bot": true, "first_name": "Brand"},
    });
    if said.picture.is_some() {
        message["caption"] = json!(said.text);
        message["photo"] = json!([
            {"file_id": format!("small{}", said.message_id), "file_unique_id": "s", "width": 90, "height": 90},
            {"file_id": format!("large{}", said.message_id), "file_unique_id": "l", "width": 320, "height": 320},
        ]);
    } else {
        message["text"] = json!(said.text);
    }
    if said.reply_markup["inline_keyboard"].is_array() {
        message["reply_markup"] = said.reply_markup.clone();
    }
    message
}

/// The picture of a call: uploaded, or known by its name.
fn picture(call: &Call, name: &str, known: Option<&Value>) -> Result<Vec<u8>, Box<Reply>> {
    match (call.file(name), known.and_then(Value::as_str)) {
        (Some(bytes), _) if bytes.starts_with(PNG) => Ok(bytes.to_vec()),
        (None, Some(known)) => Ok(known.as_bytes().to_vec()),
        (Some(_), _) => Err(Box::new(refused(400, "Bad Request: IMAGE_PROCESS_FAILED"))),
        (None, None) => Err(Box::new(refused(400, "Bad Request: there is no photo in the request"))),
    }
}

/// What is wrong with the buttons.
fn buttons(fields: &Map<String, Value>) -> Vec<String> {
    let Some(markup) = fields.get("reply_markup") else { return Vec::new() };
    let (inline, keys) = (markup.get("inline_keyboard").is_some(), markup.get("keyboard").is_some());
    let mut faults: Vec<String> = shapes::markup(inline, keys)
        .faults(markup)
        .iter()
        .map(|fault| format!("/reply_markup{fault}"))
        .collect();
    let rows = markup["inline_keyboard"].as_array().into_iter().flatten().filter_map(Value::as_array);
    for button in rows.flatten() {
        let actions = ["callback_data", "url", "web_app"].iter().filter(|name| button.get(**name).is_some());
        if actions.count() != 1 {
            faults.push(format!("/reply_markup: {} does not do one thing", button["text"]));
        }
        if button["callback_data"].as_str().is_some_and(|data| data.len() > 64) {
            faults.push(format!("/reply_markup: {} sends more than 64 bytes", button["text"]));
        }
        if button["web_app"]["url"].as_str().is_some_and(|url| !url.starts_with("https://")) {
            faults.push("/reply_markup: a Mini App needs https".to_owned());
        }
    }
    faults
}

/// What is wrong with the words, as Telegram counts them.
fn texts(fields: &Map<String, Value>) -> Vec<String> {
    let mut faults = Vec::new();
    let caption = fields.get("media").map(|media| &media["caption"]);
    for (words, max) in [(fields.get("text"), 4_096), (fields.get("caption"), 1_024), (caption, 1_024)] {
        let Some(words) = words.and_then(Value::as_str) else { continue };
        let length = match fields.get("parse_mode").and_then(Value::as_str) {
            Some("HTML") => html::length(words),
            _ => Ok(words.encode_utf16().count()),
        };
        match length {
            Ok(length) if length > max => faults.push(format!(": {length} of {max} characters")),
            Ok(_) => {}
            Err(fault) => faults.push(format!(": {fault}")),
        }
    }
    faults
}

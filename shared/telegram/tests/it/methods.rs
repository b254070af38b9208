//! Calls as Telegram reads them.

use serde_json::{Value, json};
use telegram::limit::{self, length};
use telegram::markup::{InlineButton, KeyButton};
use telegram::method::{Bot, MenuApp, Method, Photo, Words, in_reply};
use telegram::{Markup, text};

const BOT: Bot<'_> = Bot { base_url: "https://api.telegram.org/", token: "6000000001:AAExample" };

fn body(method: &Method) -> Value {
    let request = BOT.call(method);
    assert_eq!(request.headers[0], ("content-type", "application/json".to_owned()));
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn a_message_with_buttons() {
    let keys = Markup::keys_once(vec![vec![KeyButton::contact("Отправить номер")]]);
    let method = Method::say(700_000_001, Words::plain("Поделитесь номером"), Some(keys));
    let request = BOT.call(&method);
    assert_eq!(request.url, "https://api.telegram.org/bot6000000001:AAExample/sendMessage");
    assert_eq!(
        body(&method),
        json!({
            "chat_id": 700_000_001, "text": "Поделитесь номером",
            "link_preview_options": {"is_disabled": true},
            "reply_markup": {
                "keyboard": [[{"text": "Отправить номер", "request_contact": true}]],
                "resize_keyboard": true, "one_time_keyboard": true, "is_persistent": false
            }
        })
    );
    let rows = vec![vec![
        InlineButton::back("5", "rate:1:5"),
        InlineButton::url("Правила", "https://example.com/rules"),
        InlineButton::web_app("Приложение", "https://example.com/app"),
    ]];
    let sent = BOT.send_message(1, Words::html("<b>ok</b>"), Some(Markup::inline(rows)), true);
    let sent: Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!((&sent["parse_mode"], &sent["disable_notification"]), (&json!("HTML"), &json!(true)));
    assert_eq!(
        sent["reply_markup"]["inline_keyboard"][0],
        json!([
            {"text": "5", "callback_data": "rate:1:5"},
            {"text": "Правила", "url": "https://example.com/rules"},
            {"text": "Приложение", "web_app": {"url": "https://example.com/app"}}
        ])
    );
    assert_eq!(BOT.id(), Some(6_000_000_001));
    assert!(!format!("{BOT:?}").contains("AAExample"));
}

#[test]
fn words_fit() {
    let long = "я".repeat(limit::TEXT_MAX + 1);
    let sent = body(&Method::say(1, Words::plain(long.clone()), None));
    assert_eq!(sent["text"].as_str().map(length), Some(limit::TEXT_MAX));
    let photo = Photo::Known("AgAC".to_owned());
    let sent = body(&Method::SendPhoto { chat: 1, photo, caption: Words::plain(long.clone()), markup: None });
    assert_eq!(sent["caption"].as_str().map(length), Some(limit::CAPTION_MAX));
    assert_eq!(sent["photo"], "AgAC");
    let sent = body(&Method::AnswerCallbackQuery { callback: "1".to_owned(), notice: Some(long) });
    assert_eq!(sent["text"].as_str().map(length), Some(limit::NOTICE_MAX));
    assert_eq!(text::fit("", 5), "");
}

#[test]
fn the_answer_to_an_update_names_its_method() {
    let (content_type, bytes) = in_reply(&Method::say(7, Words::plain("x"), None));
    let sent: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!((content_type.as_str(), &sent["method"]), ("application/json", &json!("sendMessage")));
    assert_eq!(sent["chat_id"], 7);
}

/// A form's parts: name, file name and content.
fn parts(content_type: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let delimiter = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(delimiter.len()).position(|window| window == delimiter) {
        let part = &rest[..at];
        if let Some(end) = part.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&part[..end]).into_owned();
            let name =
                head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            parts.push((name.to_owned(), part[end + 4..part.len() - 2].to_vec()));
        }
        rest = &rest[at + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n");
    parts
}

#[test]
fn a_picture_is_uploaded_as_a_form() {
    let png = b"\x89PNG\r\n--not-a-boundary\r\n".to_vec();
    let markup = Some(Markup::inline(vec![vec![InlineButton::back("Обновить", "card")]]));
    let method = Method::SendPhoto {
        chat: 7,
        photo: Photo::Png(png.clone()),
        caption: Words::plain("Карта"),
        markup: markup.clone(),
    };
    let (content_type, body) = in_reply(&method);
    let found = parts(&content_type, &body);
    let text = |name: &str| {
        let part = found.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}"));
        String::from_utf8(part.1.clone()).expect("text")
    };
    assert_eq!(
        (text("method"), text("chat_id"), text("caption")),
        ("sendPhoto".into(), "7".into(), "Карта".into())
    );
    // As JSON: the order of an object's members depends on what else is built.
    let sent: serde_json::Value = serde_json::from_str(&text("reply_markup")).expect("JSON");
    assert_eq!(
        sent,
        serde_json::json!({"inline_keyboard": [[{"callback_data": "card", "text": "Обновить"}]]})
    );
    assert!(found.contains(&("photo".to_owned(), png.clone())));
    let edit = Method::EditMessagePhoto {
        chat: 7,
        message: 20,
        photo: Photo::Png(png.clone()),
        caption: Words::plain("Карта"),
        markup,
    };
    let request = BOT.call(&edit);
    assert!(request.url.ends_with("/editMessageMedia"));
    let found = parts(&request.headers[0].1, &request.body);
    let media = found.iter().find(|(name, _)| name == "media").map(|(_, value)| value.clone());
    let media: Value = serde_json::from_slice(&media.expect("a medium")).expect("JSON");
    assert_eq!(media, json!({"type": "photo", "media": "attach://picture", "caption": "Карта"}));
    assert!(found.contains(&("picture".to_owned(), png)));
}

#[test]
fn a_webhook_asks_for_what_is_read() {
    let method = Method::SetWebhook {
        url: "https://api.example.com/v1/hooks/telegram/daily".to_owned(),
        secret: "s".to_owned(),
        connections: 200,
    };
    let sent = body(&method);
    assert_eq!(sent["allowed_updates"], json!(["message", "callback_query", "my_chat_member"]));
    assert_eq!((&sent["secret_token"], &sent["max_connections"]), (&json!("s"), &json!(100)));
    let commands = vec![("card", "Карта".to_owned())];
    let sent = body(&Method::SetMyCommands { commands, language: Some("ru") });
    assert_eq!(
        sent,
        json!({"commands": [{"command": "card", "description": "Карта"}], "language_code": "ru"})
    );
}

#[test]
fn the_menu_button_opens_the_app_or_lists_the_commands() {
    let app = MenuApp {
        text: "Кофейня у дома и на углу с видом".to_owned(),
        url: "https://example.com/app".to_owned(),
    };
    let sent = body(&Method::SetMenuButton { app: Some(app) });
    let text = sent["menu_button"]["text"].as_str().expect("words").to_owned();
    assert!(length(&text) <= limit::MENU_TEXT_MAX, "{text}");
    assert_eq!(
        sent,
        json!({ "menu_button": {
            "type": "web_app", "text": text, "web_app": { "url": "https://example.com/app" },
        } })
    );
    let method = Method::SetMenuButton { app: None };
    assert_eq!(method.name(), "setChatMenuButton");
    assert_eq!(body(&method), json!({ "menu_button": { "type": "commands" } }));
}

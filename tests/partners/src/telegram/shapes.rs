//! What calls may look like (<https://core.telegram.org/bots/api>), as far as a loyalty bot uses them.

use crate::shape::{Key, Shape, may, must};

/// Any whole number: chats of groups are negative.
const ID: Shape = Shape::Integer;
const PREVIEW: Shape = Shape::Object(&[may("is_disabled", Shape::Flag)]);
const PARSE_MODE: Shape = Shape::One(&["HTML"]);

/// Buttons of all three kinds; [`super::handle`] checks what is inside.
const MARKUP: Shape = Shape::Any;

const SEND_MESSAGE: &[Key] = &[
    must("chat_id", ID),
    must("text", Shape::Text(1, 4_096)),
    may("parse_mode", PARSE_MODE),
    may("link_preview_options", PREVIEW),
    may("disable_notification", Shape::Flag),
    may("reply_markup", MARKUP),
];
const SEND_PHOTO: &[Key] = &[
    must("chat_id", ID),
    may("photo", Shape::Text(1, 512)),
    may("caption", Shape::Text(0, 1_024)),
    may("parse_mode", PARSE_MODE),
    may("disable_notification", Shape::Flag),
    may("reply_markup", MARKUP),
];
const EDIT_TEXT: &[Key] = &[
    must("chat_id", ID),
    must("message_id", ID),
    must("text", Shape::Text(1, 4_096)),
    may("parse_mode", PARSE_MODE),
    may("link_preview_options", PREVIEW),
    may("reply_markup", MARKUP),
];
const EDIT_MEDIA: &[Key] = &[
    must("chat_id", ID),
    must("message_id", ID),
    must(
        "media",
        Shape::Object(&[
            must("type", Shape::One(&["photo"])),
            must("media", Shape::Text(1, 512)),
            may("caption", Shape::Text(0, 1_024)),
            may("parse_mode", PARSE_MODE),
        ]),
    ),
    may("reply_markup", MARKUP),
];
const ANSWER_CALLBACK: &[Key] = &[
    must("callback_query_id", Shape::Text(1, 64)),
    may("text", Shape::Text(0, 200)),
    may("show_alert", Shape::Flag),
];
const SET_WEBHOOK: &[Key] = &[
    must("url", Shape::Text(1, 512)),
    may("secret_token", Shape::Text(1, 256)),
    may("allowed_updates", Shape::List(&Shape::One(&["message", "callback_query", "my_chat_member"]))),
    may("max_connections", Shape::Number(1, 100)),
];
const COMMANDS: &[Key] = &[
    must(
        "commands",
        Shape::List(&Shape::Object(&[
            must("command", Shape::Text(1, 32)),
            must("description", Shape::Text(1, 256)),
        ])),
    ),
    may("language_code", Shape::One(&["ru", "kk", "en"])),
];

const MENU_BUTTON: &[Key] = &[
    may("chat_id", ID),
    may(
        "menu_button",
        Shape::Object(&[
            must("type", Shape::One(&["commands", "default", "web_app"])),
            may("text", Shape::Text(1, 64)),
            may("web_app", Shape::Object(&[must("url", Shape::Text(8, 512))])),
        ]),
    ),
];

/// The shape of a method's fields; `None` for a method that there is not.
pub fn of(method: &str) -> Option<Shape> {
    Some(Shape::Object(match method {
        "getMe" | "getWebhookInfo" | "deleteWebhook" => &[],
        "sendMessage" => SEND_MESSAGE,
        "sendPhoto" => SEND_PHOTO,
        "editMessageText" => EDIT_TEXT,
        "editMessageMedia" => EDIT_MEDIA,
        "answerCallbackQuery" => ANSWER_CALLBACK,
        "setWebhook" => SET_WEBHOOK,
        "setMyCommands" => COMMANDS,
        "setChatMenuButton" => MENU_BUTTON,
        _ => return None,
    }))
}

const INLINE: Shape = Shape::Object(&[must(
    "inline_keyboard",
    Shape::List(&Shape::List(&Shape::Object(&[
        must("text", Shape::Text(1, 256)),
        may("callback_data", Shape::Text(1, 64)),
        may("url", Shape::Text(1, 512)),
        may("web_app", Shape::Object(&[must("url", Shape::Text(8, 512))])),
    ]))),
)]);
const REPLY: Shape = Shape::Object(&[
    must(
        "keyboard",
        Shape::List(&Shape::List(&Shape::Object(&[
            must("text", Shape::Text(1, 256)),
            may("request_contact", Shape::Flag),
            may("request_location", Shape::Flag),
        ]))),
    ),
    may("resize_keyboard", Shape::Flag),
    may("one_time_keyboard", Shape::Flag),
    may("is_persistent", Shape::Flag),
]);
const REMOVE: Shape = Shape::Object(&[must("remove_keyboard", Shape::Flag)]);

/// The shape of buttons, by the kind that they say they are.
pub const fn markup(is_inline: bool, is_keys: bool) -> Shape {
    match (is_inline, is_keys) {
        (true, _) => INLINE,
        (false, true) => REPLY,
        (false, false) => REMOVE,
    }
}

//! Telegram: updates of the brands' bots, the bots themselves, signing in from a Mini App.

use membership::staff_auth::Permission;

use crate::operation::{Access, Content, Idempotency, Method, Operation};
use crate::problem as p;
use crate::{json_content, wire};

pub static OPERATIONS: &[Operation] = &[
    Operation {
        id: "notify_telegram",
        method: Method::Post,
        path: "/v1/hooks/telegram/:brand",
        component: "telegram-webhook",
        access: Access::Public,
        idempotency: Idempotency::Natural,
        summary: "An update of a brand's bot, with its secret in a header; answered with what the bot says",
        query: &[],
        request: Some(Content::other("application/json")),
        replies: &[(200, Some(Content::other("application/json")))],
        problems: &[&p::UNAUTHENTICATED, &p::TOO_LARGE],
    },
    Operation {
        id: "set_telegram_bot",
        method: Method::Put,
        path: "/v1/telegram/bots/:brand",
        component: "telegram-webhook",
        access: Access::Staff(Permission::ManageOutlets),
        idempotency: Idempotency::None,
        summary: "Set a brand's bot, and tell Telegram where its updates go",
        query: &[],
        request: Some(json_content!(wire::telegram::TelegramBotBody)),
        replies: &[(200, Some(json_content!(wire::telegram::TelegramBotReply)))],
        problems: &[
            &p::MALFORMED,
            &p::INVALID_FIELD,
            &p::TOO_LARGE,
            &p::UNSUPPORTED_MEDIA_TYPE,
            &p::UNKNOWN_BRAND,
            &p::BOT_REFUSED,
            &p::BOT_TAKEN,
        ],
    },
    Operation {
        id: "read_telegram_bot",
        method: Method::Get,
        path: "/v1/telegram/bots/:brand",
        component: "telegram-webhook",
        access: Access::Staff(Permission::ManageOutlets),
        idempotency: Idempotency::None,
        summary: "A brand's bot, and how Telegram gets on with its webhook",
        query: &[],
        request: None,
        replies: &[(200, Some(json_content!(wire::telegram::TelegramBotReply)))],
        problems: &[&p::NOT_FOUND, &p::BOT_REFUSED],
    },
    Operation {
        id: "open_telegram_session",
        method: Method::Post,
        path: "/v1/telegram/session",
        component: "telegram-session",
        access: Access::Public,
        idempotency: Idempotency::None,
        summary: "Sign in from the bot's Mini App, once for every time it was opened",
        query: &[],
        request: Some(json_content!(wire::telegram::TelegramSessionBody)),
        replies: &[(200, Some(json_content!(wire::signup::SignedInReply)))],
        problems: &[
            &p::MALFORMED,
            &p::INVALID_FIELD,
            &p::TOO_LARGE,
            &p::UNSUPPORTED_MEDIA_TYPE,
            &p::UNKNOWN_BRAND,
            &p::INIT_DATA_REFUSED,
            &p::CHAT_NOT_LINKED,
            &p::ACCOUNT_BLOCKED,
        ],
    },
];

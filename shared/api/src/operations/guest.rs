//! What guests call, through the app or the bot.

use crate::operation::{Access, Idempotency, Method, Operation, Query};
use crate::problem as p;
use crate::{json_content, wire};

pub static OPERATIONS: &[Operation] = &[
    Operation {
        id: "read_history",
        method: Method::Get,
        path: "/v1/history",
        component: "history",
        access: Access::Guest,
        idempotency: Idempotency::None,
        summary: "Movements of points of the signed-in guest, newest first, each with its reason and receipt",
        query: &[
            Query {
                name: "cursor",
                meaning: "The `next_cursor` of the page before; absent: the newest",
                schema: r#"{"type":"string","pattern":"^ent_[0-9a-hjkmnp-tv-z]{13}$"}"#,
            },
            Query {
                name: "since",
                meaning: "Nothing recorded before this time, RFC 3339 with an offset; absent: everything",
                schema: r#"{"type":"string","format":"date-time"}"#,
            },
            Query {
                name: "limit",
                meaning: "Items on the page, 1 to 200; absent: 50",
                schema: r#"{"type":"integer","minimum":1,"maximum":200}"#,
            },
        ],
        request: None,
        replies: &[(200, Some(json_content!(wire::history::HistoryReply)))],
        problems: &[&p::INVALID_FIELD],
    },
    Operation {
        id: "read_balance",
        method: Method::Get,
        path: "/v1/balance",
        component: "balance",
        access: Access::Guest,
        idempotency: Idempotency::None,
        summary: "Points of the signed-in guest: available, held, pending, expiring soon; tier and progress",
        query: &[],
        request: None,
        replies: &[(200, Some(json_content!(wire::balance::BalanceReply)))],
        problems: &[&p::MEMBER_INACTIVE, &p::NO_PROGRAMME],
    },
];

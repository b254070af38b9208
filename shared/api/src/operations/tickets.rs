//! Tickets, for staff and for guests.

use membership::staff_auth::Permission;

use crate::operation::{Access, Idempotency, Method, Operation, Query};
use crate::problem as p;
use crate::{json_content, wire};

const CURSOR: Query = Query {
    name: "cursor",
    meaning: "The `next_cursor` of the page before; absent: the newest",
    schema: r#"{"type":"string","pattern":"^tkt_[0-9a-hjkmnp-tv-z]{13}$"}"#,
};
const LIMIT: Query = Query {
    name: "limit",
    meaning: "Tickets on the page, 1 to 100; absent: 20",
    schema: r#"{"type":"integer","minimum":1,"maximum":100}"#,
};

/// An act of staff on one ticket.
macro_rules! act {
    ($id:literal, $verb:literal, $summary:literal, $body:ty, $key:ident, [$($problem:ident),*]) => {
        Operation {
            id: $id,
            method: Method::Post,
            path: concat!("/v1/tickets/:id/", $verb),
            component: "ticket",
            access: Access::Staff(Permission::HandleTickets),
            idempotency: Idempotency::$key,
            summary: $summary,
            query: &[],
            request: Some(json_content!($body)),
            replies: &[(200, Some(json_content!(wire::tickets::TicketReply)))],
            problems: &[
                &p::MALFORMED,
                &p::INVALID_FIELD,
                &p::TOO_LARGE,
                &p::UNSUPPORTED_MEDIA_TYPE,
                &p::NOT_FOUND,
                &p::TICKET_STATE,
                &p::NO_FEEDBACK_RULES,
                $(&p::$problem),*
            ],
        }
    };
}

const ONLY_OUTLET: Query = Query {
    name: "outlet",
    meaning: "Only the outlet with this code",
    schema: r#"{"type":"string","maxLength":32}"#,
};
const ONLY_MINE: Query = Query {
    name: "mine",
    meaning: "`true`: only tickets assigned to the caller",
    schema: r#"{"enum":["true","false"]}"#,
};

const ONLY_TEAM: Query = Query {
    name: "team",
    meaning: "Only tickets that this team has, or one of it",
    schema: r#"{"type":"string","pattern":"^ttm_[0-9a-hjkmnp-tv-z]{13}$"}"#,
};

pub static OPERATIONS: &[Operation] = &[
    Operation {
        id: "list_tickets",
        method: Method::Get,
        path: "/v1/tickets",
        component: "ticket",
        access: Access::Staff(Permission::HandleTickets),
        idempotency: Idempotency::None,
        summary: "Tickets of the outlets in the caller's scope and of their desk, newest first",
        query: &[
            Query {
                name: "state",
                meaning: "Only tickets in this state",
                schema: r#"{"enum":["open","assigned","answered","closed"]}"#,
            },
            ONLY_OUTLET,
            ONLY_MINE,
            ONLY_TEAM,
            Query {
                name: "overdue",
                meaning: "`true`: only tickets not answered or not closed by their time",
                schema: r#"{"enum":["true","false"]}"#,
            },
            CURSOR,
            LIMIT,
        ],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::TicketPage)))],
        problems: &[&p::INVALID_FIELD],
    },
    Operation {
        id: "follow_tickets",
        method: Method::Get,
        path: "/v1/ticket-feed",
        component: "ticket",
        access: Access::Staff(Permission::HandleTickets),
        idempotency: Idempotency::None,
        summary: "Be told of tickets: server-sent events `begin`, `ticket` and `overdue`, or what is new since \
                  `Last-Event-ID` for whoever asks for JSON",
        query: &[ONLY_OUTLET, ONLY_MINE, ONLY_TEAM],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::TicketNewsReply)))],
        problems: &[&p::INVALID_FIELD],
    },
    Operation {
        id: "read_ticket",
        method: Method::Get,
        path: "/v1/tickets/:id",
        component: "ticket",
        access: Access::Staff(Permission::HandleTickets),
        idempotency: Idempotency::None,
        summary: "A ticket with what the guest said and what was done",
        query: &[],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::TicketReply)))],
        problems: &[&p::NOT_FOUND],
    },
    act!(
        "assign_ticket",
        "assign",
        "Take a ticket, give it to somebody who sees it, or hand it to a team",
        wire::tickets::AssignBody,
        Optional,
        [UNFIT_ASSIGNEE, UNFIT_TEAM]
    ),
    act!(
        "comment_ticket",
        "comment",
        "A word among colleagues; the guest never sees it",
        wire::tickets::WordsBody,
        Optional,
        []
    ),
    act!(
        "answer_ticket",
        "answer",
        "A word to the guest, who is told of it",
        wire::tickets::WordsBody,
        Optional,
        []
    ),
    act!(
        "compensate_ticket",
        "compensate",
        "Give points within the limits of role, outlet and guest",
        wire::tickets::CompensateBody,
        Required,
        [COMPENSATION_LIMIT, COMPENSATION_FOR_SUPPORT, MEMBER_INACTIVE]
    ),
    act!(
        "close_ticket",
        "close",
        "Close with an outcome, and say what was changed",
        wire::tickets::CloseBody,
        Optional,
        []
    ),
    act!("reopen_ticket", "reopen", "Take a closed ticket up again", wire::tickets::WordsBody, Optional, []),
    Operation {
        id: "list_ticket_teams",
        method: Method::Get,
        path: "/v1/ticket-teams/:brand",
        component: "feedback-rules",
        access: Access::Staff(Permission::HandleTickets),
        idempotency: Idempotency::None,
        summary: "Teams that the caller can hand tickets to: the chain's, and of franchisees within their scope",
        query: &[
            Query {
                name: "cursor",
                meaning: "The `next_cursor` of the page before; absent: the first page",
                schema: r#"{"type":"string","pattern":"^ttm_[0-9a-hjkmnp-tv-z]{13}$"}"#,
            },
            Query {
                name: "limit",
                meaning: "Teams on the page, 1 to 100; absent: 50",
                schema: r#"{"type":"integer","minimum":1,"maximum":100}"#,
            },
        ],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::TicketTeamPage)))],
        problems: &[&p::NOT_FOUND, &p::INVALID_FIELD],
    },
    Operation {
        id: "put_ticket_team",
        method: Method::Put,
        path: "/v1/ticket-teams/:brand/:code",
        component: "feedback-rules",
        access: Access::Staff(Permission::HandleTickets),
        idempotency: Idempotency::None,
        summary: "Make or change a team: of the chain, support and administrators; of a franchisee, they themselves too",
        query: &[],
        request: Some(json_content!(wire::tickets::TicketTeamBody)),
        replies: &[(200, Some(json_content!(wire::tickets::TicketTeamReply)))],
        problems: &[
            &p::MALFORMED,
            &p::INVALID_FIELD,
            &p::TOO_LARGE,
            &p::UNSUPPORTED_MEDIA_TYPE,
            &p::NOT_FOUND,
            &p::UNKNOWN_FRANCHISEE,
            &p::TOO_MANY_TEAMS,
        ],
    },
    Operation {
        id: "list_own_tickets",
        method: Method::Get,
        path: "/v1/member/tickets",
        component: "ticket",
        access: Access::Guest,
        idempotency: Idempotency::None,
        summary: "The caller's tickets, newest first",
        query: &[CURSOR, LIMIT],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::OwnTicketPage)))],
        problems: &[&p::INVALID_FIELD],
    },
    Operation {
        id: "open_own_ticket",
        method: Method::Post,
        path: "/v1/member/tickets",
        component: "ticket",
        access: Access::Guest,
        idempotency: Idempotency::Optional,
        summary: "Write without being asked, about an outlet or about none",
        query: &[],
        request: Some(json_content!(wire::tickets::OpenTicketBody)),
        replies: &[(201, Some(json_content!(wire::tickets::OwnTicketReply)))],
        problems: &[
            &p::MALFORMED,
            &p::INVALID_FIELD,
            &p::TOO_LARGE,
            &p::UNSUPPORTED_MEDIA_TYPE,
            &p::UNKNOWN_OUTLET,
            &p::MEMBER_INACTIVE,
            &p::NO_FEEDBACK_RULES,
            &p::RATE_LIMITED,
        ],
    },
    Operation {
        id: "read_own_ticket",
        method: Method::Get,
        path: "/v1/member/tickets/:id",
        component: "ticket",
        access: Access::Guest,
        idempotency: Idempotency::None,
        summary: "One of the caller's tickets, with what was written",
        query: &[],
        request: None,
        replies: &[(200, Some(json_content!(wire::tickets::OwnTicketReply)))],
        problems: &[&p::NOT_FOUND],
    },
    Operation {
        id: "write_own_ticket",
        method: Method::Post,
        path: "/v1/member/tickets/:id/messages",
        component: "ticket",
        access: Access::Guest,
        idempotency: Idempotency::Optional,
        summary: "Write on; a closed ticket is taken up again",
        query: &[],
        request: Some(json_content!(wire::tickets::WordsBody)),
        replies: &[(200, Some(json_content!(wire::tickets::OwnTicketReply)))],
        problems: &[
            &p::MALFORMED,
            &p::INVALID_FIELD,
            &p::TOO_LARGE,
            &p::UNSUPPORTED_MEDIA_TYPE,
            &p::NOT_FOUND,
            &p::TICKET_STATE,
            &p::NO_FEEDBACK_RULES,
            &p::RATE_LIMITED,
        ],
    },
];

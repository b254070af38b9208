//! What guests call, through the app or the bot.

use crate::operation::{Access, Idempotency, Method, Operation};
use crate::problem as p;
use crate::{json_content, wire};

pub static OPERATIONS: &[Operation] = &[Operation {
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
}];

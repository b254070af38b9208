//! Quotes: what a cart costs.

use crate::operation::{Access, Idempotency, Method, Operation};
use crate::problem as p;
use crate::{json_content, wire};

pub static OPERATIONS: &[Operation] = &[Operation {
    id: "quote_cart",
    method: Method::Post,
    path: "/v1/quotes",
    component: "cart-quote",
    access: Access::Visitor,
    idempotency: Idempotency::None,
    summary: "Price a cart at an outlet: discounts with their promotions, points to earn and to spend, near misses",
    query: &[],
    request: Some(json_content!(wire::quotes::QuoteBody)),
    replies: &[(200, Some(json_content!(wire::quotes::QuoteReply)))],
    problems: &[
        &p::MALFORMED,
        &p::INVALID_FIELD,
        &p::TOO_LARGE,
        &p::UNSUPPORTED_MEDIA_TYPE,
        &p::UNKNOWN_OUTLET,
        &p::OUTLET_UNAVAILABLE,
        &p::CART_UNAVAILABLE,
        &p::INSUFFICIENT_POINTS,
        &p::REDEMPTION_LIMIT,
        &p::MEMBER_INACTIVE,
        &p::WRONG_CURRENCY,
    ],
}];

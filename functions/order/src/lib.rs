//! `POST /v1/orders`, `GET /v1/orders`, `GET /v1/orders/:id`: an order is made from a quote, then read.
//!
//! Placing holds points, reserves budgets and opens the payment at once, so that the reply brings the link to pay by;
//! if the acquirer is slow, `order-dispatch` opens it a moment later. Caller: a guest; placing needs an
//! `Idempotency-Key`. Grants: the database, the key-value store (sessions, quotes, the outlet's menu), the acquirers, the
//! master secret.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("order", web::orders::MONEY_VARIABLES, request, run::run).await
}

//! `POST /v1/orders/:id/payment`: one more attempt to pay, after one that was declined or ran out.
//!
//! Caller: the order's guest, with an `Idempotency-Key`. Grants: the database, the key-value store (sessions), the
//! acquirers, the master secret.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("payment", web::orders::MONEY_VARIABLES, request, run::run).await
}

//! `POST /v1/holds`, `GET /v1/holds/:id`, `POST /v1/holds/:id/release`: points reserved for an open receipt.
//!
//! A hold is captured by the receipt that names it, released by the till, or lapses by time (`points-lifecycle`).
//! Caller: a till, with its outlet's key. Grants: the database; the master secret, for rotating codes.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("redemption-hold", &[web::till::MASTER_SECRET], request, run::run).await
}

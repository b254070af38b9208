//! `POST /v1/returns`: goods come back, in full or by line and quantity, and points with them.
//!
//! Caller: a till, with its outlet's key. Grants: the database. Refusals: see `record_return` in API.md. Posting the
//! same return again answers the same with `Idempotency-Replayed: true`; with other content it is refused.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("receipt-return", &[], request, run::run).await
}

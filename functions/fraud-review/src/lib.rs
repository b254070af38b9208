//! `/v1/fraud-cases…`, `/v1/members/:id/block`: suspicious accounts by score, each with its reasons; uphold, overturn, block.
//! `/v1/account-standing`, `/v1/appeals`: how a guest's account stands, and what they say to it.
//!
//! Caller: support and administrators; guests for themselves. A barista sees neither guests nor cases. Grants: the database,
//! the key-value store (sessions), the master secret (texts of appeals are encrypted).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("fraud-review", &[web::till::MASTER_SECRET], request, run::run).await
}

//! `GET /v1/balance`: points of the signed-in guest, what expires soon, tier and progress.
//!
//! Caller: a guest. Grants: the database (reading), the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("balance", &[], request, run::run).await
}

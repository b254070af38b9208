//! `GET /v1/history`: movements of points of the signed-in guest, newest first, each with its reason and receipt.
//!
//! Caller: a guest. Grants: the database (reading), the key-value store (sessions).

mod reason;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("history", &[], request, run::run).await
}

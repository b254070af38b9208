//! `GET /v1/jobs`: scheduled jobs, when they are due and how they went.
//!
//! Caller: an administrator. Grants: the database (reading), the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("jobs", &[], request, run::run).await
}

//! `GET /v1/jobs`: scheduled jobs, when they are due and how they went.
//!
//! `GET /v1/jobs/metrics`: the same for monitoring, with a token of its own.
//!
//! Caller: an administrator. Grants: the database (reading), the key-value store (sessions).

mod metrics;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("jobs", &[metrics::TOKEN], request, run::run).await
}

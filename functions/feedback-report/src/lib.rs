//! `/v1/feedback-reports/ratings`, `/v1/feedback-reports/tickets`: what answers and tickets come to.
//!
//! Caller: outlet managers and franchisees for their own outlets, marketers, support, administrators. Grants: the database
//! (reading), the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("feedback-report", &[], request, run::run).await
}

//! `/v1/feedback`, `/v1/feedback/:token`, `/v1/feedback/:token/play`: questions about visits, answered once and played once.
//!
//! Caller: whoever holds a signed link; a signed-in guest, who is listed their own and refused others'. Grants: the
//! database, the key-value store (sessions), the master secret (signatures of links, encrypted words).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("feedback-submit", &[web::till::MASTER_SECRET], request, run::run).await
}

//! `/v1/feedback-rules/:brand/…`: what a brand asks, whom, and what answers lead to, in immutable versions.
//!
//! Caller: marketers and administrators; whoever reads feedback may read the rules. Grants: the database, the key-value
//! store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("feedback-rules", &[], request, run::run).await
}

//! `/v1/feedback-rules/:brand/…`: what a brand asks, whom, and what answers lead to, in immutable versions.
//! `/v1/ticket-teams/:brand…`: the teams to which routes and people hand tickets.
//!
//! Caller: marketers and administrators; whoever reads feedback may read the rules. Teams: support and administrators, and
//! franchisees their own; whoever deals with tickets may read them. Grants: the database, the key-value
//! store (sessions).

mod run;
mod teams;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("feedback-rules", &[], request, run::run).await
}

//! `/v1/promotions…`: promotions: check, make, revise, switch on, pause, end, read.
//!
//! Rules are immutable versions; a change is a new version. Caller: marketers and administrators, others to read.
//! Grants: the database, the key-value store (sessions).

mod run;
mod show;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("promotion", &[], request, run::run).await
}

//! `/v1/shifts/…`: shifts opened and closed at a till, seen, ended and brought in by a manager.
//!
//! Caller: a till; a manager of the outlet; an administrator. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("shift", &[], request, run::run).await
}

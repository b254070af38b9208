//! `POST /v1/members/:id/adjustments`: points given or taken by hand, with a reason.
//!
//! Caller: support and administrators, each within a limit; needs an `Idempotency-Key`. A correction never makes a
//! debt. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("points-adjust", &[], request, run::run).await
}

//! `/v1/staff`, `/v1/staff/:id`, `/v1/staff/:id/login`: members of staff, for administrators.
//!
//! Whoever gets other rights, a new password, or leaves is signed out at once. Caller: an administrator. Grants: the
//! database, the key-value store (sessions), the master secret (names).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("staff", &[web::till::MASTER_SECRET], request, run::run).await
}

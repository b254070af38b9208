//! `POST /v1/staff/session`, `DELETE /v1/staff/session`: staff sign in with password and second factor, and out.
//!
//! The first sign-in answers with the second factor to enrol. Caller: anybody; staff to sign out. Grants: the
//! database, the key-value store (sessions), the master secret (second factors). Refusals tell nothing apart.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("staff-session", &[web::till::MASTER_SECRET], request, run::run).await
}

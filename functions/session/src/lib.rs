//! `POST /v1/session/refresh`, `DELETE /v1/session`, `DELETE /v1/sessions`: new tokens for old, signing out.
//!
//! A refresh token works once. Sent again within a minute it gets the same answer, because the first may have been
//! lost; later, or after further exchanges, it was copied, and the session ends for everybody who holds a token of it.
//!
//! Caller: anybody with a refresh token; a guest. Grants: the database, the key-value store, the master secret.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("session", &[web::till::MASTER_SECRET], request, run::run).await
}

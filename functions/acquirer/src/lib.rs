//! `GET` and `PUT /v1/franchisees/:code/acquirer`: who takes money for a franchisee.
//!
//! The seller on a fiscal receipt is a legal entity, so each has an account of its own. A new account takes over at
//! once; payments made with the old one are watched and refunded with the old one. Caller: finance, administrators.
//! Grants: the database, the key-value store (sessions), the master secret, under which the account's key is encrypted.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("acquirer", &[web::till::MASTER_SECRET], request, run::run).await
}

//! `/v1/cards`: virtual cards issued, plastic ones linked, lost ones blocked and replaced; the card as a rotating code
//! and as a picture.
//!
//! Caller: a guest, for their own cards. Grants: the database, the key-value store (sessions), the master secret (card
//! numbers and code keys). A card of somebody else is not found.

mod run;
mod show;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("card", &[web::till::MASTER_SECRET], request, run::run).await
}

#[cfg(test)]
mod tests;

//! `POST /v1/signup`, `POST /v1/signup/:challenge/resend`, `POST /v1/signup/:challenge/verify`: a phone, a one-time
//! code by text message, and the guest is signed in; whoever was no member is one then.
//!
//! Caller: anybody. Grants: the database, the key-value store (the access token), the master secret, the message
//! gateway and nothing else outside. Refusals: see these operations in API.md; known and unknown phones get the same
//! answer until the code is right.

mod deliver;
mod policy;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("signup", policy::VARIABLES, request, run::run).await
}

#[cfg(test)]
mod tests;

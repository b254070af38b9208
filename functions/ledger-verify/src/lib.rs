//! `GET /v1/ledger/verify`: derives balances anew from postings and lots, a slice of members at a time.
//!
//! Reads one unchanging picture of the database and keeps nobody from writing. Caller: finance and administrators.
//! Grants: the database (reading), the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("ledger-verify", &[], request, run::run).await
}

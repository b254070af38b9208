//! `POST /v1/receipts`: a till posts a sale and is told what it earned and why.
//!
//! Caller: a till, with its outlet's key. Grants: the database; the master secret, for guests named by phone or
//! rotating code. Refusals: see `record_receipt` in API.md. Posting the same receipt again answers the same with
//! `Idempotency-Replayed: true`; with other content it is refused.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("receipt", &[web::till::MASTER_SECRET], request, run::run).await
}

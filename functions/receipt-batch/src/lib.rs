//! `POST /v1/receipts/batch`: a till that was offline sends its queue, one receipt or return a line (NDJSON).
//!
//! Every line is judged alone and reported in its place; a refused line touches no other. Lines are recorded in the
//! order in which they stand, so that a return may follow its receipt. Sending the queue again is safe.
//! Caller: a till, with its outlet's key. Grants: the database; the master secret, for guests named by phone.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("receipt-batch", &[web::till::MASTER_SECRET], request, run::run).await
}

//! `POST /v1/hooks/yookassa`, `POST /v1/hooks/tbank`: an acquirer says that something changed.
//!
//! What it says is not believed: the payment is read, here and now, and only what is read counts. YooKassa's
//! notifications are taken from its own addresses only (variable `yookassa_nets`), T-Bank's with a right signature.
//! Grants: the database, the acquirers, the master secret.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("payment-webhook", run::VARIABLES, request, run::run).await
}

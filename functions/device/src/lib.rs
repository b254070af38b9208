//! `/v1/contacts`, `/v1/devices`, `/v1/message-settings`: how a guest is reached and what they want of messages.
//!
//! Caller: a guest, for themselves. Grants: the database, the key-value store (sessions), the master secret (addresses
//! are encrypted, codes hashed). A contact of somebody else is not found.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("device", &[web::till::MASTER_SECRET], request, run::run).await
}

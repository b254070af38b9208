//! `/v1/till-keys`, `/v1/till-keys/:id`: API keys of tills, for administrators.
//!
//! A key is shown once and stored as a hash; a revoked key opens nothing from the next request on. Caller: an
//! administrator. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("till-key", &[], request, run::run).await
}

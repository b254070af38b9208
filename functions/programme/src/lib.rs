//! `/v1/programmes/:brand/…`: versions of a brand's rules: check, publish, list, read.
//!
//! A version never changes; a change is a new version with a time from which it holds. Caller: marketers and
//! administrators, others to read. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("programme", &[], request, run::run).await
}

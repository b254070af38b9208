//! `/v1/promotion-simulations…`, `/v1/product-costs`: what a promotion would have done, told from stored receipts.
//!
//! A replay goes on in slices that the caller asks for one after another; each is bounded and can be repeated. Caller:
//! marketers and administrators, others to read. Grants: the database, the key-value store (sessions).

mod run;
mod show;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("promotion-simulate", &[], request, run::run).await
}

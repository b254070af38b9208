//! `/v1/order-desk`: orders that no rule could settle, and what people decide about them.
//!
//! Listing, looking closely, settling by what was found out, cancelling for the outlet, refunding goods. Caller: outlet
//! managers and franchisees for their own outlets, support, administrators. What has to be asked of partners is done by
//! `order-dispatch`. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("order-desk", &[], request, run::run).await
}

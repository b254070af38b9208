//! `POST /v1/orders/:id/cancel`: the guest changes their mind.
//!
//! Possible until the order is being made. What is at the till is cancelled there first, by `order-dispatch`; what was
//! paid goes back. Caller: the order's guest. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("order-cancel", &[], request, run::run).await
}

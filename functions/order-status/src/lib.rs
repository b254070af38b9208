//! `GET /v1/orders/:id/events`: an order followed by server-sent events, or read once.
//!
//! An event named `order` brings the order as `GET /v1/orders/:id` does, at first and whenever it has changed; the feed
//! ends with the order. Whoever does not ask for `text/event-stream` gets the order as JSON. Caller: the order's guest.
//! Grants: the database (reading), the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve_feed("order-status", &[], request, run::run).await
}

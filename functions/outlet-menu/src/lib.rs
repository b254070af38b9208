//! `GET /v1/outlets/:code/menu`: what an outlet sells, in the language of the request.
//!
//! Callers: anybody. Grants: the database, the key-value store (snapshots). The reply has an entity tag; whoever sends
//! it back in `If-None-Match` gets 304 for the price of two rows. Refused: an outlet without a menu.

mod run;
mod show;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("outlet-menu", &[], request, run::run).await
}

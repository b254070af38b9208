//! `/v1/message-desk`, `/v1/message-texts`: messages that reached nobody, seen and told again; what guests read.
//!
//! Caller: support, administrators. Grants: the database, the key-value store (sessions), the master secret (places in lists),
//! the variables that say which carriers there are; nothing goes out from here. Neither addresses nor words are shown.

mod cursor;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("message-desk", web::messages::VARIABLES, request, run::run).await
}

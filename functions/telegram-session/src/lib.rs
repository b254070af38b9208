//! `POST /v1/telegram/session`: whoever opened the bot's Mini App is signed in, if their chat belongs to a member.
//!
//! Caller: anybody with what Telegram signed. Grants: the database, the key-value store (the access token), the master
//! secret (the bot's token). Refusals: what is not signed, too old or used (401), a chat without a member (403).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("telegram-session", &[web::till::MASTER_SECRET], request, run::run).await
}

//! `POST /v1/hooks/telegram/:brand`: an update of a brand's bot, answered with what the bot says;
//! `GET`, `PUT /v1/telegram/bots/:brand`: the bot itself.
//!
//! An update is known by the secret in its header, compared in constant time, and taken once. The answer goes back in the
//! reply; only the sign on a pressed button is ended by a call of its own, whose failure costs nothing.
//!
//! Caller: Telegram; staff who manage outlets. Grants: the database, the key-value store (dialogues, sessions), the master
//! secret (tokens, personal data, cards), and Telegram, nothing else outside.

mod bots;
mod hook;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("telegram-webhook", run::VARIABLES, request, run::run).await
}

#[cfg(test)]
mod tests;

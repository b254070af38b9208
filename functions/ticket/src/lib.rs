//! `/v1/tickets…` and `/v1/ticket-feed` for staff, `/v1/member/tickets…` for guests: what guests complained about, and what
//! is done about it.
//!
//! Whoever asks the feed for `text/event-stream` is told of new tickets, of what happens to them and of those that run out of
//! their time, within two seconds and, for the last, seven.
//!
//! Caller: outlet managers and franchisees for their own outlets, support, administrators; guests for their own tickets.
//! Staff are told no more of a guest than `care::shown` says. Grants: the database, the key-value store (sessions), the
//! master secret (encrypted words and names).

mod follow;
mod guest;
mod run;
mod staff;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve_feed("ticket", &[web::till::MASTER_SECRET], request, run::run).await
}

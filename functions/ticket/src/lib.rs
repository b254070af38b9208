//! `/v1/tickets…` for staff, `/v1/member/tickets…` for guests: what guests complained about, and what is done about it.
//!
//! Caller: outlet managers and franchisees for their own outlets, support, administrators; guests for their own tickets.
//! Staff are told no more of a guest than `care::shown` says. Grants: the database, the key-value store (sessions), the
//! master secret (encrypted words and names).

mod guest;
mod run;
mod staff;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("ticket", &[web::till::MASTER_SECRET], request, run::run).await
}

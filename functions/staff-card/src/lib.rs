//! `/v1/staff-card`, `/v1/staff/:id/card`, `/v1/staff-card-rules`, `/v1/staff-discounts`: a staff member's own discount
//! card, apart from guests' points and limited by day and month; its link with a guest account, to which awards go.
//!
//! Caller: staff for their own card; a guest who links their account; a till that takes a discount; an administrator who
//! blocks a card, a marketer who makes rules. Grants: the database, the key-value store (sessions), the master secret
//! (codes).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("staff-card", &[web::till::MASTER_SECRET], request, run::run).await
}

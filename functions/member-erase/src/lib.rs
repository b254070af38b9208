//! `POST /v1/members/:id/erase`: a guest who cannot do it themselves is forgotten through support.
//!
//! A blocked account cannot sign in and so cannot erase itself; its owner has the right all the same. Caller: support
//! and administrators, who have made sure who asks. Grants: the database, the key-value store (sessions, those of the
//! guest as well, which end).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("member-erase", &[], request, run::run).await
}

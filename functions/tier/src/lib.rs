//! `/v1/tier`, `/v1/members/:id/tier`, `…/tier-grants`, `…/home`, `/v1/tier-grants/:id/revoke`, `/v1/tiers/:brand/preview`:
//! how members stand and why, grants and moves of homes by hand, and who would move under other rules.
//!
//! Caller: a guest for themselves; support and administrators for members; marketers for previews. Grants: the database,
//! the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("tier", &[], request, run::run).await
}

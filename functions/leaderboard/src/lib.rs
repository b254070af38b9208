//! `GET /v1/leaderboards/:brand/:code`: who is ahead on a goal, among outlets of a size, ties as ties; without a score
//! there is no place.
//!
//! Outlets and groups of them are named to everybody; people within the caller's scope only. Caller: staff at whose
//! outlets the goal holds. Grants: the database, the key-value store (sessions), the master secret (names).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("leaderboard", &[web::till::MASTER_SECRET], request, run::run).await
}

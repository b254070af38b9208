//! `/v1/member`, `/v1/member/consents`, `/v1/member/export`, `/v1/member/erase`: what is kept about the signed-in
//! guest, for them to see, change, copy and have forgotten.
//!
//! Caller: a guest. Grants: the database, the key-value store (sessions), the master secret (personal fields).

mod export;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("member", &[web::till::MASTER_SECRET], request, run::run).await
}

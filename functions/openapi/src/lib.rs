//! `GET /v1/openapi.json`: the OpenAPI description of this service, as generated with it.
//!
//! Caller: anybody. Grants: none.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("openapi", &[], request, run::run).await
}

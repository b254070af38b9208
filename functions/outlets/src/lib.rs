//! `GET /v1/outlets`, `GET|PUT /v1/outlets/:code`, `PUT /v1/franchisees/:code`: the directory of outlets.
//!
//! Reading is for everybody, changing for administrators. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("outlets", &[], request, run::run).await
}

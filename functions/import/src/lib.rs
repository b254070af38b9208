//! `POST /v1/imports`: brings in a CSV file, or rehearses it.
//!
//! Good rows are applied in short transactions, bad cells reported with line and column; a row that is there already
//! changes nothing. Caller: an administrator. Grants: the database, the key-value store (sessions), the master secret
//! (personal data).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("import", &[web::till::MASTER_SECRET], request, run::run).await
}

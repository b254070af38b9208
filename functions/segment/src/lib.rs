//! `/v1/segments…`, `/v1/members/:id/segments`, `/v1/members/:id/tags`: whom promotions can address.
//!
//! A segment is a list, filled by imports, or a rule that the component `segment-refresh` applies. Caller: marketers and
//! administrators; support for one guest's tags. Grants: the database, the key-value store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("segment", &[], request, run::run).await
}

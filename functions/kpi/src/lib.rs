//! `/v1/goals/…`, `/v1/outlet-groups/…`, `/v1/revenue-plans/…`, `/v1/goal-progress`, `/v1/goal-awards`,
//! `/v1/payroll/awards`: goals of staff in versions, live progress of oneself and one's outlet, awards and payroll.
//!
//! Whoever asks for `text/event-stream` follows the progress: an event named `progress` at first and whenever a receipt,
//! a return or a rating has changed it, within two seconds. Caller: staff within their scope. Grants: the database, the
//! key-value store (sessions).

mod administration;
mod awards;
mod progress;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve_feed("kpi", &[], request, run::run).await
}

//! Every ten minutes, and `POST /v1/jobs/fraud-check/run`: rings of accounts, harvested bonuses.
//! `/v1/fraud-rules/:brand`, `/v1/fraud-decisions/:brand`, `/v1/fraud-trials…`: versions of rules, what rules that only observe
//! would have done, rules tried on the past in bounded slices. (Events are judged where they happen: in receipt,
//! redemption-hold, receipt-return, signup and orders.)
//!
//! Caller: the timer (interface `fermyon:spin-cron`, in `wit/`); administrators, and support for reading. Grants: the
//! database, the key-value store (sessions), the variable `appeal_url`: transactions of other components find it in the
//! database.

mod rules;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

/// Where guests appeal.
const VARIABLES: &[&str] = &[watch::page::APPEAL_URL];

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("fraud-check", VARIABLES, request, run::run).await
}

#[expect(unsafe_code, reason = "what the interface's macro expands to")]
mod timer {
    spin_sdk::wit_bindgen::generate!({
        path: "wit",
        world: "spin-cron",
        runtime_path: "::spin_sdk::wit_bindgen::rt",
    });

    pub struct Timer;
    export!(Timer);
}

impl timer::Guest for timer::Timer {
    fn handle_cron_event(_: timer::Metadata) -> Result<(), timer::Error> {
        platform::scheduled::timed(&[watch::sweep::JOB], crate::VARIABLES, run::tick)
            .map_err(timer::Error::Other)
    }
}

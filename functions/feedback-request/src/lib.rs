//! Every minute, and `POST /v1/jobs/feedback-request/run`: receipts become questions, and questions are asked.
//!
//! What is due stands in the data, so nothing is missed while no host was running; two hosts at once do no harm.
//! Caller: the timer (interface `fermyon:spin-cron`, in `wit/`), an administrator. Grants: the database, the key-value
//! store (sessions), the master secret (signatures of links).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

const VARIABLES: &[&str] = &[web::till::MASTER_SECRET, web::feedback::FEEDBACK_URL];

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("feedback-request", VARIABLES, request, run::run).await
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
        platform::scheduled::timed(&[care::ask::JOB], crate::VARIABLES, run::tick)
            .map_err(timer::Error::Other)
    }
}

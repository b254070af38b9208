//! Every minute, and `POST /v1/jobs/segment-refresh/run`: the rules of segments that are due are applied to everybody.
//!
//! What is due stands in the data, so nothing is missed while no host was running; two hosts at once do no harm.
//! Caller: the timer (interface `fermyon:spin-cron`, in `wit/`), an administrator. Grants: the database, the key-value
//! store (sessions).

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("segment-refresh", &[], request, run::run).await
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
        platform::scheduled::timed(&[shop::segment::JOB], &[], run::tick).map_err(timer::Error::Other)
    }
}

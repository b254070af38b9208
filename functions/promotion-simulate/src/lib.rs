//! `/v1/promotion-simulations…`, `/v1/product-costs`: what a promotion would have done, told from stored receipts. Every
//! minute: replays that were begun go on.
//!
//! A replay goes on in slices, each bounded and repeatable, by the timer or whenever its caller asks. Caller: marketers and
//! administrators, others to read; the timer (interface `fermyon:spin-cron`, in `wit/`). Grants: the database, the
//! key-value store (sessions), the master secret (birthdays, where a promotion asks for them).

mod run;
mod show;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::till::MASTER_SECRET;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("promotion-simulate", &[MASTER_SECRET], request, run::run).await
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
        platform::scheduled::timed(&[shop::simulation::JOB], &[MASTER_SECRET], run::tick)
            .map_err(timer::Error::Other)
    }
}

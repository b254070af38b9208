//! Every minute, and `POST /v1/jobs/menu-sync/run`: chains' menus, stop lists and directories are read, as far as they
//! are due, and outlets' menus made anew where something has changed.
//!
//! `POST /v1/jobs/menu-sync/events` has iiko post an account's events to us.
//!
//! What is due stands in the data, so a run may stop anywhere and the next goes on. Caller: the timer (interface
//! `fermyon:spin-cron`, in `wit/`), an administrator. Grants: the database, the key-value store (snapshots, sessions), the
//! master secret (credentials are stored sealed), iiko's addresses.

mod events;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("menu-sync", run::VARIABLES, request, run::run).await
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
        platform::scheduled::timed(&[shop::menu_sync::JOB], run::VARIABLES, run::tick)
            .map_err(timer::Error::Other)
    }
}

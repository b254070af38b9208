//! Every two seconds, and `POST /v1/jobs/message-outbox/run`: it is decided how intents are told, and push messages, e-mail and
//! text messages that are due go out.
//!
//! What is due stands in the database, so nothing is missed while no host was running; two runs at once take different
//! messages. Caller: the timer, an administrator. Grants: the database, the key-value store (sessions), the carriers, the
//! master secret.

mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("message-outbox", web::messages::VARIABLES, request, run::run).await
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
        platform::scheduled::timed(&[post::outbox::DIRECT], web::messages::VARIABLES, run::tick)
            .map_err(timer::Error::Other)
    }
}

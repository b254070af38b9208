//! `POST /v1/quotes`: what a cart costs at an outlet, with the reason of every sum. Every night: what is bought together
//! is counted anew, for suggestions.
//!
//! Caller: anybody, and the timer (interface `fermyon:spin-cron`, in `wit/`); a signed-in guest gets points, tiers and a quote to order from. Grants: the database, the
//! key-value store (sessions, menus, quotes), the master secret (seals of quotes, birthdays). Refusals: goods that
//! cannot be had, each with what there is instead; points that the programme does not allow.

mod reply;
mod run;

use platform::Response;
use spin_sdk::http::Request;
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> Response {
    platform::serve("cart-quote", &[web::till::MASTER_SECRET], request, run::run).await
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
        platform::scheduled::timed(&[shop::together::JOB], &[], |run| {
            let pairs = shop::together::run(run.sql, run.now).map_err(|error| error.to_string())?;
            println!("suggestions.counted pairs={pairs}");
            Ok(())
        })
        .map_err(timer::Error::Other)
    }
}

#[cfg(test)]
mod tests;

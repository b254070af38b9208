//! The real WebAssembly on the real host, over HTTP. Build both first: `cargo xtask build`.
//!
//! Every test has a host and a state directory of its own. `suite` has the verbs; the other modules tell stories.

mod concurrency;
mod crash;
mod feedback;
mod fraud;
mod goals;
mod jobs;
mod messages;
mod order_crash;
mod orders;
mod orders_combo;
mod orders_later;
mod orders_tbank;
mod promotions;
mod receipts;
mod refusals;
mod shop;
mod suite;
mod telegram;

//! Use cases of messages: how guests are reached, the outbox, what people do about failures.
//!
//! What is decided comes from `messaging`, what goes over the wire from `carriers`. As everywhere: the caller opens and
//! commits, except for the outbox, which calls carriers between two transactions.

pub mod contacts;
pub mod refusal;

pub use refusal::Refusal;

//! Use cases of messages: how guests are reached, the outbox, what people do about failures.
//!
//! What is decided comes from `messaging`, what goes over the wire from `carriers`. As everywhere: the caller opens and
//! commits, except for the outbox, which calls carriers between two transactions.

pub mod carry;
pub mod chat;
pub mod contacts;
pub mod desk;
pub mod facts;
pub mod outbox;
pub mod refusal;
pub mod settings;
pub mod standing;
pub mod still;
pub mod words;

pub use refusal::Refusal;

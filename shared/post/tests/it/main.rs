//! Use cases of messages over a database in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod carriers;
mod chat;
mod contacts;
mod faults;
mod once;
mod outbox;
mod queue;
mod still;
mod telling;
mod trouble;
mod unsent;
mod world;

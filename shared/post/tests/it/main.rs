//! Use cases of messages over a database in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod carriers;
mod chat;
mod contacts;
mod faults;
mod outbox;
mod telling;
mod trouble;
mod world;

//! Use cases of messages over a database in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contacts;
mod world;

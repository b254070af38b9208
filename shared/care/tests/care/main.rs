//! Use cases of feedback over a database in memory.

mod ask;
mod forget;
mod game;
mod tickets;
mod world;

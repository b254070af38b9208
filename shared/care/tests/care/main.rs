//! Use cases of feedback over a database in memory.

mod ask;
mod follow;
mod forget;
mod game;
mod own;
mod report;
mod routes;
mod teams;
mod tickets;
mod world;

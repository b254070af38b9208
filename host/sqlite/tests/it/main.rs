//! The database as its users see it: through its API, on a real file system.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod foreign;
mod group_commit;
mod handover;
mod long_statements;
mod power_loss;
mod queue;
mod statements;
mod support;
mod transactions;

//! The database as its users see it: through its API, on a real file system.

mod foreign;
mod group_commit;
mod long_statements;
mod power_loss;
mod queue;
mod statements;
mod support;
mod transactions;

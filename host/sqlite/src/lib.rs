//! SQLite for a server: pooled connections, a fair writer queue, group commit.

mod checkpoint;
mod columns;
mod connection;
mod database;
mod error;
mod guard;
mod interrupt;
mod lease;
mod log;
mod metrics;
mod offload;
mod options;
mod queue;
mod session;
mod value;
mod wait;
mod watchdog;

pub use connection::Connection;
pub use database::Database;
pub use error::Error;
pub use interrupt::InterruptHandle;
pub use log::{Fdatasync, Syncer};
pub use metrics::Metrics;
pub use options::{
    BUSY_TIMEOUT, CHECKPOINT_WAL_BYTES, CONNECTIONS_MAX, Durability, INLINE_TIME_LIMIT, MMAP_BYTES, Options,
    PAGE_CACHE_KIB, POOL_IDLE_MAX, RESULT_BYTES_MAX, STATEMENT_CACHE_CAPACITY, STATEMENT_TIME_LIMIT,
    TRUNCATE_WAL_BYTES,
};
pub use value::{QueryResult, Value};

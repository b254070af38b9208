//! What a database is opened with; every default is a named constant.

use std::path::PathBuf;
use std::time::Duration;

/// Connections kept open and idle for the next [`connect`](crate::Database::connect).
pub const POOL_IDLE_MAX: usize = 16;
/// Connections in use at once.
pub const CONNECTIONS_MAX: usize = 256;
/// Prepared statements kept per connection, least recently used dropped first.
pub const STATEMENT_CACHE_CAPACITY: usize = 128;
/// Page cache of one connection, KiB.
pub const PAGE_CACHE_KIB: u32 = 2 * 1024;
/// Page cache of the connection that writes, KiB: its pages stay valid from one transaction to the next.
pub const WRITER_PAGE_CACHE_KIB: u32 = 32 * 1024;
/// Bytes of the database file read through mmap. Zero: a memory-mapped I/O error is a SIGBUS that kills the
/// process, and mapped pages count as resident memory.
pub const MMAP_BYTES: u64 = 0;
/// How long a statement waits for the writer's turn and for locks of other processes: Spin's figure.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest one statement may compute.
pub const STATEMENT_TIME_LIMIT: Duration = Duration::from_secs(30);
/// The longest one statement may compute on the thread of an async caller; a longer one moves to a blocking thread.
pub const INLINE_TIME_LIMIT: Duration = Duration::from_millis(4);
/// Bytes in all values of one result, and in any single value that SQLite makes.
pub const RESULT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes in the WAL after which it is copied into the database file in the background. A page that was written again
/// and again is copied once; more would delay writers for longer at each time.
pub const CHECKPOINT_WAL_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes in the WAL after which the file is also cut back to nothing; it gets here only behind a long reader.
pub const TRUNCATE_WAL_BYTES: u64 = 64 * 1024 * 1024;

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Commits append to the WAL one after another and wait together for one `fdatasync` that covers them all.
    #[default]
    Grouped,
    /// SQLite syncs inside every commit (`synchronous=FULL`), while it holds the write lock. For comparison.
    EachCommit,
    /// Nobody waits: a power loss takes the latest commits, never half of one. For caches and bulk loads.
    Lazy,
}

/// How to open a [`Database`](crate::Database).
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; made if missing. Its folder must exist.
    pub path: PathBuf,
    /// When a commit counts as done.
    pub durability: Durability,
    /// See [`POOL_IDLE_MAX`].
    pub pool_idle_max: usize,
    /// See [`CONNECTIONS_MAX`].
    pub connections_max: usize,
    /// See [`STATEMENT_CACHE_CAPACITY`].
    pub statement_cache_capacity: usize,
    /// See [`PAGE_CACHE_KIB`].
    pub page_cache_kib: u32,
    /// See [`WRITER_PAGE_CACHE_KIB`].
    pub writer_page_cache_kib: u32,
    /// See [`MMAP_BYTES`].
    pub mmap_bytes: u64,
    /// See [`BUSY_TIMEOUT`].
    pub busy_timeout: Duration,
    /// See [`STATEMENT_TIME_LIMIT`].
    pub statement_time_limit: Duration,
    /// See [`INLINE_TIME_LIMIT`].
    pub inline_time_limit: Duration,
    /// See [`RESULT_BYTES_MAX`].
    pub result_bytes_max: usize,
    /// See [`CHECKPOINT_WAL_BYTES`].
    pub checkpoint_wal_bytes: u64,
    /// See [`TRUNCATE_WAL_BYTES`].
    pub truncate_wal_bytes: u64,
}

impl Options {
    /// The defaults, for the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            durability: Durability::default(),
            pool_idle_max: POOL_IDLE_MAX,
            connections_max: CONNECTIONS_MAX,
            statement_cache_capacity: STATEMENT_CACHE_CAPACITY,
            page_cache_kib: PAGE_CACHE_KIB,
            writer_page_cache_kib: WRITER_PAGE_CACHE_KIB,
            mmap_bytes: MMAP_BYTES,
            busy_timeout: BUSY_TIMEOUT,
            statement_time_limit: STATEMENT_TIME_LIMIT,
            inline_time_limit: INLINE_TIME_LIMIT,
            result_bytes_max: RESULT_BYTES_MAX,
            checkpoint_wal_bytes: CHECKPOINT_WAL_BYTES,
            truncate_wal_bytes: TRUNCATE_WAL_BYTES,
        }
    }
}

//! SQLite for a server: pooled connections, a fair queue for writers, durable commits that share their syncs.
//!
//! ```no_run
//! # async fn example() -> Result<(), crema_sqlite::Error> {
//! use crema_sqlite::{Database, Options, Value};
//!
//! let db = Database::open(Options::new("state/db.sqlite"))?;
//! let mut connection = db.connect().await?;
//! connection.execute("begin immediate", &[]).await?;
//! connection.execute("insert into visit (guest) values (?1)", &[Value::Integer(7)]).await?;
//! connection.execute("commit", &[]).await?; // durable when this returns
//! # Ok(()) }
//! ```
//!
//! # The writer queue
//!
//! SQLite has one writer at a time. Before a statement that writes runs outside a transaction, or is the
//! first to write in a deferred one, its connection takes the *turn*: `sqlite3_stmt_readonly` says whether it
//! writes, no SQL is parsed here. The turn is handed on in order of arrival, to tasks and threads alike, and
//! ends with the write transaction; a connection dropped in the middle rolls back first. Other processes do
//! not queue: while one holds SQLite's lock, whoever has the turn tries again with growing pauses, up to
//! [`Options::busy_timeout`]. A guest that keeps a write transaction open keeps the turn; the others get
//! [`Error::Busy`] after that same time.
//!
//! With the turn goes the one SQLite connection that writes, so that its page cache stays warm: see `lease`. What a
//! user could notice of that (temporary tables, settings, `changes()` and its kin) stays with the user.
//!
//! # Durability
//!
//! An fsync takes milliseconds, the rest of a small transaction microseconds. With [`Durability::Grouped`]
//! SQLite runs at `synchronous=NORMAL`, where a commit appends to the write-ahead log and syncs nothing. The
//! commit takes a ticket, passes the turn on, and waits; one thread syncs the `-wal` file, then releases all
//! tickets taken before that sync began. Commits that come during a sync share the next, and while writers stand
//! in line a sync waits for a few of them: it costs the processor as much as a good part of a transaction.
//!
//! **What an answer can rest on.** `execute` returns from the end of a write transaction only when everything
//! committed so far is durable, even if this transaction wrote nothing or failed: a replayed request that
//! finds its stored reply, or an insert refused as a duplicate, rests on someone else's commit. Plain reads
//! do not wait: they may see a commit some milliseconds before it is durable, and a power failure can take
//! back what such a read showed. Whoever must not act on that reads inside `begin immediate`.
//!
//! Why one sync of the WAL makes all earlier commits durable, whatever happens around it:
//!
//! - *Order.* Frames are appended in the order of commits, each with a checksum chained over all before it.
//!   Recovery reads up to the last whole commit, so it keeps a prefix: never half a transaction, never one
//!   without its predecessors. A sync covers everything appended before it, commits of other processes too.
//! - *Checkpoints and the WAL starting over.* At `NORMAL` SQLite syncs the WAL before it copies frames into
//!   the database file, and the database file before it lets the WAL start over; then it writes a header with
//!   new salts, which voids all old frames, and syncs that header before the first new frame. So a commit
//!   that is no longer in the WAL is in the database file, durably, and tickets need not know about any of
//!   it.
//! - *The file.* SQLite removes the WAL when its last connection closes; the checkpoint thread's connection
//!   stays open, so the file we sync is the one SQLite appends to. Should someone remove it all the same,
//!   SQLite would go on writing to an orphan; each sync compares the inode with the name's and poisons the
//!   database if they differ (to reopen and sync whatever has the name now would acknowledge what no restart
//!   can find). The folder is synced once, when both files exist.
//! - *A predecessor that was killed* can leave commits that only the page cache holds. They are synced at
//!   open, before anyone can see them.
//! - *A failed sync.* Linux drops the pages it could not write and reports success next time. So a failed
//!   sync, in the sync thread, a checkpoint or a statement, poisons the database: writers get
//!   [`Error::Poisoned`], no waiting commit is acknowledged, no checkpoint runs (it could "succeed" and
//!   discard the WAL), closing does not checkpoint either, [`Database::healthy`] turns false. Reads go on. A
//!   process restart reads the files anew.
//! - *A full disk* fails the append; SQLite rolls the transaction back and says so (`database or disk is
//!   full`), and nothing is poisoned. On file systems that find out only when syncing, it is a failed sync.
//! - *Other processes* must leave the settings of the file alone; one that writes with `synchronous=OFF`
//!   gives up the guarantees for everyone.
//!
//! The WAL would grow for ever behind a reader that never ends, or under writers that never pause. A thread
//! of its own copies it into the database file (see `checkpoint`), because SQLite does that inside the commit
//! that crosses the threshold. Behind a long reader the WAL still grows, as it must:
//! [`Metrics::checkpoints_blocked`] tells.
//!
//! # Where statements run
//!
//! On the thread of the caller, also of an async one. Processor microseconds per call, one caller / sixteen,
//! on two cores (`cargo run --release -p crema-sqlite --example call_cost`):
//!
//! | statement | in place | `block_in_place` | `spawn_blocking` |
//! |---|---|---|---|
//! | `select 1` | 0.7 / 1.0 | 3.0 / 3.5 | 20 / 26 |
//! | row by key of 430,000 | 3.7 / 4.5 | 5.5 / 5.3 | 38 / 36 |
//! | ten rows by index | 8.8 / 9.7 | 11 / 12 | 63 / 47 |
//!
//! Handing a statement to another thread costs several times the statement; `block_in_place` costs little
//! while nobody takes the worker's place, but needs a multi-thread runtime and cannot be cancelled. Yet a
//! statement can run for minutes, so in place it has [`Options::inline_time_limit`], watched by SQLite's
//! progress handler. One that exceeds it is undone and run again on a blocking thread, and that connection
//! sends the same text there at once until it turns out short. Steps of SQLite's machine count as well as
//! time, or a busy computer would make every statement long. (A write inside a transaction cannot be undone
//! alone: it may finish in place the first time.) Everywhere [`Options::statement_time_limit`] holds, an
//! [`InterruptHandle`] stops it, and so does dropping the future.
//!
//! # What SQL may not do
//!
//! Attach or write other files, load code, or change the settings durability stands on; see `guard`. A
//! connection whose settings were changed, or that has temporary tables, is not pooled.

mod checkpoint;
mod columns;
mod connection;
mod counts;
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
    TRUNCATE_WAL_BYTES, WRITER_PAGE_CACHE_KIB,
};
pub use value::{QueryResult, Value};

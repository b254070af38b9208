//! Moves the WAL's content into the database file, on a thread of its own.
//!
//! SQLite's automatic checkpoint runs inside the commit that crosses the threshold, in the writer's turn: it copies
//! a thousand pages and syncs two files while everybody queues. Here passive passes copy most of it while writers
//! go on; only then the thread takes the writer's turn, before those in line, for the short rest, so that the next
//! writer starts the WAL over. Without that last step a busy database never lets the WAL restart, and it grows
//! without bound.
//!
//! SQLite syncs the database file only when a pass has copied everything, which under writers is the last one: all
//! that was copied before would be written out while everybody waits. So the file is synced before that, too.

use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::ffi;

use crate::Error;
use crate::log::Log;
use crate::metrics::Counters;
use crate::queue::Queue;
use crate::wait::{Mode, run_blocking};

/// How often, in the writer's turn, the last step looks whether readers of the WAL have finished, and how long it
/// waits between two looks: 20 milliseconds in all. SQLite's own waits grow to that much each.
const READER_LOOKS: i32 = 80;
const READER_PAUSE: Duration = Duration::from_micros(250);
/// Bytes that may have been appended during a pass for the last step to follow: it copies and syncs them while
/// everybody waits.
const REST_BYTES: u64 = 1024 * 1024;
/// Passes that try to come that close.
const PASSES_MAX: u32 = 3;
/// How long the last step waits for the writer's turn before it is put off.
const TURN_WAIT: Duration = Duration::from_secs(1);
/// Pause after a checkpoint that could not finish: a long reader will not be gone sooner.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// What the thread works with. Its connection also keeps the WAL in being: the last one to close would remove it.
pub(crate) struct Checkpointer {
    pub(crate) conn: rusqlite::Connection,
    pub(crate) truncate_wal_bytes: u64,
    pub(crate) counters: std::sync::Arc<Counters>,
}

/// How far a pass got.
struct Pass {
    blocked: bool,
    all_copied: bool,
}

impl Checkpointer {
    /// Checkpoints when due until told to stop, then once more.
    pub(crate) fn run(mut self, log: &Log, queue: &Queue) {
        while log.wait_checkpoint_due() {
            if !self.checkpoint(log, queue) {
                log.pause_checkpoints(RETRY_PAUSE);
            }
        }
        self.close(log);
    }

    /// True if the next writer can start the WAL over.
    fn checkpoint(&mut self, log: &Log, queue: &Queue) -> bool {
        for _ in 0..PASSES_MAX {
            let before = log.wal_bytes();
            if log.refuse_if_poisoned().is_err() || self.pass(log, "passive").is_none() || !self.sync(log) {
                return false;
            }
            if log.wal_bytes().saturating_sub(before) <= REST_BYTES {
                break;
            }
        }
        let deadline = Instant::now() + TURN_WAIT;
        let Ok(_turn) = run_blocking(queue.turn_before_others(Mode::Blocking, deadline)) else {
            return false;
        };
        let mode = if log.wal_bytes() >= self.truncate_wal_bytes { "truncate" } else { "restart" };
        let finished = self.pass(log, mode).is_some_and(|pass| !pass.blocked && pass.all_copied);
        if finished {
            log.started_over();
        } else {
            self.counters.checkpoints_blocked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        finished
    }

    fn pass(&mut self, log: &Log, mode: &str) -> Option<Pass> {
        let started = Instant::now();
        let pass = self.conn.query_row(&format!("pragma wal_checkpoint({mode})"), [], |row| {
            let (blocked, frames, copied): (bool, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Pass { blocked, all_copied: frames == copied })
        });
        self.counters.checkpoints.add_time(started.elapsed());
        match pass {
            Ok(pass) => Some(pass),
            Err(error) => {
                tracing::warn!(%error, mode, "checkpoint failed");
                // The next attempt could "succeed" over pages the kernel has dropped, and then reset the WAL,
                // which holds the only good copy.
                let error = Error::from(error);
                if error.is_failed_sync() {
                    log.poison(&format!("sync in a checkpoint failed: {error}"));
                }
                None
            }
        }
    }

    /// Writes out what was copied; false if that failed.
    fn sync(&self, log: &Log) -> bool {
        let code = sync_database_file(&self.conn);
        if code != ffi::SQLITE_OK {
            // The kernel reports a failure once: the pass that follows would take lost pages for written ones.
            log.poison(&format!("sync of the database file failed: SQLite code {code}"));
        }
        code == ffi::SQLITE_OK
    }

    /// Leaves one plain file behind, if all is well and nobody else has it open.
    fn close(mut self, log: &Log) {
        if log.refuse_if_poisoned().is_err() || self.pass(log, "truncate").is_none() {
            return;
        }
        if let Err(error) = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false) {
            tracing::warn!(%error, "the empty -wal file stays behind");
        }
    }

    /// The connection may wait for locks: it has a thread to itself.
    pub(crate) fn new(
        mut conn: rusqlite::Connection,
        truncate_wal_bytes: u64,
        counters: std::sync::Arc<Counters>,
    ) -> rusqlite::Result<Self> {
        conn.busy_handler(Some(|looks| {
            std::thread::sleep(READER_PAUSE);
            looks < READER_LOOKS
        }))?;
        Ok(Self { conn, truncate_wal_bytes, counters })
    }
}

/// Syncs the database file, and returns SQLite's code. The descriptor must be SQLite's own: see [`crate::log::WalFile`].
#[expect(unsafe_code, reason = "rusqlite has no way to the file of a connection")]
fn sync_database_file(conn: &rusqlite::Connection) -> std::ffi::c_int {
    let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
    // SAFETY: the handle is that of a live connection, which this thread alone uses. With this request SQLite stores
    // the connection's file in `file`; it lives as long as the connection, and its methods are never null once open.
    unsafe {
        let name = c"main".as_ptr();
        let found = ffi::sqlite3_file_control(
            conn.handle(),
            name,
            ffi::SQLITE_FCNTL_FILE_POINTER,
            (&raw mut file).cast(),
        );
        if found != ffi::SQLITE_OK {
            return found;
        }
        match file.as_ref().and_then(|open| open.pMethods.as_ref()).and_then(|methods| methods.xSync) {
            Some(sync) => sync(file, ffi::SQLITE_SYNC_NORMAL),
            None => ffi::SQLITE_MISUSE,
        }
    }
}

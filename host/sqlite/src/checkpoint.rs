//! Moves the WAL's content into the database file, on a thread of its own.
//!
//! SQLite's automatic checkpoint runs inside the commit that crosses the threshold, in the writer's turn: it copies
//! a thousand pages and syncs two files while everybody queues. Here a passive pass copies most of it while writers
//! go on; only then the thread takes the writer's turn for the short rest, so that the next writer starts the
//! WAL over. Without that last step a busy database never lets the WAL restart, and it grows without bound.

use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;

use crate::Error;
use crate::log::Log;
use crate::metrics::Counters;
use crate::queue::Queue;
use crate::wait::{Mode, run_blocking};

/// How long the last step waits, in the writer's turn, for readers of the WAL to finish.
const READER_WAIT: Duration = Duration::from_millis(20);
/// How long the last step queues for the writer's turn before it is put off.
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
        if log.refuse_if_poisoned().is_err() || self.pass(log, "passive").is_none() {
            return false;
        }
        let Ok(_turn) = run_blocking(queue.turn(Mode::Blocking, Instant::now() + TURN_WAIT)) else {
            return false;
        };
        let mode = if log.wal_bytes() >= self.truncate_wal_bytes { "truncate" } else { "restart" };
        let finished = self.pass(log, mode).is_some_and(|pass| !pass.blocked && pass.all_copied);
        if !finished {
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
        conn: rusqlite::Connection,
        truncate_wal_bytes: u64,
        counters: std::sync::Arc<Counters>,
    ) -> rusqlite::Result<Self> {
        conn.busy_timeout(READER_WAIT)?;
        Ok(Self { conn, truncate_wal_bytes, counters })
    }
}

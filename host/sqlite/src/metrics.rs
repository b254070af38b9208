//! Counters, cheap enough to be always on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a database has done since it was opened. Sums and maxima only grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Transactions that appended to the WAL.
    pub commits: u64,
    /// Completed syncs of the WAL.
    pub syncs: u64,
    /// Commits covered by those syncs.
    pub batch_sum: u64,
    /// The most commits one sync covered.
    pub batch_max: u64,
    /// Time spent in those syncs.
    pub sync_time_sum: Duration,
    /// The longest of them.
    pub sync_time_max: Duration,
    /// Turns of the writer queue taken.
    pub turns: u64,
    /// Time spent waiting for them.
    pub queue_wait_sum: Duration,
    /// The longest such wait.
    pub queue_wait_max: Duration,
    /// Writers in line for a turn now.
    pub writers_waiting: u64,
    /// Attempts at statements that ran on a blocking thread because they are long.
    pub moved: u64,
    /// Checkpoint passes.
    pub checkpoints: u64,
    /// Checkpoint passes that a reader kept from finishing: the WAL goes on growing.
    pub checkpoints_blocked: u64,
    /// Time spent in checkpoint passes.
    pub checkpoint_time_sum: Duration,
    /// Connections open, idle ones included.
    pub connections_open: u64,
    /// Connections idle in the pool.
    pub connections_idle: u64,
    /// Bytes of the WAL in use after the latest commit.
    pub wal_bytes: u64,
    /// The same, as of the latest commit known durable.
    pub wal_synced_bytes: u64,
}

/// The live counters behind [`Metrics`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) syncs: Tally,
    pub(crate) batch: Tally,
    pub(crate) queue: Tally,
    pub(crate) writers_waiting: AtomicU64,
    pub(crate) moved: AtomicU64,
    pub(crate) checkpoints: Tally,
    pub(crate) checkpoints_blocked: AtomicU64,
    pub(crate) connections_open: AtomicU64,
    pub(crate) wal_bytes: AtomicU64,
    pub(crate) wal_synced_bytes: AtomicU64,
}

/// Count, sum and maximum of one measured thing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    count: AtomicU64,
    sum: AtomicU64,
    max: AtomicU64,
}

impl Tally {
    pub(crate) fn add(&self, amount: u64) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(amount, Ordering::Relaxed);
        self.max.fetch_max(amount, Ordering::Relaxed);
    }

    pub(crate) fn add_time(&self, time: Duration) {
        self.add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }
}

impl Counters {
    pub(crate) fn snapshot(&self, connections_idle: usize) -> Metrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let time = |counter: &AtomicU64| Duration::from_nanos(read(counter));
        Metrics {
            commits: read(&self.commits),
            syncs: read(&self.syncs.count),
            batch_sum: read(&self.batch.sum),
            batch_max: read(&self.batch.max),
            sync_time_sum: time(&self.syncs.sum),
            sync_time_max: time(&self.syncs.max),
            turns: read(&self.queue.count),
            queue_wait_sum: time(&self.queue.sum),
            queue_wait_max: time(&self.queue.max),
            writers_waiting: read(&self.writers_waiting),
            moved: read(&self.moved),
            checkpoints: read(&self.checkpoints.count),
            checkpoints_blocked: read(&self.checkpoints_blocked),
            checkpoint_time_sum: time(&self.checkpoints.sum),
            connections_open: read(&self.connections_open),
            connections_idle: connections_idle as u64,
            wal_bytes: read(&self.wal_bytes),
            wal_synced_bytes: read(&self.wal_synced_bytes),
        }
    }
}

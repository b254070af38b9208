//! Stops a statement that computes for too long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A deadline that SQLite's progress handler looks at while a statement runs.
#[derive(Debug)]
pub(crate) struct Watchdog {
    epoch: Instant,
    /// Nanoseconds after `epoch`.
    deadline: AtomicU64,
}

impl Watchdog {
    pub(crate) fn new() -> Self {
        Self { epoch: Instant::now(), deadline: AtomicU64::new(u64::MAX) }
    }

    /// Gives the statement about to run `limit` from now.
    pub(crate) fn start(&self, limit: Duration) {
        let deadline = u64::try_from((self.epoch.elapsed() + limit).as_nanos()).unwrap_or(u64::MAX);
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Lets the next statement run as long as it takes.
    pub(crate) fn stop(&self) {
        self.deadline.store(u64::MAX, Ordering::Relaxed);
    }

    pub(crate) fn expired(&self) -> bool {
        self.epoch.elapsed().as_nanos() > u128::from(self.deadline.load(Ordering::Relaxed))
    }
}

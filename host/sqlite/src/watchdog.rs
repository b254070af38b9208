//! Stops a statement that computes for too long, or for nobody any more.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Looks at the clock before which no statement counts as long: one that was merely not given the processor has
/// taken time, but few steps.
const LONG_TICKS: u32 = 20;

/// A deadline that SQLite's progress handler looks at while a statement runs.
#[derive(Debug)]
pub(crate) struct Watchdog {
    epoch: Instant,
    /// Nanoseconds after `epoch`.
    started: AtomicU64,
    /// Nanoseconds after `epoch`.
    deadline: AtomicU64,
    /// Looks at the clock since the statement started.
    ticks: AtomicU32,
    /// Counts the users that its session has served: a cancellation that comes late must not hit the next one.
    loan: AtomicU64,
    /// The loan whose statement is to stop.
    cancelled: AtomicU64,
}

/// No loan has this number.
const NONE: u64 = 0;

impl Watchdog {
    pub(crate) fn new() -> Self {
        let [started, deadline] = [AtomicU64::new(0), AtomicU64::new(u64::MAX)];
        let [loan, cancelled] = [AtomicU64::new(NONE + 1), AtomicU64::new(NONE)];
        Self { epoch: Instant::now(), started, deadline, ticks: AtomicU32::new(0), loan, cancelled }
    }

    fn now(&self) -> u64 {
        nanos(self.epoch.elapsed())
    }

    /// Gives the statement about to run `limit` from now, and more if it has taken few steps by then.
    pub(crate) fn start(&self, limit: Duration) {
        let now = self.now();
        self.ticks.store(0, Ordering::Relaxed);
        self.started.store(now, Ordering::Relaxed);
        self.deadline.store(now.saturating_add(nanos(limit)), Ordering::Relaxed);
    }

    /// Whether the statement that just ran computed for longer than `time`.
    pub(crate) fn ran_longer_than(&self, time: Duration) -> bool {
        self.took_many_steps() && self.now() - self.started.load(Ordering::Relaxed) > nanos(time)
    }

    /// Whether the statement that just ran may be a long one at all.
    pub(crate) fn took_many_steps(&self) -> bool {
        self.ticks.load(Ordering::Relaxed) >= LONG_TICKS
    }

    /// The number of the loan at work, for [`Watchdog::cancel`].
    pub(crate) fn loan(&self) -> u64 {
        self.loan.load(Ordering::Relaxed)
    }

    /// Stops the statement that runs, or that was sent off to run and has not begun, if that loan still lasts.
    pub(crate) fn cancel(&self, loan: u64) {
        self.cancelled.store(loan, Ordering::Relaxed);
    }

    /// Begins a loan: its first statement may run as long as it takes.
    pub(crate) fn reset(&self) {
        self.deadline.store(u64::MAX, Ordering::Relaxed);
        self.loan.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the running statement is to stop. Called every so many steps of it.
    pub(crate) fn tick(&self) -> bool {
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.is_cancelled() || self.expired()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) == self.loan()
    }

    pub(crate) fn expired(&self) -> bool {
        self.took_many_steps() && self.now() > self.deadline.load(Ordering::Relaxed)
    }
}

/// 64 bits hold 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_cancellation_does_not_hit_the_next_user() {
        let watchdog = Watchdog::new();
        let loan = watchdog.loan();
        watchdog.cancel(loan);
        assert!(watchdog.is_cancelled());
        watchdog.reset();
        assert!(!watchdog.is_cancelled());
        watchdog.cancel(loan);
        assert!(!watchdog.is_cancelled());
    }
}

//! What work takes by the wall's clock, and of a processor: the second is the same however busy the machine is.

use std::ops::{AddAssign, Sub};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Time that went by, and time on a processor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    pub wall: Duration,
    pub processor: Duration,
}

impl Spent {
    /// Since `started`.
    ///
    /// # Errors
    /// Where the kernel does not count a thread's time.
    pub fn since(started: &Started) -> Result<Self> {
        Ok(Self { wall: started.wall.elapsed(), processor: processor()?.saturating_sub(started.processor) })
    }

    /// Microseconds of a processor for each of so many.
    #[must_use]
    pub fn micros_each(&self, count: usize) -> f64 {
        self.processor.as_secs_f64() * 1e6 / count.max(1) as f64
    }

    /// So many in a second of processor time.
    #[must_use]
    pub fn per_second(&self, count: usize) -> f64 {
        count as f64 / self.processor.as_secs_f64().max(f64::EPSILON)
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.wall += other.wall;
        self.processor += other.processor;
    }
}

impl Sub for Spent {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            wall: self.wall.saturating_sub(other.wall),
            processor: self.processor.saturating_sub(other.processor),
        }
    }
}

/// When something began.
pub struct Started {
    wall: Instant,
    processor: Duration,
}

/// Begins to measure.
///
/// # Errors
/// Where the kernel does not count a thread's time.
pub fn start() -> Result<Started> {
    Ok(Started { wall: Instant::now(), processor: processor()? })
}

/// Time that this thread has been on a processor.
///
/// # Errors
/// Where the kernel does not count it.
pub fn processor() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = stat.split_whitespace().next().context("a number")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

/// Times of many calls.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The time within which so many of a hundred were done; nothing for no calls.
    #[must_use]
    pub fn percentile(&self, of_hundred: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len().saturating_sub(1) * of_hundred / 100).copied().unwrap_or_default()
    }
}

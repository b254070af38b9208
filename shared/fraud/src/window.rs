//! Counts in sliding windows of buckets.
//!
//! A window of an hour has twelve buckets of five minutes, one of a day 24 of an hour, one of a month 30 of a day: what
//! slides out does so bucket by bucket, so that a window of an hour covers 55 to 60 minutes. Late events are counted where
//! they belong, if that is still inside.

use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde::{Deserialize, Serialize};

/// How far a window looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Span {
    #[serde(rename = "h")]
    Hour,
    #[serde(rename = "d")]
    Day,
    #[serde(rename = "m")]
    Month,
}

impl Span {
    /// Milliseconds in a bucket.
    #[must_use]
    pub const fn bucket_ms(self) -> i64 {
        match self {
            Self::Hour => 5 * MINUTE_MS,
            Self::Day => HOUR_MS,
            Self::Month => DAY_MS,
        }
    }

    /// Buckets in a window.
    #[must_use]
    pub const fn buckets(self) -> usize {
        match self {
            Self::Hour => 12,
            Self::Day => 24,
            Self::Month => 30,
        }
    }

    const fn bucket(self, at: Timestamp) -> i64 {
        at.millis().div_euclid(self.bucket_ms())
    }
}

/// Counts of the buckets up to the newest one that an event fell into.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Number of the newest bucket.
    #[serde(rename = "n")]
    newest: i64,
    /// Newest first; behind the last there are none.
    #[serde(rename = "c")]
    counts: Vec<u32>,
}

impl Window {
    /// Counts an event. One that is older than the window is passed over.
    pub fn add(&mut self, span: Span, at: Timestamp) {
        let bucket = span.bucket(at);
        if self.counts.is_empty() {
            *self = Self { newest: bucket, counts: vec![1] };
            return;
        }
        if bucket > self.newest {
            let ahead = usize::try_from(bucket - self.newest).unwrap_or(usize::MAX);
            let empty = ahead.min(span.buckets());
            self.counts.splice(0..0, std::iter::repeat_n(0, empty));
            self.counts.truncate(span.buckets());
            self.newest = bucket;
        }
        let age = usize::try_from(self.newest - bucket).unwrap_or(usize::MAX);
        if age >= span.buckets() {
            return;
        }
        if self.counts.len() <= age {
            self.counts.resize(age + 1, 0);
        }
        self.counts[age] = self.counts[age].saturating_add(1);
        while self.counts.last() == Some(&0) {
            self.counts.pop();
        }
    }

    /// Events in the window that ends at `at`.
    #[must_use]
    pub fn sum(&self, span: Span, at: Timestamp) -> i64 {
        let (first, last) = (span.bucket(at) - span.buckets() as i64 + 1, span.bucket(at));
        let numbered = (0..).map(|age: i64| self.newest - age).zip(&self.counts);
        numbered
            .filter(|(bucket, _)| (first..=last).contains(bucket))
            .map(|(_, count)| i64::from(*count))
            .sum()
    }

    /// Whether nothing of it is inside the window that ends at `at`.
    #[must_use]
    pub fn is_over(&self, span: Span, at: Timestamp) -> bool {
        self.counts.is_empty() || self.newest <= span.bucket(at) - span.buckets() as i64
    }
}

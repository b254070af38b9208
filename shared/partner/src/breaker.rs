//! A circuit breaker per account at a partner: who fails again and again is left alone for a while, then asked once.
//!
//! The breaker is data that a row holds. The caller stores what [`Breaker::admit`] gives before it asks the partner,
//! and what [`Breaker::succeeded`] or [`Breaker::failed`] gives afterwards.

use kernel::Timestamp;

use crate::backoff::Backoff;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Failures in a row that open it.
    pub failures_max: u32,
    /// How long it stays open; grows with every trial that fails.
    pub open: Backoff,
    /// How long the one trial may take before another is let through: it may have been lost.
    pub trial_ms: u32,
}

/// Where a breaker stands. The names are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Requests pass.
    Closed,
    /// Requests are refused until a time.
    Open,
    /// One trial is under way.
    HalfOpen,
}

impl State {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// The reverse of [`Self::as_str`].
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, kernel::ParseError> {
        match text {
            "closed" => Ok(Self::Closed),
            "open" => Ok(Self::Open),
            "half_open" => Ok(Self::HalfOpen),
            _ => Err(kernel::ParseError("no state of a circuit breaker")),
        }
    }
}

/// A circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    pub state: State,
    /// Failures in a row.
    pub failures: u32,
    /// Open: when a trial may be made. Half open: when the trial counts as lost. Closed: of no meaning.
    pub until: Timestamp,
}

impl Breaker {
    /// As for an account never asked before.
    pub const NEW: Self = Self { state: State::Closed, failures: 0, until: Timestamp::from_millis(0) };

    /// Lets a request through, or says when to come again. What it gives is stored before the request is sent, so
    /// that only one caller makes the trial.
    ///
    /// # Errors
    /// The time at which it may be tried again.
    pub fn admit(self, policy: &Policy, now: Timestamp) -> Result<Self, Timestamp> {
        match self.state {
            State::Closed => Ok(self),
            State::Open | State::HalfOpen if now < self.until => Err(self.until),
            State::Open | State::HalfOpen => {
                let until = now.plus_millis(i64::from(policy.trial_ms));
                Ok(Self { state: State::HalfOpen, until, ..self })
            }
        }
    }

    /// After an answer. Only the trial closes an open breaker: an answer to a request from before says nothing new.
    #[must_use]
    pub const fn succeeded(self) -> Self {
        match self.state {
            State::Closed | State::HalfOpen => Self::NEW,
            State::Open => self,
        }
    }

    /// After a failure: no answer, or one that says that the partner is in trouble. `wanted` is the partner's own
    /// wish ([`crate::backoff::retry_after`]).
    #[must_use]
    pub fn failed(self, policy: &Policy, now: Timestamp, wanted: Option<Timestamp>, random: u64) -> Self {
        let failures = self.failures.saturating_add(1);
        let opens = match self.state {
            State::Closed => failures >= policy.failures_max,
            State::HalfOpen => true,
            // A failure from before it opened: already judged.
            State::Open => return self,
        };
        if !opens {
            return Self { failures, ..self };
        }
        let openings = failures.saturating_sub(policy.failures_max).saturating_add(1);
        Self { state: State::Open, failures, until: policy.open.next_at(openings, random, now, wanted) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: Policy =
        Policy { failures_max: 3, open: Backoff { first_ms: 10_000, ceiling_ms: 60_000 }, trial_ms: 30_000 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn fail(breaker: Breaker, now: i64) -> Breaker {
        // The whole wait: the jitter's greatest share.
        breaker.failed(&POLICY, at(now), None, 5_000)
    }

    #[test]
    fn it_opens_after_enough_failures_in_a_row_and_one_trial_closes_it() {
        let two = fail(fail(Breaker::NEW, 0), 1);
        assert_eq!((two.state, two.admit(&POLICY, at(2))), (State::Closed, Ok(two)));
        assert_eq!(two.succeeded(), Breaker::NEW, "failures in a row only");

        let open = fail(two, 2);
        assert_eq!((open.state, open.until), (State::Open, at(12)));
        assert_eq!(open.admit(&POLICY, at(11)), Err(at(12)));
        assert_eq!(open.succeeded(), open, "a late answer does not close it");
        assert_eq!(fail(open, 5), open, "nor does a late failure lengthen it");

        let trial = open.admit(&POLICY, at(12)).expect("a trial");
        assert_eq!(trial.state, State::HalfOpen);
        assert_eq!(trial.admit(&POLICY, at(13)), Err(at(42)), "one at a time");
        assert!(trial.admit(&POLICY, at(42)).is_ok(), "the trial was lost");
        assert_eq!(trial.succeeded(), Breaker::NEW);

        let again = trial.failed(&POLICY, at(14), None, 10_000);
        assert_eq!((again.state, again.until), (State::Open, at(34)), "longer than before");
        let obeyed = trial.failed(&POLICY, at(14), Some(at(100)), 0);
        assert_eq!(obeyed.until, at(100));
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in [State::Closed, State::Open, State::HalfOpen] {
            assert_eq!(State::parse(state.as_str()), Ok(state));
        }
        assert!(State::parse("ajar").is_err());
    }

    proptest! {
        /// Whatever happens, in whatever order, it always lets a trial through in the end, and an answer to that
        /// trial closes it.
        #[test]
        fn nobody_is_shut_out_for_ever(events in prop::collection::vec((0u8..3, 0i64..50, any::<u64>()), 0..60)) {
            let (mut breaker, mut now) = (Breaker::NEW, 0);
            for (event, seconds, random) in events {
                now += seconds;
                breaker = match event {
                    0 => breaker.admit(&POLICY, at(now)).unwrap_or(breaker),
                    1 => breaker.failed(&POLICY, at(now), None, random),
                    _ => breaker.succeeded(),
                };
                if let Err(until) = breaker.admit(&POLICY, at(now)) {
                    prop_assert!(until > at(now) && until <= at(now + 60));
                }
            }
            let admitted = breaker.admit(&POLICY, at(now + 61)).expect("in the end");
            prop_assert_eq!(admitted.succeeded(), Breaker::NEW);
        }
    }
}

//! Accounts at partners that are down or count our calls: each by itself, so that one chain's trouble is no other's.
//!
//! An iiko account's breaker is shared with everybody who calls it (`crate::iiko_account`); what orders add is a limit on
//! their own calls, so that a rush of orders does not have the account locked out. An acquirer's account has both here.

use kernel::time::MINUTE_MS;
use kernel::{IikoAccountId, Timestamp};
use partner::backoff::{Backoff, retry_after};
use partner::breaker::{Breaker, Policy, State};
use partner::bucket::Limit;
use partner::{Answer, Fault};
use store::guards::{self, Guard};
use store::menus::accounts;
use store::{Sql, StoreError};

/// When an acquirer's account is left alone: after five failures in a row, for ten seconds to two minutes.
const POLICY: Policy =
    Policy { failures_max: 5, open: Backoff { first_ms: 10_000, ceiling_ms: 120_000 }, trial_ms: 60_000 };
/// Partners publish no numbers; this is well below what their integrators report as refused. A step is one to four calls.
const STEPS: Limit = Limit { burst: 30, per_minute: 120 };

/// Whom a step calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    Till(IikoAccountId),
    Acquirer(i64),
}

impl Account {
    /// As stored: the account, and the group of calls that are counted together.
    fn key(self) -> (String, &'static str) {
        match self {
            Self::Till(id) => (format!("iiko:{}", id.raw()), "orders"),
            Self::Acquirer(id) => (format!("acquirer:{id}"), "payments"),
        }
    }

    /// Lets a step through, or says when to come again. What it takes is recorded in the caller's transaction.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn admit(self, tx: &dyn Sql, now: Timestamp) -> Result<Result<(), Timestamp>, StoreError> {
        if let Some(until) = self.paused(tx, now)? {
            return Ok(Err(until));
        }
        let (account, calls) = self.key();
        let guard = guards::load(tx, &account, calls)?;
        let (breaker, bucket) = match (guard.breaker.admit(&POLICY, now), guard.bucket.take(STEPS, now)) {
            (Ok(breaker), Ok(bucket)) => (breaker, bucket),
            (Err(until), _) | (_, Err(until)) => return Ok(Err(until)),
        };
        guards::save(tx, &account, calls, Guard { breaker, bucket })?;
        Ok(Ok(()))
    }

    /// Until when the account is left alone, if it is; nothing is taken.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn paused(self, sql: &dyn Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let breaker = match self {
            Self::Till(id) => accounts::load(sql, id)?.map_or(Breaker::NEW, |account| account.breaker),
            Self::Acquirer(_) => {
                let (account, calls) = self.key();
                guards::load(sql, &account, calls)?.breaker
            }
        };
        Ok((breaker.state == State::Open && now < breaker.until).then_some(breaker.until))
    }

    /// Records how a call went. Too many requests pause the account at once, for as long as it asks.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn note(
        self,
        tx: &dyn Sql,
        answer: &Result<Answer, Fault>,
        now: Timestamp,
        random: u64,
    ) -> Result<(), StoreError> {
        let (account, calls) = self.key();
        let guard = guards::load(tx, &account, calls)?;
        let breaker = match answer {
            Ok(answer) if answer.status == 429 && guard.breaker.state != State::Open => {
                let until = retry_after(answer, now).unwrap_or_else(|| now.plus_millis(MINUTE_MS));
                Breaker { state: State::Open, failures: guard.breaker.failures.saturating_add(1), until }
            }
            Ok(answer) if answer.is_transient() => {
                guard.breaker.failed(&POLICY, now, retry_after(answer, now), random)
            }
            Ok(_) => guard.breaker.succeeded(),
            Err(_) => guard.breaker.failed(&POLICY, now, None, random),
        };
        if breaker == guard.breaker {
            return Ok(());
        }
        guards::save(tx, &account, calls, Guard { breaker, ..guard })
    }
}

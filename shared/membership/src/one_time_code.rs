//! One-time codes sent to a phone: who may have one sent, and what counts as an answer.
//!
//! Decisions only. The store keeps the counters and the challenge, and must apply each decision atomically: two
//! answers at once are two tries.

use std::fmt;

use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{ChallengeId, Timestamp};

use crate::allowance::{Allowance, Counter, whole_seconds};
use crate::hash;
use crate::secrets::Key;

/// Digits of a code.
pub const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// Random bytes that make one code: eight draws, of which one is refused in a million.
pub const RANDOM_LEN: usize = 32;

/// The limits. They make guessing hopeless (five tries in a million), and message pumping unprofitable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Milliseconds for which a code can be answered.
    pub lifetime_ms: i64,
    /// Answers to one challenge, the right one included.
    pub tries_max: u32,
    /// Milliseconds between two messages to one phone.
    pub pause_ms: i64,
    /// Messages to one phone.
    pub per_phone: Allowance,
    /// Messages asked for from one network address. Guests on a café's Wi-Fi share one.
    pub per_address: Allowance,
    /// Messages of the whole deployment.
    pub overall: Allowance,
}

impl Policy {
    /// The limits unless an operator says otherwise.
    pub const DEFAULT: Self = Self {
        lifetime_ms: 5 * MINUTE_MS,
        tries_max: 5,
        pause_ms: 60 * SECOND_MS,
        per_phone: Allowance { max: 5, window_ms: DAY_MS },
        per_address: Allowance { max: 20, window_ms: HOUR_MS },
        overall: Allowance { max: 300, window_ms: MINUTE_MS },
    };

    /// Decides whether a message may be sent at `now`.
    ///
    /// # Errors
    /// With the limit that is reached; of several, the one that lasts longest.
    pub fn may_send(&self, history: &History, now: Timestamp) -> Result<(), Refusal> {
        // The last message lies in the future when a clock was set back: wait for one pause, not for that future.
        let pause = history.last_sent.map_or(0, |last| {
            last.plus_millis(self.pause_ms).millis().saturating_sub(now.millis()).min(self.pause_ms)
        });
        let waits = [
            (Limit::Pause, pause),
            (Limit::Phone, self.per_phone.wait_ms(history.phone, now)),
            (Limit::Address, self.per_address.wait_ms(history.address, now)),
            (Limit::Overall, self.overall.wait_ms(history.overall, now)),
        ];
        match waits.into_iter().max_by_key(|&(_, wait_ms)| wait_ms) {
            Some((limit, wait_ms)) if wait_ms > 0 => {
                Err(Refusal { limit, retry_after_seconds: whole_seconds(wait_ms) })
            }
            _ => Ok(()),
        }
    }

    /// The history after one more message at `now`.
    #[must_use]
    pub fn after_send(&self, history: History, now: Timestamp) -> History {
        History {
            last_sent: Some(now),
            phone: self.per_phone.hit(history.phone, now),
            address: self.per_address.hit(history.address, now),
            overall: self.overall.hit(history.overall, now),
        }
    }

    /// A challenge for `code`, sent at `now`.
    #[must_use]
    pub fn challenge(&self, key: &Key, id: ChallengeId, code: &Code, now: Timestamp) -> Challenge {
        let expires_at = now.plus_millis(self.lifetime_ms);
        Challenge { id, code_hash: code_hash(key, id, code), expires_at, tries: 0, answered: false }
    }

    /// Judges an answer. Takes the same time for a right and a wrong code.
    #[must_use]
    pub fn check(&self, key: &Key, challenge: &Challenge, answer: &Code, now: Timestamp) -> Verdict {
        if challenge.answered {
            return Verdict::Used;
        }
        if now >= challenge.expires_at {
            return Verdict::Expired;
        }
        if challenge.tries >= self.tries_max {
            return Verdict::Exhausted;
        }
        if hash::same(&code_hash(key, challenge.id, answer), &challenge.code_hash) {
            return Verdict::Right;
        }
        Verdict::Wrong { tries_left: self.tries_max - challenge.tries - 1 }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A code in clear, on its way to the phone or back. Not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(u32);

impl Code {
    /// Draws a code, each of the million equally likely. `None` when every draw fell into the biased rest, which
    /// a random source does once in 10^29 times.
    #[must_use]
    pub fn draw(random: [u8; RANDOM_LEN]) -> Option<Self> {
        const UNBIASED: u32 = u32::MAX - u32::MAX % CODES;
        let (words, _) = random.as_chunks::<4>();
        words
            .iter()
            .map(|word| u32::from_be_bytes(*word))
            .find(|&word| word < UNBIASED)
            .map(|word| Self(word % CODES))
    }

    /// Reads what a guest typed: six digits, spaces around and between them allowed.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        const TEXT_LEN_MAX: usize = 16;
        if text.len() > TEXT_LEN_MAX {
            return Err(NotACode);
        }
        let mut code = 0;
        let mut count = 0;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            code = code * 10 + c.to_digit(10).ok_or(NotACode)?;
            count += 1;
            if count > DIGITS {
                return Err(NotACode);
            }
        }
        if count == DIGITS { Ok(Self(code)) } else { Err(NotACode) }
    }

    pub(crate) const fn number(&self) -> u32 {
        self.0
    }

    /// The six digits, for the message.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{:06}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(hidden)")
    }
}

/// The text is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct NotACode;

/// The stored form of a code. Bound to its challenge, so equal codes have different hashes; keyed, because a million
/// codes are soon tried.
fn code_hash(key: &Key, id: ChallengeId, code: &Code) -> [u8; 32] {
    hash::hmac_sha256_framed(key.bytes(), &[&id.raw().to_be_bytes(), &code.0.to_be_bytes()])
}

/// A code that was sent, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the guest's app names in its answer.
    pub id: ChallengeId,
    /// The code's keyed hash.
    pub code_hash: [u8; 32],
    /// From this instant on no answer counts.
    pub expires_at: Timestamp,
    /// Wrong answers so far.
    pub tries: u32,
    /// True once the right answer came.
    pub answered: bool,
}

impl Challenge {
    /// The challenge as it must be stored after `verdict`.
    #[must_use]
    pub fn after(mut self, verdict: Verdict) -> Self {
        match verdict {
            Verdict::Right => self.answered = true,
            Verdict::Wrong { .. } => self.tries = self.tries.saturating_add(1),
            Verdict::Used | Verdict::Expired | Verdict::Exhausted => {}
        }
        self
    }
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The code. The challenge is used up.
    Right,
    /// Another code; so many answers are left.
    Wrong { tries_left: u32 },
    /// It was already answered rightly.
    Used,
    /// Too late.
    Expired,
    /// All tries are spent, whatever this answer is.
    Exhausted,
}

/// What was sent so far, as far as the limits need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// The last message to this phone.
    pub last_sent: Option<Timestamp>,
    /// Messages to this phone.
    pub phone: Counter,
    /// Messages asked for from this address.
    pub address: Counter,
    /// Messages of the deployment.
    pub overall: Counter,
}

impl History {
    /// Nothing sent yet.
    pub const NONE: Self =
        Self { last_sent: None, phone: Counter::NONE, address: Counter::NONE, overall: Counter::NONE };
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Policy::pause_ms`].
    Pause,
    /// [`Policy::per_phone`].
    Phone,
    /// [`Policy::per_address`].
    Address,
    /// [`Policy::overall`].
    Overall,
}

/// No message now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many codes were asked for; try again in {retry_after_seconds} s")]
pub struct Refusal {
    /// Which limit is reached.
    pub limit: Limit,
    /// Whole seconds until a message may be sent, at least 1.
    pub retry_after_seconds: i64,
}

#[cfg(test)]
mod tests;

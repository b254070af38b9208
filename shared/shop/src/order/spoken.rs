//! What partners say in the course of one step.

use iiko::orders::Read;
use kernel::Timestamp;
use kernel::time::MINUTE_MS;
use partner::{Answer, Fault};
use store::orders::Confirmation;

/// The longest wait that a partner may ask for.
const AFTER_MS_MAX: i64 = 10 * MINUTE_MS;

/// What was heard besides the outcome.
#[derive(Debug, Default)]
pub struct Spoken {
    answers: Vec<Result<Answer, Fault>>,
    pub error: Option<String>,
    pub external_id: Option<String>,
    pub confirmation: Option<Confirmation>,
    pub till_number: Option<String>,
    /// What the order comes to at the till, in minor units.
    pub till_sum: Option<i64>,
    wanted: Option<Timestamp>,
}

impl Spoken {
    /// What was answered, for the account's guard.
    pub fn answers(&self) -> &[Result<Answer, Fault>] {
        &self.answers
    }

    /// When the partner wants to be asked again.
    #[must_use]
    pub const fn wanted(&self) -> Option<Timestamp> {
        self.wanted
    }

    /// Keeps an answer for the account's guard.
    pub fn note(&mut self, answer: Result<Answer, Fault>) {
        if let Err(fault) = &answer {
            self.error = Some(fault.to_string());
        }
        self.answers.push(answer);
    }

    /// The partner says when to ask again.
    pub fn again(&mut self, after_ms: Option<i64>, now: Timestamp) {
        self.wanted = after_ms.map(|after| now.plus_millis(after.clamp(0, AFTER_MS_MAX)));
    }

    /// Keeps the reason of an answer that was no success.
    pub fn remember<T>(&mut self, read: &Read<T>) {
        match read {
            Read::Refused { reason } | Read::Unknown { reason } => self.error = Some(reason.clone()),
            Read::Throttled => self.error = Some("too many calls".to_owned()),
            Read::Unauthorised => self.error = Some("not authorised".to_owned()),
            Read::Known(_) | Read::NotSent | Read::Gone => {}
        }
    }
}

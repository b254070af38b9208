//! Wire formats of those who carry messages: a message becomes a [`partner::Request`], an answer an [`Outcome`].
//!
//! - [`fcm`]: Firebase Cloud Messaging, HTTP v1, with the exchange of a service account's key for a token ([`oauth`]);
//! - [`rustore`]: RuStore's push service;
//! - [`sms`]: the text message gateway (docs/partners/sms.md);
//! - [`email`]: the e-mail gateway (docs/partners/email.md).
//!
//! Telegram's Bot API has a crate of its own. No I/O; what is said of a failure names neither address nor words.

pub mod email;
pub mod fcm;
pub mod oauth;
pub mod rustore;
pub mod sms;

use kernel::Timestamp;
use messaging::outcome::Outcome;
use messaging::words::Words;
use partner::{Answer, Fault};

/// How long a carrier may take for one message.
pub const TIMEOUT_MS: u32 = 10_000;
/// Characters of a carrier's own words that are kept.
const DETAIL_CHARS_MAX: usize = 200;
/// Characters of a notification's text: FCM takes 4,096 bytes in all, and a phone shows some 200 characters.
const PUSH_TEXT_CHARS_MAX: usize = 500;
/// Characters of a notification's title.
const PUSH_TITLE_CHARS_MAX: usize = 100;

/// A message for any carrier.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Ours: `ntf_…`. Carriers that know ids do not carry one twice.
    pub id: &'a str,
    pub address: &'a str,
    pub words: &'a Words,
    /// The topic's code, for the app.
    pub topic: &'a str,
    /// To be shown at once, also on a phone that sleeps.
    pub is_urgent: bool,
    pub expires_at: Timestamp,
    pub now: Timestamp,
}

impl Parcel<'_> {
    /// Seconds for which it is of use; at least 1.
    fn ttl_seconds(&self, most: i64) -> i64 {
        self.expires_at.seconds().saturating_sub(self.now.seconds()).clamp(1, most)
    }
}

/// No answer, as every carrier's fault reads.
fn fault(fault: &Fault) -> Outcome {
    match fault {
        Fault::NotSent(_) => Outcome::Failed { wanted: None, detail: cut(&fault.to_string()) },
        Fault::NoAnswer(_) => Outcome::Unknown(cut(&fault.to_string())),
    }
}

/// An answer of a carrier that is in trouble, whatever its body says.
fn trouble(answer: &Answer, detail: String, now: Timestamp) -> Outcome {
    let wanted = partner::backoff::retry_after(answer, now);
    match (answer.status, wanted) {
        (429, Some(until)) => Outcome::Slower { until, detail },
        (429, None) => Outcome::Slower { until: now.plus_millis(kernel::time::MINUTE_MS), detail },
        // It may have been carried before the answer was lost between proxies.
        (408 | 504, _) => Outcome::Unknown(detail),
        _ => Outcome::Failed { wanted, detail },
    }
}

/// At most so many characters, with a mark where something is missing.
#[must_use]
pub fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn cut(words: &str) -> String {
    words.chars().take(DETAIL_CHARS_MAX).collect()
}

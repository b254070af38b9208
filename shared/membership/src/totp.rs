//! Time-based codes (RFC 6238, SHA-1, steps of 30 s): what cards show and authenticator apps make.

use hmac::{Hmac, KeyInit, Mac};
use kernel::Timestamp;
use sha1::Sha1;

use crate::hash;

/// Seconds for which one code stands.
pub const STEP_SECONDS: i64 = 30;
/// Steps that a code without a time of its own may be early or late.
pub const STEPS_TOLERATED: i64 = 1;
/// Bytes of a key: the output of SHA-1, as RFC 4226 advises.
pub const KEY_LEN: usize = 20;

/// A period of [`STEP_SECONDS`], counted from the Unix epoch. A code is used once: the store accepts a step only when
/// it is greater than the last one it accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(i64);

impl Step {
    /// From the number in the database.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number for the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The step at `now`.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.seconds().div_euclid(STEP_SECONDS))
    }
}

/// The code of `digits` digits (at most 9) for one step.
pub(crate) fn code(key: &[u8; KEY_LEN], step: Step, digits: u32) -> u32 {
    let mut mac: Hmac<Sha1> = KeyInit::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&step.0.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let at = usize::from(bytes[19] & 0x0f);
    let word = u32::from_be_bytes([bytes[at] & 0x7f, bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    word % 10_u32.pow(digits)
}

/// Whether `presented` is the code for `step`, in a time that does not depend on the answer.
pub(crate) fn is_code(key: &[u8; KEY_LEN], step: Step, digits: u32, presented: u32) -> bool {
    hash::same(&code(key, step, digits).to_be_bytes(), &presented.to_be_bytes())
}

/// The step around `now` whose code `presented` is. All tolerated steps are tried, whichever fits.
pub(crate) fn find(key: &[u8; KEY_LEN], digits: u32, presented: u32, now: Timestamp) -> Option<Step> {
    let current = Step::at(now).0;
    let mut found = None;
    for step in (current - STEPS_TOLERATED..=current + STEPS_TOLERATED).map(Step) {
        if is_code(key, step, digits, presented) {
            found = Some(step);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_rfc_4226_appendix_d() {
        let codes =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (counter, expected) in (0..).zip(codes) {
            assert_eq!(code(b"12345678901234567890", Step(counter), 6), expected, "counter {counter}");
        }
    }

    #[test]
    fn follows_rfc_6238_appendix_b() {
        let rows: [(i64, u32); 6] = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, expected) in rows {
            let step = Step::at(Timestamp::from_millis(seconds * 1_000));
            assert_eq!(code(b"12345678901234567890", step, 8), expected, "at {seconds}");
        }
    }
}

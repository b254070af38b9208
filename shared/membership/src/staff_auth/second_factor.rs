//! The second factor of staff: codes of an authenticator app (RFC 6238).

use std::fmt;
use std::fmt::Write as _;

use data_encoding::BASE32_NOPAD;
use kernel::{ParseError, Timestamp};
use zeroize::Zeroizing;

use crate::one_time_code::{Code, DIGITS};
use crate::totp::{self, STEP_SECONDS, Step};

pub use crate::totp::KEY_LEN;

/// A staff member's secret, shared with their app. Wiped when dropped, never shown; stored only in the vault.
#[derive(Clone)]
pub struct SecondFactor(Zeroizing<[u8; KEY_LEN]>);

/// Why a code does not sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecondFactorRefused {
    /// Not a code of now.
    #[error("the code is wrong")]
    Wrong,
    /// It was right, but it or a later one was already used.
    #[error("the code was already used; wait for the next one")]
    Used,
}

impl SecondFactor {
    /// A new secret from 160 bits of a cryptographic random source.
    #[must_use]
    pub fn new(random: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Reads the base-32 form.
    ///
    /// # Errors
    /// When it is not 32 base-32 digits.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not a second factor's secret");
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).map_err(|_| SHAPE)?);
        bytes.as_slice().try_into().map(Self::new).map_err(|_| SHAPE)
    }

    /// The base-32 form, for the vault and the one reply that enrols the app.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE32_NOPAD.encode(self.0.as_slice())
    }

    /// The `otpauth` address that an authenticator app reads from a QR code.
    #[must_use]
    pub fn enrolment_url(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent_encoded(issuer), percent_encoded(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
            self.expose()
        )
    }

    /// Judges a code. `last_used` is the step of the last code that signed this person in; on success the store puts
    /// the returned step in its place, in the same transaction.
    ///
    /// # Errors
    /// When the code is wrong or was used.
    pub fn verify(
        &self,
        code: &Code,
        now: Timestamp,
        last_used: Option<Step>,
    ) -> Result<Step, SecondFactorRefused> {
        let step =
            totp::find(&self.0, DIGITS as u32, code.number(), now).ok_or(SecondFactorRefused::Wrong)?;
        if last_used.is_some_and(|last| step <= last) { Err(SecondFactorRefused::Used) } else { Ok(step) }
    }
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecondFactor(hidden)")
    }
}

/// RFC 3986: everything but unreserved characters.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn accepts_each_code_once_and_within_a_step() {
        let factor = SecondFactor::new(*b"12345678901234567890");
        let code = Code::parse("287082").expect("six digits"); // of step 1: 30 s to 60 s
        for (now, expected) in
            [(0, true), (29, true), (30, true), (59, true), (89, true), (90, false), (-1, false)]
        {
            let got = factor.verify(&code, at(now), None);
            assert_eq!(
                got,
                if expected { Ok(Step::from_number(1)) } else { Err(SecondFactorRefused::Wrong) },
                "{now}"
            );
        }
        let used = |last| factor.verify(&code, at(59), Some(Step::from_number(last)));
        assert_eq!(used(0), Ok(Step::from_number(1)));
        assert_eq!(used(1), Err(SecondFactorRefused::Used));
        assert_eq!(used(2), Err(SecondFactorRefused::Used));
        let wrong = Code::parse("287083").expect("six digits");
        assert_eq!(factor.verify(&wrong, at(59), None), Err(SecondFactorRefused::Wrong));
    }

    #[test]
    fn enrols_by_url() {
        let factor = SecondFactor::new(*b"12345678901234567890");
        assert_eq!(
            factor.enrolment_url("Crema & Co", "anna@example.kz"),
            "otpauth://totp/Crema%20%26%20Co:anna%40example.kz?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Crema%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(SecondFactor::parse(&factor.expose()).map(|read| read.0), Ok(factor.0.clone()));
        assert!(SecondFactor::parse("GEZDGNBV").is_err());
        assert_eq!(format!("{factor:?}"), "SecondFactor(hidden)");
    }
}

//! What an authenticator app does (RFC 6238), for signing in to a demo chain without one.

use anyhow::{Context as _, Result};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Timestamp;
use sha1::Sha1;

const STEP_SECONDS: i64 = 30;
const MODULUS: u32 = 1_000_000;

/// The six digits at `now`.
///
/// # Errors
/// When the secret is not base 32.
pub fn code(secret: &str, now: Timestamp) -> Result<String> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).context("the secret is not base 32")?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).context("the secret is empty")?;
    mac.update(&now.seconds().div_euclid(STEP_SECONDS).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[digest.len() - 1] & 0x0f);
    let number = u32::from_be_bytes([
        digest[offset] & 0x7f,
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ]);
    Ok(format!("{:06}", number % MODULUS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfc_s_vectors() {
        // RFC 6238, appendix B, the last six of eight digits.
        let secret = BASE32_NOPAD.encode(b"12345678901234567890");
        for (seconds, expected) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let at = Timestamp::from_millis(seconds * 1_000);
            assert_eq!(code(&secret, at).expect("a good secret"), expected);
        }
    }
}

//! Passwords of staff: Argon2id, stored as a PHC string.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::ParseError;

/// Memory in KiB. One of the pairs OWASP advises (9 MiB and 4 passes) and the smallest memory among those that
/// stay cheap: a component's memory never shrinks, so what one sign-in takes the instance keeps. About 50 ms
/// in a component and natively.
pub const MEMORY_KIB: u32 = 9 * 1024;
/// Passes over the memory.
pub const PASSES: u32 = 4;
/// A component has one thread.
const LANES: u32 = 1;
const OUTPUT_LEN: usize = 32;
/// Bytes of a salt, from a random source.
pub const SALT_LEN: usize = 16;
/// Fewest characters of a new password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most bytes of a password.
pub const PASSWORD_LEN_MAX: usize = 256;

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    #[error("a password has at least 12 characters")]
    Short,
    /// More than [`PASSWORD_LEN_MAX`] bytes.
    #[error("a password has at most 256 bytes")]
    Long,
    /// Fewer than five different characters.
    #[error("a password has at least five different characters")]
    Monotonous,
}

/// A stored password: `$argon2id$v=19$m=9216,t=4,p=1$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(phc::PasswordHash);

impl PasswordHash {
    /// Hashes a new password. `salt` comes from a cryptographic random source.
    ///
    /// # Errors
    /// When the password is too weak or too long.
    pub fn new(password: &str, salt: [u8; SALT_LEN]) -> Result<Self, PasswordRefused> {
        const DIFFERENT_MIN: usize = 5;
        if password.len() > PASSWORD_LEN_MAX {
            return Err(PasswordRefused::Long);
        }
        let mut chars: Vec<char> = password.chars().collect();
        if chars.len() < PASSWORD_CHARS_MIN {
            return Err(PasswordRefused::Short);
        }
        chars.sort_unstable();
        chars.dedup();
        if chars.len() < DIFFERENT_MIN {
            return Err(PasswordRefused::Monotonous);
        }
        Ok(Self::hash(password, salt))
    }

    /// Hashes a password that was accepted before and has just been given again, by the parameters of today. Whether it
    /// would be accepted as a new one is not asked: its owner must still get in.
    #[must_use]
    pub fn anew(password: &str, salt: [u8; SALT_LEN]) -> Self {
        Self::hash(password, salt)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it is not an Argon2id PHC string with a hash.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not an Argon2id PHC string");
        let hash = phc::PasswordHash::new(text).map_err(|_| SHAPE)?;
        let whole = hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
            && hash.salt.is_some()
            && hash.hash.is_some();
        if whole { Ok(Self(hash)) } else { Err(SHAPE) }
    }

    /// Whether `password` is the one, by the stored parameters.
    #[must_use]
    pub fn matches(&self, password: &str) -> bool {
        password.len() <= PASSWORD_LEN_MAX && hasher().verify_password(password.as_bytes(), &self.0).is_ok()
    }

    /// Does the work of [`PasswordHash::matches`] for a login that does not exist, so that the reply's time does not
    /// tell who works here. Always false.
    #[must_use]
    pub fn matches_nobody(password: &str) -> bool {
        if password.len() <= PASSWORD_LEN_MAX {
            std::hint::black_box(Self::hash(password, [0; SALT_LEN]));
        }
        false
    }

    /// True when the parameters have changed since: hash anew at the next sign-in, while the password is at hand.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        Params::try_from(&self.0).map_or(true, |params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
        })
    }

    /// The PHC string, for the database.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.to_string()
    }

    fn hash(password: &str, salt: [u8; SALT_LEN]) -> Self {
        let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
        Self(hash.expect("salt and password have lawful lengths"))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(hidden)")
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_LEN)).expect("the parameters are lawful");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_verifies() {
        let hash = PasswordHash::new("правильный пароль", [3; SALT_LEN]).expect("a good password");
        let text = hash.expose();
        assert!(text.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"), "{text}");
        let stored = PasswordHash::parse(&text).expect("our own text");
        assert!(stored.matches("правильный пароль"));
        assert!(!stored.matches("правильный парол"));
        assert!(!stored.matches(""));
        assert!(!PasswordHash::matches_nobody("правильный пароль"));
        assert!(!stored.is_outdated());
        assert_eq!(format!("{stored:?}"), "PasswordHash(hidden)");
    }

    /// A hash made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32`.
    #[test]
    fn reads_foreign_hashes() {
        let text = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let stored = PasswordHash::parse(text).expect("a PHC string");
        assert!(stored.matches("password") && !stored.matches("Password"));
        assert!(stored.is_outdated());
        for text in [
            "",
            "$2b$12$abc",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR",
            "$argon2id$v=19$m=256,t=2,p=1",
        ] {
            assert!(PasswordHash::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_weak_passwords() {
        for (password, refusal) in [
            ("short", PasswordRefused::Short),
            ("одиннадцать", PasswordRefused::Short),
            ("aaaaaaaaaaaaaaaa", PasswordRefused::Monotonous),
            ("121212121212", PasswordRefused::Monotonous),
        ] {
            assert_eq!(PasswordHash::new(password, [0; SALT_LEN]), Err(refusal), "{password}");
        }
        assert_eq!(PasswordHash::new(&"ab12x".repeat(60), [0; SALT_LEN]), Err(PasswordRefused::Long));
    }
}

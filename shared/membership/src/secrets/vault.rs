//! Encryption of personal fields at rest: XChaCha20-Poly1305.
//!
//! Stored form: one byte key version, 24 bytes nonce, ciphertext, 16 bytes tag. The place of a field (table, field,
//! row) is associated data: a ciphertext copied into another row or column does not open there.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::Key;

/// Bytes of a nonce. At 192 random bits a repetition is out of the question.
pub const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LEN;

/// Where a field is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The column's name.
    pub field: &'a str,
    /// The row's id.
    pub row: i64,
}

impl Place<'_> {
    /// Names are length-prefixed, so that no two places have the same bytes.
    fn associated_data(self, version: u8) -> Vec<u8> {
        let mut data = vec![version];
        for name in [self.table, self.field] {
            data.extend_from_slice(&(name.len() as u64).to_be_bytes());
            data.extend_from_slice(name.as_bytes());
        }
        data.extend_from_slice(&self.row.to_be_bytes());
        data
    }
}

/// Why a stored field does not open. Each means damaged or foreign data, or a missing key: never a guest's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too short to be a stored field.
    #[error("the encrypted field is cut off")]
    Cut,
    /// The deployment has no such version of the master secret.
    #[error("no key version {0} to decrypt with")]
    UnknownKey(u8),
    /// Changed, moved from another place, or encrypted under another secret.
    #[error("the encrypted field is damaged or belongs elsewhere")]
    Damaged,
}

/// Encrypts and decrypts fields.
pub struct Vault {
    ciphers: BTreeMap<u8, XChaCha20Poly1305>,
    current: u8,
}

impl Vault {
    pub(super) fn new(keys: BTreeMap<u8, Key>) -> Self {
        let current = keys.keys().next_back().copied().expect("there is at least one key version");
        let cipher = |key: Key| XChaCha20Poly1305::new(&(*key.bytes()).into());
        Self { ciphers: keys.into_iter().map(|(version, key)| (version, cipher(key))).collect(), current }
    }

    /// Encrypts `plain` for one place, under the current key. `nonce` comes from a cryptographic random source.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, plain: &str, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let cipher = self.ciphers.get(&self.current).expect("the current version is one of the versions");
        let data = place.associated_data(self.current);
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain.as_bytes(), aad: &data })
            .expect("XChaCha20 encrypts up to 256 GB");
        let mut stored = Vec::with_capacity(OVERHEAD + plain.len());
        stored.push(self.current);
        stored.extend_from_slice(&nonce);
        stored.extend_from_slice(&sealed);
        stored
    }

    /// Decrypts what [`Vault::seal`] made for the same place, under whichever key version it was made.
    ///
    /// # Errors
    /// When the bytes are damaged, belong to another place, or their key is missing.
    pub fn open(&self, place: Place<'_>, stored: &[u8]) -> Result<Zeroizing<String>, VaultError> {
        let (&version, rest) = stored.split_first().ok_or(VaultError::Cut)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Cut)?;
        if sealed.len() < TAG_LEN {
            return Err(VaultError::Cut);
        }
        let cipher = self.ciphers.get(&version).ok_or(VaultError::UnknownKey(version))?;
        let data = place.associated_data(version);
        let plain = cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &data })
            .map_err(|_| VaultError::Damaged)?;
        String::from_utf8(plain).map(Zeroizing::new).map_err(|_| VaultError::Damaged)
    }

    /// True when `stored` is under an older key and should be sealed anew.
    #[must_use]
    pub fn is_outdated(&self, stored: &[u8]) -> bool {
        stored.first() != Some(&self.current)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("current", &self.current).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{Secrets, tests::*};

    const PLACE: Place<'static> = Place { table: "member", field: "phone", row: 42 };

    fn vault(text: &str) -> Vault {
        Secrets::parse(text).expect("secrets").vault()
    }

    #[test]
    fn opens_only_in_its_place() {
        let vault = vault(V1);
        let stored = vault.seal(PLACE, "Әсел", [9; NONCE_LEN]);
        assert_eq!(stored.len(), OVERHEAD + "Әсел".len());
        assert_eq!(vault.open(PLACE, &stored).as_deref().map(String::as_str), Ok("Әсел"));
        for elsewhere in [
            Place { table: "staff", ..PLACE },
            Place { field: "name", ..PLACE },
            Place { row: 43, ..PLACE },
            Place { table: "memberp", field: "hone", row: 42 },
        ] {
            assert_eq!(vault.open(elsewhere, &stored), Err(VaultError::Damaged), "{elsewhere:?}");
        }
    }

    #[test]
    fn every_changed_byte_is_found() {
        let vault = vault(V1);
        let stored = vault.seal(PLACE, "+77010000001", [9; NONCE_LEN]);
        for index in 0..stored.len() {
            let mut changed = stored.clone();
            changed[index] ^= 1;
            let error = vault.open(PLACE, &changed).expect_err("a changed byte");
            assert_eq!(error, if index == 0 { VaultError::UnknownKey(0) } else { VaultError::Damaged });
        }
        for len in 0..OVERHEAD {
            assert_eq!(vault.open(PLACE, &stored[..len]), Err(VaultError::Cut), "{len}");
        }
    }

    #[test]
    fn old_keys_open_and_new_ones_seal() {
        let old = vault(V1);
        let both = vault(&format!("{V1} {V2}"));
        let stored = old.seal(PLACE, "a", [1; NONCE_LEN]);
        assert!(both.is_outdated(&stored) && !old.is_outdated(&stored));
        let plain = both.open(PLACE, &stored).expect("under the old key");
        let anew = both.seal(PLACE, &plain, [2; NONCE_LEN]);
        assert_eq!(anew[0], 2);
        assert_eq!(old.open(PLACE, &anew), Err(VaultError::UnknownKey(2)));
        assert_eq!(vault(V2).open(PLACE, &anew).as_deref().map(String::as_str), Ok("a"));
        // A version byte does not make another key fit.
        let other = vault(&V2.replace("2:", "1:"));
        assert_eq!(other.open(PLACE, &stored), Err(VaultError::Damaged));
    }

    proptest::proptest! {
        #[test]
        fn round_trips(plain: String, row: i64, nonce: [u8; NONCE_LEN]) {
            let vault = vault(V1);
            let place = Place { row, ..PLACE };
            let stored = vault.seal(place, &plain, nonce);
            let opened = vault.open(place, &stored);
            proptest::prop_assert_eq!(opened.as_deref(), Ok(&plain));
        }
    }
}

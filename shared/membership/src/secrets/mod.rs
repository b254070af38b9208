//! Keys and what is done with them.
//!
//! One master secret per deployment; every use has its own key, derived by HKDF-SHA256 under a label
//! ([`Purpose`]). [`vault`] encrypts personal fields, [`blind_index`] finds them again without decrypting,
//! [`token`] makes and recognises bearer tokens and API keys, [`seal`] knows again what this service wrote.
//!
//! Rotation: a deployment may carry several versions of the master secret. The [`Vault`] encrypts under the highest
//! and decrypts under any. Hashes, indices and card numbers must give one answer for ever, so they stay under the
//! lowest version; moving them means rewriting the rows that hold them.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub mod blind_index;
pub mod link;
pub mod seal;
pub mod token;
pub mod vault;

pub use blind_index::{BlindIndex, BlindIndexer, Indexed};
pub use link::LinkSigner;
pub use seal::Sealer;
pub use token::{SECRET_LEN, Token, TokenError, TokenKind};
pub use vault::{NONCE_LEN, Place, Vault, VaultError};

/// Bytes in a master secret and in every derived key.
pub const KEY_LEN: usize = 32;
/// Most versions of the master secret that a deployment may carry at once.
pub const VERSIONS_MAX: usize = 8;

/// A 256-bit key for one purpose. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY_LEN]>);

impl Key {
    /// From bytes that are already uniformly random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

/// What a derived key is for. Its label is part of the stored data's meaning: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Encryption of personal fields ([`Vault`]).
    Fields,
    /// Look-up of encrypted fields ([`BlindIndexer`]).
    BlindIndex,
    /// Hashes of one-time codes ([`crate::one_time_code`]).
    OneTimeCodes,
    /// The shuffle of card numbers ([`crate::card_number::Shuffle`]).
    CardNumbers,
    /// Keys of rotating codes ([`crate::rotating_code::CardKey`]).
    RotatingCodes,
    /// Seals on quotes ([`Sealer`]).
    Quotes,
    /// Signatures of links sent to guests ([`LinkSigner`]).
    Links,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Fields => b"crema/fields/1",
            Self::BlindIndex => b"crema/blind-index/1",
            Self::OneTimeCodes => b"crema/one-time-codes/1",
            Self::CardNumbers => b"crema/card-numbers/1",
            Self::RotatingCodes => b"crema/rotating-codes/1",
            Self::Quotes => b"crema/quotes/1",
            Self::Links => b"crema/links/1",
        }
    }
}

/// Why a text is not a set of master secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is no secret in it.
    #[error("no master secret; write 1:<64 hexadecimal digits>")]
    Empty,
    /// An entry is not `<version>:<64 hexadecimal digits>` with a version from 1 to 255.
    #[error("entry {0} of the master secrets is not <version 1-255>:<64 hexadecimal digits>")]
    Shape(usize),
    /// Two entries have one version.
    #[error("version {0} of the master secret is given twice")]
    Twice(u8),
    /// More than [`VERSIONS_MAX`] versions.
    #[error("too many versions of the master secret; at most 8")]
    TooMany,
    /// All bytes are equal: a placeholder, not a secret.
    #[error("version {0} of the master secret is a placeholder; make one with `openssl rand -hex 32`")]
    Placeholder(u8),
}

/// The versions of the deployment's master secret.
pub struct Secrets(BTreeMap<u8, Key>);

impl Secrets {
    /// Reads `1:<64 hexadecimal digits>`, several versions separated by spaces or commas.
    ///
    /// # Errors
    /// When there is none, or one is malformed, doubled or a placeholder. The errors never quote the text.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let mut versions = BTreeMap::new();
        let entries = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            if index == VERSIONS_MAX {
                return Err(SecretsError::TooMany);
            }
            let shape = SecretsError::Shape(index + 1);
            let (version, digits) = entry.split_once(':').ok_or(shape)?;
            let version = version.parse::<u8>().ok().filter(|&version| version > 0).ok_or(shape)?;
            let decoded = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| shape)?;
            let bytes: [u8; KEY_LEN] = Zeroizing::new(decoded).as_slice().try_into().map_err(|_| shape)?;
            if bytes.iter().all(|&byte| byte == bytes[0]) {
                return Err(SecretsError::Placeholder(version));
            }
            if versions.insert(version, Key::from_bytes(bytes)).is_some() {
                return Err(SecretsError::Twice(version));
            }
        }
        if versions.is_empty() { Err(SecretsError::Empty) } else { Ok(Self(versions)) }
    }

    /// The key for `purpose`, under the lowest version of the master secret.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Key {
        let (_, master) = self.0.first_key_value().expect("`parse` refuses an empty set");
        derive(master, purpose)
    }

    /// The vault: encrypts under the highest version, decrypts under any.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(
            self.0.iter().map(|(&version, master)| (version, derive(master, Purpose::Fields))).collect(),
        )
    }

    /// The maker of blind indices.
    #[must_use]
    pub fn blind_indexer(&self) -> BlindIndexer {
        BlindIndexer::new(self.key(Purpose::BlindIndex))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secrets").field(&self.0.keys()).finish()
    }
}

fn derive(master: &Key, purpose: Purpose) -> Key {
    let mut derived = Zeroizing::new([0; KEY_LEN]);
    Hkdf::<Sha256>::new(None, master.bytes())
        .expand(purpose.label(), derived.as_mut_slice())
        .expect("32 bytes are within HKDF's limit of 255 blocks");
    Key(derived)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const V1: &str = "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    pub(crate) const V2: &str = "2:f0f1f2f3f4f5f6f7f8f9fafbfcfdfeffe0e1e2e3e4e5e6e7e8e9eaebecedeeef";

    #[test]
    fn reads_versions_and_refuses_the_rest() {
        let hex = "ab".repeat(31);
        let rows = [
            (String::new(), SecretsError::Empty),
            (" , ".into(), SecretsError::Empty),
            (format!("1:{hex}"), SecretsError::Shape(1)),
            (format!("0:{hex}cd"), SecretsError::Shape(1)),
            (format!("{V1} 256:{hex}cd"), SecretsError::Shape(2)),
            (format!("{hex}cd"), SecretsError::Shape(1)),
            (format!("{V1},1:{hex}cd"), SecretsError::Twice(1)),
            (format!("7:{hex}ab"), SecretsError::Placeholder(7)),
        ];
        for (text, error) in rows {
            assert_eq!(Secrets::parse(&text).err(), Some(error), "{text:?}");
        }
        let many: Vec<String> = (1..=9).map(|version| format!("{version}:{hex}cd")).collect();
        assert_eq!(Secrets::parse(&many.join(" ")).err(), Some(SecretsError::TooMany));
    }

    #[test]
    fn purposes_have_different_keys_that_later_versions_do_not_change() {
        let purposes = [
            Purpose::Fields,
            Purpose::BlindIndex,
            Purpose::OneTimeCodes,
            Purpose::CardNumbers,
            Purpose::RotatingCodes,
            Purpose::Links,
        ];
        let one = Secrets::parse(V1).expect("a secret");
        let two = Secrets::parse(&format!("{V2} {V1}")).expect("two secrets");
        let keys: Vec<Key> = purposes.iter().map(|&purpose| one.key(purpose)).collect();
        for (index, key) in keys.iter().enumerate() {
            assert!(keys[..index].iter().all(|earlier| earlier.bytes() != key.bytes()));
            assert_eq!(key.bytes(), two.key(purposes[index]).bytes());
        }
    }

    /// Stored rows depend on the derivation: this vector must never change.
    #[test]
    fn derivation_is_pinned() {
        let key = Secrets::parse(V1).expect("a secret").key(Purpose::Fields);
        assert_eq!(
            data_encoding::HEXLOWER.encode(key.bytes()),
            "52fac7de3236491dd918d574e629c120227ee226f1c444b6f3893fcf245b3f39"
        );
    }

    #[test]
    fn debug_hides_the_secret() {
        let secrets = Secrets::parse(V1).expect("a secret");
        assert_eq!(format!("{secrets:?} {:?}", secrets.key(Purpose::Fields)), "Secrets([1]) Key(hidden)");
    }
}

//! Blind indices: how an encrypted field is found by its exact value.
//!
//! The database keeps `HMAC(key, kind, value)` beside the ciphertext. Equal values give equal indices, so a column
//! of them can be unique and searched; without the key nobody can try out phone numbers against it.

use std::fmt;

use super::Key;
use crate::hash;

/// Which field a value belongs to, so that equal values of different fields have different indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// A guest's phone in E.164.
    Phone,
    /// A guest's e-mail in its normal form.
    Email,
    /// A staff member's login name.
    StaffLogin,
    /// A client's network address, counted against message pumping.
    Address,
    /// A chat with a bot of Telegram's.
    Chat,
    /// A token of a guest's means of payment.
    Payment,
    /// A guest's device, by what its app or the till calls it.
    Device,
    /// A device's, chat's or mailbox's address for messages, after its channel's name and a colon.
    Contact,
}

impl Indexed {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Phone => b"phone",
            Self::Email => b"email",
            Self::StaffLogin => b"staff-login",
            Self::Address => b"address",
            Self::Chat => b"telegram-chat",
            Self::Payment => b"payment",
            Self::Device => b"device",
            Self::Contact => b"contact",
        }
    }
}

/// The index of one value: 32 bytes for a column of the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindIndex([u8; 32]);

impl BlindIndex {
    /// The bytes to store and to look for.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlindIndex({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// Makes blind indices under one key.
#[derive(Debug, Clone)]
pub struct BlindIndexer(Key);

impl BlindIndexer {
    /// With the key for [`super::Purpose::BlindIndex`].
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self(key)
    }

    /// The index of `value`, which the caller has brought to its one normal form.
    #[must_use]
    pub fn index(&self, kind: Indexed, value: &str) -> BlindIndex {
        BlindIndex(hash::hmac_sha256_framed(self.0.bytes(), &[kind.label(), value.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depends_on_key_kind_and_value() {
        let indexer = BlindIndexer::new(Key::from_bytes([7; 32]));
        let index = indexer.index(Indexed::Phone, "+77010000001");
        assert_eq!(index, indexer.index(Indexed::Phone, "+77010000001"));
        assert_ne!(index, indexer.index(Indexed::Phone, "+77010000002"));
        assert_ne!(index, indexer.index(Indexed::StaffLogin, "+77010000001"));
        assert_ne!(index, BlindIndexer::new(Key::from_bytes([8; 32])).index(Indexed::Phone, "+77010000001"));
    }
}

//! Seals: records that this service keeps where others could write, and knows again as its own.
//!
//! A sealed record is `HMAC(key, place, content)` followed by the content. The place, the key under which the record is
//! kept, is part of it, so that a record moved to another place is refused as well.

use super::Key;
use crate::hash;

/// Bytes before the content.
const TAG_LEN: usize = 32;

/// Seals and opens records under one key.
#[derive(Debug, Clone)]
pub struct Sealer(Key);

impl Sealer {
    /// With a key for one kind of record.
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self(key)
    }

    /// The record to keep at `place`.
    #[must_use]
    pub fn seal(&self, place: &str, content: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(TAG_LEN + content.len());
        sealed.extend_from_slice(&self.tag(place, content));
        sealed.extend_from_slice(content);
        sealed
    }

    /// The content of a record kept at `place`; `None` when this service did not put it there as it is.
    #[must_use]
    pub fn open<'r>(&self, place: &str, sealed: &'r [u8]) -> Option<&'r [u8]> {
        let (tag, content) = sealed.split_at_checked(TAG_LEN)?;
        hash::same(tag, &self.tag(place, content)).then_some(content)
    }

    fn tag(&self, place: &str, content: &[u8]) -> [u8; TAG_LEN] {
        hash::hmac_sha256_framed(self.0.bytes(), &[place.as_bytes(), content])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_here_for_this_place_is_opened() {
        let sealer = Sealer::new(Key::from_bytes([7; 32]));
        let sealed = sealer.seal("quote/v1/a", b"100.00");
        assert_eq!(sealer.open("quote/v1/a", &sealed), Some(b"100.00".as_slice()));
        assert_eq!(sealer.open("quote/v1/b", &sealed), None, "moved");
        assert_eq!(Sealer::new(Key::from_bytes([8; 32])).open("quote/v1/a", &sealed), None, "another key");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("quote/v1/a", &changed), None, "byte {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(sealer.open("quote/v1/a", &sealed[..length]), None, "cut to {length}");
        }
        assert_eq!(sealer.open("x", &sealer.seal("x", b"")), Some(b"".as_slice()));
    }
}

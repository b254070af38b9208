//! Links that one person may use once: the id of what they open, signed.
//!
//! A token is thirteen digits of id and 26 of a 130-bit prefix of an HMAC, in base 32: 39 characters that fit a URL and
//! Telegram's start parameter. Nobody can try out such a signature, and nothing about the link has to be stored; that it
//! works once is for whoever keeps what it opens.

use data_encoding::BASE32_DNSSEC;
use kernel::id::{format_id, parse_id};

use super::Key;
use crate::hash;

/// Characters of a token.
pub const TOKEN_LEN: usize = ID_LEN + SIGNATURE_LEN;
const ID_LEN: usize = 13;
const SIGNATURE_LEN: usize = 26;
/// The prefix that [`format_id`] wants, and a token goes without.
const NO_PREFIX: &str = "";

/// Signs and knows again under one key, for one kind of link.
#[derive(Debug, Clone)]
pub struct LinkSigner {
    key: Key,
    kind: &'static str,
}

impl LinkSigner {
    /// With the key for [`super::Purpose::Links`]. Links of one kind never open those of another.
    #[must_use]
    pub const fn new(key: Key, kind: &'static str) -> Self {
        Self { key, kind }
    }

    /// The token of an id.
    #[must_use]
    pub fn sign(&self, id: i64) -> String {
        let mut token = digits(id);
        token.push_str(&self.signature(id));
        token
    }

    /// The id of a token that was signed here; `None` for any other text.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<i64> {
        let (id, signature) = token.split_at_checked(ID_LEN)?;
        let id = parse_id(NO_PREFIX, &format!("_{id}")).ok()?;
        hash::same(signature.as_bytes(), self.signature(id).as_bytes()).then_some(id)
    }

    fn signature(&self, id: i64) -> String {
        let tag = hash::hmac_sha256_framed(self.key.bytes(), &[self.kind.as_bytes(), &id.to_be_bytes()]);
        let mut text = BASE32_DNSSEC.encode(&tag);
        text.truncate(SIGNATURE_LEN);
        text
    }
}

fn digits(id: i64) -> String {
    format_id(NO_PREFIX, id).split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_here_opens() {
        let signer = LinkSigner::new(Key::from_bytes([7; 32]), "feedback");
        for id in [0, 1, 1_234_567_890_123, i64::MAX] {
            let token = signer.sign(id);
            assert_eq!(token.len(), TOKEN_LEN);
            assert!(token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{token}");
            assert_eq!(signer.open(&token), Some(id));
            assert_eq!(
                LinkSigner::new(Key::from_bytes([8; 32]), "feedback").open(&token),
                None,
                "another key"
            );
            assert_eq!(
                LinkSigner::new(Key::from_bytes([7; 32]), "appeal").open(&token),
                None,
                "another kind"
            );
            for at in 0..token.len() {
                let mut changed = token.clone().into_bytes();
                changed[at] = if changed[at] == b'3' { b'4' } else { b'3' };
                assert_eq!(signer.open(std::str::from_utf8(&changed).expect("digits")), None, "{at}");
            }
            assert_eq!(signer.open(&token[..TOKEN_LEN - 1]), None);
            assert_eq!(signer.open(&format!("{token}0")), None);
        }
        for text in ["", "x", "абвгдежзиклмнопрстуфхцчшщыэюя0123456789"] {
            assert_eq!(signer.open(text), None, "{text}");
        }
    }
}

//! Bearer tokens and API keys.
//!
//! A token is 256 random bits. Its text has a prefix that says what it opens (secret scanners look for such
//! prefixes) and a checksum, so that a mistyped key is told from a revoked one without a look-up. Only its hash is
//! stored: a plain one, since nobody can try out 256 random bits.
//!
//! A refresh token is half family, the same for all tokens of one session, and half new bits. The family finds the session
//! of a token that was exchanged long ago, so that a stolen copy gives itself away whenever it is used.

use std::fmt;

use data_encoding::BASE32_DNSSEC;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::hash;

/// Bytes of a token's secret.
pub const SECRET_LEN: usize = 32;
/// The part of a refresh token that its successors share.
const FAMILY_LEN: usize = 16;
const CHECKSUM_LEN: usize = 3;
/// Digits after the prefix: 35 bytes in base 32.
const DIGITS: usize = 56;

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A guest's short-lived access token.
    Guest,
    /// What a guest's device exchanges for the next access token.
    GuestRefresh,
    /// A staff member's session.
    Staff,
    /// A till's API key.
    Till,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Guest, Self::GuestRefresh, Self::Staff, Self::Till];

    /// What the text form begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Guest => "crm_guest_",
            Self::GuestRefresh => "crm_refresh_",
            Self::Staff => "crm_staff_",
            Self::Till => "crm_till_",
        }
    }
}

/// Why a text is not a token. None of these needs a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has none of our prefixes.
    #[error("not a token of this service")]
    Prefix,
    /// Its length or a character is wrong.
    #[error("the token is cut off or has a foreign character")]
    Shape,
    /// Its checksum does not fit: mistyped.
    #[error("the token is mistyped: its checksum does not fit")]
    Checksum,
}

/// A token in clear, on its way in or out.
#[derive(Clone)]
pub struct Token {
    kind: TokenKind,
    secret: Zeroizing<[u8; SECRET_LEN]>,
}

impl Token {
    /// A new token from 256 bits of a cryptographic random source.
    #[must_use]
    pub fn new(kind: TokenKind, random: [u8; SECRET_LEN]) -> Self {
        Self { kind, secret: Zeroizing::new(random) }
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// When it is not one; see [`TokenError`].
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let (kind, digits) = TokenKind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))
            .ok_or(TokenError::Prefix)?;
        if digits.len() != DIGITS {
            return Err(TokenError::Shape);
        }
        let bytes = Zeroizing::new(BASE32_DNSSEC.decode(digits.as_bytes()).map_err(|_| TokenError::Shape)?);
        // The alphabet also reads capitals; one token has one text.
        if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(TokenError::Shape);
        }
        let (secret, sum) = bytes.split_first_chunk::<SECRET_LEN>().ok_or(TokenError::Shape)?;
        if checksum(kind, secret) != *sum {
            return Err(TokenError::Checksum);
        }
        Ok(Self::new(kind, *secret))
    }

    /// What it opens.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The clear text, for the one reply that hands it out.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = Zeroizing::new([0; SECRET_LEN + CHECKSUM_LEN]);
        let (secret, sum) = bytes.split_at_mut(SECRET_LEN);
        secret.copy_from_slice(self.secret.as_slice());
        sum.copy_from_slice(&checksum(self.kind, &self.secret));
        let mut text = String::with_capacity(self.kind.prefix().len() + DIGITS);
        text.push_str(self.kind.prefix());
        BASE32_DNSSEC.encode_append(bytes.as_slice(), &mut text);
        text
    }

    /// The stored form: SHA-256 of the text.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        Sha256::digest(Zeroizing::new(self.expose()).as_bytes()).to_vec()
    }

    /// The stored form of the family that this refresh token belongs to.
    #[must_use]
    pub fn family_digest(&self) -> Vec<u8> {
        Sha256::new()
            .chain_update(self.kind.prefix())
            .chain_update(&self.secret[..FAMILY_LEN])
            .finalize()
            .to_vec()
    }

    /// The token of the same family that replaces this one. It follows from this token and a random `salt` that stays
    /// with the server: an exchange whose answer was lost can be answered again, and neither the old token nor the
    /// stored salt alone leads to the new one.
    #[must_use]
    pub fn successor(&self, salt: [u8; SECRET_LEN]) -> Self {
        let mut secret = self.secret.clone();
        let mac = hash::hmac_sha256_framed(self.secret.as_slice(), &[b"successor", &salt]);
        secret[FAMILY_LEN..].copy_from_slice(&mac[..SECRET_LEN - FAMILY_LEN]);
        Self { kind: self.kind, secret }
    }

    /// The access token that goes with this refresh token.
    #[must_use]
    pub fn access(&self, kind: TokenKind, salt: [u8; SECRET_LEN]) -> Self {
        Self::new(kind, hash::hmac_sha256_framed(self.secret.as_slice(), &[b"access", &salt]))
    }
}

/// `crm_till_…`: the kind only.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

fn checksum(kind: TokenKind, secret: &[u8; SECRET_LEN]) -> [u8; CHECKSUM_LEN] {
    let digest = Sha256::new().chain_update(kind.prefix()).chain_update(secret).finalize();
    [digest[0], digest[1], digest[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_for_every_kind() {
        for (index, kind) in TokenKind::ALL.into_iter().enumerate() {
            let token = Token::new(kind, [index as u8 + 1; 32]);
            let text = token.expose();
            assert_eq!(text.len(), kind.prefix().len() + DIGITS);
            let read = Token::parse(&text).expect("our own text");
            assert_eq!(read.kind(), kind);
            assert_eq!(read.expose(), text);
            assert_eq!(format!("{token:?}"), format!("{}…", kind.prefix()));
        }
    }

    #[test]
    fn every_single_typo_is_found() {
        let text = Token::new(TokenKind::Till, [0xa5; 32]).expose();
        for position in TokenKind::Till.prefix().len()..text.len() {
            for replacement in ['0', '7', 'g', 'v', 'w', 'A', ' '] {
                let mut typo: Vec<char> = text.chars().collect();
                if typo[position] == replacement {
                    continue;
                }
                typo[position] = replacement;
                assert!(Token::parse(&typo.iter().collect::<String>()).is_err(), "{position} {replacement}");
            }
        }
        let other_kind = text.replace("crm_till_", "crm_guest_");
        assert_eq!(Token::parse(&other_kind).err(), Some(TokenError::Checksum));
        assert_eq!(Token::parse(&text[..text.len() - 1]).err(), Some(TokenError::Shape));
        assert_eq!(Token::parse(&text.to_uppercase()).err(), Some(TokenError::Prefix));
        assert_eq!(Token::parse("Bearer x").err(), Some(TokenError::Prefix));
    }

    /// Stored rows depend on this vector: it must never change.
    #[test]
    fn digest_is_the_sha256_of_the_text() {
        let token = Token::new(TokenKind::Guest, [2; 32]);
        assert_eq!(token.digest(), Sha256::digest(token.expose().as_bytes()).to_vec());
        assert_ne!(token.digest(), Token::new(TokenKind::GuestRefresh, [2; 32]).digest());
    }

    #[test]
    fn successors_share_a_family_and_nothing_else() {
        let first = Token::new(TokenKind::GuestRefresh, [7; 32]);
        let second = first.successor([1; 32]);
        assert_eq!(second.expose(), first.successor([1; 32]).expose(), "the same exchange, the same answer");
        assert_ne!(second.expose(), first.successor([2; 32]).expose());
        assert_eq!(second.family_digest(), first.family_digest());
        assert_ne!(second.digest(), first.digest());
        assert_ne!(second.secret[FAMILY_LEN..], first.secret[FAMILY_LEN..]);
        let stranger = Token::new(TokenKind::GuestRefresh, [8; 32]);
        assert_ne!(stranger.family_digest(), first.family_digest());
        let access = second.access(TokenKind::Guest, [1; 32]);
        assert_eq!(access.kind(), TokenKind::Guest);
        assert_ne!(access.secret.as_slice(), second.secret.as_slice());
        assert_ne!(access.expose(), first.access(TokenKind::Guest, [1; 32]).expose());
    }
}

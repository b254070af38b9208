//! Rotating card codes: a card that a screenshot cannot copy.
//!
//! The guest's phone shows a TOTP (RFC 6238, SHA-1, 30 s) beside the card's number, with a key of the card's own.
//! Two texts: the rich one for a QR code, `L1.<card>.<unix seconds>.<8 digits>`, and twenty digits for tills that
//! read only numbers, `1<13 digits of the card><6 digits>`. A static number may collect points; to spend them
//! a programme can ask for this.
//!
//! [`verify`] proves possession now. Single use is the store's part: it accepts a card's step only when greater
//! than the last one it accepted.

use std::fmt;

use kernel::Timestamp;
use kernel::time::{MINUTE_MS, SECOND_MS};
use zeroize::Zeroizing;

use crate::allowance::Allowance;
use crate::card_number::{CardNumber, Ean13};
use crate::hash;
use crate::secrets::Key;
use crate::totp::{self, STEP_SECONDS, Step};

/// Seconds that the time in a rich code may be off ours.
pub const SKEW_SECONDS_MAX: i64 = 90;
/// Longest time for which one code can be accepted, hence for which a used one must be remembered.
pub const REPLAY_SECONDS: i64 = 2 * SKEW_SECONDS_MAX + STEP_SECONDS;
/// Wrong codes for one card; then its codes are refused unchecked until the window ends.
pub const WRONG_CODES: Allowance = Allowance { max: 5, window_ms: MINUTE_MS };
/// Longest scanned text that is looked at.
pub const SCAN_LEN_MAX: usize = 128;

const RICH_PREFIX: &str = "L1.";
const RICH_DIGITS: u32 = 8;
const NUMERIC_PREFIX: char = '1';
const NUMERIC_DIGITS: u32 = 6;
const NUMERIC_LEN: usize = 20;

/// A card's own key, given to the guest's app and to Google Wallet. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct CardKey(Zeroizing<[u8; totp::KEY_LEN]>);

impl CardKey {
    /// The key of one card: the first twenty bytes of HMAC-SHA256 over `loyalty-card|v<version>|<card>`. A new
    /// `version` makes all earlier copies of the key useless. `master` is the key for
    /// [`crate::secrets::Purpose::RotatingCodes`].
    #[must_use]
    pub fn derive(master: &Key, version: u32, card: &CardNumber) -> Self {
        let message = format!("loyalty-card|v{version}|{card}");
        let mac = hash::hmac_sha256(master.bytes(), message.as_bytes());
        let mut key = Zeroizing::new([0; totp::KEY_LEN]);
        key.copy_from_slice(&mac[..totp::KEY_LEN]);
        Self(key)
    }

    /// The bytes, for the one reply that hands them to the guest's own device.
    #[must_use]
    pub fn expose(&self) -> &[u8; totp::KEY_LEN] {
        &self.0
    }

    /// The rich text for a QR code at `now`.
    #[must_use]
    pub fn rich_text(&self, card: &CardNumber, now: Timestamp) -> String {
        let code = totp::code(&self.0, Step::at(now), RICH_DIGITS);
        format!("{RICH_PREFIX}{card}.{}.{code:08}", now.seconds())
    }

    /// The twenty digits for a till's scanner at `now`.
    #[must_use]
    pub fn numeric_text(&self, card: Ean13, now: Timestamp) -> String {
        let code = totp::code(&self.0, Step::at(now), NUMERIC_DIGITS);
        format!("{NUMERIC_PREFIX}{card}{code:06}")
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardKey(hidden)")
    }
}

/// What a scanner read, or a cashier typed.
#[derive(Clone, PartialEq, Eq)]
pub enum Scan {
    /// The rich rotating code of `card`, made at `seconds` since the epoch by the phone's clock.
    Rotating { card: CardNumber, seconds: i64, code: u32 },
    /// The numeric rotating code of `card`.
    Numeric { card: CardNumber, code: u32 },
    /// A bare card number.
    Static(CardNumber),
    /// Begins as an international phone number does; the text as it was read.
    Phone(String),
}

impl Scan {
    /// Tells the forms apart by shape alone. A text that begins with `+` or `tel:` is a phone; national
    /// spellings are not guessed at, since their digits may as well be a plastic card's.
    ///
    /// # Errors
    /// When it has no known shape.
    pub fn parse(text: &str) -> Result<Self, ScanError> {
        let text = text.trim();
        if text.is_empty() || text.len() > SCAN_LEN_MAX {
            return Err(ScanError);
        }
        if let Some(rich) = text.strip_prefix(RICH_PREFIX) {
            return Self::rich(rich).ok_or(ScanError);
        }
        if text.starts_with(['+', '＋']) || text.starts_with("tel:") {
            return Ok(Self::Phone(text.to_owned()));
        }
        if let Some(numeric) = Self::numeric(text) {
            return Ok(numeric);
        }
        CardNumber::parse(text).map(Self::Static).map_err(|_| ScanError)
    }

    /// The card that the scan names; `None` for a phone.
    #[must_use]
    pub const fn card(&self) -> Option<&CardNumber> {
        match self {
            Self::Rotating { card, .. } | Self::Numeric { card, .. } | Self::Static(card) => Some(card),
            Self::Phone(_) => None,
        }
    }

    fn rich(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (card, seconds, code) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || seconds.len() > 12 {
            return None;
        }
        let seconds = digits(seconds)?;
        let code = u32::try_from(digits(code).filter(|_| code.len() == RICH_DIGITS as usize)?).ok()?;
        Some(Self::Rotating { card: CardNumber::parse(card).ok()?, seconds, code })
    }

    fn numeric(text: &str) -> Option<Self> {
        if text.len() != NUMERIC_LEN || !text.is_ascii() {
            return None;
        }
        let (card, code) = text.strip_prefix(NUMERIC_PREFIX)?.split_at(13);
        let card = Ean13::parse(card).ok()?;
        Some(Self::Numeric { card: card.into(), code: u32::try_from(digits(code)?).ok()? })
    }
}

/// Codes and phones are not shown.
impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotating { card, seconds, .. } => write!(f, "Rotating({card:?} at {seconds})"),
            Self::Numeric { card, .. } => write!(f, "Numeric({card:?})"),
            Self::Static(card) => write!(f, "Static({card:?})"),
            Self::Phone(_) => f.write_str("Phone(hidden)"),
        }
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The text is neither a rotating code, a card number nor a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither a card's code, a card's number nor a phone number")]
pub struct ScanError;

/// Why a rotating code proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// A bare number or a phone: anybody could have it.
    #[error("a bare number proves nothing; show the code on the phone")]
    NotRotating,
    /// The code's time is too far off: an old picture, or a phone with a wrong clock.
    #[error("the code is too old, or the phone's clock is wrong; refresh it")]
    Stale,
    /// Not this card's code.
    #[error("the code is wrong")]
    Wrong,
}

/// Checks a scanned rotating code with its card's key. Takes the same time for a right and a wrong code.
///
/// A numeric code may be [`totp::STEPS_TOLERATED`] steps off; a rich one says its time, which may be
/// [`SKEW_SECONDS_MAX`] off, and must be the code of that time.
///
/// # Errors
/// When it proves nothing; see [`Unproven`].
pub fn verify(scan: &Scan, key: &CardKey, now: Timestamp) -> Result<Step, Unproven> {
    match scan {
        Scan::Rotating { seconds, code, .. } => {
            if now.seconds().abs_diff(*seconds) > SKEW_SECONDS_MAX.unsigned_abs() {
                return Err(Unproven::Stale);
            }
            let step = Step::at(Timestamp::from_millis(seconds * SECOND_MS));
            if totp::is_code(&key.0, step, RICH_DIGITS, *code) { Ok(step) } else { Err(Unproven::Wrong) }
        }
        Scan::Numeric { code, .. } => totp::find(&key.0, NUMERIC_DIGITS, *code, now).ok_or(Unproven::Wrong),
        Scan::Static(_) | Scan::Phone(_) => Err(Unproven::NotRotating),
    }
}

#[cfg(test)]
mod tests;

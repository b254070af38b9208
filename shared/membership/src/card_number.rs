//! Card numbers: the virtual ones we issue (EAN-13) and the plastic ones we take over.
//!
//! A virtual number is an EAN-13 with an in-store prefix (20 to 29, never a product): two digits prefix, ten digits
//! from a keyed shuffle of a serial counter, one check digit. Tills read it as any bar code; nobody can guess
//! a neighbour's number from their own, and two serials never share a number.

use std::fmt;

use crate::hash;
use crate::secrets::Key;

/// Shortest number of a card.
pub const NUMBER_LEN_MIN: usize = 4;
/// Longest number of a card.
pub const NUMBER_LEN_MAX: usize = 32;
/// Longest text that is looked at as a card number, separators included.
const TEXT_LEN_MAX: usize = 64;
/// Serials of one prefix: ten digits.
pub const SERIALS: u64 = 10_000_000_000;
/// Digits of an EAN-13.
const EAN_LEN: usize = 13;

/// Why a text or a number is not a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardNumberError {
    /// Fewer than [`NUMBER_LEN_MIN`] or more than [`NUMBER_LEN_MAX`] characters.
    #[error("a card number has 4 to 32 characters")]
    Length,
    /// Something other than Latin letters and digits.
    #[error("a card number has only Latin letters and digits")]
    Character,
    /// Not thirteen digits with an in-store prefix.
    #[error("not a thirteen-digit number that begins with 20 to 29")]
    NotInStore,
    /// The check digit does not fit: mistyped.
    #[error("the card number is mistyped: its check digit does not fit")]
    CheckDigit,
    /// The prefix is outside 20 to 29.
    #[error("an in-store prefix is from 20 to 29")]
    Prefix,
    /// All ten thousand million numbers of the prefix are issued.
    #[error("the prefix has no free numbers left")]
    Exhausted,
}

/// The number of any card, virtual or plastic, in its one normal form: Latin capitals and digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardNumber(String);

impl CardNumber {
    /// Reads a number as typed or scanned: spaces and hyphens are dropped, letters become capitals.
    ///
    /// # Errors
    /// When what is left is too short, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, CardNumberError> {
        if text.len() > TEXT_LEN_MAX {
            return Err(CardNumberError::Length);
        }
        let mut number = String::with_capacity(EAN_LEN);
        for c in text.chars().filter(|&c| !c.is_whitespace() && c != '-') {
            if !c.is_ascii_alphanumeric() {
                return Err(CardNumberError::Character);
            }
            number.push(c.to_ascii_uppercase());
        }
        if (NUMBER_LEN_MIN..=NUMBER_LEN_MAX).contains(&number.len()) {
            Ok(Self(number))
        } else {
            Err(CardNumberError::Length)
        }
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same number as an in-store EAN-13, when it is one.
    #[must_use]
    pub fn ean13(&self) -> Option<Ean13> {
        Ean13::parse(&self.0).ok()
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The end only: who holds the number can collect and, where a programme allows it, spend.
impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber(•••{})", &self.0[self.0.len() - NUMBER_LEN_MIN..])
    }
}

impl From<Ean13> for CardNumber {
    fn from(ean: Ean13) -> Self {
        Self(ean.to_string())
    }
}

/// An EAN-13 with an in-store prefix and a check digit that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ean13(u64);

impl Ean13 {
    /// Reads thirteen digits, nothing else.
    ///
    /// # Errors
    /// When there are not thirteen digits, the prefix is not in-store, or the check digit does not fit.
    pub fn parse(text: &str) -> Result<Self, CardNumberError> {
        if text.len() != EAN_LEN || !text.bytes().all(|byte| byte.is_ascii_digit()) || !text.starts_with('2')
        {
            return Err(CardNumberError::NotInStore);
        }
        let number = text.bytes().fold(0, |number, byte| number * 10 + u64::from(byte - b'0'));
        if check_digit(number / 10) == number % 10 {
            Ok(Self(number))
        } else {
            Err(CardNumberError::CheckDigit)
        }
    }

    /// The thirteen digits.
    #[must_use]
    pub fn digits(self) -> [u8; EAN_LEN] {
        let mut left = self.0;
        let mut digits = [0; EAN_LEN];
        for digit in digits.iter_mut().rev() {
            *digit = (left % 10) as u8;
            left /= 10;
        }
        digits
    }

    fn new(prefix: Prefix, body: u64) -> Self {
        let twelve = u64::from(prefix.0) * SERIALS + body;
        Self(twelve * 10 + check_digit(twelve))
    }
}

impl fmt::Display for Ean13 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

/// The check digit over twelve digits: weights 1, 3, 1, 3… from the left.
const fn check_digit(twelve: u64) -> u64 {
    let mut left = twelve;
    let mut weight = 3;
    let mut sum = 0;
    while left > 0 {
        sum += left % 10 * weight;
        left /= 10;
        weight = 4 - weight;
    }
    (10 - sum % 10) % 10
}

/// The two digits before the shuffled ten: 20 to 29, a chain's own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix(u8);

impl Prefix {
    /// Checks the range.
    ///
    /// # Errors
    /// Outside 20 to 29.
    pub const fn new(prefix: u8) -> Result<Self, CardNumberError> {
        if prefix >= 20 && prefix <= 29 { Ok(Self(prefix)) } else { Err(CardNumberError::Prefix) }
    }
}

/// The keyed shuffle of serials into card numbers, and back.
#[derive(Debug, Clone)]
pub struct Shuffle {
    key: Key,
    prefix: Prefix,
}

impl Shuffle {
    /// With the key for [`crate::secrets::Purpose::CardNumbers`]. Each prefix has a shuffle of its own.
    #[must_use]
    pub const fn new(key: Key, prefix: Prefix) -> Self {
        Self { key, prefix }
    }

    /// The number of the card with this serial. Different serials have different numbers.
    ///
    /// # Errors
    /// When the serial is [`SERIALS`] or more.
    pub fn number(&self, serial: u64) -> Result<Ean13, CardNumberError> {
        if serial >= SERIALS {
            return Err(CardNumberError::Exhausted);
        }
        Ok(Ean13::new(self.prefix, self.feistel().permute(serial)))
    }

    /// The serial of a card of this shuffle; `None` for another prefix.
    #[must_use]
    pub fn serial(&self, number: Ean13) -> Option<u64> {
        let twelve = number.0 / 10;
        (twelve / SERIALS == u64::from(self.prefix.0)).then(|| self.feistel().invert(twelve % SERIALS))
    }

    fn feistel(&self) -> Feistel<'_> {
        Feistel { half: 100_000, key: &self.key, tweak: self.prefix.0 }
    }
}

/// Rounds of the network; the NIST standard FF1 takes ten as well.
const ROUNDS: u8 = 10;

/// A Feistel network over `0..half * half`, in the shape of FF1: two halves, each round adds a keyed function of one
/// to the other modulo `half`. A bijection for whatever function, exactly on the decimal domain: no cycle-walking.
struct Feistel<'a> {
    half: u64,
    key: &'a Key,
    tweak: u8,
}

impl Feistel<'_> {
    fn permute(&self, value: u64) -> u64 {
        let (mut left, mut right) = (value / self.half, value % self.half);
        for round in 0..ROUNDS {
            (left, right) = (right, (left + self.round(round, right)) % self.half);
        }
        left * self.half + right
    }

    fn invert(&self, value: u64) -> u64 {
        let (mut left, mut right) = (value / self.half, value % self.half);
        for round in (0..ROUNDS).rev() {
            (left, right) = ((right + self.half - self.round(round, left)) % self.half, left);
        }
        left * self.half + right
    }

    /// The bias of taking 64 bits modulo at most 10^5 is below 2^-47.
    fn round(&self, round: u8, input: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] =
            hash::hmac_sha256_framed(self.key.bytes(), &[&[self.tweak, round], &input.to_be_bytes()]);
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) % self.half
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuffle(key: u8, prefix: u8) -> Shuffle {
        Shuffle::new(Key::from_bytes([key; 32]), Prefix::new(prefix).expect("a prefix"))
    }

    #[test]
    fn check_digits() {
        for (text, good) in [
            ("2900000012349", true),
            ("2900000012348", false),
            ("2000000000008", true),
            ("4006381333931", false), // a product's: right check digit, foreign prefix
            ("290000001234", false),
            ("29000000123490", false),
            ("290000001234x", false),
            ("２９０００", false),
        ] {
            assert_eq!(Ean13::parse(text).map(|ean| ean.to_string()).ok().as_deref(), good.then_some(text));
        }
        assert_eq!(Ean13::parse("2900000012348"), Err(CardNumberError::CheckDigit));
        assert_eq!(
            Ean13::parse("2900000012349").map(Ean13::digits),
            Ok([2, 9, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 9])
        );
        assert!(Prefix::new(19).is_err() && Prefix::new(30).is_err());
    }

    /// On a small domain every value is tried: each comes out exactly once, and comes back.
    #[test]
    fn the_network_is_a_bijection() {
        for half in [2_u64, 10, 31, 100] {
            let key = Key::from_bytes([half as u8; 32]);
            let feistel = Feistel { half, key: &key, tweak: 29 };
            let mut seen = vec![false; (half * half) as usize];
            for value in 0..half * half {
                let permuted = feistel.permute(value);
                assert!(!std::mem::replace(&mut seen[permuted as usize], true), "{half}: {value}");
                assert_eq!(feistel.invert(permuted), value);
            }
        }
    }

    #[test]
    fn neighbours_are_far_apart_and_keys_matter() {
        let numbers: Vec<Ean13> =
            (0..1_000).map(|serial| shuffle(1, 29).number(serial).expect("free")).collect();
        let ascending = numbers.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((400..600).contains(&ascending), "{ascending} of 999 ascend; about half would");
        let mean_gap = numbers.windows(2).map(|pair| pair[0].0.abs_diff(pair[1].0) / 10).sum::<u64>() / 999;
        assert!(mean_gap > SERIALS / 5, "{mean_gap}; a third of the domain is expected");
        assert_ne!(shuffle(1, 29).number(0), shuffle(2, 29).number(0));
        let body = |shuffle: Shuffle| shuffle.number(7).map(|ean| ean.0 / 10 % SERIALS);
        assert_ne!(body(shuffle(1, 29)), body(shuffle(1, 28)));
    }

    /// Issued cards depend on the shuffle: this vector must never change.
    #[test]
    fn the_shuffle_is_pinned() {
        let numbers: Vec<String> =
            [0, 1, SERIALS - 1].map(|serial| shuffle(1, 29).number(serial).expect("free").to_string()).into();
        assert_eq!(numbers, ["2947445459186", "2949805644607", "2957160082880"]);
        assert_eq!(shuffle(1, 29).number(SERIALS), Err(CardNumberError::Exhausted));
    }

    #[test]
    fn normalises_plastic_numbers() {
        for (text, expected) in [
            (" 2900 0000 1234 9 ", Ok("2900000012349")),
            ("ab-12", Ok("AB12")),
            ("0001", Ok("0001")),
            ("123", Err(CardNumberError::Length)),
            ("", Err(CardNumberError::Length)),
            ("АВ12", Err(CardNumberError::Character)), // Cyrillic letters
            ("12_34", Err(CardNumberError::Character)),
            (";1234?", Err(CardNumberError::Character)),
        ] {
            assert_eq!(
                CardNumber::parse(text).as_ref().map(CardNumber::as_str).map_err(|&e| e),
                expected,
                "{text:?}"
            );
        }
        assert!(CardNumber::parse(&"1".repeat(32)).is_ok());
        assert!(CardNumber::parse(&"1".repeat(33)).is_err());
        assert!(CardNumber::parse(&format!("1234{}", " ".repeat(100))).is_err());
        let number = CardNumber::parse("2900000012349").expect("a number");
        assert_eq!(format!("{number:?}"), "CardNumber(•••2349)");
        assert!(number.ean13().is_some());
    }

    proptest::proptest! {
        #[test]
        fn numbers_come_back_as_serials(serial in 0..SERIALS, key: u8, prefix in 20_u8..30) {
            let number = shuffle(key, prefix).number(serial).expect("free");
            proptest::prop_assert_eq!(Ean13::parse(&number.to_string()), Ok(number));
            proptest::prop_assert_eq!(shuffle(key, prefix).serial(number), Some(serial));
            proptest::prop_assert_eq!(shuffle(key, prefix ^ 1).serial(number), None);
        }
    }
}

//! Numbers as iiko sends them, by their decimal text.
//!
//! JSON numbers here are doubles in the sender's hands (`279.000000000`, `206.15`). Their shortest decimal text is what
//! was meant; from there on everything is integer.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Digits that are looked at; a double has 17.
const DIGITS_MAX: usize = 40;

/// A number in the wire format: the decimal text that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Num(String);

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::String(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("not a number")),
        }
    }
}

impl Num {
    /// As a count of 10^-`scale`, rounded half away from zero; none when it is no number or out of range.
    #[must_use]
    pub fn scaled(&self, scale: u32) -> Option<i64> {
        let (mantissa, exponent) = match self.0.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (self.0.as_str(), 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if whole.is_empty() || all.len() > DIGITS_MAX || !all.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // How many of the digits stand before the point once the number is multiplied by 10^scale.
        let kept = i32::try_from(whole.len()).ok()? + exponent + i32::try_from(scale).ok()?;
        let mut value: i64 = 0;
        for place in 0..kept.min(i32::try_from(DIGITS_MAX).ok()?) {
            let digit =
                usize::try_from(place).ok().and_then(|place| all.get(place)).map_or(0, |byte| byte - b'0');
            value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
        }
        let next = usize::try_from(kept).ok().and_then(|place| all.get(place));
        if next.is_some_and(|byte| *byte >= b'5') {
            value = value.checked_add(1)?;
        }
        Some(if negative { -value } else { value })
    }

    /// As a whole number that is not negative, rounded down.
    #[must_use]
    pub fn floor_u32(&self) -> u32 {
        let thousandths = self.scaled(3).unwrap_or(0).max(0);
        u32::try_from(thousandths / 1_000).unwrap_or(u32::MAX)
    }
}

/// A list that may be missing or null.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}

/// A value that may be null where its default is meant.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_integers_by_their_text() {
        let rows = [
            ("199.0", 2, Some(19_900)),
            ("279.000000000", 2, Some(27_900)),
            ("0", 2, Some(0)),
            ("4.35", 2, Some(435)),
            ("1.005", 2, Some(101)),
            ("0.1", 2, Some(10)),
            ("-0.005", 2, Some(-1)),
            ("206.15", 3, Some(206_150)),
            ("69.24964", 3, Some(69_250)),
            ("1e2", 2, Some(10_000)),
            ("1.5e-7", 3, Some(0)),
            ("5e-3", 2, Some(1)),
            ("\"12.50\"", 2, Some(1_250)),
            ("999999999999.99", 2, Some(99_999_999_999_999)),
            ("1e300", 2, None),
            ("\"twelve\"", 2, None),
        ];
        for (text, scale, expected) in rows {
            let number: Num = serde_json::from_str(text).expect("a number");
            assert_eq!(number.scaled(scale), expected, "{text}");
        }
        assert!(serde_json::from_str::<Num>("{}").is_err());
    }
}

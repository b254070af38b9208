//! Money as JSON numbers, which is how iiko wants it. It goes through decimal text, as in [`crate::number`]: nothing is
//! calculated in binary fractions.

use serde_json::Number;

/// Minor units of a currency with two digits, as a JSON number.
///
/// # Panics
/// Never: a decimal of at most nineteen digits is a JSON number.
#[must_use]
pub fn from_minor(minor: i64) -> Number {
    let sign = if minor < 0 { "-" } else { "" };
    let magnitude = minor.unsigned_abs();
    let (whole, part) = (magnitude / 100, magnitude % 100);
    let text = if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:02}") };
    text.parse().expect("a decimal is a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Num;

    #[test]
    fn writes_every_kopeck() {
        for (minor, text) in
            [(19_900, "199"), (19_950, "199.5"), (1, "0.01"), (-5, "-0.05"), (0, "0"), (10_010, "100.1")]
        {
            assert_eq!(from_minor(minor).to_string(), text);
        }
        for minor in (0..200_000).chain([99_999_999_999, 12_345_678_901]) {
            let read: Num = serde_json::from_str(&from_minor(minor).to_string()).expect("a number");
            assert_eq!(read.scaled(2), Some(minor));
        }
    }
}

//! Money in integer minor units, with its currency inside.

use std::fmt;

use crate::{Overflow, ParseError, split};

/// A currency the chain trades in. Closed on purpose: a typo in a price list must not open a new currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Currency {
    Amd,
    Byn,
    Eur,
    Gel,
    Kgs,
    Kzt,
    Rub,
    Usd,
    Uzs,
}

impl Currency {
    /// Every currency, in code order.
    pub const ALL: [Self; 9] =
        [Self::Amd, Self::Byn, Self::Eur, Self::Gel, Self::Kgs, Self::Kzt, Self::Rub, Self::Usd, Self::Uzs];

    /// ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Amd => "AMD",
            Self::Byn => "BYN",
            Self::Eur => "EUR",
            Self::Gel => "GEL",
            Self::Kgs => "KGS",
            Self::Kzt => "KZT",
            Self::Rub => "RUB",
            Self::Usd => "USD",
            Self::Uzs => "UZS",
        }
    }

    /// Digits after the decimal point (ISO 4217 gives 2 to all of these).
    #[must_use]
    pub const fn exponent(self) -> u32 {
        2
    }

    /// Reads an ISO 4217 code in capitals.
    ///
    /// # Errors
    /// When the chain does not trade in that currency.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == code)
            .ok_or(ParseError("unknown currency; use an ISO 4217 code such as RUB or KZT"))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money: whole minor units (kopecks, tiyn, cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency inside.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// True below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Sum. `None` when the currencies differ or the sum overflows.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.same(other)?;
        Some(Self::new(self.minor.checked_add(other.minor)?, self.currency))
    }

    /// Difference. `None` when the currencies differ or the difference overflows.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.same(other)?;
        Some(Self::new(self.minor.checked_sub(other.minor)?, self.currency))
    }

    /// Shares the amount out in proportion to `weights`; the parts sum to the whole (see [`split::largest_remainder`]).
    ///
    /// # Errors
    /// When a weight is negative, or all are zero while there is something to share.
    pub fn allocate(self, weights: &[i64]) -> Result<Vec<Self>, Overflow> {
        let parts = split::largest_remainder(self.minor, weights)?;
        Ok(parts.into_iter().map(|minor| Self::new(minor, self.currency)).collect())
    }

    /// Reads a decimal string such as `210`, `210.5` or `210.00`.
    ///
    /// # Errors
    /// When it is no plain decimal, is finer than the currency's minor unit, or is out of range.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, ParseError> {
        Ok(Self::new(parse_fixed(amount, currency.exponent())?, currency))
    }

    /// The amount as a decimal string with all the currency's digits: `210.00`.
    #[must_use]
    pub fn amount(self) -> String {
        format_fixed(self.minor, self.currency.exponent())
    }

    fn same(self, other: Self) -> Option<()> {
        (self.currency == other.currency).then_some(())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// Longest decimal text that is looked at; `i64` needs 20 characters.
const DECIMAL_LEN_MAX: usize = 32;

/// Reads a plain decimal (`-12.5`; no exponent, no spaces, no leading `+`) as an integer count of 10^-`scale`.
pub(crate) fn parse_fixed(text: &str, scale: u32) -> Result<i64, ParseError> {
    const SHAPE: ParseError = ParseError("not a decimal number such as 210.00");
    if text.len() > DECIMAL_LEN_MAX {
        return Err(SHAPE);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(SHAPE),
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(SHAPE);
    }
    let (kept, beyond) = fraction.split_at(fraction.len().min(scale as usize));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err(ParseError("too many digits after the decimal point"));
    }
    let mut value: i64 = 0;
    let padding = std::iter::repeat_n(b'0', scale as usize - kept.len());
    for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit - b'0')))
            .ok_or(ParseError("the number is out of range"))?;
    }
    Ok(if negative { -value } else { value })
}

/// Writes an integer count of 10^-`scale` as a decimal with exactly `scale` digits after the point.
pub(crate) fn format_fixed(value: i64, scale: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let unit = 10_u64.pow(scale);
    let magnitude = value.unsigned_abs();
    if scale == 0 {
        return format!("{sign}{magnitude}");
    }
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = scale as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_decimals() {
        let rows = [
            ("210", Some(21_000)),
            ("210.5", Some(21_050)),
            ("210.50", Some(21_050)),
            ("210.500", Some(21_050)),
            ("0.01", Some(1)),
            ("-0.01", Some(-1)),
            ("0", Some(0)),
            ("92233720368547758.07", Some(i64::MAX)),
            ("92233720368547758.08", None),
            ("210.501", None),
            ("1e3", None),
            ("+1", None),
            ("1.", None),
            (".5", None),
            ("", None),
            ("-", None),
            (" 1", None),
            ("1,5", None),
            ("٣", None),
        ];
        for (text, expected) in rows {
            let got = Money::parse(text, Currency::Rub).ok().map(Money::minor);
            assert_eq!(got, expected, "{text:?}");
        }
        assert_eq!(Money::new(-5, Currency::Kzt).to_string(), "-0.05 KZT");
        assert_eq!(Money::new(21_000, Currency::Rub).amount(), "210.00");
    }

    #[test]
    fn refuses_to_mix_currencies() {
        let rub = Money::new(1, Currency::Rub);
        assert_eq!(rub.checked_add(Money::new(1, Currency::Kzt)), None);
        assert_eq!(rub.checked_sub(Money::new(1, Currency::Kzt)), None);
        assert_eq!(Money::new(i64::MAX, Currency::Rub).checked_add(rub), None);
    }

    proptest::proptest! {
        #[test]
        fn decimal_round_trip(minor: i64) {
            proptest::prop_assume!(minor != i64::MIN);
            let money = Money::new(minor, Currency::Usd);
            proptest::prop_assert_eq!(Money::parse(&money.amount(), Currency::Usd), Ok(money));
        }
    }
}

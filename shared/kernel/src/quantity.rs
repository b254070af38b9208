//! Quantities of goods and rates.

use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::{format_fixed, parse_fixed};
use crate::{Overflow, ParseError};

/// Digits after the decimal point of a quantity: grams of a kilogram.
pub const QUANTITY_SCALE: u32 = 3;
/// Digits after the decimal point of a rate.
pub const RATE_SCALE: u32 = 6;

/// How many of a product, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// From thousandths.
    #[must_use]
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// Thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// True when it counts whole pieces.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0 % 1_000 == 0
    }

    /// Reads a decimal such as `2` or `0.350`.
    ///
    /// # Errors
    /// When it is no plain decimal, is finer than thousandths, or is out of range.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_fixed(text, QUANTITY_SCALE).map(Self)
    }

    /// `unit_price × self`, rounded half away from zero to the minor unit: what a till prints for the line.
    ///
    /// # Errors
    /// When the product is out of range.
    pub fn price(self, unit_price_minor: i64) -> Result<i64, Overflow> {
        mul_div_half_up(unit_price_minor, self.0, 1_000)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            write!(f, "{}", self.0 / 1_000)
        } else {
            f.write_str(&format_fixed(self.0, QUANTITY_SCALE))
        }
    }
}

/// A share or a multiplier, in millionths: `0.05` is five percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// One: the whole.
    pub const ONE: Self = Self(1_000_000);

    /// From millionths.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// Millionths.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// Reads a decimal such as `0.05`.
    ///
    /// # Errors
    /// When it is no plain decimal, is finer than millionths, or is out of range.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_fixed(text, RATE_SCALE).map(Self)
    }

    /// `amount × self`, rounded down: the rounding for anything granted to a guest or allowed to be spent, so
    /// that two small receipts never give more than one large one.
    ///
    /// # Errors
    /// When the product is out of range.
    pub fn of_floor(self, amount: i64) -> Result<i64, Overflow> {
        let product = i128::from(amount) * i128::from(self.0);
        i64::try_from(product.div_euclid(1_000_000)).map_err(|_| Overflow)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = Decimal::new(self.0, RATE_SCALE).normalize();
        write!(f, "{decimal}")
    }
}

/// `a × b ÷ divisor`, rounded half away from zero.
///
/// # Errors
/// When the result is out of range. `divisor` must be positive.
pub fn mul_div_half_up(a: i64, b: i64, divisor: i64) -> Result<i64, Overflow> {
    if divisor <= 0 {
        return Err(Overflow);
    }
    let (product, divisor) = (i128::from(a) * i128::from(b), i128::from(divisor));
    let rounded = (product.abs() * 2 + divisor) / (divisor * 2) * product.signum();
    i64::try_from(rounded).map_err(|_| Overflow)
}

/// `a × b ÷ divisor`, rounded down (towards minus infinity).
///
/// # Errors
/// When the result is out of range. `divisor` must be positive.
pub fn mul_div_floor(a: i64, b: i64, divisor: i64) -> Result<i64, Overflow> {
    if divisor <= 0 {
        return Err(Overflow);
    }
    i64::try_from((i128::from(a) * i128::from(b)).div_euclid(i128::from(divisor))).map_err(|_| Overflow)
}

/// Rounds a decimal half away from zero to an integer count of 10^-`scale`.
///
/// # Errors
/// When the result is out of range.
pub fn decimal_to_fixed(value: Decimal, scale: u32) -> Result<i64, Overflow> {
    let factor = Decimal::from(10_i64.pow(scale));
    let scaled = value.checked_mul(factor).ok_or(Overflow)?;
    scaled.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().ok_or(Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_price_rounds_half_away_from_zero() {
        let rows = [
            ("2", 250, 500),
            ("0.350", 1999, 700),
            ("0.5", 1, 1),
            ("0.499", 1, 0),
            ("1", -1, -1),
            ("0.5", -1, -1),
        ];
        for (quantity, price, expected) in rows {
            let quantity = Quantity::parse(quantity).expect("a quantity");
            assert_eq!(quantity.price(price), Ok(expected), "{quantity} x {price}");
        }
        assert_eq!(Quantity::from_thousandths(i64::MAX).price(i64::MAX), Err(Overflow));
    }

    #[test]
    fn rate_floors() {
        let rate = Rate::parse("0.05").expect("a rate");
        assert_eq!(rate.of_floor(1999), Ok(99));
        assert_eq!(rate.of_floor(-1), Ok(-1));
        assert_eq!(rate.to_string(), "0.05");
        assert_eq!(Quantity::from_thousandths(2_000).to_string(), "2");
        assert_eq!(Quantity::from_thousandths(350).to_string(), "0.350");
    }
}

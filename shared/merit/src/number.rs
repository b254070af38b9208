//! Exact numbers: decimals as people write them, fractions as they are computed with.

use std::fmt;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Gap;

/// Most digits after the point of a number in a goal.
pub const SCALE_MAX: u32 = 6;
/// Largest magnitude of a number in a goal.
pub const MAGNITUDE_MAX: i64 = 1_000_000_000_000;
/// Digits after the point that are shown of a fraction.
const SHOWN_DIGITS: u32 = 4;

/// A fraction. Reduced, with a positive denominator; every operation is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(Ratio<i128>);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self(Ratio::new_raw(0, 1));
    /// The whole.
    pub const ONE: Self = Self(Ratio::new_raw(1, 1));

    /// `numerator / denominator`.
    ///
    /// # Errors
    /// [`Gap::NothingYet`] when the denominator is zero.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, Gap> {
        if denominator == 0 {
            return Err(Gap::NothingYet);
        }
        Ok(Self(Ratio::new(numerator, denominator)))
    }

    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self(Ratio::from_integer(i128::from(number)))
    }

    /// Numerator and denominator.
    #[must_use]
    pub const fn parts(&self) -> (i128, i128) {
        (*self.0.numer(), *self.0.denom())
    }

    /// Sum.
    ///
    /// # Errors
    /// [`Gap::OutOfRange`]; so in the next three.
    pub fn plus(self, other: Self) -> Result<Self, Gap> {
        self.0.checked_add(&other.0).map(Self).ok_or(Gap::OutOfRange)
    }

    /// Difference.
    ///
    /// # Errors
    /// See [`Self::plus`].
    pub fn minus(self, other: Self) -> Result<Self, Gap> {
        self.0.checked_sub(&other.0).map(Self).ok_or(Gap::OutOfRange)
    }

    /// Product.
    ///
    /// # Errors
    /// See [`Self::plus`].
    pub fn times(self, other: Self) -> Result<Self, Gap> {
        self.0.checked_mul(&other.0).map(Self).ok_or(Gap::OutOfRange)
    }

    /// Quotient.
    ///
    /// # Errors
    /// See [`Self::plus`]; [`Gap::NothingYet`] when `other` is zero.
    pub fn over(self, other: Self) -> Result<Self, Gap> {
        if other.0.is_zero() {
            return Err(Gap::NothingYet);
        }
        self.0.checked_div(&other.0).map(Self).ok_or(Gap::OutOfRange)
    }
}

/// For people: at most four digits after the point, half up, without trailing zeros. Nothing is decided by it.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_i128.pow(SHOWN_DIGITS);
        let (numerator, denominator) = self.parts();
        let (whole, rest) = (numerator.abs() / denominator, numerator.abs() % denominator);
        let Some(doubled) = rest.checked_mul(2 * scale) else {
            return write!(f, "{}", numerator / denominator);
        };
        let mut digits = (doubled / denominator + 1) / 2;
        let whole = whole + digits / scale;
        digits %= scale;
        if numerator < 0 && (whole, digits) != (0, 0) {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        let mut width = SHOWN_DIGITS as usize;
        while digits != 0 && digits % 10 == 0 {
            digits /= 10;
            width -= 1;
        }
        if digits != 0 {
            write!(f, ".{digits:0width$}")?;
        }
        Ok(())
    }
}

/// A decimal in a goal: `"1.85"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(Decimal);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GoalNumber".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$" })
    }
}

impl Number {
    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self(Decimal::from(number))
    }

    /// Reads a decimal.
    ///
    /// # Errors
    /// When it is none, too large, or has too many digits after the point.
    pub fn parse(text: &str) -> Result<Self, kernel::ParseError> {
        const SHAPE: kernel::ParseError =
            kernel::ParseError("a decimal such as 1.85, with at most 6 digits after the point");
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
        let number = Decimal::from_str_exact(text).map_err(|_| SHAPE)?;
        let fits = plain && number.scale() <= SCALE_MAX && number.abs() <= Decimal::from(MAGNITUDE_MAX);
        fits.then_some(Self(number)).ok_or(SHAPE)
    }

    /// The same as a fraction.
    #[must_use]
    pub fn fraction(self) -> Fraction {
        Fraction(Ratio::new(self.0.mantissa(), 10_i128.pow(self.0.scale())))
    }
}

impl TryFrom<String> for Number {
    type Error = kernel::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0.to_string()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

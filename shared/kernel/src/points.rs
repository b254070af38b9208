//! Points: the unit of a loyalty balance, in hundredths.

use std::fmt;

use crate::ParseError;
use crate::money::{format_fixed, parse_fixed};

/// Digits after the decimal point of a point.
pub const POINTS_SCALE: u32 = 2;

/// An amount of points, held as whole hundredths.
///
/// Points of different programmes never meet: the ledger keeps the unit (`points:<brand>`) beside the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a point.
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// Hundredths of a point.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// True for exactly none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// True above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Sum, or `None` on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or `None` on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Reads a decimal string such as `12` or `12.50`.
    ///
    /// # Errors
    /// When it is no plain decimal, has more than two digits after the point, or is out of range.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_fixed(text, POINTS_SCALE).map(Self)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_fixed(self.0, POINTS_SCALE))
    }
}

//! Staff goals: what is measured, when a goal is reached, who is ahead, what is awarded.
//!
//! Everything is counted in integers ([`facts`]) and compared as exact fractions ([`number`]): two baristas with 7/4 and
//! 14/8 items per receipt are equal, and no rounding decides an award.
//!
//! Reading order: [`facts`] (what was counted), [`metric`] (closed set of measures), [`formula`] (a small typed tree over
//! them), [`goal`] (the rules as data), [`period`], [`score`] (how far along), [`ranking`] (fair places), [`award`]
//! (who gets what, with its arithmetic).
//!
//! Architecture invariant: no I/O, no clock, no floating point.

pub mod award;
pub mod check;
pub mod facts;
pub mod formula;
pub mod goal;
pub mod metric;
pub mod number;
pub mod period;
pub mod ranking;
pub mod score;
mod words;

/// Why a value cannot be worked out, though the goal is lawful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Gap {
    /// Nothing to divide by: no receipts, no ratings, no hours, no plan.
    #[error("nothing to measure yet")]
    NothingYet,
    /// The sum is of several currencies.
    #[error("several currencies cannot be compared")]
    Currencies,
    /// The number left the range that is computed with.
    #[error("the number is out of range")]
    OutOfRange,
}

impl Gap {
    /// The name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NothingYet => "nothing_yet",
            Self::Currencies => "currencies",
            Self::OutOfRange => "out_of_range",
        }
    }
}

//! Why a decision was refused.

use kernel::{Currency, Money, Overflow, Points, Quantity};

use crate::redemption::Limit;

/// Why a decision was refused: closed, with the data a reply needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The programme gives points no value in this currency.
    #[error("the programme does not run in {currency}")]
    CurrencyNotInProgramme { currency: Currency },
    /// Money of two currencies met.
    #[error("{found} where {expected} is expected")]
    CurrencyDiffers { expected: Currency, found: Currency },
    /// Fewer points than the programme lets a guest spend at once.
    #[error("{asked} points asked, at least {min} can be spent")]
    BelowMinimum { min: Points, asked: Points },
    /// Not a multiple of the redemption step.
    #[error("{asked} points asked, not a multiple of {step}")]
    NotAStep { step: Points, asked: Points },
    /// More points than this receipt or this balance allows.
    #[error("{asked} points asked, {max} allowed")]
    AboveAllowance { max: Points, asked: Points, limit: Limit },
    /// A static code was shown and the programme wants a rotating one for spending.
    #[error("a static code may not spend points")]
    StaticCode,
    /// The points are worth less than the smallest coin.
    #[error("{asked} points are worth nothing in this currency")]
    WorthNothing { asked: Points },
    /// The receipt has no such line.
    #[error("the receipt has no line {line_no}")]
    UnknownLine { line_no: u32 },
    /// A line is named twice in one return.
    #[error("line {line_no} is named twice")]
    DuplicateLine { line_no: u32 },
    /// More than what is left of a line after earlier returns.
    #[error("line {line_no}: {asked} asked, {left} left to return")]
    MoreThanLeft { line_no: u32, left: Quantity, asked: Quantity },
    /// A returned quantity is zero or negative.
    #[error("line {line_no}: {asked} is no quantity to return")]
    NotPositive { line_no: u32, asked: Quantity },
    /// A part of a piece of something sold in whole pieces.
    #[error("line {line_no}: sold in whole pieces, {asked} asked")]
    Fractional { line_no: u32, asked: Quantity },
    /// A return names no line.
    #[error("nothing to return")]
    NothingToReturn,
    /// No tier of the programme has this code.
    #[error("the programme has no such tier")]
    UnknownTier,
    /// An amount left the range that 64 bits hold, or the money of a stored line does not add up.
    #[error("an amount is out of range")]
    Overflow,
}

impl From<Overflow> for Refusal {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

/// `a + b`, which must be in one currency.
pub(crate) fn add(a: Money, b: Money) -> Result<Money, Refusal> {
    same_currency(a, b)?;
    a.checked_add(b).ok_or(Refusal::Overflow)
}

/// `a - b`, which must be in one currency.
pub(crate) fn sub(a: Money, b: Money) -> Result<Money, Refusal> {
    same_currency(a, b)?;
    a.checked_sub(b).ok_or(Refusal::Overflow)
}

fn same_currency(a: Money, b: Money) -> Result<(), Refusal> {
    if a.currency() == b.currency() {
        Ok(())
    } else {
        Err(Refusal::CurrencyDiffers { expected: a.currency(), found: b.currency() })
    }
}

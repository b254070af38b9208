//! What is wrong with a body, and where: every problem at once, each with a JSON pointer.

use kernel::{Currency, Money, Points};

mod text;

/// One thing wrong with a programme or a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) into the body, such as `/lines/0/amount`.
    pub pointer: String,
    pub fault: Fault,
}

impl Problem {
    pub(crate) fn new(pointer: impl Into<String>, fault: Fault) -> Self {
        Self { pointer: pointer.into(), fault }
    }
}

/// What is wrong at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A text or list that must not be empty is.
    Empty,
    /// A text is longer than `max` characters.
    TooLong { max: usize },
    /// A list has more than `max` items.
    TooMany { max: usize },
    /// A code has other characters than `a-z`, `0-9`, `-` and `_`.
    BadCode,
    /// The same thing occurs earlier in the body.
    Duplicate,
    /// A share is not between 0 and 1.
    RateOutOfRange,
    /// Zero or less where more is needed.
    NotPositive,
    /// Below zero.
    Negative,
    /// A count is above its limit.
    AboveMax { max: u32 },
    /// Points are above their limit.
    PointsAboveMax { max: Points },
    /// Money is above its limit.
    MoneyAboveMax { max: Money },
    /// A quantity is above its limit, in whole units.
    QuantityAboveMax { max: i64 },
    /// Points that are not a multiple of the step.
    NotAStep { step: Points },
    /// A currency for which points have no value.
    NoPointValue { currency: Currency },
    /// A tier has no threshold in a currency of the programme.
    NoThreshold { currency: Currency },
    /// A tier's threshold is not above that of the tier before.
    NotIncreasing { currency: Currency },
    /// The entry tier has a threshold.
    EntryTier,
    /// No such time zone.
    UnknownZone,
    /// Money in another currency than the outlet's.
    WrongCurrency { expected: Currency },
    /// A discount is larger than price × quantity.
    DiscountAboveList { list: Money },
    /// A line's amount is not price × quantity less the discount.
    AmountDiffers { expected: Money },
    /// The payments do not sum to the lines less the rounding.
    PaymentsDiffer { due: Money, paid: Money },
    /// The part paid with points is not what the captured points are worth.
    PointsPaymentDiffers { worth: Money },
    /// A part of a piece of something sold in whole pieces.
    Fractional,
    /// A time in the future.
    InFuture,
    /// A time more than so many days ago.
    TooOld { days: u32 },
    /// The business date is more than a day away from the sale.
    BusinessDateOff,
}

impl Fault {
    /// Stable name of the fault on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::TooMany { .. } => "too_many",
            Self::BadCode => "bad_code",
            Self::Duplicate => "duplicate",
            Self::RateOutOfRange => "rate_out_of_range",
            Self::NotPositive => "not_positive",
            Self::Negative => "negative",
            Self::AboveMax { .. }
            | Self::PointsAboveMax { .. }
            | Self::MoneyAboveMax { .. }
            | Self::QuantityAboveMax { .. } => "above_max",
            Self::NotAStep { .. } => "not_a_step",
            Self::NoPointValue { .. } => "no_point_value",
            Self::NoThreshold { .. } => "no_threshold",
            Self::NotIncreasing { .. } => "not_increasing",
            Self::EntryTier => "entry_tier",
            Self::UnknownZone => "unknown_zone",
            Self::WrongCurrency { .. } => "wrong_currency",
            Self::DiscountAboveList { .. } => "discount_above_list",
            Self::AmountDiffers { .. } => "amount_differs",
            Self::PaymentsDiffer { .. } => "payments_differ",
            Self::PointsPaymentDiffers { .. } => "points_payment_differs",
            Self::Fractional => "fractional",
            Self::InFuture => "in_future",
            Self::TooOld { .. } => "too_old",
            Self::BusinessDateOff => "business_date_off",
        }
    }
}

//! Why something is not done.

use kernel::{Money, Timestamp};
use membership::rotating_code::Unproven;
use store::StoreError;

/// Why a time is no shift's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    #[error("the time is in the future")]
    Ahead,
    #[error("the time is more than 90 days ago")]
    Long,
    #[error("the end is not after the beginning")]
    Backwards,
    #[error("a shift is at most 24 hours long")]
    Endless,
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] club::Refusal),
    #[error("no such brand")]
    UnknownBrand,
    #[error("no such goal")]
    UnknownGoal,
    #[error("no such outlet")]
    UnknownOutlet,
    #[error("nobody active has this staff code")]
    UnknownStaff,
    /// The goal's rules do not make sense.
    #[error("the goal's rules do not make sense")]
    Rules(Vec<merit::check::Problem>),
    /// Whose subject or period changes is another goal.
    #[error("a goal keeps its subject and its period; make another goal")]
    OtherGoal,
    /// A period that has begun is judged by the rules it began with.
    #[error("effective_on must be after today")]
    EffectiveOn,
    #[error("the goal has ended")]
    Ended,
    #[error("at most {0} goals of a brand at a time")]
    TooManyGoals(i64),
    #[error("no such group of outlets")]
    UnknownGroup,
    #[error("the plan is not in the outlet's currency")]
    PlanCurrency,
    #[error("a plan is for the current month or one of the 24 after it")]
    PlanMonth,
    #[error("no such shift")]
    UnknownShift,
    /// The person is on a shift.
    #[error("the person is on a shift since {since}")]
    ShiftOpen { id: i64, since: Timestamp },
    #[error("the shift has ended")]
    ShiftEnded,
    #[error("the time overlaps another shift of the person")]
    ShiftOverlap,
    #[error(transparent)]
    ShiftTime(#[from] BadTime),
    #[error("no such staff card")]
    UnknownCard,
    #[error("the card is blocked, or its holder has left")]
    CardInactive,
    #[error("{why}")]
    Code { card: String, why: Unproven },
    #[error("the code was used before")]
    CodeSpent,
    #[error("too many wrong codes")]
    TooManyCodes { wait_ms: i64 },
    /// There are no rules for the outlet's currency.
    #[error("staff have no discount here")]
    NoCardRules,
    #[error("the discount is rung up by a colleague")]
    OwnHand,
    /// The day is neither today nor one beside it.
    #[error("business_date is more than a day away from the outlet's date")]
    BusinessDate,
    /// Nothing is left of the times or the money of the day or the month.
    #[error("the limit is reached")]
    CardLimit { day_left: Money, month_left: Money, day_uses_left: i64, month_uses_left: i64 },
    /// The receipt has a discount of another card or amount, or one that was voided.
    #[error("the receipt's number has another staff discount, or one that was voided: use a new number")]
    UseConflict,
    #[error("no such discount")]
    UnknownUse,
    /// Giving a limit back while the goods are sold would make the limit none.
    #[error("the receipt stands: take it back whole before its discount is voided")]
    SaleStands,
    /// The guest account or the person is linked otherwise.
    #[error("already linked")]
    Linked,
    #[error("not linked")]
    NotLinked,
    /// What cannot happen; the words say what did.
    #[error("inconsistent: {0}")]
    Inconsistent(&'static str),
}

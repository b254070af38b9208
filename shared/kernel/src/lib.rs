//! The words every crate shares: money, points, quantities, rates, ids, time.
//!
//! No I/O, no JSON, no clock and no random source of its own: time, ids and randomness come in as parameters
//! ([`Timestamp`], [`IdSource`]). Arithmetic is checked; there is no `+` on money or points, because an overflow
//! in a ledger must be an error with a place, never a wrapped number.
//!
//! Reading order: [`money`], [`points`], [`quantity`], [`split`] (how sums are shared out), [`id`], [`time`].

pub mod id;
pub mod lang;
pub mod money;
pub mod points;
pub mod quantity;
pub mod split;
pub mod time;

pub use id::{
    ChallengeId, ConsentId, ContactId, CouponBatchId, CouponId, EntryId, FranchiseeId, HoldId, IdSource,
    IikoAccountId, ImportId, LotId, MemberId, MessageId, NotificationId, OrderId, OutletId, PaymentId,
    ProgrammeVersionId, PromotionId, QuoteId, ReceiptId, RefundId, ReturnId, SessionId, SimulationId,
    StaffId, TillKeyId,
};
pub use lang::Lang;
pub use money::{Currency, Money};
pub use points::Points;
pub use quantity::{Quantity, Rate};
pub use time::{Date, Timestamp, Zone};

/// An amount left the range that 64 bits hold. Never expected from real input: limits at the edges are far lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is out of range")]
pub struct Overflow;

/// A text could not be read as the value it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(pub &'static str);

//! What can be learned about an order, and what follows from it.

use kernel::{PaymentId, RefundId};

use crate::model::{CancelReason, Progress, RefundReason};

/// Something that happened: a person's wish, a partner's answer, or time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The guest tries to pay once more.
    PayAgain {
        payment: PaymentId,
    },
    /// Somebody wants the order undone.
    Cancel {
        reason: CancelReason,
    },
    /// The time to pay is over.
    PayTimeUp,

    /// The acquirer opened the payment.
    PaymentOpened {
        payment: PaymentId,
    },
    PaymentSucceeded {
        payment: PaymentId,
    },
    /// Declined, expired, or refused when it was to be opened.
    PaymentCancelled {
        payment: PaymentId,
        reason: String,
    },

    /// The order is about to be sent. Recorded before anything leaves.
    Sending,
    /// Nothing left, or nothing can have arrived: the till is offline, the account is paused.
    NotSent {
        why: CancelReason,
    },
    /// No word whether it arrived.
    SendUnknown,
    /// The till system has it and passes it on.
    Sent {
        correlation: Option<String>,
    },
    /// The till has it.
    Accepted {
        progress: Progress,
        revision: i64,
    },
    /// The till system has no such order.
    Missing,
    /// The till will never have it.
    Rejected {
        why: CancelReason,
    },
    /// Cancelled at the till, by us or by them.
    CancelledAtTill {
        revision: i64,
    },
    /// The till keeps the order although it was to be cancelled.
    CancelRefused,
    /// No news of the order at the till; time has passed.
    StillWaiting,

    /// The acquirer has the refund.
    RefundOpened {
        refund: RefundId,
    },
    RefundSucceeded {
        refund: RefundId,
    },
    RefundFailed {
        refund: RefundId,
        reason: String,
    },
    /// Money is to go back for returned goods.
    RefundAsked {
        refund: RefundId,
        payment: PaymentId,
        amount_minor: i64,
        why: RefundReason,
    },
    /// The acquirer has not said for too long.
    AcquirerSilent,

    /// A person settles what no rule could.
    Resolved(Resolution),
}

/// What a person decides about a stuck order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Look again, and ask again for refunds that failed.
    Retry,
    /// The person has seen the order at the till.
    TillHasIt,
    /// The person has made sure that the till does not have it.
    TillHasNot,
    /// The order was handed over.
    HandedOver,
    /// The money of failed refunds was given back by other means.
    RefundedByHand,
}

/// What else must be recorded in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Held points, budgets and coupons go back.
    Release,
    /// The sale becomes a receipt: points are captured and earned, budgets and coupons used up.
    RecordSale,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// False when this was known before.
    pub changed: bool,
    pub effects: Vec<Effect>,
}

impl Change {
    /// Nothing new.
    pub(crate) const NONE: Self = Self { changed: false, effects: Vec::new() };
    /// New, without further effects.
    pub(crate) const NEWS: Self = Self { changed: true, effects: Vec::new() };

    pub(crate) fn with(effect: Effect) -> Self {
        Self { changed: true, effects: vec![effect] }
    }
}

/// An order in that state cannot have this happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransition {
    #[error("the order has no such payment or refund")]
    Unknown,
    #[error("the order is over")]
    Over,
    #[error("the order is paid, or cannot be paid any more")]
    NotPayable,
    #[error("a payment is under way")]
    PaymentUnderWay,
    #[error("the order is being made; it can only be cancelled at the outlet")]
    BeingMade,
    #[error("more than was paid")]
    MoreThanPaid,
    #[error("the order is not in a state for that")]
    OtherState,
}

//! Why a use case did not happen.

use kernel::{OutletId, Points};
use store::StoreError;

/// Everything that a use case may refuse, and the failures beneath it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger refused a movement.
    #[error(transparent)]
    Ledger(#[from] ledger::error::Refusal),
    /// The programme's rules refused.
    #[error(transparent)]
    Loyalty(#[from] loyalty::error::Refusal),
    /// The sale does not add up; each problem has its pointer.
    #[error("the sale does not add up")]
    Sale(Vec<loyalty::problem::Problem>),
    /// The deployment's master secret cannot be read.
    #[error("master secret: {0}")]
    Secrets(String),
    /// The body names another outlet than the till's own.
    #[error("outlet {got} is not the till's")]
    OtherOutlet { own: OutletId, got: String },
    /// No such card, code or phone, or one that cannot be read.
    #[error("guest unknown: {0}")]
    UnknownGuest(&'static str),
    #[error("the card is blocked or replaced")]
    CardInactive,
    #[error("the member is blocked or erased")]
    MemberInactive,
    /// A rotating code that proves nothing, and the card it claims to be of: see [`crate::guest::note_wrong_code`].
    #[error("{why}")]
    Code { card: String, why: membership::rotating_code::Unproven },
    /// Too many wrong codes for one card; its codes are refused unchecked for a while.
    #[error("too many wrong codes for this card")]
    TooManyCodes { wait_ms: i64 },
    /// A rotating code that was used before.
    #[error("the code was used before")]
    CodeSpent { card: String },
    /// Fraud control stops spending: until a person has looked, or until the member shows a rotating code. What it was
    /// told is counted afterwards, see [`crate::watching::note`].
    #[error("spending is stopped")]
    Suspected { facts: Option<Box<fraud::Facts>>, needs_code: bool },
    /// The brand has no programme in force at the time.
    #[error("no programme is in force")]
    NoProgramme,
    /// The natural key was used with other content.
    #[error("recorded before with other content")]
    Conflict { id: i64 },
    /// A payment with points names no hold, or a hold comes without such a payment.
    #[error("a points payment needs exactly one hold, and a guest")]
    PointsPayment,
    /// No such hold at this outlet for this guest.
    #[error("unknown hold")]
    UnknownHold,
    /// The hold was captured, released or has lapsed.
    #[error("the hold has ended")]
    HoldEnded,
    /// The receipt pays with more points than were held.
    #[error("more points than held")]
    AboveHold { held: Points },
    /// No receipt with that natural key in this brand.
    #[error("unknown receipt")]
    UnknownReceipt,
    /// A time before the sale, in the future or absurdly old.
    #[error("implausible time: {0}")]
    ImplausibleTime(&'static str),
}

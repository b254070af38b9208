//! What the ledger is made of.

use kernel::{EntryId, HoldId, LotId, MemberId, OutletId, Points, ReceiptId, Timestamp};

use crate::error::Refusal;

/// Where a posting lands. The first three belong to a member, the rest to the programme; a member's side and the
/// programme's side of an entry sum to zero (L1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Granted, not yet spendable.
    Pending,
    /// Spendable now. Below zero it is a debt left by a clawback (L9).
    Available,
    /// Reserved for an open receipt.
    Held,
    /// Points the programme has put into circulation (normally negative).
    Issued,
    /// Points spent on receipts.
    Redeemed,
    /// Points that ran out of time (breakage).
    Expired,
    /// Balances brought in from a predecessor system, and manual corrections (normally negative).
    Adjusted,
}

impl Account {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Held => "held",
            Self::Issued => "issued",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Adjusted => "adjusted",
        }
    }

    /// True for the accounts that make up a member's balance.
    #[must_use]
    pub const fn is_members(self) -> bool {
        matches!(self, Self::Pending | Self::Available | Self::Held)
    }
}

/// What happened. One business event has at most one entry of each kind (L4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A receipt, a welcome or another rule granted points.
    Accrual,
    /// Pending points became spendable.
    Activation,
    /// Points were reserved.
    Hold,
    /// Reserved points paid for a receipt.
    Capture,
    /// Reserved points came back.
    Release,
    /// Points ran out of time.
    Expiry,
    /// A return took back what its receipt had granted.
    Clawback,
    /// A return gave back what its receipt had spent.
    Reinstatement,
    /// A balance brought in, or corrected by a person with a reason.
    Adjustment,
}

impl EntryKind {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accrual => "accrual",
            Self::Activation => "activation",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::Expiry => "expiry",
            Self::Clawback => "clawback",
            Self::Reinstatement => "reinstatement",
            Self::Adjustment => "adjustment",
        }
    }
}

/// One side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub account: Account,
    /// Signed; the postings of an entry sum to zero.
    pub amount: Points,
}

/// Why a lot exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LotSource {
    Receipt,
    Welcome,
    Reinstated,
    Opening,
    Correction,
    /// A friend was brought.
    Referral,
    /// Won in a game of the programme.
    Game,
}

impl LotSource {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Welcome => "welcome",
            Self::Reinstated => "reinstated",
            Self::Opening => "opening",
            Self::Correction => "correction",
            Self::Referral => "referral",
            Self::Game => "game",
        }
    }
}

/// Points from one accrual. What is left of them sits in three buckets that mirror the member's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    pub id: LotId,
    pub source: LotSource,
    /// The receipt that granted it, if one did: a return takes back from its own lot first.
    pub receipt: Option<ReceiptId>,
    pub granted: Points,
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    /// When pending points become available; `None` once they are, or if they were from the start.
    pub activates_at: Option<Timestamp>,
    /// First instant at which the points are no longer good; `None` never expires.
    pub expires_at: Option<Timestamp>,
}

/// A change to one bucket of one lot, recorded with the entry that made it (append-only).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotMove {
    pub lot: LotId,
    /// [`Account::Pending`], [`Account::Available`] or [`Account::Held`].
    pub bucket: Account,
    /// Signed.
    pub amount: Points,
}

/// A member's points: what the next decision stands on.
///
/// `available`, `held` and `pending` are the balances of the accounts. `lots` need hold only lots with something
/// left in them. A debt exists only while the lots' available buckets are empty, so that `available` is their sum
/// minus the debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    pub member: MemberId,
    pub available: Points,
    pub held: Points,
    pub pending: Points,
    pub lots: Vec<Lot>,
}

/// How far a return may go when the points it takes back have been spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClawbackPolicy {
    /// Only points that are still pending are taken back.
    OnlyPending,
    /// Pending and available points are taken back; the balance stops at zero.
    WithinBalance,
    /// Everything is taken back; the balance may go below zero, and the debt is repaid before anything is spent.
    Unlimited,
}

/// Who and when: what every entry carries besides its postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// The business event, unique with the entry's kind (L4): `receipt:<raw id>`, `return:<raw id>`,
    /// `hold:<raw id>`, `lot:<raw id>`, `welcome:<member raw id>`, `import:<…>`, `game:<request raw id>`,
    /// `ticket:<number>:<line raw id>`.
    pub event: String,
    pub receipt: Option<ReceiptId>,
    pub outlet: Option<OutletId>,
    /// When it happened at the outlet (L8).
    pub effective_at: Timestamp,
    /// When we learned of it (L8).
    pub recorded_at: Timestamp,
}

/// An immutable record and everything that it changes. The store writes it as it is, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub kind: EntryKind,
    pub member: MemberId,
    pub occasion: Occasion,
    /// Balanced (L1).
    pub postings: Vec<Posting>,
    /// Lots born with this entry (their buckets as after the entry); their [`LotMove`]s are in `moves` as well.
    pub lots: Vec<Lot>,
    pub moves: Vec<LotMove>,
    /// Pending lots that became available with this entry: their `activates_at` is cleared.
    pub activated: Vec<LotId>,
}

/// Where a hold is in its life: open, then exactly one of the others for ever (L5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldState {
    Open,
    /// Paid for a receipt, in whole or in part; the rest came back with the same event.
    Captured,
    /// Given back by the till or the guest.
    Released,
    /// Given back because its time ran out.
    Lapsed,
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Captured, Self::Released, Self::Lapsed];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Lapsed => "lapsed",
        }
    }

    /// The state with that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Ends an open hold as `outcome`.
    ///
    /// # Errors
    /// [`Refusal::HoldClosed`] when it has already ended, whatever the outcome, or when `outcome` is no end.
    pub const fn close(self, outcome: Self) -> Result<Self, Refusal> {
        match (self, outcome) {
            (Self::Open, Self::Captured | Self::Released | Self::Lapsed) => Ok(outcome),
            (state, _) => Err(Refusal::HoldClosed { state }),
        }
    }
}

/// Points reserved for an open receipt, and the lots they sit in, in the order in which they will be spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub member: MemberId,
    pub amount: Points,
    pub lots: Vec<(LotId, Points)>,
}

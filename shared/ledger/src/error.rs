//! Why an operation was refused, and what makes a ledger inconsistent.

use kernel::{LotId, Points};

use crate::model::{Account, EntryKind, HoldState};

/// Why an operation was refused. The wallet is left as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fewer points can be spent at that moment than were asked for.
    #[error("{asked} points asked, {available} can be spent")]
    InsufficientPoints { available: Points, asked: Points },
    /// The amount is negative, or zero where that means nothing.
    #[error("{asked} is no amount of points to move")]
    NotPositive { asked: Points },
    /// A capture asks for more than the hold reserved.
    #[error("{asked} points asked, {held} are held")]
    MoreThanHeld { held: Points, asked: Points },
    /// The hold belongs to another member.
    #[error("the hold belongs to another member")]
    ForeignHold,
    /// The hold was already captured, released or lapsed.
    #[error("the hold is already {}", state.code())]
    HoldClosed { state: HoldState },
    /// What was loaded, or what the operation made of it, breaks an invariant. Nothing may be written.
    #[error("the ledger is inconsistent: {0}")]
    Inconsistent(#[from] Violation),
    /// An amount left the range that 64 bits hold.
    #[error("the amount is out of range")]
    Overflow,
}

/// A broken invariant, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// L1: the postings of an entry do not sum to zero.
    #[error("the postings sum to {sum}")]
    Unbalanced { sum: Points },
    /// An entry of this kind never touches this account, or touches it twice, or by nothing.
    #[error("a posting to {} does not belong in an entry of kind {}", account.code(), kind.code())]
    OddPosting { kind: EntryKind, account: Account },
    /// L2: an entry's lot moves do not add up to its posting.
    #[error("{}: posted {posted}, lots moved by {moved}", account.code())]
    MovesDiffer { account: Account, posted: Points, moved: Points },
    /// L2: a lot born with an entry does not hold what its moves put there.
    #[error("{lot}: the {} bucket is not what the entry's moves make it", bucket.code())]
    BirthDiffers { lot: LotId, bucket: Account },
    /// Two moves of one entry touch the same bucket of the same lot, or a move is of nothing.
    #[error("{lot}: odd move in the {} bucket", bucket.code())]
    OddMove { lot: LotId, bucket: Account },
    /// L2: a balance differs from what the lots hold.
    #[error("{}: the balance is {balance}, the lots hold {lots}", account.code())]
    BalanceDiffers { account: Account, balance: Points, lots: Points },
    /// L9: a bucket of a lot is below zero.
    #[error("{lot}: the {} bucket is {amount}", bucket.code())]
    NegativeBucket { lot: LotId, bucket: Account, amount: Points },
    /// A lot holds more than it was granted.
    #[error("{lot}: holds more than its grant of {granted}")]
    AboveGrant { lot: LotId, granted: Points },
    /// Two lots of a wallet have the same id.
    #[error("{lot}: present twice")]
    TwinLots { lot: LotId },
    /// Pending points without a moment at which they become available.
    #[error("{lot}: pending without an activation time")]
    NeverActive { lot: LotId },
    /// A hold names a lot that does not hold its points.
    #[error("{lot}: the hold's points are not held in it")]
    HoldDiffers { lot: LotId },
    /// A hold's lots do not add up to its amount.
    #[error("a hold of {amount} names lots with {lots}")]
    HoldSum { amount: Points, lots: Points },
    /// An amount left the range that 64 bits hold.
    #[error("an amount is out of range")]
    Overflow,
}

/// `a + b`.
pub(crate) fn add(a: Points, b: Points) -> Result<Points, Refusal> {
    a.checked_add(b).ok_or(Refusal::Overflow)
}

/// `a - b`.
pub(crate) fn sub(a: Points, b: Points) -> Result<Points, Refusal> {
    a.checked_sub(b).ok_or(Refusal::Overflow)
}

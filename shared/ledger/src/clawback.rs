//! Taking back what a returned receipt had granted.

use kernel::{IdSource, LotId, Points, ReceiptId};

use crate::error::{Refusal, sub};
use crate::model::{ClawbackPolicy, Entry, EntryKind, LotSource, Occasion, Wallet};
use crate::record::record;

/// What a clawback did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clawback {
    /// `Pending -a`, `Available -b`, `Issued +(a+b)`; `None` when nothing was collected.
    pub entry: Option<Entry>,
    pub collected: Points,
    /// What had gone before: own points that ran out unspent.
    pub expired: Points,
    /// What the policy let the member keep: the rest of what was asked.
    pub forgiven: Points,
}

/// Which points of a wallet are those that are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own<'a> {
    /// What the receipt earned.
    Receipt(ReceiptId),
    /// What is in these lots.
    Lots(&'a [LotId]),
}

/// Takes back `amount` that was granted: from `own` pending points, then `own` available points, then other available
/// points in spend order (L6), then, if the policy says so, as a debt (L9). Other pending points and held points are never
/// touched.
///
/// `expired` is how many of the own points ran out unspent and were not yet set off against an earlier
/// return. The member never had the use of them and has lost them already: taking them a second time, from other
/// points or as a debt, would take back more than was given (L7). They count as taken after the own points,
/// before anything else, under every policy.
///
/// # Errors
/// [`Refusal::NotPositive`] for a negative amount; zero takes nothing.
pub fn claw_back(
    wallet: &mut Wallet,
    amount: Points,
    own: Own<'_>,
    expired: Points,
    policy: ClawbackPolicy,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Clawback, Refusal> {
    if amount < Points::ZERO {
        return Err(Refusal::NotPositive { asked: amount });
    }
    let mut after = wallet.clone();
    let order = after.spend_order();
    let is_own = |wallet: &Wallet, index: usize| {
        let lot = &wallet.lots[index];
        match own {
            Own::Receipt(receipt) => lot.source == LotSource::Receipt && lot.receipt == Some(receipt),
            Own::Lots(lots) => lots.contains(&lot.id),
        }
    };
    let (own, others): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&index| is_own(wallet, index));
    let mut left = amount;
    for &index in &own {
        let lot = &mut after.lots[index];
        let taken = lot.pending.min(left);
        lot.pending = sub(lot.pending, taken)?;
        after.pending = sub(after.pending, taken)?;
        left = sub(left, taken)?;
    }
    if policy != ClawbackPolicy::OnlyPending {
        left = sub(left, after.draw(&own, left)?)?;
    }
    let expired = expired.min(left);
    left = sub(left, expired)?;
    if policy != ClawbackPolicy::OnlyPending {
        left = sub(left, after.draw(&others, left)?)?;
    }
    if policy == ClawbackPolicy::Unlimited {
        after.available = sub(after.available, left)?;
        left = Points::ZERO;
    }
    let collected = sub(sub(amount, expired)?, left)?;
    let entry = record(wallet, after, EntryKind::Clawback, occasion, ids)?;
    Ok(Clawback { entry, collected, expired, forgiven: left })
}

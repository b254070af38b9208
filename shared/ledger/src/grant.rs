//! Points in: accruals, their activation, reinstated points, corrections upwards.

use kernel::{IdSource, LotId, Points, Timestamp};

use crate::error::{Refusal, add, sub};
use crate::model::{Entry, EntryKind, Lot, LotSource, Occasion, Wallet};
use crate::record::record;

/// Points to put into a wallet as one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Positive; zero grants nothing and records nothing.
    pub points: Points,
    pub source: LotSource,
    /// When the points become spendable; `None`, or a moment that has come by the time it is recorded, is at once.
    pub activates_at: Option<Timestamp>,
    /// First instant at which the points are no longer good; `None` never.
    pub expires_at: Option<Timestamp>,
}

/// Grants points for a receipt, a welcome or another rule: `Issued -x`, `Pending` or `Available +x`, one lot that
/// remembers the occasion's receipt. What is available at once repays a debt first: the posting is the whole
/// amount, the lot's bucket what is left after the debt.
///
/// # Errors
/// [`Refusal::NotPositive`] for a negative amount.
pub fn accrue(
    wallet: &mut Wallet,
    grant: Grant,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    let mut after = wallet.clone();
    open_lot(&mut after, grant, &occasion, ids)?;
    record(wallet, after, EntryKind::Accrual, occasion, ids)
}

/// Adds points outside the programme's rules: an opening balance or a correction. As [`accrue`], but against
/// `Adjusted`, and available at once whatever `grant.activates_at` says.
///
/// # Errors
/// [`Refusal::NotPositive`] for a negative amount: see [`crate::spend::adjust_down`].
pub fn adjust_up(
    wallet: &mut Wallet,
    grant: Grant,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    let mut after = wallet.clone();
    open_lot(&mut after, Grant { activates_at: None, ..grant }, &occasion, ids)?;
    record(wallet, after, EntryKind::Adjustment, occasion, ids)
}

/// Gives back points that the occasion's receipt had spent: `Redeemed -x`, `Available +x`, one new lot for every
/// part with its expiry. A debt is repaid first, by the parts in the order given.
///
/// In a return, call this before [`crate::clawback::claw_back`]: a clawback within the balance then finds them.
///
/// # Errors
/// [`Refusal::NotPositive`] when a part is negative.
pub fn reinstate(
    wallet: &mut Wallet,
    parts: &[(Points, Option<Timestamp>)],
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    let mut after = wallet.clone();
    for &(points, expires_at) in parts {
        let grant = Grant { points, source: LotSource::Reinstated, activates_at: None, expires_at };
        open_lot(&mut after, grant, &occasion, ids)?;
    }
    record(wallet, after, EntryKind::Reinstatement, occasion, ids)
}

/// Makes the pending points of the lot at `index` available, a debt repaid first: `Pending -x`, `Available +x`. Event
/// `lot:<raw id>`, so that it happens once (L4).
pub(crate) fn activate_lot(
    wallet: &mut Wallet,
    index: usize,
    at: Timestamp,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    let mut after = wallet.clone();
    let lot = &mut after.lots[index];
    let amount = std::mem::take(&mut lot.pending);
    lot.activates_at = None;
    let occasion = Occasion {
        event: format!("lot:{}", lot.id.raw()),
        receipt: lot.receipt,
        outlet: None,
        effective_at: at,
        recorded_at: now,
    };
    after.pending = sub(after.pending, amount)?;
    after.credit(index, amount)?;
    record(wallet, after, EntryKind::Activation, occasion, ids)
}

/// Adds a lot to the wallet, in its pending or its available bucket. Nothing for zero points.
fn open_lot(
    wallet: &mut Wallet,
    grant: Grant,
    occasion: &Occasion,
    ids: &mut IdSource,
) -> Result<(), Refusal> {
    if grant.points.is_zero() {
        return Ok(());
    }
    if !grant.points.is_positive() {
        return Err(Refusal::NotPositive { asked: grant.points });
    }
    let activates_at = grant.activates_at.filter(|&moment| moment > occasion.recorded_at);
    let mut lot = Lot {
        id: LotId::new(ids, occasion.recorded_at),
        source: grant.source,
        receipt: occasion.receipt,
        granted: grant.points,
        pending: Points::ZERO,
        available: Points::ZERO,
        held: Points::ZERO,
        activates_at,
        expires_at: grant.expires_at,
    };
    if activates_at.is_some() {
        lot.pending = grant.points;
        wallet.pending = add(wallet.pending, grant.points)?;
        wallet.lots.push(lot);
        return Ok(());
    }
    wallet.lots.push(lot);
    wallet.credit(wallet.lots.len() - 1, grant.points)
}

//! Points out: holds, captures, releases, corrections downwards.

use kernel::{HoldId, IdSource, LotId, Points, Timestamp};

use crate::error::{Refusal, Violation, add, sub};
use crate::model::{Entry, EntryKind, Hold, Occasion, Wallet};
use crate::record::record;

/// Points that a capture spent out of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpentPart {
    pub lot: LotId,
    pub points: Points,
    /// The lot's expiry: what the points return to if the receipt is returned.
    pub expires_at: Option<Timestamp>,
}

/// What a capture did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// `Held -x`, `Redeemed +x`; `None` when nothing was captured.
    pub entry: Option<Entry>,
    /// The rest of the hold, given back with the same event; `None` when nothing was left.
    pub release: Option<Entry>,
    /// What was spent, in the order in which it was spent.
    pub spent: Vec<SpentPart>,
}

/// Reserves points: `Available -x`, `Held +x`, earliest-expiring lot first (L6). Points past their expiry at the
/// occasion's effective time are not taken.
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InsufficientPoints`] when fewer can be spent, as always under a debt.
pub fn hold(
    wallet: &mut Wallet,
    amount: Points,
    id: HoldId,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<(Entry, Hold), Refusal> {
    if !amount.is_positive() {
        return Err(Refusal::NotPositive { asked: amount });
    }
    let available = wallet.spendable(occasion.effective_at)?;
    if available < amount {
        return Err(Refusal::InsufficientPoints { available, asked: amount });
    }
    let mut after = wallet.clone();
    let mut order = after.spend_order();
    order.retain(|&index| !after.lots[index].is_past(occasion.effective_at));
    let mut lots = Vec::new();
    let mut left = amount;
    for index in order {
        let taken = after.draw(&[index], left)?;
        if taken.is_positive() {
            let lot = &mut after.lots[index];
            lot.held = add(lot.held, taken)?;
            lots.push((lot.id, taken));
            left = sub(left, taken)?;
        }
    }
    after.held = add(after.held, amount)?;
    let hold = Hold { id, member: after.member, amount, lots };
    // An amount above zero moved, so that there is an entry.
    let entry = record(wallet, after, EntryKind::Hold, occasion, ids)?
        .ok_or(Refusal::NotPositive { asked: amount })?;
    Ok((entry, hold))
}

/// Spends `amount` of a hold, in its lots' order, and gives the rest back with the same event. Consumes the hold:
/// it is captured or released once (L5; [`crate::model::HoldState::close`] is the same rule for the stored state).
///
/// # Errors
/// [`Refusal::MoreThanHeld`], [`Refusal::NotPositive`] below zero, [`Refusal::ForeignHold`].
pub fn capture(
    wallet: &mut Wallet,
    hold: Hold,
    amount: Points,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Captured, Refusal> {
    if amount < Points::ZERO {
        return Err(Refusal::NotPositive { asked: amount });
    }
    if amount > hold.amount {
        return Err(Refusal::MoreThanHeld { held: hold.amount, asked: amount });
    }
    check_hold(wallet, &hold)?;
    let mut current = wallet.clone();
    let mut after = current.clone();
    let mut spent = Vec::new();
    let mut rest = Vec::new();
    let mut left = amount;
    for &(id, points) in &hold.lots {
        let taken = points.min(left);
        left = sub(left, taken)?;
        if taken.is_positive() {
            let expires_at = unhold(&mut after, id, taken)?;
            spent.push(SpentPart { lot: id, points: taken, expires_at });
        }
        if taken < points {
            rest.push((id, sub(points, taken)?));
        }
    }
    let remainder = Hold { amount: sub(hold.amount, amount)?, lots: rest, ..hold };
    let entry = record(&mut current, after, EntryKind::Capture, occasion.clone(), ids)?;
    let release = release(&mut current, remainder, occasion, ids)?;
    *wallet = current;
    Ok(Captured { entry, release, spent })
}

/// Gives a hold back, or lets it lapse: `Held -x`, `Available +x`, a debt repaid first. Points that passed their
/// expiry while held come back too, and run out with that ([`crate::age::age`]). `None` for the empty rest of a whole
/// capture.
///
/// # Errors
/// [`Refusal::ForeignHold`]; [`Refusal::Inconsistent`] when the lots do not hold what the hold says.
pub fn release(
    wallet: &mut Wallet,
    hold: Hold,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    check_hold(wallet, &hold)?;
    let mut after = wallet.clone();
    for &(id, points) in &hold.lots {
        unhold(&mut after, id, points)?;
        let index =
            after.lots.iter().position(|lot| lot.id == id).ok_or(Violation::HoldDiffers { lot: id })?;
        after.credit(index, points)?;
    }
    record(wallet, after, EntryKind::Release, occasion, ids)
}

/// Takes points away outside the programme's rules: `Available -x`, `Adjusted +x`, in spend order. A correction
/// never makes a debt (L9).
///
/// # Errors
/// [`Refusal::NotPositive`]; [`Refusal::InsufficientPoints`] when the available balance is smaller.
pub fn adjust_down(
    wallet: &mut Wallet,
    amount: Points,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Entry, Refusal> {
    if !amount.is_positive() {
        return Err(Refusal::NotPositive { asked: amount });
    }
    let mut after = wallet.clone();
    let order = after.spend_order();
    if after.draw(&order, amount)? < amount {
        return Err(Refusal::InsufficientPoints { available: wallet.available, asked: amount });
    }
    record(wallet, after, EntryKind::Adjustment, occasion, ids)?.ok_or(Refusal::NotPositive { asked: amount })
}

/// The event of everything that ends or makes a hold without a receipt.
#[must_use]
pub fn hold_event(id: HoldId) -> String {
    format!("hold:{}", id.raw())
}

/// The hold is this wallet's, and its lots add up to it.
fn check_hold(wallet: &Wallet, hold: &Hold) -> Result<(), Refusal> {
    if hold.member != wallet.member {
        return Err(Refusal::ForeignHold);
    }
    let lots = hold.lots.iter().try_fold(Points::ZERO, |sum, &(_, points)| add(sum, points))?;
    if lots != hold.amount {
        return Err(Violation::HoldSum { amount: hold.amount, lots }.into());
    }
    Ok(())
}

/// Takes held points out of a lot and the held balance; returns the lot's expiry.
fn unhold(wallet: &mut Wallet, id: LotId, points: Points) -> Result<Option<Timestamp>, Refusal> {
    let lot = wallet.lot_mut(id)?;
    if lot.held < points {
        return Err(Violation::HoldDiffers { lot: id }.into());
    }
    lot.held = sub(lot.held, points)?;
    let expires_at = lot.expires_at;
    wallet.held = sub(wallet.held, points)?;
    Ok(expires_at)
}

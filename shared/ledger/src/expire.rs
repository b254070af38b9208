//! Points that ran out of time.

use kernel::{IdSource, LotId, Points, Timestamp};

use crate::error::{Refusal, sub};
use crate::model::{Entry, EntryKind, Occasion, Wallet};
use crate::record::record;

/// Expires what is left, pending or available, of the lots whose expiry has come by `now`: `Expired +x`. Held
/// points do not expire (L6); once released they fall to the next run. One entry for every lot, event as
/// [`expiry_event`] says.
///
/// # Errors
/// [`Refusal::Inconsistent`] when the wallet breaks an invariant.
pub fn expire(wallet: &mut Wallet, now: Timestamp, ids: &mut IdSource) -> Result<Vec<Entry>, Refusal> {
    let mut current = wallet.clone();
    let mut entries = Vec::new();
    for index in wallet.spend_order() {
        if !wallet.lots[index].is_past(now) {
            continue;
        }
        let mut after = current.clone();
        let available = after.lots[index].available;
        after.draw(&[index], available)?;
        let lot = &mut after.lots[index];
        let pending = std::mem::take(&mut lot.pending);
        let occasion = Occasion {
            event: expiry_event(lot.id, lot.held),
            receipt: lot.receipt,
            outlet: None,
            effective_at: now,
            recorded_at: now,
        };
        after.pending = sub(after.pending, pending)?;
        entries.extend(record(&mut current, after, EntryKind::Expiry, occasion, ids)?);
    }
    *wallet = current;
    Ok(entries)
}

/// The event of a lot's expiry: `lot:<raw id>`, or `lot:<raw id>:<hundredths>` while that much is still held.
///
/// A lot may expire in several steps, as holds on it come back. What stays held after each step is smaller than
/// after the one before, because nothing enters a lot after its birth; so no two steps share an event (L4), and the
/// same step done twice does.
#[must_use]
pub fn expiry_event(lot: LotId, held: Points) -> String {
    if held.is_zero() {
        format!("lot:{}", lot.raw())
    } else {
        format!("lot:{}:{}", lot.raw(), held.hundredths())
    }
}

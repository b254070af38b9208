//! Points that ran out of time.

use kernel::{IdSource, LotId, Points, Timestamp};

use crate::error::{Refusal, sub};
use crate::model::{Entry, EntryKind, Occasion, Wallet};
use crate::record::record;

/// Expires what is left, pending or available, of the lot at `index`: `Expired +x`. Held points stay (L6).
pub(crate) fn expire_lot(
    wallet: &mut Wallet,
    index: usize,
    at: Timestamp,
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    let mut after = wallet.clone();
    let available = after.lots[index].available;
    after.draw(&[index], available)?;
    let lot = &mut after.lots[index];
    let pending = std::mem::take(&mut lot.pending);
    let occasion = Occasion {
        event: expiry_event(lot.id, lot.held),
        receipt: lot.receipt,
        outlet: None,
        effective_at: at,
        recorded_at: now,
    };
    after.pending = sub(after.pending, pending)?;
    record(wallet, after, EntryKind::Expiry, occasion, ids)
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

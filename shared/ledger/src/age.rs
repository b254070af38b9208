//! What time alone does to a wallet: holds lapse, pending points become available, points run out.
//!
//! Everything happens at its own moment and in the order of those moments, whenever it is looked at. A wallet at a
//! time is therefore a function of what was done to it before: it does not matter how often a timer came by, nor
//! whether one did.

use kernel::{HoldId, IdSource, OutletId, Timestamp};

use crate::error::Refusal;
use crate::expire::expire_lot;
use crate::grant::activate_lot;
use crate::model::{Entry, Hold, Lot, Occasion, Wallet};
use crate::spend::{hold_event, release};

/// A hold that nobody has ended, and when it ends by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHold {
    pub hold: Hold,
    /// Where it was made.
    pub outlet: OutletId,
    pub expires_at: Timestamp,
}

/// What time did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aged {
    /// In the order in which it happened.
    pub entries: Vec<Entry>,
    /// Holds that ended, each at its time.
    pub lapsed: Vec<(HoldId, Timestamp)>,
}

/// One thing that is due. Of things due at one moment the first in this list goes first: points come back before they
/// run out, and points that were due before they ran out count as having been there.
enum Step<'a> {
    Lapse(&'a OpenHold),
    Activate(usize),
    Expire(usize),
}

/// Brings a wallet to `now`. `holds` are the member's open holds; those that end later stay. Held points do not expire
/// (L6), and do so in the moment in which they come back after their lot's time.
///
/// # Errors
/// [`Refusal::Inconsistent`] when the wallet breaks an invariant.
pub fn age(
    wallet: &mut Wallet,
    holds: &[OpenHold],
    now: Timestamp,
    ids: &mut IdSource,
) -> Result<Aged, Refusal> {
    let mut ending: Vec<&OpenHold> = holds.iter().filter(|open| open.expires_at <= now).collect();
    ending.sort_unstable_by_key(|open| (open.expires_at, open.hold.id));
    ending.reverse();
    let mut current = wallet.clone();
    let mut aged = Aged::default();
    let mut last = Timestamp::from_millis(i64::MIN);
    while let Some((due, step)) = next_step(&current, ending.last().copied(), now) {
        let at = due.max(last);
        last = at;
        let entry = match step {
            Step::Activate(index) => activate_lot(&mut current, index, at, now, ids)?,
            Step::Expire(index) => expire_lot(&mut current, index, at, now, ids)?,
            Step::Lapse(open) => {
                ending.pop();
                aged.lapsed.push((open.hold.id, open.expires_at));
                release(&mut current, open.hold.clone(), lapse(open, now), ids)?
            }
        };
        aged.entries.extend(entry);
    }
    *wallet = current;
    Ok(aged)
}

/// A lapse is the same business event as a release by the till: a hold has one end (L5).
fn lapse(open: &OpenHold, now: Timestamp) -> Occasion {
    Occasion {
        event: hold_event(open.hold.id),
        receipt: None,
        outlet: Some(open.outlet),
        effective_at: open.expires_at,
        recorded_at: now,
    }
}

/// What happens next, if anything does by `now`.
fn next_step<'a>(
    wallet: &Wallet,
    hold: Option<&'a OpenHold>,
    now: Timestamp,
) -> Option<(Timestamp, Step<'a>)> {
    let lapse = hold.map(|open| ((open.expires_at, 0, open.hold.id.raw()), Step::Lapse(open)));
    let lots = wallet.lots.iter().enumerate().flat_map(|(index, lot)| {
        let activation = lot
            .activates_at
            .filter(|_| lot.pending.is_positive())
            .map(|at| ((at, 1, lot.id.raw()), Step::Activate(index)));
        let expiry = lot
            .expires_at
            .filter(|_| lot.can_expire())
            .map(|at| ((at, 2, lot.id.raw()), Step::Expire(index)));
        activation.into_iter().chain(expiry)
    });
    let ((at, ..), step) = lapse.into_iter().chain(lots).min_by_key(|(key, _)| *key)?;
    (at <= now).then_some((at, step))
}

impl Lot {
    fn can_expire(&self) -> bool {
        self.pending.is_positive() || self.available.is_positive()
    }
}

impl Wallet {
    /// The first moment at which time changes one of the lots. Points that are held past their lot's time change when
    /// they come back, which is the hold's moment and not the lot's.
    #[must_use]
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let moments = self.lots.iter().flat_map(|lot| {
            let activation = lot.activates_at.filter(|_| lot.pending.is_positive());
            let ahead = |end: &Timestamp| lot.can_expire() || (lot.held.is_positive() && *end > now);
            [activation, lot.expires_at.filter(ahead)]
        });
        moments.flatten().min()
    }
}

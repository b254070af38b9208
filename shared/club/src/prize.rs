//! Points given for something other than a receipt, and taken back: an award of a goal, a game's win.

use kernel::{MemberId, Points, Timestamp};
use ledger::grant::{self, Grant};
use ledger::model::{LotSource, Occasion};
use ledger::spend;
use store::ledger::Due;
use store::{Sql, guests, ledger as books};

use crate::refusal::Refusal;
use crate::{Moment, account, unit};

/// Points of one business event.
#[derive(Debug, Clone, Copy)]
pub struct Prize<'a> {
    pub member: MemberId,
    /// Above zero given; below zero taken, as far as there is something to take: nothing here makes a debt (L9).
    pub points: Points,
    /// Names the event, once and for ever (L4).
    pub event: &'a str,
    /// Shown in the member's history.
    pub reason: &'a str,
    /// When points given run out; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// Moves the points and answers with how many did.
///
/// # Errors
/// [`Refusal::MemberInactive`] for a member that there is not; a failure of storage, and a unique violation when the
/// event has its entry (L4).
pub fn give(tx: &dyn Sql, prize: &Prize<'_>, moment: &mut Moment<'_>) -> Result<Points, Refusal> {
    let guest = guests::load(tx, prize.member)?.ok_or(Refusal::MemberInactive)?;
    let mut wallet = account::settle(tx, prize.member, &guest.brand, guest.account, moment)?;
    let occasion = Occasion {
        event: prize.event.to_owned(),
        receipt: None,
        outlet: None,
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let (entry, moved) = if prize.points.is_positive() {
        let grant = Grant {
            points: prize.points,
            source: LotSource::Correction,
            activates_at: None,
            expires_at: prize.expires_at,
        };
        (grant::adjust_up(&mut wallet, grant, occasion, moment.ids)?, prize.points)
    } else {
        let asked = Points::ZERO.checked_sub(prize.points).ok_or(ledger::error::Refusal::Overflow)?;
        let taken = asked.min(wallet.available);
        if !taken.is_positive() {
            return Ok(Points::ZERO);
        }
        let entry = spend::adjust_down(&mut wallet, taken, occasion, moment.ids)?;
        (Some(entry), Points::ZERO.checked_sub(taken).ok_or(ledger::error::Refusal::Overflow)?)
    };
    let Some(entry) = entry else { return Ok(Points::ZERO) };
    let due = Due::By(wallet.next_due(moment.now));
    books::insert_entries(tx, prize.member, &[entry], &unit(&guest.brand), Some(prize.reason), due)?;
    Ok(moved)
}

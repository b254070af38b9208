//! Prizes of the game after an answer: taken back with the purchase that they were won with.
//!
//! A prize is given under the event of its play and taken back under the same, once (L4), when the last of the goods comes
//! back: a receipt comes back whole one time only.

use feedback::game;
use kernel::{OutletId, ReceiptId, Timestamp};
use ledger::clawback;
use ledger::model::{ClawbackPolicy, Entry, Occasion, Wallet};
use store::Sql;
use store::feedback::plays::{self, Budget};

use crate::Moment;
use crate::refusal::Refusal;

/// Takes back what the answer about `receipt` has won, from the wallet of its buyer, as far as the policy goes. What ran out
/// unspent was taken by its time. The month's budget of the game has back what was collected.
///
/// # Errors
/// A failure of storage; an inconsistent ledger.
pub(crate) fn take_back(
    tx: &dyn Sql,
    wallet: &mut Wallet,
    receipt: ReceiptId,
    (outlet, returned_at): (OutletId, Timestamp),
    policy: ClawbackPolicy,
    moment: &mut Moment<'_>,
) -> Result<Option<Entry>, Refusal> {
    let Some(won) = plays::load_won(tx, receipt)? else { return Ok(None) };
    let occasion = Occasion {
        event: game::event(won.request),
        // The receipt's own account ends with what it gave and took (L7); a prize is none of that.
        receipt: None,
        outlet: Some(outlet),
        effective_at: returned_at,
        recorded_at: moment.now,
    };
    let own = clawback::Own::Receipt(receipt);
    let taken = clawback::claw_back(wallet, won.points, own, won.expired, policy, occasion, moment.ids)?;
    if taken.collected.is_positive() {
        let period = game::month(won.played_at, &won.zone);
        plays::give_back(tx, Budget::Game, &won.brand, &period, taken.collected)?;
    }
    Ok(taken.entry)
}

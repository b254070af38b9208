//! From "the wallet before" and "the wallet after" to the entry that leads from one to the other.

use kernel::{EntryId, IdSource, Points};

use crate::error::{Refusal, sub};
use crate::model::{Entry, EntryKind, LotMove, Occasion, Posting, Wallet};
use crate::verify::MEMBERS;

/// Replaces `wallet` by `after` and returns the entry that does the same in the books; `None`, and no change,
/// when no balance moved. Every operation ends here, so that a balance cannot change without its postings.
///
/// # Errors
/// [`Refusal::Inconsistent`] when either side breaks an invariant; `wallet` is then as it was.
pub(crate) fn record(
    wallet: &mut Wallet,
    after: Wallet,
    kind: EntryKind,
    occasion: Occasion,
    ids: &mut IdSource,
) -> Result<Option<Entry>, Refusal> {
    after.verify()?;
    let postings = postings(wallet, &after, kind)?;
    if postings.is_empty() {
        return Ok(None);
    }
    let mut moves = Vec::new();
    let mut lots = Vec::new();
    let mut activated = Vec::new();
    for (index, lot) in after.lots.iter().enumerate() {
        // Operations change lots in place and append new ones.
        let before = wallet.lots.get(index);
        for bucket in MEMBERS {
            let amount =
                sub(lot.bucket(bucket), before.map_or(Points::ZERO, |before| before.bucket(bucket)))?;
            if !amount.is_zero() {
                moves.push(LotMove { lot: lot.id, bucket, amount });
            }
        }
        match before {
            None => lots.push(lot.clone()),
            Some(before) if before.activates_at.is_some() && lot.activates_at.is_none() => {
                activated.push(lot.id)
            }
            Some(_) => {}
        }
    }
    let id = EntryId::new(ids, occasion.recorded_at);
    let entry = Entry { id, kind, member: after.member, occasion, postings, lots, moves, activated };
    entry.verify()?;
    *wallet = after;
    Ok(Some(entry))
}

/// What changed in the member's accounts, and the programme's side of it.
fn postings(before: &Wallet, after: &Wallet, kind: EntryKind) -> Result<Vec<Posting>, Refusal> {
    let mut postings = Vec::new();
    let mut counter = Points::ZERO;
    for account in MEMBERS {
        let amount = sub(after.balance(account), before.balance(account))?;
        counter = sub(counter, amount)?;
        if !amount.is_zero() {
            postings.push(Posting { account, amount });
        }
    }
    if let Some(account) = kind.counter()
        && !counter.is_zero()
    {
        postings.push(Posting { account, amount: counter });
    }
    Ok(postings)
}

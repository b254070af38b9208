//! Being forgotten: who the guest was goes, what happened stays.
//!
//! Gone afterwards: phone and its index, name, birthday, e-mail, the predecessor's customer code, device names,
//! challenges, stored replies. Blocked: the cards. Ended: the sessions and the holds, whose points come back. Kept under
//! the member's id, which leads to nobody any more: ledger, receipts, returns, consents (as proof that there were
//! some), card numbers. The phone may sign up again and is then somebody new.

use kernel::{ConsentId, MemberId};
use membership::profile::ConsentWord;
use store::holds::{self, HoldStatus};
use store::sessions::Subject;
use store::{Sql, StoreError, cards, challenges, consents, exports, idempotency, members, sessions};

use super::consents::withdrawals;
use super::{Refusal, active};
use crate::{Moment, hold, session};

/// Why the cards were blocked, and where the consents were withdrawn.
const REASON: &str = "erased";

/// Erases a member. Answers with key-value keys to remove after the commit.
///
/// # Errors
/// [`crate::Refusal::MemberInactive`] for a blocked account, whose data its dispute still needs, or one erased before;
/// a failure of storage.
pub fn erase(tx: &dyn Sql, member: MemberId, moment: &mut Moment<'_>) -> Result<Vec<String>, Refusal> {
    let record = active(tx, member)?;
    for id in exports::list_open_holds(tx, member)? {
        let stored = holds::load(tx, id)?;
        let stored = stored.ok_or_else(|| unreadable("hold", "listed and then not found"))?;
        hold::end(tx, stored, HoldStatus::Released, &record.brand, moment)?;
    }
    withdraw(tx, member, moment)?;
    cards::block_all(tx, member, REASON, moment.now)?;
    let stale_keys = session::sign_out_everywhere(tx, member, moment.now)?;
    sessions::clear_labels(tx, Subject::Member, member.raw())?;
    if let Some(index) = &record.phone_index {
        challenges::delete_of_phone(tx, &record.brand, index)?;
    }
    idempotency::delete_scope(tx, &format!("member:{}", member.raw()))?;
    members::erase(tx, member, moment.now)?;
    Ok(stale_keys)
}

fn withdraw(tx: &dyn Sql, member: MemberId, moment: &mut Moment<'_>) -> Result<(), StoreError> {
    let source = ConsentWord::parse(REASON).map_err(|error| unreadable("consent source", error.0))?;
    for consent in withdrawals(&consents::list(tx, member)?, &source, moment.now) {
        consents::insert(tx, ConsentId::new(moment.ids, moment.now), member, &consent)?;
    }
    Ok(())
}

fn unreadable(what: &'static str, problem: &str) -> StoreError {
    StoreError::Unreadable { what, problem: problem.to_owned() }
}

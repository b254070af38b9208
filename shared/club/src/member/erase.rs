//! Being forgotten: who the guest was goes, what happened stays.
//!
//! Gone afterwards: phone and its index, name, birthday, e-mail, the predecessor's customer code, device names,
//! challenges, stored replies, the chat with the bot, words to baristas, in answers, on tickets and in appeals, segments and tags, what they were
//! seen with (devices, means of payment), addresses and words of messages. Blocked: the cards. Ended: the sessions and the holds, whose points come back. Kept under
//! the member's id, which leads to nobody any more: ledger, receipts, returns, orders, consents (as proof that there were
//! some), card numbers. The phone may sign up again and is then somebody new, but for what [`watch::leaver`] remembers of
//! it for a while: what was held against the account, and that it was welcomed.

use kernel::{ConsentId, MemberId};
use ledger::model::EntryKind;
use membership::profile::ConsentWord;
use store::guests::MemberStatus;
use store::orders::desk;
use store::sessions::Subject;
use store::telegram::links;
use store::tiers::records;
use store::{
    Sql, StoreError, cards, challenges, consents, contacts, feedback, holds, idempotency, ledger as books,
    members, message_settings, notifications, segments, sessions,
};

use super::consents::withdrawals;
use super::{Refusal, active};
use crate::receipt::welcome_event;
use crate::{Moment, account, hold, session};

/// Why the cards were blocked, and where the consents were withdrawn.
const REASON: &str = "erased";

/// Through whom a guest asks to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// By themselves, signed in.
    Themselves,
    /// Through support, which has made sure who asks and that no dispute needs the data any more: a blocked account as
    /// well.
    Support,
}

/// Erases a member. Answers with key-value keys to remove after the commit.
///
/// # Errors
/// [`Refusal::UnknownMember`]; [`Refusal::UnderReview`] by themselves while spending is stopped; [`crate::Refusal::MemberInactive`] for an account erased before, or blocked unless support does it; a failure of
/// storage.
pub fn erase(
    tx: &dyn Sql,
    member: MemberId,
    through: Through,
    moment: &mut Moment<'_>,
) -> Result<Vec<String>, Refusal> {
    let record = match through {
        Through::Themselves => {
            let record = active(tx, member)?;
            if watch::inline::is_held(tx, member)? {
                return Err(Refusal::UnderReview);
            }
            record
        }
        Through::Support => {
            let record = members::load(tx, member)?.ok_or(Refusal::UnknownMember)?;
            if record.status == MemberStatus::Erased {
                return Err(Refusal::Club(crate::Refusal::MemberInactive));
            }
            record
        }
    };
    release_holds(tx, member, &record.brand, moment)?;
    withdraw(tx, member, moment)?;
    cards::block_all(tx, member, REASON, moment.now)?;
    let stale_keys = session::sign_out_everywhere(tx, member, moment.now)?;
    sessions::clear_labels(tx, Subject::Member, member.raw())?;
    if let Some(index) = &record.phone_index {
        challenges::delete_of_phone(tx, &record.brand, index)?;
    }
    idempotency::delete_scope(tx, &format!("member:{}", member.raw()))?;
    desk::forget_words(tx, member)?;
    links::delete_of_member(tx, member)?;
    segments::forget(tx, &record.brand, member)?;
    feedback::words::forget(tx, member)?;
    let welcomed = books::has_entry(tx, &welcome_event(member), EntryKind::Accrual)?;
    let left = watch::Moment { now: moment.now, ids: &mut *moment.ids };
    watch::leaver::leave(tx, member, (&record.brand, record.phone_index.as_deref()), welcomed, &left)?;
    contacts::erase(tx, member, moment.now)?;
    message_settings::erase(tx, member)?;
    notifications::erase(tx, member, moment.now)?;
    records::settle_for_good(tx, member)?;
    members::erase(tx, member, moment.now)?;
    Ok(stale_keys)
}

/// Open receipts go on without the points.
fn release_holds(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    moment: &mut Moment<'_>,
) -> Result<(), crate::Refusal> {
    account::settle_balance(tx, member, brand, books::load_account(tx, member)?, moment)?;
    for open in holds::list_open(tx, member)? {
        let found = holds::load(tx, open.hold.id)?;
        let (stored, lots) = found.ok_or_else(|| unreadable("hold", "listed and then not found"))?;
        hold::end(tx, stored, lots, brand, moment)?;
    }
    Ok(())
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

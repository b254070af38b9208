//! Points that no receipt brought: won in a game, given for what went wrong.
//!
//! What they are given for, how many, and out of which budget is the caller's matter; here they become one entry of the
//! ledger under the caller's event (L4).

use kernel::time::DAY_MS;
use kernel::{MemberId, OutletId, Points};
use ledger::grant::{self, Grant};
use ledger::model::{Entry, LotSource, Occasion};
use store::guests::{self, MemberStatus};
use store::ledger::Due;
use store::{Sql, ledger as books};

use crate::{Moment, Refusal, account, unit};

/// Whether a rule or a person gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giver {
    /// A rule: an accrual.
    Rule,
    /// A person: a correction.
    Person,
}

/// Points to give.
#[derive(Debug, Clone)]
pub struct Gift<'a> {
    pub member: MemberId,
    /// Above zero.
    pub points: Points,
    pub giver: Giver,
    /// The business event, unique with the entry's kind (L4).
    pub event: String,
    pub outlet: Option<OutletId>,
    /// Shown in the member's history; `None`: the event speaks for itself.
    pub note: Option<&'a str>,
    /// Days for which the points are good.
    pub good_days: u32,
}

/// Gives points, spendable at once.
///
/// # Errors
/// [`Refusal::MemberInactive`] for an account that is blocked or erased; [`Refusal::UnknownGuest`]; a unique violation of
/// storage when the event has its entry; what the ledger refuses.
pub fn give(tx: &dyn Sql, gift: &Gift<'_>, moment: &mut Moment<'_>) -> Result<Entry, Refusal> {
    let guest = guests::load(tx, gift.member)?.ok_or(Refusal::UnknownGuest("no such member"))?;
    if guest.status != MemberStatus::Active {
        return Err(Refusal::MemberInactive);
    }
    let mut wallet = account::settle(tx, gift.member, &guest.brand, guest.account, moment)?;
    let occasion = Occasion {
        event: gift.event.clone(),
        receipt: None,
        outlet: gift.outlet,
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let source = match gift.giver {
        Giver::Rule => LotSource::Game,
        Giver::Person => LotSource::Correction,
    };
    let expires_at = moment.now.plus_millis(i64::from(gift.good_days) * DAY_MS);
    let grant = Grant { points: gift.points, source, activates_at: None, expires_at: Some(expires_at) };
    let entry = match gift.giver {
        Giver::Rule => grant::accrue(&mut wallet, grant, occasion, moment.ids)?,
        Giver::Person => grant::adjust_up(&mut wallet, grant, occasion, moment.ids)?,
    };
    let entry = entry.ok_or(ledger::error::Refusal::NotPositive { asked: gift.points })?;
    let (entries, due) = (std::slice::from_ref(&entry), Due::By(wallet.next_due(moment.now)));
    books::insert_entries(tx, gift.member, entries, &unit(&guest.brand), gift.note, due)?;
    Ok(entry)
}

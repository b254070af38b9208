//! What a person's ruling does to points: the ledger's part of `watch::review`.
//!
//! Points that are withheld leave the wallet with a reason in the history, so that they are not a promise for ever. An
//! overturned case gives them back, and with them whatever ran out while nobody could have it: as if nothing had been
//! done. Every step is an entry of its own with an event of its own (L4).

use std::collections::BTreeSet;

use fraud::Action;
use kernel::time::DAY_MS;
use kernel::{MemberId, Points, ReceiptId, StaffId, Timestamp};
use ledger::age::age;
use ledger::grant::{Grant, adjust_up};
use ledger::model::{Entry, LotSource, Occasion, Wallet};
use ledger::spend;
use store::fraud::cases::{self, Case};
use store::fraud::delays::{self, Delay, Expired};
use store::ledger::Due;
use store::{Sql, StoreError, ledger as books, returns};
use watch::review::{self, Outcome, View};

use crate::refusal::Refusal;
use crate::{Moment, account, unit};

/// What comes back after running out is good for so long at least, in days: time to hear of it.
pub const GRACE_DAYS: i64 = 14;

/// Why a case was not decided.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Review(#[from] review::Refused),
    /// The ledger refused; nothing was decided.
    #[error(transparent)]
    Club(#[from] Refusal),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Review(error.into())
    }
}

impl From<ledger::error::Refusal> for Refused {
    fn from(refusal: ledger::error::Refusal) -> Self {
        Self::Club(refusal.into())
    }
}

/// Decides a case, and moves the points that the ruling is about. See [`review::decide`].
///
/// # Errors
/// See [`Refused`].
pub fn decide(
    tx: &dyn Sql,
    id: i64,
    outcome: Outcome,
    note: &str,
    by: StaffId,
    moment: &mut Moment<'_>,
) -> Result<View, Refused> {
    let case = cases::load(tx, id)?.ok_or(review::Refused::Unknown)?;
    if case.status == "overturned" {
        return Err(review::Refused::Decided.into());
    }
    let before = delays::list(tx, id)?;
    // What time did by now counts as having been there: points activate and run out before they are taken or missed.
    let members: BTreeSet<MemberId> =
        case.member.into_iter().chain(before.iter().map(|delay| delay.member)).collect();
    for member in members {
        account::settle_balance(tx, member, &case.brand, books::load_account(tx, member)?, moment)?;
    }
    let ruled = Ruled { tx, case: id, brand: &case.brand };
    if matches!(outcome, Outcome::Overturn { .. }) {
        ruled.restore(&case, &before, moment)?;
    }
    let mut watched = watch::Moment { now: moment.now, ids: &mut *moment.ids };
    review::decide(tx, id, outcome, note, by, &mut watched)?;
    if matches!(outcome, Outcome::Uphold { withheld: true, .. }) {
        let now = moment.now;
        for delay in before.iter().filter(|delay| delay.ended.is_none() && delay.until > now) {
            ruled.take(delay, moment)?;
        }
    }
    Ok(review::read(tx, id)?)
}

/// What ran out under a case, each lot once.
fn expired(tx: &dyn Sql, case: &Case) -> Result<Vec<Expired>, StoreError> {
    let mut all = delays::list_expired(tx, case.id)?;
    if let (Some(member), Some(since)) = (case.member, case.stopped_at) {
        for stopped in delays::list_expired_between(tx, member, since, stopped_until(case))? {
            match all.iter_mut().find(|known| known.lot == stopped.lot) {
                // A lot that activated while spending was stopped, and then ran out in parts.
                Some(known) => {
                    known.points = known.points.checked_add(stopped.points).unwrap_or(known.points);
                }
                None => all.push(stopped),
            }
        }
    }
    Ok(all)
}

/// Until when a case stopped spending: for ever, or until a person let spending go on.
fn stopped_until(case: &Case) -> Timestamp {
    let goes_on = Action::from_code(&case.action).is_none_or(|action| !action.stops_spending());
    match case.decided {
        Some((at, _)) if case.status == "upheld" && goes_on => at,
        _ => Timestamp::from_millis(i64::MAX),
    }
}

struct Ruled<'a> {
    tx: &'a dyn Sql,
    case: i64,
    brand: &'a str,
}

impl Ruled<'_> {
    /// Gives back what was taken and what ran out, while it is still known what waits.
    fn restore(&self, case: &Case, before: &[Delay], moment: &mut Moment<'_>) -> Result<(), Refused> {
        let expired = expired(self.tx, case)?;
        for delay in before.iter().filter(|delay| delay.taken.is_positive()) {
            self.give_back(delay, moment)?;
        }
        for lot in &expired {
            self.revive(lot, case.stopped_at, moment)?;
        }
        Ok(())
    }

    /// Takes a delayed accrual out of the wallet. It becomes spendable and is taken in one moment: what repays a debt on
    /// its way is not taken.
    fn take(&self, delay: &Delay, moment: &mut Moment<'_>) -> Result<(), Refused> {
        let mut lots = delays::load_pending(self.tx, &delay.event)?;
        for lot in &mut lots {
            lot.activates_at = Some(moment.now);
        }
        let account = books::load_account(self.tx, delay.member)?;
        let mut wallet = account::part(delay.member, &account, lots)?;
        let aged = age(&mut wallet, &[], moment.now, moment.ids)?.entries;
        self.write(delay.member, &aged, &wallet, moment.now)?;
        let amount = wallet.available;
        if !amount.is_positive() {
            return Ok(());
        }
        let occasion = self.occasion(&delay.event, moment.now);
        let entry = spend::adjust_down(&mut wallet, amount, occasion, moment.ids)?;
        self.write(delay.member, std::slice::from_ref(&entry), &wallet, moment.now)?;
        delays::set_taken(self.tx, &delay.event, amount)?;
        Ok(())
    }

    /// Gives back what was taken of a delayed accrual, but for what a return of its receipt has set off against it.
    fn give_back(&self, delay: &Delay, moment: &mut Moment<'_>) -> Result<(), Refused> {
        let set_off = match delay.event.strip_prefix("receipt:").map(str::parse) {
            Some(Ok(receipt)) => {
                let undone = returns::load_undone(self.tx, ReceiptId::from_raw(receipt))?;
                Points::ZERO.checked_sub(undone.expired).unwrap_or(Points::ZERO).max(Points::ZERO)
            }
            _ => Points::ZERO,
        };
        let kept = delay.taken.min(set_off);
        let points = delay.taken.checked_sub(kept).unwrap_or(Points::ZERO);
        let (expires_at, granted_at) = delays::load_granted(self.tx, &delay.event)?;
        let grant = grant(points, expires_at, granted_at, moment.now);
        self.credit(delay.member, grant, &format!("back:{}", delay.event), moment)?;
        Ok(delays::set_taken(self.tx, &delay.event, kept)?)
    }

    /// Gives back what ran out, but for what a return of its receipt has set off against it; notes it, so that later returns
    /// do not take it for lost.
    fn revive(
        &self,
        lot: &Expired,
        stopped_at: Option<Timestamp>,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let points = match lot.receipt {
            Some(receipt) => {
                returns::load_undone(self.tx, receipt)?.expired.max(Points::ZERO).min(lot.points)
            }
            None => lot.points,
        };
        let stopped_at = stopped_at.filter(|_| lot.event.is_none());
        let lost_at = stopped_at.map_or(lot.granted_at, |at| at.max(lot.granted_at));
        let grant = grant(points, lot.expires_at, lost_at, moment.now);
        self.credit(lot.member, grant, &format!("lot:{}", lot.lot.raw()), moment)?;
        match (&lot.event, lot.receipt) {
            (Some(event), _) => {
                let taken = delays::load_taken(self.tx, event)?.checked_sub(points);
                delays::set_taken(self.tx, event, taken.unwrap_or(Points::ZERO))?;
            }
            (None, Some(receipt)) => {
                delays::note_revived(self.tx, self.case, (receipt, lot.member), points, moment.now)?;
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn credit(
        &self,
        member: MemberId,
        grant: Grant,
        event: &str,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refused> {
        let account = books::load_account(self.tx, member)?;
        let mut wallet = account::part(member, &account, Vec::new())?;
        let occasion = self.occasion(event, moment.now);
        let Some(entry) = adjust_up(&mut wallet, grant, occasion, moment.ids)? else { return Ok(()) };
        self.write(member, std::slice::from_ref(&entry), &wallet, moment.now)
    }

    fn write(
        &self,
        member: MemberId,
        entries: &[Entry],
        wallet: &Wallet,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if entries.is_empty() {
            return Ok(());
        }
        let due = Due::By(wallet.next_due(now));
        Ok(books::insert_entries(self.tx, member, entries, &unit(self.brand), None, due)?)
    }

    /// `fraud:<case>:<what>`: the history knows by it what to say, see [`crate::movement`].
    fn occasion(&self, what: &str, now: Timestamp) -> Occasion {
        let event = format!("fraud:{}:{what}", self.case);
        Occasion { event, receipt: None, outlet: None, effective_at: now, recorded_at: now }
    }
}

/// Good for as long as it still was when it was lost, and for the grace at least.
fn grant(points: Points, expires_at: Option<Timestamp>, lost_at: Timestamp, now: Timestamp) -> Grant {
    let left_ms = |end: Timestamp| end.millis().saturating_sub(lost_at.millis()).max(GRACE_DAYS * DAY_MS);
    let expires_at = expires_at.map(|end| now.plus_millis(left_ms(end)));
    Grant { points, source: LotSource::Correction, activates_at: None, expires_at }
}

//! Rewards for bringing friends: points for the referrer with the friend's first purchase, taken back with it.
//!
//! A friend is brought once, by whoever's code their first purchase named: one row, one entry (L4), whatever is
//! repeated. What the referrer sees never names the friend.

use kernel::time::DAY_MS;
use kernel::{CouponBatchId, LotId, MemberId, Money, OutletId, Points, ReceiptId, Timestamp};
use ledger::clawback;
use ledger::grant::{self, Grant};
use ledger::model::{Entry, LotSource, Occasion};
use loyalty::referral::{NotRewarded, Purchase, Terms};
use messaging::Topic;
use serde_json::json;
use store::fraud::delays;
use store::guests::{self, MemberStatus};
use store::ledger::Due;
use store::notifications::{self, NewIntent};
use store::outlets::Outlet;
use store::referrals::{self, Referral, Rewarded};
use store::{Sql, StoreError, ledger as books};
use watch::inline::{self, Delayed};

use crate::refusal::Refusal;
use crate::{Moment, account, programme, unit};

/// What the referrer is told.
const TOPIC: Topic = Topic::ReferralRewarded;
/// For how long it is news.
const NEWS_DAYS: i64 = 3;

/// A friend's purchase with a referrer's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought<'a> {
    pub brand: &'a str,
    pub friend: MemberId,
    pub referrer: MemberId,
    pub batch: CouponBatchId,
    pub receipt: ReceiptId,
    pub outlet: OutletId,
    pub sold_at: Timestamp,
    /// What it cost after discounts, points included.
    pub amount: Money,
}

/// What a purchase did for its referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The batch rewards nobody, or the friend was brought before.
    Nothing,
    Rewarded(Points),
    Refused(NotRewarded),
}

/// Rewards the referrer of a purchase, if it earns a reward. Repeated, it does nothing.
///
/// # Errors
/// A failure of storage; an inconsistent ledger.
pub fn settle(tx: &dyn Sql, brought: &Brought<'_>, moment: &mut Moment<'_>) -> Result<Settled, Refusal> {
    let Some(terms) = terms(tx, brought.batch)? else { return Ok(Settled::Nothing) };
    if brought.friend == brought.referrer {
        return Ok(Settled::Refused(NotRewarded::OwnCode));
    }
    if referrals::is_known(tx, brought.friend)? {
        return Ok(Settled::Nothing);
    }
    let referrer = guests::load(tx, brought.referrer)?.filter(|guest| guest.status == MemberStatus::Active);
    let since = moment.now.plus_millis(-i64::from(terms.within_days) * DAY_MS);
    let purchase = Purchase {
        is_own_code: false,
        is_first: !referrals::has_bought_before(tx, brought.friend, brought.receipt, brought.sold_at)?,
        amount: brought.amount,
        referrer_is_active: referrer.as_ref().is_some_and(|guest| guest.brand == brought.brand),
        rewards_before: referrals::count_rewarded(tx, brought.referrer, since)?,
    };
    let expires_at = terms.expires_days.map(|days| moment.now.plus_millis(i64::from(days) * DAY_MS));
    let judged = terms.reward(&purchase);
    let row = Referral {
        friend: brought.friend,
        referrer: brought.referrer,
        batch: brought.batch,
        receipt: brought.receipt,
        refused: judged.err().map(NotRewarded::code),
        points: judged.unwrap_or(Points::ZERO),
        expires_at: expires_at.filter(|_| judged.is_ok()),
    };
    referrals::insert(tx, &row, moment.now)?;
    let (points, guest) = match (judged, referrer) {
        (Ok(points), Some(guest)) => (points, guest),
        (Err(why), _) => return Ok(Settled::Refused(why)),
        (Ok(_), None) => return Ok(Settled::Refused(NotRewarded::ReferrerInactive)),
    };
    let people = (brought.referrer, brought.friend);
    let delayed = inline::delay_of_reward(tx, brought.brand, people, moment.now)?;
    let activates_at = delayed.map(|(_, until)| until);
    let grant = Grant { points, source: LotSource::Referral, activates_at, expires_at };
    let mut wallet = account::settle(tx, guest.member, brought.brand, guest.account, moment)?;
    let occasion = occasion(brought.friend, brought.outlet, brought.sold_at, moment.now);
    let event = occasion.event.clone();
    let entry = grant::accrue(&mut wallet, grant, occasion, moment.ids)?;
    write(tx, guest.member, brought.brand, entry, wallet.next_due(moment.now))?;
    if let Some(delayed) = delayed {
        let waiting = Delayed { event, points, programme_at: None };
        let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
        inline::delay_reward(tx, guest.member, waiting, delayed, &mut moment)?;
    }
    tell(tx, brought, points, moment)?;
    Ok(Settled::Rewarded(points))
}

/// Takes a reward back when what is left of the friend's purchase would not have earned it. Points that have run out by
/// their own time are not asked for again.
///
/// # Errors
/// A failure of storage; an inconsistent ledger.
pub(crate) fn reconsider(
    tx: &dyn Sql,
    outlet: &Outlet,
    receipt: ReceiptId,
    returned_at: Timestamp,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let Some(rewarded) = referrals::load_rewarded(tx, receipt)? else { return Ok(()) };
    if terms(tx, rewarded.batch)?.is_some_and(|terms| terms.qualifies(rewarded.left)) {
        return Ok(());
    }
    referrals::take_back(tx, rewarded.friend, moment.now)?;
    let has_run_out = rewarded.expires_at.is_some_and(|end| end <= moment.now);
    let guest = guests::load(tx, rewarded.referrer)?.filter(|guest| guest.status != MemberStatus::Erased);
    let Some(guest) = guest.filter(|_| !has_run_out) else { return Ok(()) };
    let Rewarded { friend, points, .. } = rewarded;
    let policy = programme::in_force(tx, &outlet.brand, returned_at)?.rules.returns.clawback;
    let mut wallet = account::settle(tx, guest.member, &outlet.brand, guest.account, moment)?;
    let occasion = occasion(friend, outlet.id, returned_at, moment.now);
    // A reward that waits for a ruling is taken from what waits. What a ruling has taken of it is gone already, and is not to
    // come back when the ruling is overturned.
    let event = occasion.event.clone();
    let withheld = delays::load_taken(tx, &event)?.max(Points::ZERO);
    let waiting: Vec<LotId> = delays::load_pending(tx, &event)?.iter().map(|lot| lot.id).collect();
    let own = clawback::Own::Lots(&waiting);
    let taken = clawback::claw_back(&mut wallet, points, own, withheld, policy, occasion, moment.ids)?;
    if taken.expired.is_positive() {
        let left = withheld.checked_sub(taken.expired).unwrap_or(Points::ZERO);
        delays::set_taken(tx, &event, left)?;
    }
    write(tx, guest.member, &outlet.brand, taken.entry, wallet.next_due(moment.now))
}

/// The terms of a batch of codes; none where nobody is rewarded.
///
/// # Errors
/// A failure of storage.
pub fn terms(sql: &dyn Sql, batch: CouponBatchId) -> Result<Option<Terms>, StoreError> {
    Ok(referrals::load_terms(sql, batch)?.map(|stored| Terms {
        points: stored.points,
        purchase_min: stored.purchase_min,
        rewards_max: stored.rewards_max,
        within_days: stored.within_days,
        expires_days: stored.expires_days,
    }))
}

/// The referrer's books name neither the friend's receipt nor the friend: the event alone tells them apart (L4).
fn occasion(friend: MemberId, outlet: OutletId, effective_at: Timestamp, recorded_at: Timestamp) -> Occasion {
    let event = format!("referral:{}", friend.raw());
    Occasion { event, receipt: None, outlet: Some(outlet), effective_at, recorded_at }
}

fn write(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    entry: Option<Entry>,
    due: Option<Timestamp>,
) -> Result<(), Refusal> {
    let Some(entry) = entry else { return Ok(()) };
    let entries = std::slice::from_ref(&entry);
    Ok(books::insert_entries(tx, member, entries, &unit(brand), None, Due::By(due))?)
}

fn tell(
    tx: &dyn Sql,
    brought: &Brought<'_>,
    points: Points,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let intent = NewIntent {
        id: moment.ids.next(moment.now),
        member: brought.referrer,
        topic: TOPIC,
        dedupe: &format!("{}:{}", TOPIC.code(), brought.friend.raw()),
        data: &json!({ "points": points.to_string() }).to_string(),
        body_sealed: None,
        created_at: moment.now,
        expires_at: moment.now.plus_millis(NEWS_DAYS * DAY_MS),
    };
    notifications::insert(tx, &intent)
}

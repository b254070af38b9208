//! A member's code for friends is used: who brought whom, and whether that looks right.

use fraud::facts::Who;
use fraud::told;
use kernel::{MemberId, Timestamp};
use store::coupons::{self, Kind};
use store::{Sql, guests};
use watch::inline;

use crate::coupon::Unusable;

/// Tells fraud control of a referral. Any other code is passed over.
///
/// # Errors
/// [`Unusable::Withdrawn`] while the account of the referrer or of the friend is held; a failure of storage.
pub(super) fn used(
    tx: &dyn Sql,
    brand: &str,
    code: &str,
    friend: Option<MemberId>,
    now: Timestamp,
) -> Result<(), Unusable> {
    let (Some(friend), Some((coupon, batch))) = (friend, coupons::load(tx, brand, code)?) else {
        return Ok(());
    };
    let Some(referrer) = coupon.member.filter(|_| batch.kind == Kind::Referral) else { return Ok(()) };
    if inline::is_held(tx, referrer)? || inline::is_held(tx, friend)? {
        return Err(Unusable::Withdrawn);
    }
    let Some(guest) = guests::load(tx, friend)? else { return Ok(()) };
    let who = Who { member: friend, joined_at: guest.joined_at };
    Ok(inline::note(tx, brand, &told::referral(referrer, who, now), now)?)
}

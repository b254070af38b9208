//! Tiers granted by hand, for a time and with a reason. A grant lifts a member and never lowers them.

use kernel::{MemberId, StaffId, Timestamp};
use store::guests::MemberStatus;
use store::tiers::grants::{self, Grant};
use store::tiers::people;
use store::{Sql, StoreError};

use crate::Moment;
use crate::programme;
use crate::tiers::member::GRANTS_MAX;
use crate::tiers::recalc::judge_one;

/// Longest grant, in days: two years.
pub const GRANT_DAYS_MAX: i64 = 731;
/// Characters of a reason.
pub const REASON_LEN_MAX: usize = 200;

/// Why a grant was not made or not revoked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Club(#[from] crate::Refusal),
    #[error("no such member")]
    UnknownMember,
    #[error("the member is erased")]
    MemberInactive,
    #[error("the programme in force has no such tier")]
    UnknownTier,
    #[error("a grant ends after it begins, and within {GRANT_DAYS_MAX} days")]
    BadTerm,
    #[error("the member has {GRANTS_MAX} grants")]
    TooMany,
    #[error("no such grant")]
    UnknownGrant,
    #[error("the grant has ended")]
    HasEnded,
}

/// A grant to make.
#[derive(Debug, Clone)]
pub struct NewGrant<'a> {
    pub member: MemberId,
    pub tier: &'a str,
    /// `None`: from now on.
    pub from_at: Option<Timestamp>,
    pub until_at: Timestamp,
    pub reason: &'a str,
    pub by: StaffId,
}

/// Grants a tier.
///
/// # Errors
/// See [`Refused`].
pub fn grant(tx: &dyn Sql, new: &NewGrant<'_>, moment: &mut Moment<'_>) -> Result<Grant, Refused> {
    let person = people::load(tx, new.member)?.ok_or(Refused::UnknownMember)?;
    if person.status == MemberStatus::Erased {
        return Err(Refused::MemberInactive);
    }
    let rules = programme::in_force(tx, &person.brand, moment.now)?.rules;
    if rules.tier(new.tier).is_none() {
        return Err(Refused::UnknownTier);
    }
    let from_at = new.from_at.unwrap_or(moment.now).max(moment.now);
    let latest = from_at.plus_millis(GRANT_DAYS_MAX * kernel::time::DAY_MS);
    if new.until_at <= from_at || new.until_at > latest {
        return Err(Refused::BadTerm);
    }
    if grants::list(tx, new.member, GRANTS_MAX)?.len() as i64 >= GRANTS_MAX {
        return Err(Refused::TooMany);
    }
    let grant = Grant {
        id: moment.ids.next(moment.now),
        member: new.member,
        tier: new.tier.to_owned(),
        from_at,
        until_at: Some(new.until_at),
        reason: new.reason.to_owned(),
        granted_by: new.by,
        created_at: moment.now,
        revoked: None,
    };
    grants::insert(tx, &grant)?;
    judge_one(tx, new.member, None, moment)?;
    Ok(grant)
}

/// Ends a grant before its time.
///
/// # Errors
/// See [`Refused`].
pub fn revoke(tx: &dyn Sql, id: i64, by: StaffId, moment: &mut Moment<'_>) -> Result<Grant, Refused> {
    let known = grants::load(tx, id)?.ok_or(Refused::UnknownGrant)?;
    if known.ends_at().is_some_and(|end| end <= moment.now) {
        return Err(Refused::HasEnded);
    }
    grants::revoke(tx, id, moment.now, by)?;
    judge_one(tx, known.member, None, moment)?;
    Ok(Grant { revoked: Some((moment.now, by)), ..known })
}

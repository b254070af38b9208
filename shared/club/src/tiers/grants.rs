//! Tiers granted by hand, for a time and with a reason. A grant lifts a member and never lowers them.

use kernel::id::id_before;
use kernel::time::DAY_MS;
use kernel::{MemberId, StaffId, Timestamp};
use membership::staff_auth::Role;
use store::guests::MemberStatus;
use store::tiers::grants::{self, Grant};
use store::tiers::{homes, people};
use store::{Sql, StoreError};

use crate::Moment;
use crate::programme;
use crate::tiers::member::GRANTS_MAX;
use crate::tiers::recalc::judge_one;

/// How far ahead a grant of support may end, in days: a quarter. Counted from now, so that one grant after another reaches
/// no further.
pub const SUPPORT_GRANT_DAYS_MAX: i64 = 92;
/// How far ahead a grant of an administrator may end, in days: two years.
pub const ADMINISTRATOR_GRANT_DAYS_MAX: i64 = 731;
/// Grants that one person of support may make within a day, revoked ones too.
pub const SUPPORT_GRANTS_PER_DAY_MAX: i64 = 20;
/// Grants that one administrator may make within a day, revoked ones too.
pub const ADMINISTRATOR_GRANTS_PER_DAY_MAX: i64 = 500;
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
    /// The account is or was that of whoever asks.
    #[error("nobody grants a tier to their own account")]
    OwnAccount,
    #[error("the programme in force has no such tier")]
    UnknownTier,
    #[error("a grant ends after it begins")]
    BadTerm,
    /// Longer than the caller's role allows.
    #[error("a grant ends within {days_max} days from now")]
    TooLong { days_max: i64 },
    /// More than the caller's role allows within a day.
    #[error("at most {max} grants within 24 hours")]
    AboveDayLimit { max: i64 },
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
    pub role: Role,
}

/// How far ahead in days a role's grants may end, and how many of them it may make within a day.
#[must_use]
pub const fn limits(role: Role) -> (i64, i64) {
    match role {
        Role::Administrator => (ADMINISTRATOR_GRANT_DAYS_MAX, ADMINISTRATOR_GRANTS_PER_DAY_MAX),
        Role::Support => (SUPPORT_GRANT_DAYS_MAX, SUPPORT_GRANTS_PER_DAY_MAX),
        Role::Guest
        | Role::Till
        | Role::Barista
        | Role::OutletManager
        | Role::Franchisee
        | Role::Marketer
        | Role::Finance => (0, 0),
    }
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
    if homes::is_own(tx, new.member, new.by)? {
        return Err(Refused::OwnAccount);
    }
    let rules = programme::in_force(tx, &person.brand, moment.now)?.rules;
    if rules.tier(new.tier).is_none() {
        return Err(Refused::UnknownTier);
    }
    let from_at = new.from_at.unwrap_or(moment.now).max(moment.now);
    if new.until_at <= from_at {
        return Err(Refused::BadTerm);
    }
    let (days_max, per_day_max) = limits(new.role);
    if new.until_at > moment.now.plus_millis(days_max * DAY_MS) {
        return Err(Refused::TooLong { days_max });
    }
    let id = moment.ids.next(moment.now);
    let since = moment.now.plus_millis(-DAY_MS);
    if grants::count_by(tx, new.by, id_before(id, DAY_MS), since)? >= per_day_max {
        return Err(Refused::AboveDayLimit { max: per_day_max });
    }
    if grants::list(tx, new.member, GRANTS_MAX)?.len() as i64 >= GRANTS_MAX {
        return Err(Refused::TooMany);
    }
    let grant = Grant {
        id,
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

//! Homes moved by hand: somebody moved away, or their first receipt was bought on a journey.
//!
//! A move holds from its day on, as one that followed the member does (see [`crate::tiers::homes`]): boundaries up to that
//! day stay judged at the home of before, and nothing that was earned changes.

use kernel::id::id_before;
use kernel::time::DAY_MS;
use kernel::{Date, MemberId, StaffId, Timestamp};
use membership::staff_auth::Role;
use store::guests::MemberStatus;
use store::tiers::homes::{self, Move, NewMove};
use store::tiers::people;
use store::{Sql, StoreError, directory};

use crate::Moment;
use crate::tiers::homes::{Crossing, crossing, parsed};

/// Homes that one person of support may move within a day.
pub const SUPPORT_MOVES_PER_DAY_MAX: i64 = 20;
/// Homes that one administrator may move within a day.
pub const ADMINISTRATOR_MOVES_PER_DAY_MAX: i64 = 500;
/// Days after a move by hand in which the same member is not moved by hand again: who goes to and fro would choose by which
/// midnight and in which money they are judged.
pub const MOVE_DAYS_MIN: i64 = 30;
/// Moves shown, the newest ones.
pub const MOVES_MAX: i64 = 100;
/// Status of an outlet at which nobody is at home any more.
const CLOSED: &str = "closed";

/// Why a home was not moved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such member")]
    UnknownMember,
    #[error("the member is erased")]
    MemberInactive,
    /// No such outlet, one of another brand, or one that is closed.
    #[error("the member's brand has no such outlet")]
    UnknownOutlet,
    /// The first receipt says where they are at home.
    #[error("the member has no home yet: their first receipt gives them one")]
    NoHome,
    /// The account is or was that of whoever asks.
    #[error("nobody moves the home of their own account")]
    OwnAccount,
    #[error("the home was moved by hand within the last {MOVE_DAYS_MIN} days")]
    MovedLately,
    /// A month has begun at one of the two homes and not at the other: its boundary would be judged twice, or taken back.
    #[error("a month begins: from {until:?} on")]
    BetweenMonths { until: Timestamp },
    /// More than the caller's role allows within a day.
    #[error("at most {max} homes within 24 hours")]
    AboveDayLimit { max: i64 },
}

/// A move to make.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub member: MemberId,
    /// Code of the outlet.
    pub outlet: &'a str,
    pub reason: &'a str,
    pub by: StaffId,
    pub role: Role,
}

/// Where a member is at home, and how that came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Code and zone of the outlet; `None` before the first receipt.
    pub home: Option<(String, String)>,
    /// Newest first.
    pub moves: Vec<Move>,
}

/// How many homes a role may move within a day.
#[must_use]
pub const fn per_day(role: Role) -> i64 {
    match role {
        Role::Administrator => ADMINISTRATOR_MOVES_PER_DAY_MAX,
        Role::Support => SUPPORT_MOVES_PER_DAY_MAX,
        Role::Guest
        | Role::Till
        | Role::Barista
        | Role::OutletManager
        | Role::Franchisee
        | Role::Marketer
        | Role::Finance => 0,
    }
}

/// Where a member is at home.
///
/// # Errors
/// [`Refused::UnknownMember`]; a failure of storage.
pub fn read(sql: &dyn Sql, member: MemberId) -> Result<View, Refused> {
    let home = homes::load(sql, member)?.ok_or(Refused::UnknownMember)?;
    Ok(View { home, moves: homes::list_moves(sql, member, MOVES_MAX)? })
}

/// Moves a member's home to an outlet of their brand. To where it is already: nothing is written, and nothing refused.
///
/// # Errors
/// See [`Refused`].
pub fn move_home(tx: &dyn Sql, wanted: &Wanted<'_>, moment: &mut Moment<'_>) -> Result<View, Refused> {
    let (member, now) = (wanted.member, moment.now);
    let person = people::load(tx, member)?.ok_or(Refused::UnknownMember)?;
    if person.status == MemberStatus::Erased {
        return Err(Refused::MemberInactive);
    }
    let outlet = directory::load(tx, wanted.outlet)?;
    let outlet = outlet.filter(|outlet| outlet.brand == person.brand && outlet.status != CLOSED);
    let outlet = outlet.ok_or(Refused::UnknownOutlet)?;
    let view = read(tx, member)?;
    let (home, zone) = view.home.as_ref().ok_or(Refused::NoHome)?;
    if *home == outlet.code {
        return Ok(view);
    }
    if homes::is_own(tx, member, wanted.by)? {
        return Err(Refused::OwnAccount);
    }
    let since = now.plus_millis(-MOVE_DAYS_MIN * DAY_MS);
    if view.moves.iter().any(|moved| moved.by.is_some() && moved.at > since) {
        return Err(Refused::MovedLately);
    }
    let today = match crossing(&parsed(zone)?, &parsed(&outlet.zone)?, now) {
        Crossing::Open(today) => today,
        Crossing::Between(until) => return Err(Refused::BetweenMonths { until }),
    };
    let id = moment.ids.next(now);
    let max = per_day(wanted.role);
    if homes::count_by(tx, wanted.by, id_before(id, DAY_MS), now.plus_millis(-DAY_MS))? >= max {
        return Err(Refused::AboveDayLimit { max });
    }
    let last: Option<Date> = person.left.last().map(|left| left.on);
    let new = NewMove {
        id,
        member,
        outlet: outlet.id,
        on: last.map_or(today, |last| last.max(today)),
        at: now,
        by: wanted.by,
        reason: wanted.reason,
    };
    homes::insert(tx, &new)?;
    read(tx, member)
}

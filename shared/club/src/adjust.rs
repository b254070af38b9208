//! Correcting a balance by hand, with a reason.

use kernel::id::id_before;
use kernel::time::DAY_MS;
use kernel::{MemberId, Points, StaffId};
use ledger::grant::{self, Grant};
use ledger::model::{Entry, LotSource, Occasion};
use ledger::spend;
use membership::staff_auth::Role;
use store::guests::{self, MemberStatus};
use store::ledger::Due;
use store::tiers::homes;
use store::{Sql, StoreError, ledger as books};

use crate::receipt::after;
use crate::{Moment, account, unit};

/// Most points that support may give or take at once.
pub const SUPPORT_MAX: Points = Points::from_hundredths(100_000);
/// Most points that an administrator may give or take at once.
pub const ADMINISTRATOR_MAX: Points = Points::from_hundredths(10_000_000);
/// Most points that one person of support may give and take within a day, all corrections together.
pub const SUPPORT_DAY_MAX: Points = Points::from_hundredths(500_000);
/// Most points that one administrator may give and take within a day, all corrections together.
pub const ADMINISTRATOR_DAY_MAX: Points = Points::from_hundredths(100_000_000);
/// Longest life of points given, in days: ten years.
pub const EXPIRES_DAYS_MAX: u32 = 3_660;

/// Why a correction did not happen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Ledger(#[from] ledger::error::Refusal),
    /// What time did to the member could not be worked out.
    #[error(transparent)]
    Balance(#[from] crate::Refusal),
    #[error("no such member")]
    UnknownMember,
    #[error("the member is erased")]
    MemberInactive,
    /// The caller's own account as a guest, or one that was.
    #[error("nobody corrects the balance of their own account")]
    OwnAccount,
    /// More than the caller's role allows at once.
    #[error("at most {max} points at once")]
    AboveLimit { max: Points },
    /// More than the caller's role allows within a day, with what they have given and taken since this time yesterday.
    #[error("at most {max} points within 24 hours, of which {left} are left")]
    AboveDayLimit { max: Points, left: Points },
}

/// A correction.
#[derive(Debug, Clone)]
pub struct Adjustment<'a> {
    pub member: MemberId,
    /// Above zero given, below zero taken; not zero.
    pub points: Points,
    /// The person's words: shown in the member's history.
    pub reason: &'a str,
    /// How long points given are good; `None` for ever.
    pub expires_in_days: Option<u32>,
    pub by: StaffId,
    pub role: Role,
}

/// What a correction did.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub entry: Entry,
    /// Pending, available and held after it.
    pub balance: (Points, Points, Points),
}

/// The most that a role may give or take: at once, and within a day.
#[must_use]
pub const fn limits(role: Role) -> (Points, Points) {
    match role {
        Role::Administrator => (ADMINISTRATOR_MAX, ADMINISTRATOR_DAY_MAX),
        Role::Support => (SUPPORT_MAX, SUPPORT_DAY_MAX),
        Role::Guest
        | Role::Till
        | Role::Barista
        | Role::OutletManager
        | Role::Franchisee
        | Role::Marketer
        | Role::Finance => (Points::ZERO, Points::ZERO),
    }
}

/// Gives or takes points. A correction never makes a debt (L9). A blocked member's balance can be corrected: that is
/// often why they are blocked.
///
/// # Errors
/// See [`Refused`]; zero points are [`ledger::error::Refusal::NotPositive`].
pub fn adjust(tx: &dyn Sql, asked: &Adjustment<'_>, moment: &mut Moment<'_>) -> Result<Outcome, Refused> {
    let (max, day_max) = limits(asked.role);
    let taken = Points::ZERO.checked_sub(asked.points).ok_or(ledger::error::Refusal::Overflow)?;
    let amount = asked.points.max(taken);
    if amount > max {
        return Err(Refused::AboveLimit { max });
    }
    let number = moment.ids.next(moment.now);
    let since = moment.now.plus_millis(-DAY_MS);
    let moved = books::load_adjusted(tx, asked.by, id_before(number, DAY_MS), since)?;
    let left = day_max.checked_sub(moved).unwrap_or(Points::ZERO).max(Points::ZERO);
    if amount > left {
        return Err(Refused::AboveDayLimit { max: day_max, left });
    }
    let guest = guests::load(tx, asked.member)?.ok_or(Refused::UnknownMember)?;
    if guest.status == MemberStatus::Erased {
        return Err(Refused::MemberInactive);
    }
    if homes::is_own(tx, asked.member, asked.by)? {
        return Err(Refused::OwnAccount);
    }
    let mut wallet = account::settle(tx, asked.member, &guest.brand, guest.account, moment)?;
    let before = (wallet.pending, wallet.available, wallet.held);
    let occasion = Occasion {
        event: books::adjustment_event(asked.by, number),
        receipt: None,
        outlet: None,
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let entry = if asked.points.is_positive() {
        let grant = Grant {
            points: asked.points,
            source: LotSource::Correction,
            activates_at: None,
            expires_at: asked.expires_in_days.map(|days| moment.now.plus_millis(i64::from(days) * DAY_MS)),
        };
        let entry = grant::adjust_up(&mut wallet, grant, occasion, moment.ids)?;
        entry.ok_or(ledger::error::Refusal::NotPositive { asked: asked.points })?
    } else {
        spend::adjust_down(&mut wallet, taken, occasion, moment.ids)?
    };
    let balance = after(before, std::slice::from_ref(&entry))?;
    let (entries, due) = (std::slice::from_ref(&entry), Due::By(wallet.next_due(moment.now)));
    books::insert_entries(tx, asked.member, entries, &unit(&guest.brand), Some(asked.reason), due)?;
    Ok(Outcome { entry, balance })
}

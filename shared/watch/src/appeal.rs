//! What a guest says to a case against them.

use kernel::{MemberId, Timestamp};
use store::fraud::appeals::{self, Appeal};
use store::fraud::cases::{self, Case};
use store::fraud::delays;
use store::{Sql, StoreError, fraud::inline as counted};

use crate::Moment;
use crate::review;

/// Most characters of an appeal.
pub const TEXT_LEN_MAX: usize = 2_000;
/// Most appeals against one case.
pub const APPEALS_MAX: usize = 3;

/// Why an appeal was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is held against the account.
    #[error("there is nothing to appeal against")]
    Nothing,
    /// One waits, or there were too many.
    #[error("an appeal waits for its answer, or there were {APPEALS_MAX}")]
    Enough,
}

/// The case that a member can appeal against now.
///
/// # Errors
/// See [`Refused`].
pub fn against(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Case, Refused> {
    let (case, standing) = review::current(sql, member, now)?;
    let case = case.filter(|case| case.status != "overturned").ok_or(Refused::Nothing)?;
    let waiting = delays::load_waiting(sql, member, now)?;
    if standing.is_none() && !waiting.points.is_positive() && !waiting.withheld.is_positive() {
        return Err(Refused::Nothing);
    }
    if case.has_appeal || appeals::list(sql, case.id)?.len() >= APPEALS_MAX {
        return Err(Refused::Enough);
    }
    Ok(case)
}

/// Takes an appeal against the case by which something holds for the member, waits or is withheld; an upheld case is
/// opened again by it. `seal` encrypts the text for the row with the appeal's id.
///
/// # Errors
/// See [`Refused`].
pub fn take(
    tx: &dyn Sql,
    member: MemberId,
    seal: impl FnOnce(i64) -> Vec<u8>,
    moment: &mut Moment<'_>,
) -> Result<Appeal, Refused> {
    let case = against(tx, member, moment.now)?;
    let id = moment.ids.next(moment.now);
    let appeal = Appeal {
        id,
        case: case.id,
        member,
        text_sealed: Some(seal(id)),
        created_at: moment.now,
        answered: None,
    };
    appeals::insert(tx, &appeal)?;
    cases::reopen(tx, case.id, moment.now)?;
    Ok(appeal)
}

/// Forgets what a leaving member wrote and was seen with.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    appeals::erase(tx, member)?;
    store::fraud::links::forget(tx, member)?;
    store::fraud::leavers::forget(tx, member)?;
    counted::forget(tx, &fraud::Subject::Member(member).to_string())
}

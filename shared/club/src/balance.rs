//! What a guest has, and how far they are.

use std::rc::Rc;

use kernel::time::DAY_MS;
use kernel::{MemberId, Money, Points, Timestamp};
use loyalty::programme::Programme;
use store::guests::MemberStatus;
use store::{Sql, receipts, standings};

use crate::programme;
use crate::refusal::Refusal;

/// How far ahead "expiring soon" looks.
pub const EXPIRING_WITHIN_DAYS: i64 = 30;

/// A guest's points and tier.
#[derive(Debug, Clone)]
pub struct Balance {
    pub pending: Points,
    pub available: Points,
    pub held: Points,
    /// Points that run out within [`EXPIRING_WITHIN_DAYS`], and when the first of them do.
    pub expiring: Option<(Points, Timestamp)>,
    pub tier: String,
    /// Spent with money in the current calendar month of the home outlet; `None` before the first receipt.
    pub spent: Option<Money>,
    pub rules: Rc<Programme>,
}

/// The balance of a member.
///
/// # Errors
/// [`Refusal::MemberInactive`], [`Refusal::NoProgramme`]; a failure of storage.
pub fn read(sql: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Balance, Refusal> {
    let until = now.plus_millis(EXPIRING_WITHIN_DAYS * DAY_MS);
    let standing = standings::load(sql, member, until)?;
    let standing = standing.filter(|standing| standing.status != MemberStatus::Erased);
    let standing = standing.ok_or(Refusal::MemberInactive)?;
    let rules = programme::in_force(sql, &standing.brand, now)?.rules;
    let spent = match standing.home {
        None => None,
        Some((zone, currency)) => {
            let month = now.date_in(&zone).month_start();
            let spent = receipts::load_spent(sql, member, month, month.plus_months(1), currency)?;
            Some(Money::new(spent, currency))
        }
    };
    let (points, first) = standing.expiring;
    Ok(Balance {
        pending: standing.pending,
        available: standing.available,
        held: standing.held,
        expiring: first.filter(|_| points.is_positive()).map(|first| (points, first)),
        tier: standing.tier,
        spent,
        rules,
    })
}

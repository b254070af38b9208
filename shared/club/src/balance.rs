//! What a guest has, and how far they are.

use std::rc::Rc;

use kernel::time::DAY_MS;
use kernel::{MemberId, Money, Points, Timestamp};
use loyalty::programme::Programme;
use store::guests::{self, MemberStatus};
use store::{Sql, ledger as books, outlets, receipts};

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
    let guest = guests::load(sql, member)?.filter(|guest| guest.status != MemberStatus::Erased);
    let guest = guest.ok_or(Refusal::MemberInactive)?;
    let rules = programme::in_force(sql, &guest.brand, now)?.rules;
    let (pending, available, held) = books::load_balance(sql, member)?;
    let (points, first) = books::load_expiring(sql, member, now.plus_millis(EXPIRING_WITHIN_DAYS * DAY_MS))?;
    let spent = match guest.home_outlet {
        None => None,
        Some(home) => match outlets::load(sql, home)? {
            None => None,
            Some(home) => {
                let month = now.date_in(&home.zone).month_start();
                let spent = receipts::load_spent(sql, member, month, month.plus_months(1), home.currency)?;
                Some(Money::new(spent, home.currency))
            }
        },
    };
    let expiring = first.filter(|_| points.is_positive()).map(|first| (points, first));
    Ok(Balance { pending, available, held, expiring, tier: guest.tier, spent, rules })
}

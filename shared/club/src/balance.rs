//! What a guest has, and how far they are.

use std::rc::Rc;

use kernel::time::DAY_MS;
use kernel::{MemberId, Money, Points, Timestamp};
use ledger::model::Wallet;
use loyalty::programme::Programme;
use store::guests::MemberStatus;
use store::{Sql, receipts, standings};

use crate::programme::InForce;
use crate::refusal::Refusal;
use crate::{account, programme};

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
    let standing = standings::load(sql, member, now, until)?;
    let standing = standing.filter(|standing| standing.status != MemberStatus::Erased);
    let standing = standing.ok_or(Refusal::MemberInactive)?;
    let version = standing.programme.ok_or(Refusal::NoProgramme)?;
    let in_force = InForce { version, rules: programme::load(sql, version)? };
    // A tier that the rules have dropped a moment ago is its heir already.
    let tier = programme::tier_place(sql, &standing.brand, &in_force, &standing.tier)?;
    let (rules, tier) = (in_force.rules.clone(), in_force.rules.tier_code(tier).to_owned());
    let spent = match standing.home {
        None => None,
        Some((zone, currency)) => {
            let month = now.date_in(&zone).month_start();
            let spent = receipts::load_spent(sql, member, month, month.plus_months(1), currency)?;
            Some(Money::new(spent, currency))
        }
    };
    let account = standing.account;
    let (points, expiring) = if account.is_due(now) {
        let wallet = account::look(sql, member, account, now)?;
        ((wallet.pending, wallet.available, wallet.held), expiring(&wallet, until)?)
    } else {
        ((account.pending, account.available, account.held), standing.expiring)
    };
    let (running_out, first) = expiring;
    Ok(Balance {
        pending: points.0,
        available: points.1,
        held: points.2,
        expiring: first.filter(|_| running_out.is_positive()).map(|first| (running_out, first)),
        tier,
        spent,
        rules,
    })
}

/// Available points that run out by `until`, and when the first of them do.
fn expiring(wallet: &Wallet, until: Timestamp) -> Result<(Points, Option<Timestamp>), Refusal> {
    let mut sum = Points::ZERO;
    let mut first: Option<Timestamp> = None;
    for lot in wallet.lots.iter().filter(|lot| lot.available.is_positive()) {
        let Some(end) = lot.expires_at.filter(|end| *end <= until) else { continue };
        sum = sum.checked_add(lot.available).ok_or(ledger::error::Refusal::Overflow)?;
        first = Some(first.map_or(end, |first| first.min(end)));
    }
    Ok((sum, first))
}

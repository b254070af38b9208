//! What an order takes of promotions: budgets and coupons, reserved with the order, committed or released once.
//!
//! An order has one row for each promotion, so that whatever is repeated takes nothing twice. A promotion that was
//! paused, changed or ended after the quote is honoured: the version the guest was promised decides. What can still
//! refuse is what is counted: a budget or a coupon that others have used up meanwhile.

use kernel::{ParseError, Points, PromotionId};
use pricing::limit::Scope;
use store::promotions::uses::{self, Status, Use};
use store::promotions::{self, budgets};
use store::{Sql, StoreError};

use super::allowances::{Whose, takes};
use super::{read_rules, referral};
use crate::coupon;
use club::Moment;

/// Why an order does not get what it was quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There was never such a version of such a promotion.
    #[error("{promotion} has no version {version}")]
    UnknownVersion { promotion: PromotionId, version: u32 },
    /// Others have used the budget up.
    #[error("the budget of {promotion} is spent")]
    BudgetSpent { promotion: PromotionId, scope: Scope },
    /// A budget for each guest, and no guest.
    #[error("{promotion} is for members only")]
    NoGuest { promotion: PromotionId },
    #[error(transparent)]
    Coupon(#[from] coupon::Unusable),
    /// The order's uses have ended before: it cannot take them again.
    #[error("the order's promotions have ended")]
    Ended,
    /// The same owner asked for something else before.
    #[error("reserved before with other content")]
    Conflict,
}

/// Where, when and for whom something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale<'a> {
    pub brand: &'a str,
    pub whose: Whose,
}

/// What one promotion is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub promotion: PromotionId,
    pub version: u32,
    pub times: u32,
    pub discount_minor: i64,
    pub points: Points,
    /// Normalised.
    pub coupon: Option<String>,
}

impl Wanted {
    /// As a quote names it.
    ///
    /// # Errors
    /// When the promotion's id cannot be read.
    pub fn of(quoted: &basket::PromotionUse) -> Result<Self, ParseError> {
        Ok(Self {
            promotion: PromotionId::parse(&quoted.promotion)?,
            version: quoted.version,
            times: quoted.times,
            discount_minor: quoted.discount_minor,
            points: Points::from_hundredths(quoted.points),
            coupon: quoted.coupon.clone(),
        })
    }
}

/// Reserves what an order or receipt takes of promotions. Asked again for the same, it does nothing.
///
/// # Errors
/// See [`Refused`]; the caller's transaction is then rolled back, so that nothing is taken.
pub fn reserve(
    tx: &dyn Sql,
    moment: &Moment<'_>,
    owner: &str,
    sale: &Sale<'_>,
    wanted: &[Wanted],
) -> Result<(), Refused> {
    let known = uses::list(tx, owner)?;
    if !known.is_empty() {
        return repeated(&known, wanted);
    }
    let whose = &sale.whose;
    for want in wanted {
        let (promotion, version) = (want.promotion, want.version);
        let stored = promotions::load_version(tx, promotion, version)?;
        let stored = stored.ok_or(Refused::UnknownVersion { promotion, version })?;
        let rules = read_rules(&stored.rules)?;
        let amounts = (want.discount_minor, want.points);
        let takes =
            takes(promotion, &rules.limits.budgets, amounts, whose).ok_or(Refused::NoGuest { promotion })?;
        for take in takes {
            if !budgets::take(tx, &take.counter, take.amount, take.limit)? {
                return Err(Refused::BudgetSpent { promotion, scope: take.scope });
            }
        }
        let coupon = match &want.coupon {
            Some(code) => {
                let taken = coupon::take(tx, sale.brand, code, promotion, whose.member)?;
                referral::used(tx, sale.brand, code, whose.member, moment.now)?;
                Some(taken)
            }
            None => None,
        };
        let new = Use {
            promotion,
            version,
            status: Status::Reserved,
            outlet: whose.outlet,
            member: whose.member,
            day: whose.day,
            currency: whose.currency,
            times: want.times.max(1),
            discount_minor: want.discount_minor,
            points: want.points,
            coupon,
        };
        uses::insert(tx, owner, &new, moment.now)?;
    }
    Ok(())
}

/// The same owner once more: what is there must be what is asked for.
fn repeated(known: &[Use], wanted: &[Wanted]) -> Result<(), Refused> {
    let same = |want: &Wanted| {
        known.iter().any(|known| {
            (known.promotion, known.version) == (want.promotion, want.version)
                && (known.discount_minor, known.points) == (want.discount_minor, want.points)
        })
    };
    if known.len() != wanted.len() || !wanted.iter().all(same) {
        return Err(Refused::Conflict);
    }
    if known.iter().any(|known| known.status == Status::Released) {
        return Err(Refused::Ended);
    }
    Ok(())
}

/// Makes what an order has reserved final: it is done and cannot be undone any more. Repeating it does nothing.
///
/// # Errors
/// [`Refused::Ended`] when it was released before.
pub fn commit(tx: &dyn Sql, moment: &Moment<'_>, owner: &str) -> Result<(), Refused> {
    let known = uses::list(tx, owner)?;
    if known.iter().any(|known| known.status == Status::Released) {
        return Err(Refused::Ended);
    }
    Ok(uses::end(tx, owner, Status::Committed, moment.now)?)
}

/// Gives back what an order has reserved: budgets and coupons. Repeating it does nothing, nor does it where nothing
/// was reserved.
///
/// # Errors
/// [`Refused::Ended`] when it was committed before.
pub fn release(tx: &dyn Sql, moment: &Moment<'_>, owner: &str) -> Result<(), Refused> {
    let known = uses::list(tx, owner)?;
    if known.iter().any(|known| known.status == Status::Committed) {
        return Err(Refused::Ended);
    }
    for used in known.iter().filter(|known| known.status == Status::Reserved) {
        let (promotion, version) = (used.promotion, used.version);
        let stored = promotions::load_version(tx, promotion, version)?;
        let stored = stored.ok_or(Refused::UnknownVersion { promotion, version })?;
        let rules = read_rules(&stored.rules)?;
        let whose =
            Whose { outlet: used.outlet, member: used.member, day: used.day, currency: used.currency };
        let amounts = (used.discount_minor, used.points);
        for take in takes(promotion, &rules.limits.budgets, amounts, &whose).unwrap_or_default() {
            budgets::give_back(tx, &take.counter, take.amount)?;
        }
        if let Some(coupon) = used.coupon {
            store::coupons::give_back(tx, coupon, used.member)?;
        }
    }
    Ok(uses::end(tx, owner, Status::Released, moment.now)?)
}

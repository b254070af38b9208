//! What budgets leave for one cart.

use kernel::{Currency, Date, MemberId, OutletId, Points, PromotionId};
use pricing::facts::Allowance;
use pricing::limit::{Budget, Period, Scope};
use pricing::{Cart, Index};
use store::promotions::budgets::{self, Counter, Spent};
use store::{Sql, StoreError};

/// Every period that a budget can count by.
const PERIODS: [Period; 5] = [Period::Day, Period::Week, Period::Month, Period::Year, Period::Ever];
/// Measures besides currencies.
const USES: &str = "uses";
const POINTS: &str = "points";

/// Whose cart it is, where and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    pub outlet: OutletId,
    pub member: Option<MemberId>,
    /// The outlet's business day.
    pub day: Date,
    pub currency: Currency,
}

/// What the budgets of promotions leave that may have to do with a cart. One read, and none when no promotion has a
/// budget.
///
/// # Errors
/// A failure of storage.
pub fn allowances(
    sql: &dyn Sql,
    cart: &Cart,
    index: &Index,
    whose: &Whose,
) -> Result<Vec<Allowance>, StoreError> {
    let limited = index.about(cart).into_iter().filter(|live| !live.rules.limits.budgets.is_empty());
    let limited: Vec<_> = limited.collect();
    if limited.is_empty() {
        return Ok(Vec::new());
    }
    let all = target(Scope::Promotion, whose).unwrap_or_default();
    let outlet = target(Scope::Outlet, whose).unwrap_or_default();
    let guest = target(Scope::Guest, whose).unwrap_or_default();
    let periods = PERIODS.map(|period| period.key(whose.day));
    let spent =
        budgets::list_spent(sql, [&all, &outlet, &guest], [0, 1, 2, 3, 4].map(|at| periods[at].as_str()))?;
    let left =
        limited.into_iter().map(|live| left(live.promotion, &live.rules.limits.budgets, &spent, whose));
    Ok(left.collect())
}

/// The least that the budgets of one promotion leave.
fn left(promotion: PromotionId, limits: &[Budget], spent: &[Spent], whose: &Whose) -> Allowance {
    let mut allowance = Allowance { promotion, exhausted: None, discount_minor: None, points: None };
    for budget in limits {
        // A guest's budget without a guest: evaluation says so itself.
        let Some(target) = target(budget.scope, whose) else { continue };
        let period = budget.period.key(whose.day);
        for (measure, limit) in measures(budget, whose.currency) {
            let known = spent.iter().find(|spent| {
                spent.promotion == promotion
                    && spent.target == target
                    && spent.period == period
                    && spent.measure == measure
            });
            let left = limit - known.map_or(0, |spent| spent.amount);
            if left <= 0 {
                allowance.exhausted.get_or_insert(budget.scope);
            } else if measure == POINTS {
                let least = allowance.points.map_or(left, |points| points.hundredths().min(left));
                allowance.points = Some(Points::from_hundredths(least));
            } else if measure != USES {
                allowance.discount_minor =
                    Some(allowance.discount_minor.map_or(left, |least| least.min(left)));
            }
        }
    }
    allowance
}

/// What a budget measures in carts of one currency, and its limits.
fn measures(budget: &Budget, currency: Currency) -> impl Iterator<Item = (&'static str, i64)> {
    let uses = budget.uses.map(|uses| (USES, i64::from(uses)));
    let points = budget.points.map(|points| (POINTS, points.hundredths()));
    // A budget without a sum in this currency has none of it to give.
    let discount = budget.discount.as_ref().map(|sums| (currency.code(), sums.minor(currency).unwrap_or(0)));
    uses.into_iter().chain(points).chain(discount)
}

/// Whose budget it is; none of a guest who is not signed in.
fn target(scope: Scope, whose: &Whose) -> Option<String> {
    match scope {
        Scope::Promotion => Some("all".to_owned()),
        Scope::Outlet => Some(format!("out:{}", whose.outlet.raw())),
        Scope::Guest => whose.member.map(|member| format!("mbr:{}", member.raw())),
    }
}

/// What a cart takes: a counter, how much of it, its limit, and whose budget it is.
pub(super) struct Take {
    pub(super) counter: Counter,
    pub(super) amount: i64,
    pub(super) limit: i64,
    pub(super) scope: Scope,
}

/// Everything that a use of a promotion takes of its budgets; `None` when a guest's budget meets no guest.
pub(super) fn takes(
    promotion: PromotionId,
    limits: &[Budget],
    (discount_minor, points): (i64, Points),
    whose: &Whose,
) -> Option<Vec<Take>> {
    let mut takes = Vec::new();
    for budget in limits {
        let target = target(budget.scope, whose)?;
        for (measure, limit) in measures(budget, whose.currency) {
            let amount = match measure {
                USES => 1,
                POINTS => points.hundredths(),
                _ => discount_minor,
            };
            if amount > 0 {
                let period = budget.period.key(whose.day);
                let counter = Counter { target: target.clone(), period, promotion, measure };
                takes.push(Take { counter, amount, limit, scope: budget.scope });
            }
        }
    }
    Some(takes)
}

//! What is taken of promotions' budgets. The database itself refuses to take more than there is.

use kernel::PromotionId;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Adds to what is spent unless it would pass the limit: then no row comes back. One statement, so that of two
/// writers the second sees what the first took.
const TAKE: Statement = Statement::new(
    "promotion_budgets.take",
    "insert into promotion_budgets (target, period, promotion_id, measure, spent) \
     select ?1, ?2, ?3, ?4, ?5 where ?5 <= ?6 \
     on conflict (target, period, promotion_id, measure) do update \
     set spent = promotion_budgets.spent + excluded.spent \
     where promotion_budgets.spent + excluded.spent <= ?6 returning spent",
);
const GIVE_BACK: Statement = Statement::new(
    "promotion_budgets.give_back",
    "update promotion_budgets set spent = spent - ?5 \
     where target = ?1 and period = ?2 and promotion_id = ?3 and measure = ?4",
);
/// A cart has three targets and five periods.
const SPENT: Statement = Statement::new(
    "promotion_budgets.spent",
    "select target, period, promotion_id, measure, spent from promotion_budgets \
     where target in (?1, ?2, ?3) and period in (?4, ?5, ?6, ?7, ?8)",
);

/// One counter of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// `all`, `out:<id>`, `mbr:<id>`.
    pub target: String,
    pub period: String,
    pub promotion: PromotionId,
    /// `uses`, `points`, or a currency.
    pub measure: &'static str,
}

/// What is spent of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub target: String,
    pub period: String,
    pub promotion: PromotionId,
    pub measure: String,
    pub amount: i64,
}

/// Takes `amount` if no more than `limit` is spent with it; false when it would be.
///
/// # Errors
/// A failure of storage.
pub fn take(sql: &dyn Sql, counter: &Counter, amount: i64, limit: i64) -> Result<bool, StoreError> {
    let row = TAKE.query_one(
        sql,
        &[
            counter.target.as_str().into(),
            counter.period.as_str().into(),
            counter.promotion.raw().into(),
            counter.measure.into(),
            amount.into(),
            limit.into(),
        ],
    )?;
    Ok(row.is_some())
}

/// Gives back what was taken.
///
/// # Errors
/// A failure of storage; the database refuses to give back more than was taken.
pub fn give_back(sql: &dyn Sql, counter: &Counter, amount: i64) -> Result<(), StoreError> {
    GIVE_BACK.run(
        sql,
        &[
            counter.target.as_str().into(),
            counter.period.as_str().into(),
            counter.promotion.raw().into(),
            counter.measure.into(),
            amount.into(),
        ],
    )
}

/// Everything that is spent of these targets in these periods.
///
/// # Errors
/// A failure of storage.
pub fn list_spent(sql: &dyn Sql, targets: [&str; 3], periods: [&str; 5]) -> Result<Vec<Spent>, StoreError> {
    let parameters: Vec<_> = targets.into_iter().chain(periods).map(Into::into).collect();
    let mut rows = SPENT.query(sql, &parameters)?;
    rows.iter_mut()
        .map(|row| {
            Ok(Spent {
                target: row.text()?,
                period: row.text()?,
                promotion: PromotionId::from_raw(row.integer()?),
                measure: row.text()?,
                amount: row.integer()?,
            })
        })
        .collect()
}

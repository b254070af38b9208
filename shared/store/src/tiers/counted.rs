//! A member's receipts as they count: net of everything that was returned of them, whenever it was.

use kernel::{Currency, Date, MemberId, Points, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const COUNTED: Statement = Statement::new(
    "tiers.counted",
    "select r.sold_at, r.business_date, r.currency, r.total_minor, r.points_paid_minor, r.points_earned, \
     coalesce(sum(t.refund_minor), 0), coalesce(sum(t.points_back_minor), 0), coalesce(sum(t.points_clawed), 0) \
     from receipts r left join returns t on t.receipt_id = r.id where r.member_id = ?1 and r.business_date >= ?2 \
     and r.business_date < ?3 and r.sold_at >= ?4 and r.sold_at < ?5 group by r.id order by r.sold_at, r.id",
);

/// A receipt, net.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Net {
    pub sold_at: Timestamp,
    pub business_date: Date,
    pub currency: Currency,
    /// Paid with money and not refunded.
    pub spend_minor: i64,
    /// Earned and not taken back.
    pub points: Points,
    /// Whether something of it was kept.
    pub kept: bool,
}

/// Receipts sold from `at.0` up to and without `at.1`, in the order of time. `days` bounds their business days as text;
/// wider bounds change nothing but the work.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    member: MemberId,
    at: (Timestamp, Timestamp),
    days: (&str, &str),
) -> Result<Vec<Net>, StoreError> {
    let parameters =
        [member.raw().into(), days.0.into(), days.1.into(), at.0.millis().into(), at.1.millis().into()];
    COUNTED.query(sql, &parameters)?.iter_mut().map(read).collect()
}

fn read(row: &mut Row) -> Result<Net, StoreError> {
    let (sold_at, business_date) = (Timestamp::from_millis(row.integer()?), row.parsed(Date::parse)?);
    let currency = row.parsed(Currency::parse)?;
    let (total, paid, earned) = (row.integer()?, row.integer()?, row.integer()?);
    let (refunded, back, clawed) = (row.integer()?, row.integer()?, row.integer()?);
    Ok(Net {
        sold_at,
        business_date,
        currency,
        spend_minor: total - paid - refunded,
        points: Points::from_hundredths(earned - clawed),
        kept: total - refunded - back > 0,
    })
}

//! How often a guest has bought: what promotions ask about the past.

use kernel::{Date, MemberId, Points};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

/// Answered from the index of a member's receipts alone, and from that of their orders: one that is under way is a visit
/// already, or several orders at once would each be the first.
const VISITS: Statement = Statement::new(
    "visits.of_member",
    "select count(*), coalesce(sum(case when business_date > ?2 then 1 else 0 end), 0), \
     coalesce(sum(case when business_date > ?3 then 1 else 0 end), 0), \
     coalesce(sum(case when business_date > ?4 then 1 else 0 end), 0), \
     (select count(*) from orders o where o.member_id = ?1 and o.receipt_id is null and o.stage <> 'cancelled') \
     from receipts where member_id = ?1",
);

const DAY: Statement = Statement::new(
    "visits.of_day",
    "select coalesce(sum(points_earned), 0), coalesce(sum(case when points_earned > 0 then 1 else 0 end), 0) \
     from receipts where member_id = ?1 and business_date = ?2",
);

/// Receipts of a guest, and orders under way: all, and those of the last so many business days, today's included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visits {
    pub ever: u32,
    pub days_7: u32,
    pub days_30: u32,
    pub days_90: u32,
}

/// A guest's visits up to the business day `today`.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId, today: Date) -> Result<Visits, StoreError> {
    let since = |days: i32| today.plus_days(-days).to_string().into();
    let Some(mut row) = VISITS.query_one(sql, &[member.raw().into(), since(7), since(30), since(90)])? else {
        return Ok(Visits::default());
    };
    let mut count = || -> Result<u32, StoreError> { Ok(u32::try_from(row.integer()?).unwrap_or(u32::MAX)) };
    let [ever, days_7, days_30, days_90, open] = [count()?, count()?, count()?, count()?, count()?];
    let with = |visits: u32| visits.saturating_add(open);
    Ok(Visits { ever: with(ever), days_7: with(days_7), days_30: with(days_30), days_90: with(days_90) })
}

/// What a guest has earned on a business day, and with how many receipts.
///
/// # Errors
/// A failure of storage.
pub fn load_day(sql: &dyn Sql, member: MemberId, day: Date) -> Result<(Points, u32), StoreError> {
    let row = DAY.query_one(sql, &[member.raw().into(), day.to_string().into()])?;
    let Some(mut row) = row else { return Ok((Points::ZERO, 0)) };
    let points = Points::from_hundredths(row.integer()?);
    Ok((points, u32::try_from(row.integer()?).unwrap_or(u32::MAX)))
}

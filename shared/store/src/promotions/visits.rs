//! How often a guest had bought by the time of a sale: what a replay asks about the past.

use kernel::{Date, MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::promotions::count;
use crate::statement::Statement;

const VISITS_BEFORE: Statement = Statement::new(
    "promotion_simulations.visits_before",
    "select count(*), coalesce(sum(case when business_date > ?3 then 1 else 0 end), 0), \
     coalesce(sum(case when business_date > ?4 then 1 else 0 end), 0), \
     coalesce(sum(case when business_date > ?5 then 1 else 0 end), 0) \
     from receipts where member_id = ?1 and sold_at < ?2",
);
/// A guest's visits before a sale: ever, and in the 7, 30 and 90 business days up to it.
///
/// # Errors
/// A failure of storage.
pub fn load_before(
    sql: &dyn Sql,
    member: MemberId,
    sold_at: Timestamp,
    day: Date,
) -> Result<[u32; 4], StoreError> {
    let since = |days: i32| day.plus_days(-days).to_string().into();
    let parameters = [member.raw().into(), sold_at.millis().into(), since(7), since(30), since(90)];
    let Some(mut row) = VISITS_BEFORE.query_one(sql, &parameters)? else { return Ok([0; 4]) };
    Ok([count(&mut row)?, count(&mut row)?, count(&mut row)?, count(&mut row)?])
}

//! Points promised to a guest by orders that are not receipts yet.

use kernel::{Date, MemberId, OrderId, Points, Timestamp, Zone};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const PROMISED: Statement = Statement::new(
    "orders.promised",
    "select coalesce(o.pickup_at, o.created_at), u.zone, json_extract(o.quote, '$.totals.points_earned') \
     from orders o join outlets u on u.id = o.outlet_id where o.member_id = ?1 and o.id > ?2 \
     and o.stage <> 'cancelled' and o.receipt_id is null order by o.id",
);

/// What a member's orders made after `after` (ids begin with the time) were promised for the business day, and how many
/// of them were promised anything. An order belongs to the day on which it is fetched, on its outlet's clock.
///
/// # Errors
/// A failure of storage.
pub fn load_promised(
    sql: &dyn Sql,
    member: MemberId,
    day: Date,
    after: OrderId,
) -> Result<(Points, u32), StoreError> {
    let (mut points, mut orders) = (0_i64, 0);
    for mut row in PROMISED.query(sql, &[member.raw().into(), after.raw().into()])? {
        let at = Timestamp::from_millis(row.integer()?);
        let zone = row.parsed(Zone::parse)?;
        let promised = row.integer()?;
        if promised > 0 && at.date_in(&zone) == day {
            points = points.saturating_add(promised);
            orders += 1;
        }
    }
    Ok((Points::from_hundredths(points), orders))
}

//! What a guest's business day has brought so far, for the programme's caps.

use kernel::time::DAY_MS;
use kernel::{Date, IdSource, MemberId, OrderId, Points, Timestamp};
use loyalty::accrual::DaySoFar;
use loyalty::programme::Caps;
use store::{Sql, StoreError, orders, visits};

/// How far back orders are looked at: longer than an order may be made ahead of the day on which it is fetched.
const LOOK_BACK_MS: i64 = 9 * DAY_MS;

/// Whether what the day has brought matters.
#[must_use]
pub const fn matters(caps: &Caps) -> bool {
    caps.points_per_day.is_some() || caps.receipts_per_day.is_some()
}

/// What receipts of the day have earned and orders for the day were promised: a promise is kept, so it counts.
///
/// # Errors
/// A failure of storage.
pub fn so_far(sql: &dyn Sql, member: MemberId, day: Date, now: Timestamp) -> Result<DaySoFar, StoreError> {
    let (granted, receipts) = visits::load_day(sql, member, day)?;
    let after = OrderId::from_raw(IdSource::new(0).next(now.plus_millis(-LOOK_BACK_MS)));
    let (promised, orders) = orders::load_promised(sql, member, day, after)?;
    let points = Points::from_hundredths(granted.hundredths().saturating_add(promised.hundredths()));
    Ok(DaySoFar { points, receipts: receipts.saturating_add(orders) })
}

/// Whether the day leaves room for `promised`.
#[must_use]
pub fn has_room(caps: &Caps, so_far: DaySoFar, promised: Points) -> bool {
    let fits = |limit: Points| {
        so_far.points.hundredths().saturating_add(promised.hundredths()) <= limit.hundredths()
    };
    !promised.is_positive()
        || (caps.points_per_day.is_none_or(fits)
            && caps.receipts_per_day.is_none_or(|limit| so_far.receipts < limit))
}

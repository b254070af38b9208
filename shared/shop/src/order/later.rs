//! Orders that were kept for later: what they were made for may be gone when their time has come.
//!
//! An order of now was held against the outlet's menu a moment ago, and its till has the last word. One of yesterday
//! evening is held against hours, menu and stop list as they are known now, so that the guest has the money back at once
//! and reads why. Prices are not looked at: the quote's hold, unless the till itself refuses them.

use kernel::Timestamp;
use ordering::model::CancelReason;
use store::menus::chains;
use store::orders::StoredOrder;
use store::outlets::Outlet;
use store::{Sql, StoreError, directory};

use super::quote_of;
use crate::opening;

/// Why an order that was kept cannot be had any more; none when it can, and for one that was not kept.
///
/// # Errors
/// A failure of storage.
pub fn gone(
    tx: &dyn Sql,
    stored: &StoredOrder,
    outlet: &Outlet,
    now: Timestamp,
) -> Result<Option<CancelReason>, StoreError> {
    if stored.order.send_at.is_none() || stored.order.dispatch.sends > 0 {
        return Ok(None);
    }
    let Some(entry) = directory::load(tx, &outlet.code)? else { return Ok(Some(CancelReason::OutletClosed)) };
    match opening::check(&entry, &outlet.zone, stored.facts.pickup_at, now) {
        Ok(()) => {}
        Err(opening::Refusal::Store(error)) => return Err(error),
        Err(opening::Refusal::Closed(_)) => return Ok(Some(CancelReason::OutletClosed)),
    }
    let (place, quote) = (&stored.facts.till, quote_of(stored)?);
    for line in &quote.lines {
        if chains::is_sold(tx, place.account, &place.organization, &line.till.product_id)? == Some(false) {
            return Ok(Some(CancelReason::MenuChanged));
        }
    }
    let stops = chains::list_stops(tx, place.account, &place.terminal_group)?;
    let left_of = |product: &str, size: Option<&str>| {
        let of = |stop: &&menu::chain::Stop| {
            stop.product_id == product && (stop.size_id.is_none() || stop.size_id.as_deref() == size)
        };
        stops.iter().filter(of).map(|stop| stop.left).min()
    };
    let is_short = quote.lines.iter().any(|line| {
        let main = left_of(&line.till.product_id, line.till.size_id.as_deref());
        let added = line.modifiers.iter().map(|modifier| {
            let (product, size) = menu::combo::parts(&modifier.till.product_id);
            (left_of(product, size), modifier.amount.saturating_mul(line.quantity))
        });
        let mut needs = std::iter::once((main, line.quantity)).chain(added);
        needs.any(|(left, needed)| left.is_some_and(|left| left < needed))
    });
    Ok(is_short.then_some(CancelReason::OutOfStock))
}

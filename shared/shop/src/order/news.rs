//! What partners tell unasked. It may come twice, late, or from somebody else.

use club::Moment;
use iiko::orders::OrderInfo;
use kernel::{IikoAccountId, OrderId};
use ordering::Outcome;
use store::orders::steps as outbox;
use store::{Sql, orders};

use super::change::change;
use super::spoken::Spoken;
use super::{Refusal, load, sale, till};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It changed the order.
    News(OrderId),
    /// Known already, older than what is known, or of no consequence.
    Known(OrderId),
    /// Not one of our orders, or not where we sent it.
    Foreign,
}

/// An event about an order at a till.
///
/// # Errors
/// A failure of storage.
pub fn from_till(
    tx: &dyn Sql,
    account: IikoAccountId,
    info: &OrderInfo,
    moment: &mut Moment<'_>,
) -> Result<Heard, Refusal> {
    let Some(id) = orders::load_by_till_id(tx, &info.id)? else { return Ok(Heard::Foreign) };
    let mut stored = load(tx, id)?;
    let place = &stored.facts.till;
    if place.account != account || !place.organization.eq_ignore_ascii_case(&info.organization) {
        return Ok(Heard::Foreign);
    }
    let mut spoken = Spoken::default();
    let outcome = till::outcome(info, &mut spoken);
    if outcome == Outcome::StillWaiting {
        return Ok(Heard::Known(id));
    }
    if let Some(number) = spoken.till_number.filter(|number| stored.till_number.as_ref() != Some(number)) {
        orders::set_till_number(tx, id, &number)?;
    }
    let changed = change(tx, &mut stored, &outcome, moment);
    let differs = sale::compare(tx, &mut stored, spoken.till_sum, moment)?;
    match changed {
        Ok(change) if change.changed || differs => Ok(Heard::News(id)),
        // An event of an order that cannot be there yet, or is over: the order's own state stands.
        Ok(_) | Err(Refusal::Transition(_)) => Ok(Heard::Known(id)),
        Err(refusal) => Err(refusal),
    }
}

/// An acquirer says that a payment changed: it is read at once. What it says is not believed.
///
/// # Errors
/// A failure of storage.
pub fn from_acquirer(
    tx: &dyn Sql,
    kind: &str,
    payment: &str,
    moment: &Moment<'_>,
) -> Result<Option<OrderId>, Refusal> {
    let Some((_, order)) = orders::lookup_payment(tx, kind, payment)? else { return Ok(None) };
    outbox::hasten(tx, order, moment.now)?;
    Ok(Some(order))
}

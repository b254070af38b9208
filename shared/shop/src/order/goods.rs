//! Goods of an order that come back after it was handed over: money and points with them, as for any receipt.

use basket::Quote;
use club::Moment;
use club::returning::{self, NewReturnOf, Outcome as Returned};
use kernel::{OrderId, Quantity, RefundId};
use ordering::Outcome;
use ordering::model::RefundReason;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::orders::{self, StoredOrder, steps as outbox};
use store::{Sql, StoreError, outlets};

use super::change::change;
use super::money::{self, RefundItem};
use super::{Refusal, load, quote_of, sale};

/// Lines named in one return.
pub const LINES_MAX: usize = 200;

/// Returns pieces of an order's lines; everything that is left where none are named. The guest gets back what was paid
/// for them, in money and in points, and loses what they earned; money goes back through the acquirer.
///
/// # Errors
/// [`Refusal::Transition`] unless the order was handed over; what the club refuses; a failure of storage.
pub fn give_back(
    tx: &dyn Sql,
    id: OrderId,
    lines: Option<&[(u32, u32)]>,
    moment: &mut Moment<'_>,
) -> Result<StoredOrder, Refusal> {
    let mut stored = load(tx, id)?;
    if stored.receipt.is_none() {
        return Err(ordering::InvalidTransition::OtherState.into());
    }
    let quote = quote_of(&stored)?;
    let outlet = outlets::load(tx, stored.facts.outlet)?.ok_or(Refusal::OutletUnavailable)?;
    let refund = RefundId::new(moment.ids, moment.now);
    let pieces = |count: u32| Quantity::from_thousandths(i64::from(count) * 1_000);
    let new = NewReturnOf {
        business_date: moment.now.date_in(&outlet.zone),
        number: refund.to_string(),
        staff_code: None,
        returned_at: moment.now,
        receipt: (outlet.code.clone(), sale::business_date(&stored, &outlet), sale::receipt_number(&stored)),
        lines: lines.map(|lines| lines.iter().map(|&(line_no, count)| (line_no, pieces(count))).collect()),
        request_hash: Sha256::digest(refund.to_string().as_bytes()).to_vec(),
    };
    let mut plan = None;
    returning::record(tx, &outlet, &new, moment, |returned: &Returned| {
        plan = Some(returned.plan.clone());
        json!({ "order": id.to_string(), "refund": refund.to_string() }).to_string()
    })?;
    let plan = plan.ok_or(Refusal::NotReturnable)?;
    let amount_minor: i64 = plan.lines.iter().map(|line| line.refund.minor()).sum();
    if amount_minor > 0 {
        let payment = stored.order.paid_by().map(|payment| payment.id).ok_or(Refusal::NotReturnable)?;
        let outcome = Outcome::RefundAsked { refund, payment, amount_minor, why: RefundReason::Returned };
        change(tx, &mut stored, &outcome, moment)?;
        let items: Vec<RefundItem> = plan
            .lines
            .iter()
            .flat_map(|line| items(&quote, line.line_no, line.quantity, line.refund.minor()))
            .collect();
        let text = serde_json::to_string(&items)
            .map_err(|error| StoreError::Unreadable { what: "refund's lines", problem: error.to_string() })?;
        orders::set_refund_items(tx, refund, &text)?;
        outbox::hasten(tx, id, moment.now)?;
    }
    load(tx, id)
}

/// Pieces of a line as a receipt lists them: at what goes back for each.
fn items(quote: &Quote, line_no: u32, quantity: Quantity, refund_minor: i64) -> Vec<RefundItem> {
    let Some(line) = quote.lines.iter().find(|line| line.line_no == line_no) else { return Vec::new() };
    let count = u32::try_from(quantity.thousandths() / 1_000).unwrap_or(0);
    pricing::fiscal::pieces(count, refund_minor)
        .into_iter()
        .filter(|pieces| pieces.quantity > 0 && pieces.unit_minor > 0)
        .map(|pieces| RefundItem {
            description: money::description(line),
            quantity: pieces.quantity,
            unit_minor: pieces.unit_minor,
            tax_rate: line.tax_rate,
        })
        .collect()
}

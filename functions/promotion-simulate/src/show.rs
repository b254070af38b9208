//! Replays as replies.

use api::wire::MoneyBody;
use api::wire::promotions::{MarginBody, OverlapBody, SimulationPart, SimulationReply, SimulationSums};
use kernel::{Currency, Money, Points};
use store::promotions::simulations::{self, Part, Simulation, Sums};
use store::{Sql, StoreError};

/// Overlapping promotions that are named.
const OVERLAPS_MAX: i64 = 50;

/// A replay as it stands.
pub fn simulation(sql: &dyn Sql, found: &Simulation) -> Result<SimulationReply, StoreError> {
    let parts = simulations::list_parts(sql, found.id)?;
    let mut totals: Vec<(Currency, Sums)> = Vec::new();
    for part in &parts {
        match totals.iter_mut().find(|(currency, _)| *currency == part.currency) {
            Some((_, sums)) => *sums = added(sums, &part.sums),
            None => totals.push((part.currency, part.sums)),
        }
    }
    let overlaps = simulations::list_overlaps(sql, found.id, OVERLAPS_MAX)?;
    Ok(SimulationReply {
        id: found.id.to_string(),
        promotion: found.promotion.to_string(),
        version: found.version,
        from: found.sold_from.to_string(),
        until: found.sold_until.to_string(),
        status: if found.done { "done" } else { "running" }.to_owned(),
        guests: simulations::count_guests(sql, found.id)?,
        totals: totals.iter().map(|(currency, total)| sums(total, *currency)).collect(),
        franchisees: parts.into_iter().map(part).collect(),
        overlaps: overlaps
            .into_iter()
            .map(|(promotion, receipts)| OverlapBody { promotion: promotion.to_string(), receipts })
            .collect(),
    })
}

fn part(part: Part) -> SimulationPart {
    SimulationPart { sums: sums(&part.sums, part.currency), franchisee: part.code, name: part.name }
}

fn sums(sums: &Sums, currency: Currency) -> SimulationSums {
    let money = |minor: i64| MoneyBody::from(Money::new(minor, currency));
    let before = sums.costed_minor - sums.cost_minor;
    let known = sums.costed_minor > 0 || sums.cost_minor > 0;
    SimulationSums {
        receipts: sums.receipts,
        touched: sums.touched,
        overlapping: sums.overlapping,
        list: money(sums.list_minor),
        discount: money(sums.discount_minor),
        cost: money(sums.added_minor),
        points: Points::from_hundredths(sums.points).to_string(),
        borne_by_brand: money(sums.brand_minor),
        borne_by_franchisee: money(sums.franchisee_minor),
        borne_by_partners: money(sums.partner_minor),
        margin: known.then(|| MarginBody {
            sales: money(sums.costed_minor),
            goods_cost: money(sums.cost_minor),
            before: money(before),
            after: money(before - sums.costed_discount_minor),
        }),
    }
}

fn added(a: &Sums, b: &Sums) -> Sums {
    Sums {
        receipts: a.receipts + b.receipts,
        touched: a.touched + b.touched,
        overlapping: a.overlapping + b.overlapping,
        list_minor: a.list_minor + b.list_minor,
        discount_minor: a.discount_minor + b.discount_minor,
        added_minor: a.added_minor + b.added_minor,
        points: a.points + b.points,
        brand_minor: a.brand_minor + b.brand_minor,
        franchisee_minor: a.franchisee_minor + b.franchisee_minor,
        partner_minor: a.partner_minor + b.partner_minor,
        costed_minor: a.costed_minor + b.costed_minor,
        cost_minor: a.cost_minor + b.cost_minor,
        costed_discount_minor: a.costed_discount_minor + b.costed_discount_minor,
    }
}

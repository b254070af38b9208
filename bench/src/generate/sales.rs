//! Sales: who, where, when and what, drawn from one seed, and recorded by the product's own code.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use club::guest::Named;
use club::receipt::{self, NewSale, Recorded};
use club::{Moment, Refusal};
use jiff::civil;
use jiff::tz::TimeZone;
use kernel::Lang;
use kernel::{HoldId, IdSource, MemberId, Money, Quantity, Timestamp};
use loyalty::sale::{Payment, PaymentMethod, Sale, SaleLine};
use membership::secrets::Secrets;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _};
use store::Sql;
use store::outlets::Outlet;
use web::till_reply;

use crate::generate::plan;

/// Of a hundred receipts, those that name a guest.
const MEMBER_PERCENT: u32 = 60;
/// Of a hundred receipts of a guest, those at their home outlet.
const HOME_PERCENT: u32 = 80;
/// How long after a sale the till reports it.
pub const REPORTED_AFTER_MS: i64 = 2 * kernel::time::SECOND_MS;
/// The larger, the more of the visits belong to few guests; with 1.6 the first of 430,000 comes nine times a day.
const VISITS_TAIL: f64 = 1.6;
const OUTLETS_TAIL: f64 = 1.3;
/// Receipts by local hour from seven in the morning: the peak is four times the mean of the day.
const HOURS: [u32; 15] = [8, 40, 30, 16, 10, 12, 18, 14, 10, 9, 12, 14, 9, 5, 3];
const FIRST_HOUR: i8 = 7;
/// Receipts with one, two, three and four lines, percent.
const LINES_PERCENT: [u32; 4] = [55, 30, 11, 4];

/// A generated outlet.
pub struct Place {
    pub outlet: Outlet,
    pub country: &'static plan::Country,
    pub zone: &'static str,
    pub brand: usize,
    pub till: String,
    pub staff: String,
}

/// A generated guest.
#[derive(Debug, Clone, Copy)]
pub struct Guest {
    pub id: MemberId,
    /// Index among the places.
    pub home: usize,
    /// EAN-13 as a number.
    pub card: u64,
}

/// A sale before it is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Draft {
    pub sold_at_ms: i64,
    pub place: usize,
    pub guest: Option<usize>,
    /// Seeds the lines.
    pub seed: u64,
}

/// Draws sales and records them.
pub struct Till<'a> {
    pub sql: &'a dyn Sql,
    pub places: &'a [Place],
    pub guests: &'a [Guest],
    pub ids: &'a mut IdSource,
}

/// A skewed index below `count`: low ones come often.
fn skewed(rng: &mut StdRng, count: usize, tail: f64) -> usize {
    let u: f64 = rng.random();
    ((u.powf(tail) * count as f64) as usize).min(count.saturating_sub(1))
}

/// Which of weighted choices `roll` falls on.
fn weighted(weights: &[u32], mut roll: u32) -> usize {
    for (index, weight) in weights.iter().enumerate() {
        if roll < *weight {
            return index;
        }
        roll -= weight;
    }
    weights.len() - 1
}

/// The sales of one day, in the order of time. `by_brand` lists the places of each brand.
///
/// # Errors
/// When a zone is unknown.
pub fn draw_day(
    rng: &mut StdRng,
    day: civil::Date,
    count: usize,
    places: &[Place],
    by_brand: &[Vec<usize>],
    guests: &[Guest],
) -> Result<Vec<Draft>> {
    let mut midnights: HashMap<&str, i64> = HashMap::new();
    for zone in plan::COUNTRIES.iter().flat_map(|country| country.zones) {
        let midnight = day.to_zoned(TimeZone::get(zone)?)?.timestamp().as_millisecond();
        midnights.insert(zone, midnight);
    }
    let hours: u32 = HOURS.iter().sum();
    let mut drafts = Vec::with_capacity(count);
    for _ in 0..count {
        let guest =
            (rng.random_range(0..100) < MEMBER_PERCENT).then(|| skewed(rng, guests.len(), VISITS_TAIL));
        let place = match guest {
            Some(guest) if rng.random_range(0..100) < HOME_PERCENT => guests[guest].home,
            Some(guest) => {
                let brand = &by_brand[places[guests[guest].home].brand];
                brand[rng.random_range(0..brand.len())]
            }
            None => skewed(rng, places.len(), OUTLETS_TAIL),
        };
        let hour = i64::from(FIRST_HOUR) + weighted(&HOURS, rng.random_range(0..hours)) as i64;
        let within = rng.random_range(0..kernel::time::HOUR_MS);
        let zone = plan_zone(place);
        let midnight = *midnights.get(zone).context("a zone of the plan")?;
        drafts.push(Draft {
            sold_at_ms: midnight + hour * kernel::time::HOUR_MS + within,
            place,
            guest,
            seed: rng.next_u64(),
        });
    }
    drafts.sort_by_key(|draft| (draft.sold_at_ms, draft.seed));
    Ok(drafts)
}

/// The zone of an outlet: its country's, in turn.
#[must_use]
pub fn plan_zone(outlet: usize) -> &'static str {
    let zones = plan::country(outlet).zones;
    zones[outlet % zones.len()]
}

/// The lines that `seed` draws.
fn lines(country: &plan::Country, mut seed: u64) -> (Vec<SaleLine>, Vec<String>) {
    let mut next = |below: u64| {
        // SplitMix64, so that a draft is 40 bytes and not a list of lines.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let count = weighted(&LINES_PERCENT, next(100) as u32) + 1;
    let (mut lines, mut names) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for line_no in 1..=count {
        let product = next(plan::PRODUCTS as u64) as usize;
        let pieces = 1 + i64::from(next(10) == 0);
        let price = plan::price_minor(product, country);
        let discount = if next(20) == 0 { price / 10 } else { 0 };
        lines.push(SaleLine {
            line_no: line_no as u32,
            product_code: product_code(product),
            category: Some(plan::category(product).to_owned()),
            quantity: Quantity::from_thousandths(pieces * 1_000),
            unit_price: Money::new(price, country.currency),
            discount: Money::new(discount, country.currency),
            amount: Money::new(price * pieces - discount, country.currency),
            is_promo: false,
            is_fractional: false,
        });
        names.push(format!("Product {}", product + 1));
    }
    (lines, names)
}

/// `p001`, `p002`, …
#[must_use]
pub fn product_code(product: usize) -> String {
    format!("p{:03}", product + 1)
}

/// Thirteen digits.
#[must_use]
pub fn card_text(card: u64) -> String {
    format!("{card:013}")
}

impl Till<'_> {
    /// Records a drawn sale under `number`; `points` names a hold and what it pays.
    ///
    /// # Errors
    /// When the product refuses it: the generator and the rules disagree.
    pub fn record(&mut self, draft: &Draft, number: String, points: Option<(HoldId, Money)>) -> Result<()> {
        let place = &self.places[draft.place];
        let (lines, names) = lines(place.country, draft.seed);
        let sold_at = Timestamp::from_millis(draft.sold_at_ms);
        let currency = place.country.currency;
        let total: i64 = lines.iter().map(|line| line.amount.minor()).sum();
        let mut payments = Vec::with_capacity(2);
        let mut rest = total;
        if let Some((_, amount)) = points {
            payments.push(Payment { method: PaymentMethod::Points, amount });
            rest -= amount.minor();
        }
        let method = if draft.seed.is_multiple_of(3) { PaymentMethod::Cash } else { PaymentMethod::Card };
        payments.push(Payment { method, amount: Money::new(rest, currency) });
        let mut request_hash = vec![0; 32];
        request_hash[..8].copy_from_slice(&draft.seed.to_be_bytes());
        let new = NewSale {
            number,
            staff_code: Some(place.staff.clone()),
            channel: "counter",
            named: draft.guest.map(|guest| Named::Card(card_text(self.guests[guest].card))),
            hold: points.map(|(hold, _)| hold),
            sale: Sale {
                outlet: loyalty::sale::Outlet {
                    id: place.outlet.id,
                    zone: place.outlet.zone.clone(),
                    currency,
                    country: place.country.code.to_owned(),
                },
                business_date: sold_at.date_in(&place.outlet.zone),
                sold_at,
                lines,
                payments,
                rounding: Money::zero(currency),
            },
            names,
            request_hash,
        };
        let now = sold_at.plus_millis(REPORTED_AFTER_MS);
        let prepared = receipt::prepare(self.sql, &place.outlet, &new, &no_secrets, now);
        let (tx, outlet, mut moment) = (self.sql, &place.outlet, Moment { now, ids: self.ids });
        let recorded = receipt::record(tx, outlet, &new, prepared, &no_secrets, &mut moment, |outcome| {
            till_reply::text(&till_reply::receipt(outcome, &new, &place.outlet, Lang::En))
        });
        match recorded {
            Ok(Recorded::New { .. }) => Ok(()),
            other => anyhow::bail!("receipt {} of outlet {}: {other:?}", new.number, place.outlet.code),
        }
    }

    /// What a drawn sale comes to.
    #[must_use]
    pub fn total(&self, draft: &Draft) -> Money {
        let country = self.places[draft.place].country;
        let (lines, _) = lines(country, draft.seed);
        Money::new(lines.iter().map(|line| line.amount.minor()).sum(), country.currency)
    }
}

/// Cards are named by number: nothing here needs the master secret.
pub fn no_secrets() -> Result<Secrets, Refusal> {
    Err(Refusal::Secrets("not needed to generate".to_owned()))
}

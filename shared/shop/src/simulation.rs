//! What a promotion would have done: a replay over stored receipts, in bounded slices that can stop anywhere.
//!
//! Each receipt is priced twice at its list prices: under the promotions that are switched on now, and under these and
//! the one in question. The difference is what it would have cost. What was taken off at the time is not looked at.
//! Facts are those of the sale where they are stored (place, time, goods, visits before it) and today's where they are
//! not (tier); segments, tags and birthdays are unknown, so that conditions on them fail.
//!
//! A slice is read first and written afterwards in one short transaction that moves the place on only from where it
//! was read: a slice that is run twice, or by two at once, counts once.

use std::collections::BTreeMap;

use kernel::{Currency, Points, PromotionId, SimulationId, StaffId, Timestamp};
use pricing::amounts::TimeOfDay;
use pricing::cart::{CartLine, PIECES_MAX};
use pricing::condition::Condition;
use pricing::facts::{CouponFact, Earning, Facts, Guest, Place, Visits};
use pricing::funding::Funder;
use pricing::index::Live;
use pricing::{Cart, Index, Priced, Promotion, evaluate};
use store::promotions::simulations::{self, Found, Receipt, Simulation};
use store::transaction::transaction;
use store::{Sql, StoreError, promotions};

use club::Moment;

use crate::promotion::{read_rules, snapshot};

/// Receipts that one call looks at, at most.
pub const SLICE_MAX: i64 = 5_000;
/// Days of receipts that a replay covers.
pub const DAYS_MAX: i64 = 400;

/// Why a replay did not begin or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such promotion or version")]
    UnknownPromotion,
    #[error("no such simulation")]
    Unknown,
    #[error("a span ends after it begins, and has at most {DAYS_MAX} days")]
    Span,
}

/// A replay to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSimulation {
    pub promotion: PromotionId,
    /// The one that holds where absent.
    pub version: Option<u32>,
    pub sold_from: Timestamp,
    /// Without it.
    pub sold_until: Timestamp,
    /// As if every guest had the promotion's coupon.
    pub assume_coupon: bool,
}

/// Begins a replay of the receipts that there are by now.
///
/// # Errors
/// See [`Refused`].
pub fn begin(
    tx: &dyn Sql,
    new: &NewSimulation,
    by: Option<StaffId>,
    moment: &mut Moment<'_>,
) -> Result<Simulation, Refused> {
    let days = kernel::time::DAY_MS * DAYS_MAX;
    let span = new.sold_until.millis().saturating_sub(new.sold_from.millis());
    if !(1..=days).contains(&span) {
        return Err(Refused::Span);
    }
    let stored = promotions::load(tx, new.promotion)?.ok_or(Refused::UnknownPromotion)?;
    let version = new.version.unwrap_or(stored.version);
    promotions::load_version(tx, new.promotion, version)?.ok_or(Refused::UnknownPromotion)?;
    let simulation = Simulation {
        id: SimulationId::new(moment.ids, moment.now),
        brand: stored.brand,
        promotion: new.promotion,
        version,
        sold_from: new.sold_from,
        sold_until: new.sold_until,
        done: false,
        cursor: 0,
        end: 0,
        assume_coupon: new.assume_coupon,
        created_at: moment.now,
        changed_at: moment.now,
        guests: 0,
    };
    simulations::insert(tx, &simulation, by)?;
    load(tx, simulation.id)
}

/// A replay as it stands.
///
/// # Errors
/// [`Refused::Unknown`].
pub fn load(sql: &dyn Sql, id: SimulationId) -> Result<Simulation, Refused> {
    simulations::load(sql, id)?.ok_or(Refused::Unknown)
}

/// Runs the next slice of at most `limit` receipts. Takes the connection, not a transaction: pricing thousands of
/// receipts must not keep tills from writing.
///
/// # Errors
/// See [`Refused`].
pub fn run(sql: &dyn Sql, id: SimulationId, limit: i64, now: Timestamp) -> Result<Simulation, Refused> {
    let simulation = load(sql, id)?;
    if simulation.done {
        return Ok(simulation);
    }
    let replay = Replay::new(sql, &simulation, now)?;
    let slice = simulations::list_receipts(sql, &simulation, limit.clamp(1, SLICE_MAX))?;
    let (cursor, receipts) = slice.unwrap_or((simulation.end, Vec::new()));
    let mut found = Found::default();
    for receipt in &receipts {
        replay.judge(sql, receipt, &mut found)?;
    }
    transaction(sql, |tx| {
        if simulations::advance(tx, &simulation, cursor.max(simulation.cursor), now)? {
            simulations::add(tx, id, &found)?;
        }
        Ok::<_, Refused>(())
    })?;
    load(sql, id)
}

/// What a slice is judged by.
struct Replay<'s> {
    simulation: &'s Simulation,
    /// Switched on now, without the one in question.
    others: Index,
    /// And with it.
    with: Index,
    asks_for_visits: bool,
    costs: BTreeMap<(String, Currency), i64>,
    programme: Option<std::rc::Rc<loyalty::programme::Programme>>,
}

impl<'s> Replay<'s> {
    fn new(sql: &dyn Sql, simulation: &'s Simulation, now: Timestamp) -> Result<Self, Refused> {
        let stored = promotions::load_version(sql, simulation.promotion, simulation.version)?;
        let rules = read_rules(&stored.ok_or(Refused::UnknownPromotion)?.rules)?;
        let live = snapshot::load(sql, &simulation.brand, now)?;
        let always =
            |live: &Live| Live { starts_at: Timestamp::from_millis(i64::MIN), ends_at: None, ..live.clone() };
        let others: Vec<Live> = live
            .live()
            .iter()
            .filter(|live| live.promotion != simulation.promotion && live.starts_at <= now)
            .map(always)
            .collect();
        let mut with = others.clone();
        let own = Live {
            promotion: simulation.promotion,
            version: simulation.version,
            starts_at: Timestamp::from_millis(i64::MIN),
            ends_at: None,
            rules,
        };
        let asks_for_visits =
            asks_for_visits(&own.rules) || others.iter().any(|live| asks_for_visits(&live.rules));
        with.push(own);
        Ok(Self {
            simulation,
            others: Index::new(others),
            with: Index::new(with),
            asks_for_visits,
            costs: promotions::costs::list_costs(sql, &simulation.brand)?,
            programme: club::programme::in_force(sql, &simulation.brand, now).ok().map(|found| found.rules),
        })
    }

    /// Adds one receipt to what was found.
    fn judge(&self, sql: &dyn Sql, receipt: &Receipt, found: &mut Found) -> Result<(), Refused> {
        let sums = found.sums.entry((receipt.franchisee, receipt.currency)).or_default();
        sums.receipts += 1;
        let (cart, facts) = (cart(receipt), self.facts(sql, receipt)?);
        // A receipt out of all measure is counted as not touched.
        let (Ok(before), Ok(after)) =
            (evaluate(&cart, &facts, &self.others), evaluate(&cart, &facts, &self.with))
        else {
            return Ok(());
        };
        let own = after.applied.iter().find(|applied| applied.promotion == self.simulation.promotion);
        let Some(own) = own else { return Ok(()) };
        sums.touched += 1;
        sums.list_minor += after.list_minor;
        sums.discount_minor += own.discount_minor;
        sums.added_minor += before.payable_minor - after.payable_minor;
        sums.points += own.points_bonus.hundredths();
        for share in &own.funding {
            match share.funder {
                Funder::Brand {} => sums.brand_minor += share.amount_minor,
                Funder::Franchisee {} => sums.franchisee_minor += share.amount_minor,
                Funder::Partner { .. } => sums.partner_minor += share.amount_minor,
            }
        }
        for ((line, before), after) in cart.lines.iter().zip(&before.lines).zip(&after.lines) {
            if let Some(cost) = self.costs.get(&(line.product.clone(), cart.currency)) {
                sums.costed_minor += before.final_minor;
                sums.cost_minor += cost.saturating_mul(i64::from(line.quantity));
                sums.costed_discount_minor += before.final_minor - after.final_minor;
            }
        }
        sums.overlapping += i64::from(!before.applied.is_empty());
        overlaps(&before, found);
        found.guests.extend(receipt.member);
        Ok(())
    }

    fn facts(&self, sql: &dyn Sql, receipt: &Receipt) -> Result<Facts, StoreError> {
        let tier = receipt.tier.as_deref();
        let guest = match (receipt.member, tier) {
            (Some(member), Some(tier)) => Some(Guest {
                member,
                tier: tier.to_owned(),
                segments: Vec::new(),
                tags: Vec::new(),
                birthday: None,
                visits: self.visits(sql, receipt)?,
                points_available: Points::ZERO,
            }),
            _ => None,
        };
        let programme = self.programme.as_deref();
        let earning = programme.zip(tier).and_then(|(programme, tier)| {
            let value = programme.point_value(receipt.currency).ok()?;
            let rate = programme.tier(tier)?.earn_rate;
            Some(Earning { rate, point_value_minor: value.minor() })
        });
        let coupon = CouponFact { code: "SIMULATED".to_owned(), promotion: self.simulation.promotion };
        Ok(Facts {
            now: receipt.sold_at,
            day: receipt.day,
            time: time_of_day(receipt),
            place: Place {
                brand: self.simulation.brand.clone(),
                outlet: receipt.outlet_code.clone(),
                city: receipt.city.clone(),
                franchisee: receipt.franchisee_code.clone(),
                country: receipt.country.clone(),
            },
            channel: receipt.channel.clone(),
            guest,
            coupons: if self.simulation.assume_coupon { vec![coupon] } else { Vec::new() },
            payment: None,
            earning,
            allowances: Vec::new(),
        })
    }

    fn visits(&self, sql: &dyn Sql, receipt: &Receipt) -> Result<Visits, StoreError> {
        let Some(member) = receipt.member.filter(|_| self.asks_for_visits) else {
            return Ok(Visits::default());
        };
        let counts = promotions::visits::load_before(sql, member, receipt.sold_at, receipt.day)?;
        let [ever, days_7, days_30, days_90] = counts;
        Ok(Visits { ever, days_7, days_30, days_90 })
    }
}

/// Other promotions that touch a receipt, before the one in question comes.
fn overlaps(before: &Priced, found: &mut Found) {
    for applied in &before.applied {
        *found.overlaps.entry(applied.promotion).or_insert(0) += 1;
    }
}

/// The goods of a receipt at list prices. What is sold by weight is one piece at its price.
fn cart(receipt: &Receipt) -> Cart {
    let lines = (1..).zip(&receipt.lines).filter_map(|(line_no, line)| {
        let pieces = u32::try_from(line.quantity.thousandths() / 1_000).ok()?;
        let whole = line.quantity.is_whole() && (1..=PIECES_MAX).contains(&pieces);
        let price =
            if whole { line.unit_price_minor } else { line.quantity.price(line.unit_price_minor).ok()? };
        Some(CartLine {
            line_no,
            product: line.product.clone(),
            size: None,
            category: line.category.clone(),
            tags: Vec::new(),
            modifiers: Vec::new(),
            quantity: if whole { pieces } else { 1 },
            unit_list_minor: price,
            floor_minor: 0,
            tax_rate: None,
            earns: true,
            pieces_for_points: 0,
        })
    });
    Cart { currency: receipt.currency, lines: lines.collect() }
}

fn time_of_day(receipt: &Receipt) -> TimeOfDay {
    let local = receipt.sold_at.rfc3339_in(&receipt.zone);
    // RFC 3339 has the time at one place.
    let text = local.get(11..16).unwrap_or("00:00");
    TimeOfDay::parse(text).unwrap_or_else(|_| midnight())
}

fn midnight() -> TimeOfDay {
    TimeOfDay::from_minutes(0).expect("zero is a minute of the day")
}

/// Whether a promotion looks at how often a guest has been here.
fn asks_for_visits(rules: &Promotion) -> bool {
    fn asks(condition: &Condition) -> bool {
        match condition {
            Condition::All { of } | Condition::Any { of } => of.iter().any(asks),
            Condition::Not { condition } => asks(condition),
            Condition::FirstPurchase {} | Condition::Visits { .. } | Condition::EveryVisit { .. } => true,
            _ => false,
        }
    }
    rules.condition.as_ref().is_some_and(asks)
}

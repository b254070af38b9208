//! What one receipt would have cost: its goods, its facts, its price with and without the promotion in question.

use std::collections::BTreeMap;

use club::member::{Field, place as sealed_at};
use club::personal::Personal;
use kernel::{Currency, Date, MemberId, OutletId, Points, Timestamp, Zone};
use loyalty::programme::Programme;
use membership::profile::Birthday;
use menu::schedule::LocalTime;
use pricing::amounts::TimeOfDay;
use pricing::cart::{CartLine, CartModifier, PIECES_MAX};
use pricing::evaluate::Detail;
use pricing::facts::{CouponFact, Earning, Facts, Guest, Place, Visits};
use pricing::funding::Funder;
use pricing::index::{Asks, Live};
use pricing::{Cart, Index, Priced, any_may_apply, evaluate_with};
use store::menus::brand;
use store::promotions::replayed::{self, Line, Receipt, Slice};
use store::promotions::simulations::{Found, Simulation, Sums};
use store::segments::{self, Groups};
use store::{Sql, StoreError, promotions};

use super::Refused;
use crate::promotion::{read_rules, snapshot};
use crate::quote::choose::FULL_PRICE_TAG;

/// What slices are judged by: read once, good for all of them.
pub(super) struct Replay {
    simulation: Simulation,
    /// The one in question alone, to see at little cost where it has no chance.
    own: Index,
    /// Switched on now, without the one in question.
    others: Index,
    /// And with it.
    with: Index,
    asks: Asks,
    costs: BTreeMap<(String, Currency), i64>,
    programme: Option<std::rc::Rc<Programme>>,
    places: BTreeMap<OutletId, replayed::Place>,
    goods: BTreeMap<String, Goods>,
}

/// What the brand's menu says of a product.
struct Goods {
    size: Option<String>,
    category: String,
    tags: Vec<String>,
}

/// What is read with a slice, because conditions ask for it.
#[derive(Default)]
struct Background {
    groups: BTreeMap<MemberId, Groups>,
    birthdays: BTreeMap<MemberId, (i8, i8)>,
    visits: BTreeMap<MemberId, Vec<(Timestamp, Date)>>,
}

impl Replay {
    pub(super) fn new(sql: &dyn Sql, simulation: &Simulation, now: Timestamp) -> Result<Self, Refused> {
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
        let own = Live {
            promotion: simulation.promotion,
            version: simulation.version,
            starts_at: Timestamp::from_millis(i64::MIN),
            ends_at: None,
            rules,
        };
        let mut with = others.clone();
        with.push(own.clone());
        let with = Index::new(with);
        Ok(Self {
            simulation: simulation.clone(),
            own: Index::new(vec![own]),
            others: Index::new(others),
            asks: with.asks(),
            with,
            costs: promotions::costs::list_costs(sql, &simulation.brand)?,
            programme: club::programme::in_force(sql, &simulation.brand, now).ok().map(|found| found.rules),
            places: replayed::list_places(sql, &simulation.brand)?,
            goods: goods(sql, &simulation.brand)?,
        })
    }

    /// What conditions ask for.
    pub(super) const fn asks(&self) -> Asks {
        self.asks
    }

    /// What a slice's receipts would have come to.
    pub(super) fn judge(
        &self,
        sql: &dyn Sql,
        slice: &Slice,
        personal: Option<Personal<'_>>,
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let background = self.background(sql, slice, personal, now)?;
        let mut found = Found::default();
        for receipt in &slice.receipts {
            let Some(place) = self.places.get(&receipt.outlet) else { continue };
            let sums = found.sums.entry((place.franchisee, receipt.currency)).or_default();
            sums.receipts += 1;
            let (cart, facts) = (self.cart(receipt), self.facts(receipt, place, &background));
            // A receipt out of all measure is counted as not touched.
            let Some((before, after)) = self.prices(&cart, &facts) else { continue };
            self.add(&cart, (&before, &after), sums);
            for applied in &before.applied {
                *found.overlaps.entry(applied.promotion).or_insert(0) += 1;
            }
            found.guests.extend(receipt.member);
        }
        Ok(found)
    }

    /// The prices without and with the promotion in question; none where it does nothing.
    fn prices(&self, cart: &Cart, facts: &Facts) -> Option<(Priced, Priced)> {
        if !any_may_apply(cart, facts, &self.own).ok()? {
            return None;
        }
        let after = evaluate_with(cart, facts, &self.with, Detail::None).ok()?;
        after.applied.iter().find(|applied| applied.promotion == self.simulation.promotion)?;
        let before = evaluate_with(cart, facts, &self.others, Detail::None).ok()?;
        Some((before, after))
    }

    /// Adds one receipt that the promotion touches.
    fn add(&self, cart: &Cart, (before, after): (&Priced, &Priced), sums: &mut Sums) {
        let own = after.applied.iter().find(|applied| applied.promotion == self.simulation.promotion);
        let Some(own) = own else { return };
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
    }

    fn background(
        &self,
        sql: &dyn Sql,
        slice: &Slice,
        personal: Option<Personal<'_>>,
        now: Timestamp,
    ) -> Result<Background, StoreError> {
        let mut background = Background::default();
        if self.asks.groups {
            background.groups = segments::list_of_buyers(sql, slice.after, slice.until)?;
        }
        if self.asks.visits
            && let Some(last) = slice.receipts.iter().map(|receipt| receipt.sold_at).max()
        {
            background.visits = replayed::list_visits(sql, slice, last)?;
        }
        if let Some(personal) = personal.filter(|_| self.asks.birthday) {
            let today = now.date_in(&Zone::UTC);
            for (member, sealed) in replayed::list_birthdays(sql, slice)? {
                let text = personal.open(sealed_at(member, Field::Birthday), Some(&sealed))?;
                let birthday = text.and_then(|text| Birthday::parse(&text, today).ok());
                background.birthdays.extend(birthday.map(|birthday| (member, birthday.month_day())));
            }
        }
        Ok(background)
    }

    fn facts(&self, receipt: &Receipt, place: &replayed::Place, background: &Background) -> Facts {
        let tier = receipt.tier.as_deref();
        let guest = receipt.member.zip(tier).map(|(member, tier)| {
            let groups = background.groups.get(&member).cloned().unwrap_or_default();
            let visits = background.visits.get(&member).map_or(&[][..], Vec::as_slice);
            Guest {
                member,
                tier: tier.to_owned(),
                segments: groups.segments,
                tags: groups.tags,
                birthday: background.birthdays.get(&member).copied(),
                visits: before(visits, receipt),
                points_available: Points::ZERO,
            }
        });
        let programme = self.programme.as_deref();
        let earning = programme.zip(tier).and_then(|(programme, tier)| {
            let value = programme.point_value(receipt.currency).ok()?;
            let rate = programme.tier(tier)?.earn_rate;
            Some(Earning { rate, point_value_minor: value.minor() })
        });
        let coupon = || CouponFact { code: "SIMULATED".to_owned(), promotion: self.simulation.promotion };
        let minute = LocalTime::at(receipt.sold_at, &place.zone).minute;
        Facts {
            now: receipt.sold_at,
            day: receipt.day,
            time: TimeOfDay::from_minutes(minute).unwrap_or_else(midnight),
            place: Place {
                brand: self.simulation.brand.clone(),
                outlet: place.code.clone(),
                city: place.city.clone(),
                franchisee: place.franchisee_code.clone(),
                country: place.country.clone(),
            },
            channel: receipt.channel.clone(),
            guest,
            coupons: if self.simulation.assume_coupon { vec![coupon()] } else { Vec::new() },
            payment: receipt.payment.as_deref().map(|method| payment(method).to_owned()),
            earning,
            allowances: Vec::new(),
        }
    }

    /// The goods of a receipt at list prices. What is sold by weight is one piece at its price.
    fn cart(&self, receipt: &Receipt) -> Cart {
        let lines = receipt.lines.iter().filter_map(|line| self.line(line));
        Cart { currency: receipt.currency, lines: lines.collect() }
    }

    fn line(&self, line: &Line) -> Option<CartLine> {
        let pieces = u32::try_from(line.quantity.thousandths() / 1_000).ok()?;
        let whole = line.quantity.is_whole() && (1..=PIECES_MAX).contains(&pieces);
        let price =
            if whole { line.unit_price_minor } else { line.quantity.price(line.unit_price_minor).ok()? };
        let goods = self.goods.get(&line.product);
        let category = goods.map_or(&line.category, |goods| &goods.category);
        let tags = goods.map(|goods| goods.tags.clone()).unwrap_or_default();
        let excluded = self.programme.as_deref().map(|programme| &programme.earning.excluded);
        Some(CartLine {
            line_no: line.line_no,
            product: line.product.clone(),
            size: goods.and_then(|goods| goods.size.clone()),
            category: category.clone(),
            modifiers: line
                .modifiers
                .iter()
                .map(|modifier| CartModifier {
                    code: modifier.code.clone(),
                    charged: modifier.charged,
                    unit_price_minor: modifier.unit_price_minor,
                })
                .collect(),
            quantity: if whole { pieces } else { 1 },
            unit_list_minor: price,
            floor_minor: if tags.iter().any(|tag| tag == FULL_PRICE_TAG) { price } else { 0 },
            tags,
            tax_rate: None,
            earns: excluded.is_none_or(|excluded| {
                !excluded.products.contains(&line.product) && !excluded.has_category(category)
            }),
            pieces_for_points: 0,
        })
    }
}

/// What the brand's menu, as it is now, says of products.
fn goods(sql: &dyn Sql, brand: &str) -> Result<BTreeMap<String, Goods>, StoreError> {
    let mut goods = BTreeMap::new();
    for item in brand::list_items(sql, brand)? {
        let of =
            |size: Option<String>| Goods { size, category: item.category.clone(), tags: item.tags.clone() };
        if item.sizes.is_empty() {
            goods.insert(item.product_code("").to_owned(), of(None));
        }
        for size in &item.sizes {
            goods.insert(size.product_code.clone(), of(Some(size.code.clone())));
        }
    }
    Ok(goods)
}

/// How often a guest had bought before a sale: ever, and in the 7, 30 and 90 business days up to it.
fn before(visits: &[(Timestamp, Date)], receipt: &Receipt) -> Visits {
    let mut counts = Visits::default();
    for (_, day) in visits.iter().filter(|(sold_at, _)| *sold_at < receipt.sold_at) {
        let ago = receipt.day.days_since(*day);
        counts.ever += 1;
        counts.days_7 += u32::from(ago < 7);
        counts.days_30 += u32::from(ago < 30);
        counts.days_90 += u32::from(ago < 90);
    }
    counts
}

/// A till's name of a payment as carts name it.
fn payment(method: &str) -> &str {
    if method == "transfer" { "sbp" } else { method }
}

fn midnight() -> TimeOfDay {
    TimeOfDay::from_minutes(0).expect("zero is a minute of the day")
}

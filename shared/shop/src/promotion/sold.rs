//! What a sale leaves behind of its promotions: who bears what of every line, how the goods were made, and the reward of
//! whoever brought the guest.
//!
//! Shares were fixed with the quote, minor unit by minor unit; here they are written with the receipt's lines, once and
//! for ever, so that a statement can be followed from a line to the version of the rule that caused it. Who owned the
//! outlet is written as of the sale.

use basket::{Bonus, Discount, Line, Quote};
use club::Moment;
use club::referral::{self, Brought};
use kernel::{Money, PromotionId, ReceiptId};
use pricing::funding::Funder;
use store::orders::StoredOrder;
use store::promotions::funding::{self, Borne, LineGift, Modifier};
use store::promotions::uses;
use store::transaction::nested;
use store::{Sql, StoreError, coupons, directory, orders};

/// Records what promotions gave with an order that became a receipt. Repeated, it does nothing.
///
/// # Errors
/// A failure of storage; a quote whose shares do not sum up.
pub fn record(
    tx: &dyn Sql,
    stored: &StoredOrder,
    receipt: ReceiptId,
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    if funding::is_recorded(tx, receipt)? {
        return Ok(());
    }
    let outlet = directory::load(tx, &quote.outlet_code)?;
    let outlet = outlet.ok_or_else(|| unreadable("an outlet that is not there"))?;
    let parties = Parties { brand: &quote.brand, franchisee: &outlet.franchisee_code };
    let mut gifts = Vec::new();
    for line in &quote.lines {
        gifts.extend(gifts_of(line, &parties)?);
    }
    funding::insert(tx, receipt, &gifts)?;
    funding::insert_modifiers(tx, receipt, &modifiers(quote))?;
    match nested(tx, || bring(tx, stored, receipt, quote, moment)) {
        Ok(()) => Ok(()),
        Err(club::Refusal::Store(error)) => Err(error),
        // The friend has paid and has their coffee: what is wrong with the referrer's books does not undo the sale.
        Err(refusal) => {
            let line = moment.ids.next(moment.now);
            let words = refusal.to_string();
            orders::log(tx, line, stored.order.id, moment.now, "referral_refused", Some(&words))
        }
    }
}

/// Who stands behind `brand` and `franchisee` at the outlet.
struct Parties<'a> {
    brand: &'a str,
    franchisee: &'a str,
}

impl Parties<'_> {
    fn named<'f>(&'f self, funder: &'f Funder) -> (&'static str, &'f str) {
        match funder {
            Funder::Brand {} => ("brand", self.brand),
            Funder::Franchisee {} => ("franchisee", self.franchisee),
            Funder::Partner { code } => ("partner", code),
        }
    }
}

/// A discount or a bonus of a line.
struct Given<'q> {
    promotion: &'q str,
    version: u32,
    amount_minor: i64,
    points: i64,
    /// Who bears how much of it, in money and in points.
    shares: Vec<(&'q Funder, i64, i64)>,
}

impl<'q> Given<'q> {
    fn off(discount: &'q Discount) -> Self {
        let shares = discount.funding.iter().map(|share| (&share.funder, share.amount_minor, 0));
        Self {
            promotion: &discount.promotion,
            version: discount.version,
            amount_minor: discount.amount_minor,
            points: 0,
            shares: shares.collect(),
        }
    }

    fn on_top(bonus: &'q Bonus) -> Self {
        let shares = bonus.funding.iter().map(|share| (&share.funder, 0, share.points));
        Self {
            promotion: &bonus.promotion,
            version: bonus.version,
            amount_minor: 0,
            points: bonus.points,
            shares: shares.collect(),
        }
    }
}

/// What promotions gave for a line, money and points of one promotion together.
fn gifts_of(line: &Line, parties: &Parties<'_>) -> Result<Vec<LineGift>, StoreError> {
    let mut gifts: Vec<LineGift> = Vec::new();
    let bonuses = line.bonuses.iter().map(Given::on_top);
    for given in line.discounts.iter().map(Given::off).chain(bonuses) {
        let promotion = PromotionId::parse(given.promotion).map_err(|error| unreadable(error.0))?;
        let place = gifts.iter().position(|gift| gift.promotion == promotion).unwrap_or(gifts.len());
        if place == gifts.len() {
            let (line_no, version) = (line.line_no, given.version);
            let funding = Vec::new();
            gifts.push(LineGift { line_no, promotion, version, amount_minor: 0, points: 0, funding });
        }
        add(&mut gifts[place], &given, parties);
    }
    gifts.retain(|gift| gift.amount_minor + gift.points > 0);
    if gifts.iter().all(is_balanced) { Ok(gifts) } else { Err(unreadable("shares that do not sum up")) }
}

fn add(gift: &mut LineGift, given: &Given<'_>, parties: &Parties<'_>) {
    gift.amount_minor += given.amount_minor;
    gift.points += given.points;
    for &(funder, amount_minor, points) in &given.shares {
        let (funder, party) = parties.named(funder);
        let is_same = |borne: &&mut Borne| (&*borne.funder, &*borne.party) == (funder, party);
        match gift.funding.iter_mut().find(is_same) {
            Some(borne) => {
                borne.amount_minor += amount_minor;
                borne.points += points;
            }
            None => gift.funding.push(Borne {
                funder: funder.to_owned(),
                party: party.to_owned(),
                amount_minor,
                points,
            }),
        }
    }
}

/// Whether the parties bear all of it, no more and no less.
fn is_balanced(gift: &LineGift) -> bool {
    let sum = |part: fn(&Borne) -> i64| gift.funding.iter().map(part).sum::<i64>();
    (sum(|borne| borne.amount_minor), sum(|borne| borne.points)) == (gift.amount_minor, gift.points)
}

fn modifiers(quote: &Quote) -> Vec<Modifier> {
    let of_line = |line: &Line| -> Vec<Modifier> {
        let modifiers = line.modifiers.iter().map(|modifier| Modifier {
            line_no: line.line_no,
            code: modifier.code.clone(),
            charged: modifier.charged,
            unit_price_minor: modifier.unit_price_minor,
        });
        modifiers.collect()
    };
    quote.lines.iter().flat_map(of_line).collect()
}

/// Settles with whoever's code the order used.
fn bring(
    tx: &dyn Sql,
    stored: &StoredOrder,
    receipt: ReceiptId,
    quote: &Quote,
    moment: &mut Moment<'_>,
) -> Result<(), club::Refusal> {
    if quote.uses.iter().all(|used| used.coupon.is_none()) {
        return Ok(());
    }
    let paid: i64 = quote.lines.iter().map(|line| line.final_minor + line.points_spent_minor).sum();
    for used in uses::list(tx, &stored.order.id.to_string())? {
        let Some(coupon) = used.coupon else { continue };
        let Some((batch, referrer)) = coupons::load_referrer(tx, coupon)? else { continue };
        let brought = Brought {
            brand: &quote.brand,
            friend: stored.facts.member,
            referrer,
            batch,
            receipt,
            outlet: stored.facts.outlet,
            sold_at: stored.order.created_at,
            amount: Money::new(paid, stored.facts.currency),
        };
        referral::settle(tx, &brought, moment)?;
    }
    Ok(())
}

fn unreadable(problem: &str) -> StoreError {
    StoreError::Unreadable { what: "quote's funding", problem: problem.to_owned() }
}

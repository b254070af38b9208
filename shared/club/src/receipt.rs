//! A sale becomes a receipt: points are spent, earned and recorded with it, or none of it happens.

use kernel::{HoldId, MemberId, Money, Points, ReceiptId, Timestamp};
use ledger::age::age;
use ledger::grant;
use ledger::model::{Entry, Occasion};
use loyalty::accrual::{self, Accrual, DaySoFar};
use loyalty::programme::WelcomeTrigger;
use loyalty::redemption::LinePayment;
use loyalty::sale::{Intake, PaymentMethod, Sale};
use store::arrivals::{self, Arrival, Key, Question};
use store::holds::{self, HoldStatus};
use store::ledger::{Account, Due};
use store::outlets::Outlet;
use store::receipts::{self, NewLine, NewReceipt};
use store::{Sql, ledger as books};

use crate::guest::{Identified, Named, SecretsSource, Sought};
use crate::hold::{self, Redeemed};
use crate::programme::{self, InForce};
use crate::refusal::Refusal;
use crate::tiers::homes;
use crate::watching::{self, Watched};
use crate::{Moment, account, unit};

mod earn;

/// Days that a till may have been offline. Later receipts need a person.
pub const LATE_DAYS_MAX: u32 = 90;

/// A sale as a till posted it.
#[derive(Debug, Clone)]
pub struct NewSale {
    pub number: String,
    pub staff_code: Option<String>,
    pub channel: &'static str,
    pub named: Option<Named>,
    /// The hold behind the points payment.
    pub hold: Option<HoldId>,
    pub sale: Sale,
    /// Names of the lines, in their order.
    pub names: Vec<String>,
    /// Digest of the content: tells a repetition from a conflict.
    pub request_hash: Vec<u8>,
}

/// What a sale did.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub id: ReceiptId,
    pub recorded_at: Timestamp,
    pub total: Money,
    pub guest: Option<GuestOutcome>,
}

/// What a sale did for its guest.
#[derive(Debug, Clone)]
pub struct GuestOutcome {
    pub member: MemberId,
    pub tier: String,
    pub accrual: Accrual,
    pub welcome: Points,
    pub redemption: Option<Redeemed>,
    /// Pending, available and held after the sale.
    pub balance: (Points, Points, Points),
}

/// How a sale was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    New {
        id: ReceiptId,
        reply: String,
        points: Points,
    },
    /// Known before with the same content; the reply of then.
    Replayed {
        id: ReceiptId,
        reply: String,
        points: Points,
    },
}

/// What is known of a sale before its turn to write: all that others' writes cannot change, or may change just as well
/// a moment later. While the sale has its turn nobody else can write, so that what can be done before it, is.
#[derive(Debug)]
pub struct Prepared {
    problems: Vec<loyalty::problem::Problem>,
    guest: Option<PreparedGuest>,
}

#[derive(Debug)]
struct PreparedGuest {
    sought: Result<Sought, Refusal>,
    /// Versions are immutable, and a receipt belongs to the one in force when it was sold.
    in_force: Result<InForce, Refusal>,
    watched: Result<watch::inline::Prepared, store::StoreError>,
}

impl Prepared {
    /// What the till says of means of payment and devices.
    #[must_use]
    pub fn traced(mut self, traces: watch::inline::Traces) -> Self {
        if let Some(Ok(watched)) = self.guest.as_mut().map(|guest| guest.watched.as_mut()) {
            watched.traces = traces;
        }
        self
    }
}

/// Prepares a sale for [`record`]. What is wrong with it is said there, in its turn among other reasons.
#[must_use]
pub fn prepare(
    sql: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Prepared {
    Prepared {
        problems: new.sale.check(Intake { now, late_days_max: LATE_DAYS_MAX }),
        guest: new.named.as_ref().map(|named| PreparedGuest {
            sought: Sought::read(named, outlet, secrets),
            in_force: programme::in_force(sql, &outlet.brand, new.sale.sold_at),
            watched: watch::inline::prepare(sql, &outlet.brand, Some(outlet.id)),
        }),
    }
}

/// Records a prepared sale. `reply` writes what the till is told; it is stored with the receipt, so that every
/// repetition is answered alike.
///
/// # Errors
/// See [`Refusal`]; nothing is recorded then.
pub fn record(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    prepared: Prepared,
    secrets: SecretsSource<'_>,
    moment: &mut Moment<'_>,
    reply: impl FnOnce(&Outcome) -> String,
) -> Result<Recorded, Refusal> {
    let arrived = match arrivals::load(tx, &question(outlet, new, &prepared))? {
        Arrival::New(arrived) => arrived,
        Arrival::Known(known) if known.request_hash != new.request_hash => {
            return Err(Refusal::Conflict { id: known.id });
        }
        Arrival::Known(known) => {
            let id = ReceiptId::from_raw(known.id);
            return Ok(Recorded::Replayed { id, reply: known.reply, points: known.points });
        }
    };
    if !prepared.problems.is_empty() {
        return Err(Refusal::Sale(prepared.problems));
    }
    let id = ReceiptId::new(moment.ids, moment.now);
    let total = total(&new.sale)?;
    let Some(guest) = prepared.guest else {
        if new.hold.is_some() || pays_with_points(&new.sale) {
            return Err(Refusal::PointsPayment);
        }
        let outcome = Outcome { id, recorded_at: moment.now, total, guest: None };
        return finish(tx, outlet, new, None, &outcome, reply(&outcome));
    };
    let (day, is_first) = arrived.as_ref().map_or((DaySoFar::default(), false), |found| {
        let receipts = u32::try_from(found.day_receipts).unwrap_or(u32::MAX);
        (DaySoFar { points: found.day_points, receipts }, found.is_first)
    });
    let is_abroad = |country: &String| *country != outlet.country;
    let is_abroad = arrived.as_ref().and_then(|found| found.home_country.as_ref()).is_some_and(is_abroad);
    let (holder, tier) = arrived.map(|found| (found.holder, found.tier_then)).unzip();
    let identified = guest.sought?.found(tx, holder, outlet, secrets, moment.now)?;
    let in_force = guest.in_force?;
    let member = identified.guest.member;
    let account = account::settle_balance(tx, member, &outlet.brand, identified.guest.account, moment)?;
    // A receipt's entries come after its row, which they refer to, and its row holds what they did: decide first.
    let told = watching::of_sale(new, &identified.guest);
    let mut watched = Watched::judge(tx, &guest.watched?, told, moment.now)?;
    let tier = tier.as_deref().unwrap_or(&identified.guest.tier);
    let facts = Facts { identified: &identified, in_force: &in_force, tier, account, day, is_first };
    let (guest, entries, due) = decide(tx, outlet, new, &facts, &mut watched, id, moment)?;
    let outcome = Outcome { id, recorded_at: moment.now, total, guest: Some(guest) };
    let recorded = finish(tx, outlet, new, Some((&identified, &in_force)), &outcome, reply(&outcome))?;
    if !entries.is_empty() {
        books::insert_entries(tx, member, &entries, &unit(&outlet.brand), None, Due::By(due))?;
    }
    watched.conclude(tx, &outlet.brand, Some(id), moment)?;
    if let (Some(hold), Some(redeemed)) =
        (new.hold, outcome.guest.as_ref().and_then(|guest| guest.redemption.as_ref()))
    {
        holds::end(tx, hold, HoldStatus::Captured, redeemed.points, Some(id), moment.now)?;
    }
    if identified.guest.home_outlet.is_none() {
        store::guests::set_home(tx, member, outlet.id, moment.now)?;
    } else if is_abroad {
        homes::follow(tx, member, outlet, moment)?;
    }
    Ok(recorded)
}

/// What to ask about the sale once it has its turn.
fn question<'a>(outlet: &'a Outlet, new: &'a NewSale, prepared: &'a Prepared) -> Question<'a> {
    let guest = prepared.guest.as_ref();
    let rules = guest.and_then(|guest| guest.in_force.as_ref().ok()).map(|in_force| &in_force.rules);
    let caps = rules.map(|rules| &rules.earning.caps);
    Question {
        outlet: outlet.id,
        brand: &outlet.brand,
        business_date: new.sale.business_date,
        number: &new.number,
        sold_at: new.sale.sold_at,
        guest: guest.and_then(|guest| guest.sought.as_ref().ok()).map_or(Key::Nobody, Sought::key),
        day: caps.is_some_and(|caps| caps.points_per_day.is_some() || caps.receipts_per_day.is_some()),
        welcome: rules
            .and_then(|rules| rules.welcome_bonus)
            .is_some_and(|bonus| bonus.trigger == WelcomeTrigger::FirstReceipt),
    }
}

/// Whether any part is paid with points.
fn pays_with_points(sale: &Sale) -> bool {
    sale.payments.iter().any(|payment| payment.method == PaymentMethod::Points)
}

/// Sum of the lines, in the outlet's currency.
fn total(sale: &Sale) -> Result<Money, Refusal> {
    let zero = Money::zero(sale.outlet.currency);
    let sum = sale.lines.iter().try_fold(zero, |sum, line| sum.checked_add(line.amount));
    sum.ok_or(Refusal::Loyalty(loyalty::error::Refusal::Overflow))
}

/// What a sale of a guest is decided by.
struct Facts<'a> {
    identified: &'a Identified,
    in_force: &'a InForce,
    /// The tier that the guest had when it was sold (L8).
    tier: &'a str,
    /// The guest's points now.
    account: Account,
    day: DaySoFar,
    /// Whether a welcome for the first receipt is open.
    is_first: bool,
}

/// Spends what was held, then earns, each on the wallet as the other left it. Answers with what happened, its entries,
/// and when the first thing of them falls due.
fn decide(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    facts: &Facts<'_>,
    watched: &mut Watched,
    id: ReceiptId,
    moment: &mut Moment<'_>,
) -> Result<(GuestOutcome, Vec<Entry>, Option<Timestamp>), Refusal> {
    let guest = &facts.identified.guest;
    let member = guest.member;
    let rules = &facts.in_force.rules;
    let now = moment.now;
    let occasion = |event: String| Occasion {
        event,
        receipt: Some(id),
        outlet: Some(outlet.id),
        effective_at: new.sale.sold_at,
        recorded_at: now,
    };
    let event = format!("receipt:{}", id.raw());
    let mut entries = Vec::new();
    let (mut wallet, redemption) = match (new.hold, pays_with_points(&new.sale)) {
        (None, false) => (account::part(member, &facts.account, Vec::new())?, None),
        (Some(hold), true) => {
            let on = hold::Capture { outlet, new, rules, member, account: &facts.account };
            let (wallet, redeemed) = hold::capture(tx, hold, &on, occasion(event.clone()), moment)?;
            entries.extend(redeemed.entries.iter().cloned());
            (wallet, Some(redeemed))
        }
        (Some(_), false) | (None, true) => return Err(Refusal::PointsPayment),
    };
    let paid: &[LinePayment] = redemption.as_ref().map_or(&[], |redeemed| &redeemed.lines);
    let mut accrual = earn::earn(tx, &outlet.brand, facts, &new.sale, paid)?;
    accrual.activates_at = watched.postpone(&event, accrual.points, accrual.activates_at);
    entries.extend(grant::accrue(&mut wallet, accrual.grant(), occasion(event), moment.ids)?);
    let welcome = accrual::welcome(rules, WelcomeTrigger::FirstReceipt, new.sale.business_date, &outlet.zone)
        .filter(|_| facts.is_first);
    if let Some(mut bonus) = welcome {
        // Not the receipt's own points: returning the receipt leaves them.
        let occasion = Occasion { receipt: None, ..occasion(welcome_event(member)) };
        bonus.activates_at = watched.postpone(&occasion.event, bonus.points, bonus.activates_at);
        entries.extend(grant::accrue(&mut wallet, bonus, occasion, moment.ids)?);
    }
    // Points of a receipt that comes very late, and the rest of a hold on a lot whose time is over, are gone at once.
    entries.extend(age(&mut wallet, &[], now, moment.ids)?.entries);
    let before = (facts.account.pending, facts.account.available, facts.account.held);
    let balance = after(before, &entries)?;
    let outcome = GuestOutcome {
        member,
        tier: accrual.tier.clone(),
        accrual,
        welcome: welcome.map_or(Points::ZERO, |bonus| bonus.points),
        redemption,
        balance,
    };
    Ok((outcome, entries, wallet.next_due(now)))
}

/// Balances after `entries`: pending, available, held.
pub(crate) fn after(
    before: (Points, Points, Points),
    entries: &[Entry],
) -> Result<(Points, Points, Points), Refusal> {
    use ledger::model::Account;
    let mut balance = before;
    for posting in entries.iter().flat_map(|entry| &entry.postings) {
        let side = match posting.account {
            Account::Pending => &mut balance.0,
            Account::Available => &mut balance.1,
            Account::Held => &mut balance.2,
            Account::Issued | Account::Redeemed | Account::Expired | Account::Adjusted => continue,
        };
        *side =
            side.checked_add(posting.amount).ok_or(Refusal::Loyalty(loyalty::error::Refusal::Overflow))?;
    }
    Ok(balance)
}

/// The event of a member's welcome, whatever set it off: there is one in a lifetime (L4).
#[must_use]
pub fn welcome_event(member: MemberId) -> String {
    format!("welcome:{}", member.raw())
}

/// Writes the receipt's row, lines and payments.
fn finish(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    guest: Option<(&Identified, &InForce)>,
    outcome: &Outcome,
    reply: String,
) -> Result<Recorded, Refusal> {
    let earned = outcome.guest.as_ref();
    let lines = new.sale.lines.iter().zip(&new.names).enumerate().map(|(index, (line, name))| {
        let accrued = earned.and_then(|guest| guest.accrual.lines.get(index));
        let paid =
            earned.and_then(|guest| guest.redemption.as_ref()).and_then(|redeemed| redeemed.lines.get(index));
        NewLine {
            line_no: i64::from(line.line_no),
            product_code: line.product_code.clone(),
            name: name.clone(),
            category: line.category.clone().unwrap_or_default(),
            is_fractional: line.is_fractional,
            quantity: line.quantity,
            unit_price_minor: line.unit_price.minor(),
            discount_minor: line.discount.minor(),
            amount_minor: line.amount.minor(),
            points_paid_minor: paid.map_or(0, |paid| paid.amount.minor()),
            points_paid: paid.map_or(Points::ZERO, |paid| paid.points),
            points_earned: accrued.map_or(Points::ZERO, |accrued| accrued.points),
        }
    });
    receipts::insert(
        tx,
        &NewReceipt {
            id: outcome.id,
            outlet: outlet.id,
            business_date: new.sale.business_date,
            number: new.number.clone(),
            request_hash: new.request_hash.clone(),
            sold_at: new.sale.sold_at,
            recorded_at: outcome.recorded_at,
            member: guest.map(|(identified, _)| identified.guest.member),
            card_number: guest.and_then(|(identified, _)| identified.card_number.clone()),
            identified_by: guest.map_or("none", |(identified, _)| identified.by),
            staff_code: new.staff_code.clone(),
            channel: new.channel,
            currency: outlet.currency,
            programme_version: guest.map(|(_, in_force)| in_force.version),
            hold: new.hold,
            reply: reply.clone(),
            lines: lines.collect(),
            payments: new
                .sale
                .payments
                .iter()
                .map(|part| (part.method.code(), part.amount.minor()))
                .collect(),
        },
    )?;
    let points = earned.map_or(Points::ZERO, |guest| guest.accrual.points);
    Ok(Recorded::New { id: outcome.id, reply, points })
}

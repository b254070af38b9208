//! A sale becomes a receipt: points are spent, earned and recorded with it, or none of it happens.

use kernel::{Date, HoldId, MemberId, Money, Points, ReceiptId, Timestamp};
use ledger::grant;
use ledger::model::{Entry, EntryKind, Occasion, Wallet};
use loyalty::accrual::{self, Accrual, DaySoFar};
use loyalty::programme::{Programme, WelcomeTrigger};
use loyalty::redemption::LinePayment;
use loyalty::sale::{Intake, PaymentMethod, Sale};
use store::holds::{self, HoldStatus};
use store::outlets::Outlet;
use store::receipts::{self, NewLine, NewReceipt};
use store::{Sql, ledger as books};

use crate::guest::{self, Identified, Named, SecretsSource};
use crate::hold::{self, Redeemed};
use crate::programme::{self, InForce};
use crate::refusal::Refusal;
use crate::{Moment, unit};

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

/// Records a sale. `reply` writes what the till is told; it is stored with the receipt, so that every repetition is
/// answered alike.
///
/// # Errors
/// See [`Refusal`]; nothing is recorded then.
pub fn record(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    secrets: SecretsSource<'_>,
    moment: &mut Moment<'_>,
    reply: impl FnOnce(&Outcome) -> String,
) -> Result<Recorded, Refusal> {
    if let Some(known) = receipts::load_recorded(tx, outlet.id, new.sale.business_date, &new.number)? {
        if known.request_hash != new.request_hash {
            return Err(Refusal::Conflict { id: known.id });
        }
        let id = ReceiptId::from_raw(known.id);
        return Ok(Recorded::Replayed { id, reply: known.reply, points: known.points });
    }
    let problems = new.sale.check(Intake { now: moment.now, late_days_max: LATE_DAYS_MAX });
    if !problems.is_empty() {
        return Err(Refusal::Sale(problems));
    }
    let id = ReceiptId::new(moment.ids, moment.now);
    let total = total(&new.sale)?;
    let Some(named) = &new.named else {
        if new.hold.is_some() || pays_with_points(&new.sale) {
            return Err(Refusal::PointsPayment);
        }
        let outcome = Outcome { id, recorded_at: moment.now, total, guest: None };
        return finish(tx, outlet, new, None, &outcome, reply(&outcome));
    };
    let identified = guest::identify(tx, named, outlet, secrets, moment.now)?;
    let in_force = programme::in_force(tx, &outlet.brand, new.sale.sold_at)?;
    // A receipt's entries come after its row, which they refer to, and its row holds what they did: decide first.
    let (guest, entries) = decide(tx, outlet, new, &identified, &in_force, id, moment)?;
    let outcome = Outcome { id, recorded_at: moment.now, total, guest: Some(guest) };
    let recorded = finish(tx, outlet, new, Some((&identified, &in_force)), &outcome, reply(&outcome))?;
    let unit = unit(&outlet.brand);
    for entry in &entries {
        books::insert_entry(tx, entry, &unit, None)?;
    }
    if let (Some(hold), Some(redeemed)) =
        (new.hold, outcome.guest.as_ref().and_then(|guest| guest.redemption.as_ref()))
    {
        holds::end(tx, hold, HoldStatus::Captured, redeemed.points, Some(id), moment.now)?;
    }
    if identified.guest.home_outlet.is_none() {
        store::guests::set_home(tx, identified.guest.member, outlet.id, moment.now)?;
    }
    Ok(recorded)
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

/// Spends what was held, then earns, each on the wallet as the other left it.
fn decide(
    tx: &dyn Sql,
    outlet: &Outlet,
    new: &NewSale,
    identified: &Identified,
    in_force: &InForce,
    id: ReceiptId,
    moment: &mut Moment<'_>,
) -> Result<(GuestOutcome, Vec<Entry>), Refusal> {
    let member = identified.guest.member;
    let rules = &in_force.rules;
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
    let before = books::load_balance(tx, member)?;
    let (mut wallet, redemption) = match (new.hold, pays_with_points(&new.sale)) {
        (None, false) => (wallet_for_grants(member, before.1), None),
        (Some(hold), true) => {
            let mut wallet = books::load_wallet(tx, member)?;
            let redeemed =
                hold::capture(tx, &mut wallet, hold, outlet, new, rules, occasion(event.clone()), moment)?;
            entries.extend(redeemed.entries.iter().cloned());
            (wallet, Some(redeemed))
        }
        (Some(_), false) | (None, true) => return Err(Refusal::PointsPayment),
    };
    let paid: &[LinePayment] = redemption.as_ref().map_or(&[], |redeemed| &redeemed.lines);
    let tier = rules.tier(&identified.guest.tier).ok_or(loyalty::error::Refusal::UnknownTier)?;
    let day = day_so_far(tx, rules, member, new.sale.business_date)?;
    let accrual = accrual::earn(rules, tier, &new.sale, paid, day)?;
    entries.extend(grant::accrue(&mut wallet, accrual.grant(), occasion(event), moment.ids)?);
    let welcome = welcome(tx, rules, identified, outlet, new.sale.business_date)?;
    if let Some(bonus) = welcome {
        // Not the receipt's own points: returning the receipt leaves them.
        let occasion = Occasion { receipt: None, ..occasion(welcome_event(member)) };
        entries.extend(grant::accrue(&mut wallet, bonus, occasion, moment.ids)?);
    }
    let balance = after(before, &entries)?;
    let guest = GuestOutcome {
        member,
        tier: identified.guest.tier.clone(),
        accrual,
        welcome: welcome.map_or(Points::ZERO, |bonus| bonus.points),
        redemption,
        balance,
    };
    Ok((guest, entries))
}

/// A wallet to grant into. What a grant does depends on the debt alone, and a debt exists only while nothing is
/// available: so a member's lots, of which a regular has hundreds, need not be loaded for every cup of coffee.
fn wallet_for_grants(member: MemberId, available: Points) -> Wallet {
    let available = available.min(Points::ZERO);
    Wallet { member, available, held: Points::ZERO, pending: Points::ZERO, lots: Vec::new() }
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

/// What the member has earned today; asked only where a cap depends on it.
fn day_so_far(tx: &dyn Sql, rules: &Programme, member: MemberId, day: Date) -> Result<DaySoFar, Refusal> {
    let caps = &rules.earning.caps;
    if caps.points_per_day.is_none() && caps.receipts_per_day.is_none() {
        return Ok(DaySoFar::default());
    }
    let (points, receipts) = receipts::load_day_so_far(tx, member, day)?;
    Ok(DaySoFar { points, receipts: u32::try_from(receipts).unwrap_or(u32::MAX) })
}

/// The event of a member's welcome, whatever set it off: there is one in a lifetime (L4).
#[must_use]
pub fn welcome_event(member: MemberId) -> String {
    format!("welcome:{}", member.raw())
}

/// The welcome bonus, on a member's first receipt.
fn welcome(
    tx: &dyn Sql,
    rules: &Programme,
    identified: &Identified,
    outlet: &Outlet,
    day: Date,
) -> Result<Option<grant::Grant>, Refusal> {
    let bonus = accrual::welcome(rules, WelcomeTrigger::FirstReceipt, day, &outlet.zone);
    let member = identified.guest.member;
    if bonus.is_none() || receipts::any_of_member(tx, member)? {
        return Ok(None);
    }
    // Whoever was welcomed at sign-up, under rules of before, is not welcomed again.
    let welcomed = books::has_entry(tx, &welcome_event(member), EntryKind::Accrual)?;
    Ok(bonus.filter(|_| !welcomed))
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

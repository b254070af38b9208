//! Sales that were agreed on before they took place: an order's quote decided what is paid, with points and in money,
//! and what is earned. Points are held when the order is made, spent and earned when it is handed over.

use fraud::facts::Trace;
use kernel::{Date, HoldId, MemberId, Money, Points, Quantity, ReceiptId, Timestamp};
use ledger::age::age;
use ledger::grant;
use ledger::model::{Entry, EntryKind, LotSource, Occasion};
use ledger::spend::{self, hold_event};
use loyalty::accrual;
use loyalty::programme::{Programme, WelcomeTrigger};
use store::arrivals::{self, Arrival, Key, Question};
use store::guests::{Guest, MemberStatus};
use store::holds::{self, HoldStatus, StoredHold};
use store::ledger::Due;
use store::outlets::Outlet;
use store::receipts::{self, NewLine, NewReceipt};
use store::{Sql, guests, ledger as books};

use crate::receipt::welcome_event;
use crate::refusal::Refusal;
use crate::tiers::homes;
use crate::watching::{self, Watched};
use crate::{Moment, account, programme, unit};

/// What a till is told that a member identified this sale.
const BY_MEMBER: &str = "member";

/// Points to hold for an order.
#[derive(Debug, Clone, Copy)]
pub struct Reservation {
    pub member: MemberId,
    pub points: Points,
    /// The part of what is to pay that they stand for.
    pub worth: Money,
    /// Later than any order lasts: the order itself releases them.
    pub expires_at: Timestamp,
    /// Where the order is made, if the app said.
    pub device: Option<Trace>,
}

/// Holds points as a quote decided: what the programme lets spend was judged there; as at a till it
/// counts as spending, and is refused while the account is held.
///
/// # Errors
/// [`Refusal::Ledger`] when there are fewer by now; [`Refusal::MemberInactive`]; [`Refusal::Suspected`]; a failure of
/// storage.
pub fn reserve(
    tx: &dyn Sql,
    outlet: &Outlet,
    reservation: &Reservation,
    moment: &mut Moment<'_>,
) -> Result<HoldId, Refusal> {
    let guest = guests::load(tx, reservation.member)?.filter(|guest| guest.status == MemberStatus::Active);
    let guest = guest.ok_or(Refusal::MemberInactive)?;
    let prepared = watch::inline::prepare(tx, &outlet.brand, Some(outlet.id))?;
    let told = watching::of_reservation(&guest, reservation.device, moment.now);
    let watched = Watched::judge(tx, &prepared, told, moment.now)?;
    watched.spend_signed_in()?;
    let mut wallet = account::settle(tx, guest.member, &outlet.brand, guest.account, moment)?;
    let id = HoldId::new(moment.ids, moment.now);
    let occasion = Occasion {
        event: hold_event(id),
        receipt: None,
        outlet: Some(outlet.id),
        effective_at: moment.now,
        recorded_at: moment.now,
    };
    let (entry, hold) = spend::hold(&mut wallet, reservation.points, id, occasion, moment.ids)?;
    holds::insert(
        tx,
        &StoredHold {
            hold,
            outlet: outlet.id,
            currency: outlet.currency,
            value_minor: reservation.worth.minor(),
            status: HoldStatus::Authorised,
            captured: Points::ZERO,
            created_at: moment.now,
            expires_at: reservation.expires_at,
            receipt: None,
        },
    )?;
    let due = Due::By(Some(reservation.expires_at));
    let entries = std::slice::from_ref(&entry);
    books::insert_entries(tx, guest.member, entries, &unit(&outlet.brand), None, due)?;
    watched.conclude_as(tx, &outlet.brand, hold_event(id), moment)?;
    Ok(id)
}

/// A sale as its quote settled it.
#[derive(Debug, Clone)]
pub struct PrepaidSale<'a> {
    pub outlet: &'a Outlet,
    pub member: MemberId,
    pub number: String,
    pub business_date: Date,
    pub sold_at: Timestamp,
    pub channel: &'static str,
    pub hold: Option<HoldId>,
    /// Where the order was made, if that is known.
    pub device: Option<Trace>,
    pub lines: Vec<PrepaidLine>,
    /// Codes of payment methods, and how much.
    pub payments: Vec<(&'static str, i64)>,
    /// What whoever asks for the receipt is told (JSON).
    pub reply: String,
    pub request_hash: Vec<u8>,
}

/// A line with everything decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepaidLine {
    pub line_no: u32,
    pub product_code: String,
    pub name: String,
    pub category: String,
    pub quantity: Quantity,
    pub unit_price_minor: i64,
    pub discount_minor: i64,
    /// After discounts, before points.
    pub amount_minor: i64,
    pub points_paid_minor: i64,
    pub points_paid: Points,
    pub points_earned: Points,
}

/// Records the sale: spends what is held, grants what was promised. A sale that is recorded already stays as it is, and
/// its receipt is answered. A guest who has left by now neither spends nor earns.
///
/// # Errors
/// [`Refusal::HoldEnded`], [`Refusal::UnknownHold`] when the points are not held any more; a failure of storage.
pub fn record(tx: &dyn Sql, sale: &PrepaidSale<'_>, moment: &mut Moment<'_>) -> Result<ReceiptId, Refusal> {
    let question = Question {
        outlet: sale.outlet.id,
        brand: &sale.outlet.brand,
        business_date: sale.business_date,
        number: &sale.number,
        sold_at: sale.sold_at,
        guest: Key::Nobody,
        day: false,
        welcome: false,
    };
    if let Arrival::Known(known) = arrivals::load(tx, &question)? {
        return Ok(ReceiptId::from_raw(known.id));
    }
    let guest = guests::load(tx, sale.member)?.filter(|guest| guest.status != MemberStatus::Erased);
    let id = ReceiptId::new(moment.ids, moment.now);
    let rules = match programme::in_force(tx, &sale.outlet.brand, sale.sold_at) {
        Ok(in_force) => Some(in_force),
        Err(Refusal::NoProgramme) => None,
        Err(refusal) => return Err(refusal),
    };
    insert(tx, sale, guest.as_ref(), rules.as_ref().map(|in_force| in_force.version), id, moment)?;
    let (Some(guest), Some(in_force)) = (guest, rules) else { return Ok(id) };
    settle(tx, sale, &guest, &in_force.rules, id, moment)?;
    match guest.home_outlet {
        None => guests::set_home(tx, guest.member, sale.outlet.id, moment.now)?,
        Some(home) if home == sale.outlet.id => {}
        Some(_) => homes::follow(tx, guest.member, sale.outlet, moment)?,
    }
    Ok(id)
}

/// Spends and grants, in this order, as for any receipt.
fn settle(
    tx: &dyn Sql,
    sale: &PrepaidSale<'_>,
    guest: &Guest,
    rules: &Programme,
    id: ReceiptId,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let brand = &sale.outlet.brand;
    let account = account::settle_balance(tx, guest.member, brand, guest.account, moment)?;
    let now = moment.now;
    let occasion = |event: String| Occasion {
        event,
        receipt: Some(id),
        outlet: Some(sale.outlet.id),
        effective_at: sale.sold_at,
        recorded_at: now,
    };
    let event = format!("receipt:{}", id.raw());
    let mut entries: Vec<Entry> = Vec::new();
    let mut captured = None;
    let mut wallet = match sale.hold {
        None => account::part(guest.member, &account, Vec::new())?,
        Some(hold) => {
            let (stored, lots) = holds::load(tx, hold)?.ok_or(Refusal::UnknownHold)?;
            if stored.hold.member != guest.member || stored.outlet != sale.outlet.id {
                return Err(Refusal::UnknownHold);
            }
            if stored.status != HoldStatus::Authorised || stored.expires_at <= now {
                return Err(Refusal::HoldEnded);
            }
            let mut wallet = account::part(guest.member, &account, lots)?;
            let points = sum(sale, |line| line.points_paid)?;
            let spent =
                spend::capture(&mut wallet, stored.hold, points, occasion(event.clone()), moment.ids)?;
            entries.extend(spent.entry.into_iter().chain(spent.release));
            captured = Some((hold, points));
            wallet
        }
    };
    let prepared = watch::inline::prepare(tx, brand, Some(sale.outlet.id))?;
    let told = watching::of_order(guest, sale.device, sale.sold_at, sale.hold.is_some());
    let mut watched = Watched::judge(tx, &prepared, told, now)?;
    let mut accrual = promised(sale, rules)?;
    accrual.activates_at = watched.postpone(&event, accrual.points, accrual.activates_at);
    entries.extend(grant::accrue(&mut wallet, accrual, occasion(event), moment.ids)?);
    if let Some(mut bonus) = welcome(tx, sale, guest, rules, id)? {
        // Not the receipt's own points: returning the receipt leaves them.
        let occasion = Occasion { receipt: None, ..occasion(welcome_event(guest.member)) };
        bonus.activates_at = watched.postpone(&occasion.event, bonus.points, bonus.activates_at);
        entries.extend(grant::accrue(&mut wallet, bonus, occasion, moment.ids)?);
    }
    entries.extend(age(&mut wallet, &[], now, moment.ids)?.entries);
    if !entries.is_empty() {
        let due = Due::By(wallet.next_due(now));
        books::insert_entries(tx, guest.member, &entries, &unit(brand), None, due)?;
    }
    watched.conclude(tx, brand, Some(id), moment)?;
    if let Some((hold, points)) = captured {
        holds::end(tx, hold, HoldStatus::Captured, points, Some(id), now)?;
    }
    Ok(())
}

fn sum(sale: &PrepaidSale<'_>, part: fn(&PrepaidLine) -> Points) -> Result<Points, Refusal> {
    let sum = sale.lines.iter().map(part).try_fold(Points::ZERO, Points::checked_add);
    sum.ok_or(Refusal::Loyalty(loyalty::error::Refusal::Overflow))
}

/// What was promised, with the times of activation and expiry that the programme gives such a sale. Tier, caps of a day and
/// currency were judged when it was promised, and are not judged again.
fn promised(sale: &PrepaidSale<'_>, rules: &Programme) -> Result<grant::Grant, Refusal> {
    let (activates_at, expires_at) =
        accrual::times(&rules.earning, sale.sold_at, sale.business_date, &sale.outlet.zone);
    let points = sum(sale, |line| line.points_earned)?;
    Ok(grant::Grant { points, source: LotSource::Receipt, activates_at, expires_at })
}

/// The welcome bonus, on a member's first receipt.
fn welcome(
    tx: &dyn Sql,
    sale: &PrepaidSale<'_>,
    guest: &Guest,
    rules: &Programme,
    id: ReceiptId,
) -> Result<Option<grant::Grant>, Refusal> {
    let zone = &sale.outlet.zone;
    let Some(bonus) = accrual::welcome(rules, WelcomeTrigger::FirstReceipt, sale.business_date, zone) else {
        return Ok(None);
    };
    let is_known = receipts::has_other(tx, guest.member, id)?
        || store::fraud::leavers::has_rejoined(tx, guest.member)?
        || books::has_entry(tx, &welcome_event(guest.member), EntryKind::Accrual)?;
    Ok(Some(bonus).filter(|_| !is_known))
}

fn insert(
    tx: &dyn Sql,
    sale: &PrepaidSale<'_>,
    guest: Option<&Guest>,
    programme_version: Option<kernel::ProgrammeVersionId>,
    id: ReceiptId,
    moment: &Moment<'_>,
) -> Result<(), Refusal> {
    let lines = sale.lines.iter().map(|line| NewLine {
        line_no: i64::from(line.line_no),
        product_code: line.product_code.clone(),
        name: line.name.clone(),
        category: line.category.clone(),
        is_fractional: false,
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        discount_minor: line.discount_minor,
        amount_minor: line.amount_minor,
        points_paid_minor: line.points_paid_minor,
        points_paid: line.points_paid,
        points_earned: if guest.is_some() { line.points_earned } else { Points::ZERO },
    });
    receipts::insert(
        tx,
        &NewReceipt {
            id,
            outlet: sale.outlet.id,
            business_date: sale.business_date,
            number: sale.number.clone(),
            request_hash: sale.request_hash.clone(),
            sold_at: sale.sold_at,
            recorded_at: moment.now,
            member: guest.map(|guest| guest.member),
            card_number: None,
            identified_by: guest.map_or("none", |_| BY_MEMBER),
            staff_code: None,
            channel: sale.channel,
            currency: sale.outlet.currency,
            programme_version: guest.and(programme_version),
            hold: sale.hold,
            reply: sale.reply.clone(),
            lines: lines.collect(),
            payments: sale.payments.clone(),
        },
    )?;
    Ok(())
}

//! What fraud control is told, and what it changes: when points become spendable, and whether they may be spent.

pub mod ruling;

use fraud::Facts;
use fraud::facts::{BadCode, Place, Trace, Who};
use fraud::told::{self, Origin};
use kernel::{MemberId, Points, ReceiptId, ReturnId, SessionId, Timestamp};
use loyalty::redemption::Presented;
use store::fraud::links;
use store::guests::{self, Guest};
use store::outlets::Outlet;
use store::{Sql, StoreError};
use watch::inline::{self, Conclusion, Delayed, Judged, Prepared, Stopped};

use crate::Moment;
use crate::receipt::NewSale;
use crate::refusal::Refusal;

/// A judged event, and the accruals that wait because of it.
#[derive(Debug)]
pub(crate) struct Watched {
    judged: Judged,
    delayed: Vec<Delayed>,
}

impl Watched {
    /// Judges an event; writes nothing yet.
    pub(crate) fn judge(
        tx: &dyn Sql,
        prepared: &Prepared,
        told: Facts,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        Ok(Self { judged: inline::judge(tx, prepared, told, now)?, delayed: Vec::new() })
    }

    /// When the points of the accrual `event` become spendable, which the programme makes at `programme_at`.
    pub(crate) fn postpone(
        &mut self,
        event: &str,
        points: Points,
        programme_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let Some(until) = self.judged.delay_until() else { return programme_at };
        self.delayed.push(Delayed { event: event.to_owned(), points, programme_at });
        Some(programme_at.map_or(until, |at| at.max(until)))
    }

    /// Refuses spending that is stopped.
    pub(crate) fn spend(&self, presented: Presented) -> Result<(), Refusal> {
        let Some(stopped) = self.judged.stops_spending(presented == Presented::Rotating) else {
            return Ok(());
        };
        let facts = Some(Box::new(self.judged.facts().clone()));
        Err(Refusal::Suspected { facts, needs_code: stopped == Stopped::NeedsCode })
    }

    /// Refuses spending of a member who signed in by their own phone, which proves as much as a code does, while the account is
    /// held. What this very event shows holds from the next on: refused, it would be gone with the order's transaction, and
    /// nobody would see why.
    pub(crate) fn spend_signed_in(&self) -> Result<(), Refusal> {
        if self.judged.is_held() {
            return Err(Refusal::Suspected { facts: None, needs_code: false });
        }
        Ok(())
    }

    /// Writes down what was counted and decided, after the entries that it is about.
    pub(crate) fn conclude(
        self,
        tx: &dyn Sql,
        brand: &str,
        receipt: Option<ReceiptId>,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refusal> {
        let reference = receipt.map(|receipt| format!("receipt:{}", receipt.raw()));
        self.write(tx, brand, reference, receipt, moment)
    }

    /// As [`Watched::conclude`], for what is no receipt.
    pub(crate) fn conclude_as(
        self,
        tx: &dyn Sql,
        brand: &str,
        reference: String,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refusal> {
        self.write(tx, brand, Some(reference), None, moment)
    }

    fn write(
        self,
        tx: &dyn Sql,
        brand: &str,
        reference: Option<String>,
        receipt: Option<ReceiptId>,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refusal> {
        let conclusion = Conclusion { reference, receipt, delayed: self.delayed };
        let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
        inline::conclude(tx, &self.judged, brand, &conclusion, &mut moment)?;
        Ok(())
    }
}

/// A till's sale.
pub(crate) fn of_sale(new: &NewSale, guest: &Guest) -> Facts {
    told::sale(who(guest), new.staff_code.clone(), new.hold.is_some(), new.sale.sold_at)
}

/// An order's sale: nobody stood at a till. `device`: where it was made, if that is known.
pub(crate) fn of_order(guest: &Guest, device: Option<Trace>, sold_at: Timestamp, spends: bool) -> Facts {
    Facts { device, ..told::sale(who(guest), None, spends, sold_at) }
}

/// Points about to be spent at a till.
pub(crate) fn of_hold(guest: &Guest, now: Timestamp) -> Facts {
    told::hold(who(guest), now)
}

/// Points about to be spent with an order, made on a device if it is known.
pub(crate) fn of_reservation(guest: &Guest, device: Option<Trace>, now: Timestamp) -> Facts {
    Facts { device, ..told::hold(who(guest), now) }
}

/// A new member.
pub(crate) fn of_sign_up(member: MemberId, phone: &str, device: Option<Trace>, now: Timestamp) -> Facts {
    told::sign_up(member, fraud::subject::phone_prefix(phone), device, now)
}

/// A member signs in on a device.
pub(crate) fn signed_in(
    tx: &dyn Sql,
    brand: &str,
    member: MemberId,
    device: Option<Trace>,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let (Some(device), Some(guest)) = (device, guests::load(tx, member)?) else { return Ok(()) };
    let told = told::sign_in(who(&guest), device, moment.now);
    let watched = Watched::judge(tx, &inline::prepare(tx, brand, None)?, told, moment.now)?;
    watched.conclude(tx, brand, None, moment)
}

const fn who(guest: &Guest) -> Who {
    Who { member: guest.member, joined_at: guest.joined_at }
}

/// A return of goods of which the points were used: see [`told::refund`]. `staff` took them back; whoever sold them has
/// nothing to do with it.
pub(crate) fn refunded(
    tx: &dyn Sql,
    outlet: &Outlet,
    id: ReturnId,
    (member, staff): (MemberId, Option<&str>),
    at: Timestamp,
    moment: &mut Moment<'_>,
) -> Result<(), Refusal> {
    let Some(joined_at) = store::fraud::inline::load_joined(tx, member)? else { return Ok(()) };
    store::fraud::inline::insert_return(tx, id, staff)?;
    let told = told::refund(Who { member, joined_at }, staff.map(str::to_owned), at);
    let prepared = inline::prepare(tx, &outlet.brand, Some(outlet.id))?;
    let watched = Watched::judge(tx, &prepared, told, moment.now)?;
    watched.conclude_as(tx, &outlet.brand, format!("return:{}", id.raw()), moment)
}

/// Notes the device that a guest signed in on: what the session does later is known to be done there.
///
/// # Errors
/// A failure of storage.
pub fn opened_on(tx: &dyn Sql, session: SessionId, device: Option<Trace>) -> Result<(), StoreError> {
    match device {
        Some(device) => links::set_session_device(tx, session, device.raw()),
        None => Ok(()),
    }
}

/// As [`opened_on`], in a chat, which is a device like any other. `chat`: its blind index.
///
/// # Errors
/// A failure of storage.
pub fn opened_in_chat(tx: &dyn Sql, session: SessionId, chat: &[u8]) -> Result<(), StoreError> {
    opened_on(tx, session, Some(Trace::from_digest(chat)))
}

/// The device that a guest signed in on, if the app said.
///
/// # Errors
/// A failure of storage.
pub fn device_of(sql: &dyn Sql, session: SessionId) -> Result<Option<Trace>, StoreError> {
    Ok(links::load_session_device(sql, session)?.map(Trace::from_raw))
}

/// A wrong one-time code for a phone, known by its blind index and, as far as it can be read, by its digits. Unlike a
/// till's, its refusal is committed.
pub(crate) fn wrong_code(
    tx: &dyn Sql,
    brand: &str,
    (index, phone): (&[u8], Option<&str>),
    origin: Origin,
    moment: &mut Moment<'_>,
) -> Result<(), StoreError> {
    let block = phone.map(fraud::subject::phone_prefix);
    let told = told::sign_in_code(Trace::from_digest(index), block, origin, moment.now);
    let judged = inline::judge(tx, &inline::prepare(tx, brand, None)?, told, moment.now)?;
    let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
    inline::conclude(tx, &judged, brand, &Conclusion::default(), &mut moment).map(drop)
}

/// A code of a card that was wrong or used before, shown at a till. Its own transaction is gone with the refusal, so call
/// it in another.
///
/// # Errors
/// A failure of storage.
pub fn bad_code(
    tx: &dyn Sql,
    outlet: &Outlet,
    card: &str,
    how: BadCode,
    now: Timestamp,
) -> Result<(), Refusal> {
    let holder = guests::load_by_card(tx, &outlet.brand, card)?;
    let place = Place { outlet: outlet.id, position: None };
    let told = told::card_code(holder.map(|holder| who(&holder.guest)), place, how, now);
    Ok(inline::note(tx, &outlet.brand, &told, now)?)
}

/// Counts what a refusal was about, if fraud control is to know. Its own transaction is gone with the refusal, so call it in
/// another.
///
/// # Errors
/// A failure of storage.
pub fn note(tx: &dyn Sql, outlet: &Outlet, refusal: &Refusal, now: Timestamp) -> Result<(), Refusal> {
    match refusal {
        Refusal::CodeSpent { card } => bad_code(tx, outlet, card, BadCode::Replayed, now),
        Refusal::Suspected { facts: Some(facts), .. } => Ok(inline::note(tx, &outlet.brand, facts, now)?),
        _ => Ok(()),
    }
}

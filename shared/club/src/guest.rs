//! Who stands at the till.

use kernel::Timestamp;
use loyalty::redemption::Presented;
use membership::card_number::CardNumber;
use membership::phone::{self, Country};
use membership::rotating_code::{self, CardKey, Scan, WRONG_CODES};
use membership::secrets::{Indexed, Purpose, Secrets};
use store::guests::{self, CardGuest, Guest, MemberStatus};
use store::outlets::Outlet;
use store::{Sql, counters};

use crate::refusal::Refusal;

/// Name of the counter of wrong codes for one card.
const WRONG_CODES_COUNTER: &str = "code.card.minute";

/// How the till names the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A card number.
    Card(String),
    /// A phone number in any spelling.
    Phone(String),
    /// Whatever the scanner read.
    Code(String),
}

/// The guest, and how they showed who they are.
#[derive(Debug, Clone)]
pub struct Identified {
    pub guest: Guest,
    pub presented: Presented,
    pub card_number: Option<String>,
    /// For the receipt: `card`, `phone` or `rotating_code`.
    pub by: &'static str,
}

/// Reads the deployment's master secret, when it is needed: most receipts name a card and never need it.
pub type SecretsSource<'a> = &'a dyn Fn() -> Result<Secrets, Refusal>;

/// Finds the guest and checks that they may take part. A rotating code is used up, once and for ever, in the same
/// transaction as what it is shown for.
///
/// # Errors
/// [`Refusal::UnknownGuest`], [`Refusal::CardInactive`], [`Refusal::MemberInactive`], [`Refusal::Code`],
/// [`Refusal::CodeSpent`]; a failure of storage.
pub fn identify(
    sql: &dyn Sql,
    named: &Named,
    outlet: &Outlet,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Result<Identified, Refusal> {
    let identified = match named {
        Named::Card(text) => by_card(sql, outlet, text)?,
        Named::Phone(text) => by_phone(sql, outlet, text, secrets)?,
        Named::Code(text) => by_scan(sql, outlet, text, secrets, now)?,
    };
    match identified.guest.status {
        MemberStatus::Active => Ok(identified),
        MemberStatus::Blocked | MemberStatus::Erased => Err(Refusal::MemberInactive),
    }
}

/// Counts a wrong code against its card, so that codes cannot be tried out. The refused transaction is gone by then
/// and its counts with it, so this is called in one of its own.
///
/// # Errors
/// A failure of storage.
pub fn note_wrong_code(tx: &dyn Sql, outlet: &Outlet, card: &str, now: Timestamp) -> Result<(), Refusal> {
    let subject = subject(&outlet.brand, card);
    let counter = counters::load(tx, WRONG_CODES_COUNTER, &subject)?;
    counters::save(tx, WRONG_CODES_COUNTER, &subject, WRONG_CODES.hit(counter, now))?;
    Ok(())
}

fn subject(brand: &str, card: &str) -> Vec<u8> {
    format!("{brand}/{card}").into_bytes()
}

fn by_card(sql: &dyn Sql, outlet: &Outlet, text: &str) -> Result<Identified, Refusal> {
    let number = CardNumber::parse(text).map_err(|_| Refusal::UnknownGuest("not a card number"))?;
    let found = card_holder(sql, outlet, &number)?;
    Ok(Identified {
        guest: found.guest,
        presented: Presented::Static,
        card_number: Some(number.as_str().to_owned()),
        by: "card",
    })
}

fn card_holder(sql: &dyn Sql, outlet: &Outlet, number: &CardNumber) -> Result<CardGuest, Refusal> {
    let found = guests::load_by_card(sql, &outlet.brand, number.as_str())?
        .ok_or(Refusal::UnknownGuest("no guest holds this card"))?;
    if found.card_active { Ok(found) } else { Err(Refusal::CardInactive) }
}

fn by_phone(
    sql: &dyn Sql,
    outlet: &Outlet,
    text: &str,
    secrets: SecretsSource<'_>,
) -> Result<Identified, Refusal> {
    let home = Country::parse(&outlet.country)
        .map_err(|_| Refusal::UnknownGuest("the outlet's country is unknown"))?;
    let read = phone::read(text, home).map_err(|_| Refusal::UnknownGuest("not a phone number"))?;
    let index = secrets()?.blind_indexer().index(Indexed::Phone, read.phone.expose());
    let guest = guests::load_by_phone(sql, &outlet.brand, index.bytes())?
        .ok_or(Refusal::UnknownGuest("no guest has this phone"))?;
    Ok(Identified { guest, presented: Presented::Static, card_number: None, by: "phone" })
}

fn by_scan(
    sql: &dyn Sql,
    outlet: &Outlet,
    text: &str,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Result<Identified, Refusal> {
    let scan = Scan::parse(text).map_err(|_| Refusal::UnknownGuest("the code has no known shape"))?;
    let number = match &scan {
        Scan::Phone(spelling) => return by_phone(sql, outlet, spelling, secrets),
        Scan::Static(number) => return by_card(sql, outlet, number.as_str()),
        Scan::Rotating { card, .. } | Scan::Numeric { card, .. } => card.clone(),
    };
    let found = card_holder(sql, outlet, &number)?;
    let wrong = counters::load(sql, WRONG_CODES_COUNTER, &subject(&outlet.brand, number.as_str()))?;
    let wait_ms = WRONG_CODES.wait_ms(wrong, now);
    if wait_ms > 0 {
        return Err(Refusal::TooManyCodes { wait_ms });
    }
    let master = secrets()?.key(Purpose::RotatingCodes);
    let step = rotating_code::verify(&scan, &CardKey::derive(&master, found.key_version, &number), now)
        .map_err(|why| Refusal::Code { card: number.as_str().to_owned(), why })?;
    if !guests::spend_code(sql, &outlet.brand, number.as_str(), step.number(), outlet.id, now)? {
        return Err(Refusal::CodeSpent);
    }
    Ok(Identified {
        guest: found.guest,
        presented: Presented::Rotating,
        card_number: Some(number.as_str().to_owned()),
        by: "rotating_code",
    })
}

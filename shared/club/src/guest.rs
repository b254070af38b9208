//! Who stands at the till.

use fraud::facts::BadCode;
use kernel::Timestamp;
use loyalty::redemption::Presented;
use membership::card_number::CardNumber;
use membership::phone::{self, Country};
use membership::rotating_code::{self, CardKey, Scan, WRONG_CODES};
use membership::secrets::{Indexed, Purpose, Secrets};
use store::arrivals::Key;
use store::guests::{self, CardGuest, Guest, MemberStatus};
use store::outlets::Outlet;
use store::{Sql, counters};

use crate::refusal::Refusal;
use crate::watching;

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

/// Whom to look for: what the till said, read as far as that needs no database.
#[derive(Debug, Clone)]
pub(crate) enum Sought {
    /// Whoever holds the card.
    Card(CardNumber),
    /// Whoever has the phone, by its blind index.
    Phone(Vec<u8>),
    /// Whoever holds the card, if the code proves that it is theirs.
    Rotating(CardNumber, Scan),
}

impl Sought {
    /// Reads what the till said.
    ///
    /// # Errors
    /// [`Refusal::UnknownGuest`]; [`Refusal::Secrets`].
    pub(crate) fn read(named: &Named, outlet: &Outlet, secrets: SecretsSource<'_>) -> Result<Self, Refusal> {
        match named {
            Named::Card(text) => {
                let number =
                    CardNumber::parse(text).map_err(|_| Refusal::UnknownGuest("not a card number"))?;
                Ok(Self::Card(number))
            }
            Named::Phone(text) => Self::phone(text, outlet, secrets),
            Named::Code(text) => {
                let scan =
                    Scan::parse(text).map_err(|_| Refusal::UnknownGuest("the code has no known shape"))?;
                match &scan {
                    Scan::Phone(spelling) => Self::phone(spelling, outlet, secrets),
                    Scan::Static(number) => Ok(Self::Card(number.clone())),
                    Scan::Rotating { card, .. } | Scan::Numeric { card, .. } => {
                        Ok(Self::Rotating(card.clone(), scan))
                    }
                }
            }
        }
    }

    fn phone(text: &str, outlet: &Outlet, secrets: SecretsSource<'_>) -> Result<Self, Refusal> {
        let home = Country::parse(&outlet.country)
            .map_err(|_| Refusal::UnknownGuest("the outlet's country is unknown"))?;
        let read = phone::read(text, home).map_err(|_| Refusal::UnknownGuest("not a phone number"))?;
        let index = secrets()?.blind_indexer().index(Indexed::Phone, read.phone.expose());
        Ok(Self::Phone(index.bytes().to_vec()))
    }

    /// What is asked of the database.
    pub(crate) fn key(&self) -> Key<'_> {
        match self {
            Self::Card(number) | Self::Rotating(number, _) => Key::Card(number.as_str()),
            Self::Phone(index) => Key::Phone(index),
        }
    }

    /// Checks that who was found may take part. A rotating code is used up, once and for ever, in the same transaction
    /// as what it is shown for.
    ///
    /// # Errors
    /// See [`identify`].
    pub(crate) fn found(
        &self,
        sql: &dyn Sql,
        holder: Option<CardGuest>,
        outlet: &Outlet,
        secrets: SecretsSource<'_>,
        now: Timestamp,
    ) -> Result<Identified, Refusal> {
        let nobody = match self {
            Self::Phone(_) => "no guest has this phone",
            Self::Card(_) | Self::Rotating(..) => "no guest holds this card",
        };
        let holder = holder.ok_or(Refusal::UnknownGuest(nobody))?;
        if !holder.card_active {
            return Err(Refusal::CardInactive);
        }
        let (presented, card, by) = match self {
            Self::Card(number) => (Presented::Static, Some(number), "card"),
            Self::Phone(_) => (Presented::Static, None, "phone"),
            Self::Rotating(number, scan) => {
                prove(sql, outlet, number, scan, holder.key_version, secrets, now)?;
                (Presented::Rotating, Some(number), "rotating_code")
            }
        };
        match holder.guest.status {
            MemberStatus::Active => Ok(Identified {
                guest: holder.guest,
                presented,
                card_number: card.map(|number| number.as_str().to_owned()),
                by,
            }),
            MemberStatus::Blocked | MemberStatus::Erased => Err(Refusal::MemberInactive),
        }
    }
}

/// Finds the guest and checks that they may take part, and uses up a rotating code.
///
/// # Errors
/// [`Refusal::UnknownGuest`], [`Refusal::CardInactive`], [`Refusal::MemberInactive`], [`Refusal::Code`],
/// [`Refusal::CodeSpent`]; a failure of storage.
pub(crate) fn identify(
    sql: &dyn Sql,
    sought: &Sought,
    outlet: &Outlet,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Result<Identified, Refusal> {
    let holder = match sought.key() {
        Key::Card(number) => guests::load_by_card(sql, &outlet.brand, number)?,
        Key::Phone(index) => guests::load_by_phone(sql, &outlet.brand, index)?.map(|guest| CardGuest {
            guest,
            card_active: true,
            key_version: 1,
        }),
        Key::Nobody => None,
    };
    sought.found(sql, holder, outlet, secrets, now)
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
    watching::bad_code(tx, outlet, card, BadCode::Wrong, now)
}

fn subject(brand: &str, card: &str) -> Vec<u8> {
    format!("{brand}/{card}").into_bytes()
}

/// A rotating code proves that the guest has the card at hand, and works once.
fn prove(
    sql: &dyn Sql,
    outlet: &Outlet,
    number: &CardNumber,
    scan: &Scan,
    key_version: u32,
    secrets: SecretsSource<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let wrong = counters::load(sql, WRONG_CODES_COUNTER, &subject(&outlet.brand, number.as_str()))?;
    let wait_ms = WRONG_CODES.wait_ms(wrong, now);
    if wait_ms > 0 {
        return Err(Refusal::TooManyCodes { wait_ms });
    }
    let master = secrets()?.key(Purpose::RotatingCodes);
    let step = rotating_code::verify(scan, &CardKey::derive(&master, key_version, number), now)
        .map_err(|why| Refusal::Code { card: number.as_str().to_owned(), why })?;
    if guests::spend_code(sql, &outlet.brand, number.as_str(), step.number(), outlet.id, now)? {
        Ok(())
    } else {
        Err(Refusal::CodeSpent { card: number.as_str().to_owned() })
    }
}

//! A guest's cards: virtual ones issued, plastic ones linked, lost ones blocked and replaced.
//!
//! Only the holder sees a card: another's number is as unknown as one that does not exist.

use kernel::time::DAY_MS;
use kernel::{MemberId, Timestamp};
use membership::allowance::Allowance;
use membership::card_number::{CardNumber, Prefix, Shuffle};
use membership::rotating_code::CardKey;
use membership::secrets::{Purpose, Secrets};
use store::brands;
use store::cards::{self, Card, CardStatus};
use store::guests::{self, MemberStatus};
use store::{Sql, StoreError};

use crate::limit;

/// Active cards of one member.
pub const ACTIVE_MAX: usize = 5;
/// Cards that one member may be issued, replacements included: serials are finite.
pub const ISSUES: Allowance = Allowance { max: 10, window_ms: DAY_MS };
/// Plastic numbers that one member may try: they can be guessed.
pub const LINK_TRIES: Allowance = Allowance { max: 10, window_ms: DAY_MS };
/// Serials tried for one card. One is skipped when a card of its number was imported.
const SERIALS_TRIED_MAX: usize = 32;

const ISSUE_COUNTER: &str = "card.issue";
const LINK_COUNTER: &str = "card.link";

/// Why a card is not issued, linked, shown or changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account was blocked or erased since the token was issued.
    #[error("the member is blocked or erased")]
    MemberInactive,
    /// No such card, or another's.
    #[error("there is no such card")]
    Unknown,
    /// Blocked or replaced.
    #[error("the card is not active")]
    Inactive { status: &'static str },
    #[error("at most {ACTIVE_MAX} active cards")]
    TooMany,
    #[error("too often; try again in {retry_after_seconds} s")]
    Limited { retry_after_seconds: i64 },
    /// The brand's numbers are used up, or its prefix is none.
    #[error("no number could be issued: {0}")]
    Numbers(&'static str),
}

/// Issues a virtual card: a free one of the imported pool, otherwise the next number of the shuffle.
///
/// # Errors
/// [`Refusal::TooMany`], [`Refusal::Limited`], [`Refusal::MemberInactive`]; a failure of storage.
pub fn issue(tx: &dyn Sql, member: MemberId, secrets: &Secrets, now: Timestamp) -> Result<Card, Refusal> {
    let brand = brand_of(tx, member)?;
    room_for_one(&cards::list(tx, member)?)?;
    new_card(tx, member, &brand, secrets, now)
}

/// Every card that a member ever held, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId) -> Result<Vec<Card>, Refusal> {
    Ok(cards::list(sql, member)?)
}

/// One card of a member.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::MemberInactive`]; a failure of storage.
pub fn own(sql: &dyn Sql, member: MemberId, number: &CardNumber) -> Result<Card, Refusal> {
    let brand = brand_of(sql, member)?;
    let card = cards::load(sql, &brand, number.as_str())?;
    card.filter(|card| card.member == Some(member)).ok_or(Refusal::Unknown)
}

/// One card of a member that can be shown at a till.
///
/// # Errors
/// As [`own`]; [`Refusal::Inactive`].
pub fn own_active(sql: &dyn Sql, member: MemberId, number: &CardNumber) -> Result<Card, Refusal> {
    let card = own(sql, member, number)?;
    match card.status {
        CardStatus::Active => Ok(card),
        other => Err(Refusal::Inactive { status: other.code() }),
    }
}

/// The key of a card's rotating codes.
///
/// # Errors
/// When the stored number is none.
pub fn key(card: &Card, secrets: &Secrets) -> Result<(CardNumber, CardKey), StoreError> {
    let number = CardNumber::parse(&card.number)
        .map_err(|error| StoreError::Unreadable { what: "card number", problem: error.to_string() })?;
    let key = CardKey::derive(&secrets.key(Purpose::RotatingCodes), card.key_version, &number);
    Ok((number, key))
}

/// What became of a plastic card's number. Every outcome must be committed: each is a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linked {
    New(Card),
    /// It was this member's before.
    Already(Card),
    /// Unknown, somebody's, or no longer good: which of them is not told.
    NotFree,
}

/// Links a plastic card that nobody holds yet.
///
/// # Errors
/// [`Refusal::TooMany`], [`Refusal::Limited`], [`Refusal::MemberInactive`]; a failure of storage.
pub fn link(tx: &dyn Sql, member: MemberId, number: &CardNumber, now: Timestamp) -> Result<Linked, Refusal> {
    let brand = brand_of(tx, member)?;
    let held = cards::list(tx, member)?;
    if let Some(card) = held.iter().find(|card| card.number == number.as_str()) {
        return match card.status {
            CardStatus::Active => Ok(Linked::Already(card.clone())),
            _ => Ok(Linked::NotFree),
        };
    }
    room_for_one(&held)?;
    within(limit::hit(tx, LINK_COUNTER, &member.raw().to_be_bytes(), LINK_TRIES, now)?)?;
    if !cards::link(tx, &brand, number.as_str(), member, now)? {
        return Ok(Linked::NotFree);
    }
    Ok(Linked::New(load(tx, &brand, number.as_str())?))
}

/// Blocks a card for good. Blocking a blocked card answers the same.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::MemberInactive`]; [`Refusal::Inactive`] for a replaced card; a failure of storage.
pub fn block(
    tx: &dyn Sql,
    member: MemberId,
    number: &CardNumber,
    reason: &str,
    now: Timestamp,
) -> Result<Card, Refusal> {
    let card = own(tx, member, number)?;
    match card.status {
        CardStatus::Blocked => Ok(card),
        CardStatus::Active => {
            cards::block(tx, &card.brand, &card.number, reason, now)?;
            Ok(load(tx, &card.brand, &card.number)?)
        }
        other @ (CardStatus::Free | CardStatus::Replaced) => Err(Refusal::Inactive { status: other.code() }),
    }
}

/// A card's successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replacement {
    New(Card),
    /// The card was replaced before: the one that took its place then.
    Earlier(Card),
}

/// Issues a card in the place of a lost one, active or blocked. Repeated, it answers with the same card.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::TooMany`], [`Refusal::Limited`], [`Refusal::MemberInactive`]; a failure of storage.
pub fn replace(
    tx: &dyn Sql,
    member: MemberId,
    number: &CardNumber,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<Replacement, Refusal> {
    let card = own(tx, member, number)?;
    if let Some(successor) = card.replaced_by {
        return Ok(Replacement::Earlier(load(tx, &card.brand, &successor)?));
    }
    if card.status != CardStatus::Active {
        room_for_one(&cards::list(tx, member)?)?;
    }
    let new = new_card(tx, member, &card.brand, secrets, now)?;
    cards::replace(tx, &card.brand, &card.number, &new.number, now)?;
    Ok(Replacement::New(new))
}

fn new_card(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<Card, Refusal> {
    within(limit::hit(tx, ISSUE_COUNTER, &member.raw().to_be_bytes(), ISSUES, now)?)?;
    if let Some(number) = cards::claim_free(tx, brand, member, now)? {
        return Ok(load(tx, brand, &number)?);
    }
    let prefix = brands::load(tx, brand)?.map(|brand| Prefix::new(brand.card_prefix));
    let prefix =
        prefix.and_then(Result::ok).ok_or(Refusal::Numbers("the brand's prefix is not from 20 to 29"))?;
    let shuffle = Shuffle::new(secrets.key(Purpose::CardNumbers), prefix);
    for _ in 0..SERIALS_TRIED_MAX {
        let serial = cards::next_serial(tx, brand)?;
        let number =
            shuffle.number(serial).map_err(|_| Refusal::Numbers("all numbers are issued"))?.to_string();
        if cards::load(tx, brand, &number)?.is_none() {
            cards::insert(tx, brand, &number, member, now)?;
            return Ok(load(tx, brand, &number)?);
        }
    }
    Err(Refusal::Numbers("many numbers in a row were imported before"))
}

fn load(sql: &dyn Sql, brand: &str, number: &str) -> Result<Card, StoreError> {
    cards::load(sql, brand, number)?.ok_or_else(|| StoreError::Unreadable {
        what: "card",
        problem: "written and then not found".to_owned(),
    })
}

fn brand_of(sql: &dyn Sql, member: MemberId) -> Result<String, Refusal> {
    let guest = guests::load(sql, member)?.filter(|guest| guest.status == MemberStatus::Active);
    guest.map(|guest| guest.brand).ok_or(Refusal::MemberInactive)
}

fn room_for_one(held: &[Card]) -> Result<(), Refusal> {
    let active = held.iter().filter(|card| card.status == CardStatus::Active).count();
    if active < ACTIVE_MAX { Ok(()) } else { Err(Refusal::TooMany) }
}

fn within(wait: Option<i64>) -> Result<(), Refusal> {
    wait.map_or(Ok(()), |retry_after_seconds| Err(Refusal::Limited { retry_after_seconds }))
}

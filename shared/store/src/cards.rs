//! Cards: virtual ones that were issued, plastic ones that were taken over, and the pool of free ones.

use kernel::{MemberId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! columns {
    () => {
        "brand, number, kind, status, member_id, key_version, issued_at, changed_at, reason, replaced_by"
    };
}

const BY_NUMBER: Statement = Statement::new(
    "cards.by_number",
    concat!("select ", columns!(), " from cards where brand = ?1 and number = ?2"),
);
const OF_MEMBER: Statement = Statement::new(
    "cards.of_member",
    concat!("select ", columns!(), " from cards where member_id = ?1 order by issued_at, number"),
);
const INSERT: Statement = Statement::new(
    "cards.insert",
    "insert into cards (brand, number, kind, status, member_id, issued_at, changed_at) \
     values (?1, ?2, 'virtual', 'active', ?3, ?4, ?4)",
);
const CLAIM_FREE: Statement = Statement::new(
    "cards.claim_free",
    "update cards set status = 'active', member_id = ?2, issued_at = ?3, changed_at = ?3 \
     where brand = ?1 and status = 'free' and number = \
     (select min(number) from cards where brand = ?1 and kind = 'virtual' and status = 'free') returning number",
);
const LINK: Statement = Statement::new(
    "cards.link",
    "update cards set status = 'active', member_id = ?3, issued_at = ?4, changed_at = ?4 \
     where brand = ?1 and number = ?2 and kind = 'plastic' and status = 'free' returning number",
);
const BLOCK: Statement = Statement::new(
    "cards.block",
    "update cards set status = 'blocked', reason = ?3, changed_at = ?4 \
     where brand = ?1 and number = ?2 and status = 'active'",
);
const BLOCK_OF_MEMBER: Statement = Statement::new(
    "cards.block_of_member",
    "update cards set status = 'blocked', reason = ?2, changed_at = ?3 where member_id = ?1 and status = 'active'",
);
const REPLACE: Statement = Statement::new(
    "cards.replace",
    "update cards set status = 'replaced', key_version = key_version + 1, replaced_by = ?3, changed_at = ?4 \
     where brand = ?1 and number = ?2 and status in ('active', 'blocked')",
);
const NEXT_SERIAL: Statement = Statement::new(
    "cards.next_serial",
    "insert into card_serials (brand, last_serial) values (?1, 1) \
     on conflict (brand) do update set last_serial = card_serials.last_serial + 1 returning last_serial",
);

/// What a card is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    Virtual,
    Plastic,
}

impl CardKind {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Plastic => "plastic",
        }
    }

    pub(crate) fn parse(code: &str) -> Result<Self, ()> {
        [Self::Virtual, Self::Plastic].into_iter().find(|kind| kind.code() == code).ok_or(())
    }
}

/// How a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardStatus {
    /// Nobody's yet.
    Free,
    Active,
    Blocked,
    /// Another card took its place.
    Replaced,
}

impl CardStatus {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Replaced => "replaced",
        }
    }

    pub(crate) fn parse(code: &str) -> Result<Self, ()> {
        [Self::Free, Self::Active, Self::Blocked, Self::Replaced]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(())
    }
}

/// A card as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub brand: String,
    pub number: String,
    pub kind: CardKind,
    pub status: CardStatus,
    /// `None` exactly while it is free.
    pub member: Option<MemberId>,
    /// Version of the rotating code's key.
    pub key_version: u32,
    /// When it became this member's.
    pub issued_at: Option<Timestamp>,
    pub changed_at: Timestamp,
    /// Why it was blocked.
    pub reason: Option<String>,
    pub replaced_by: Option<String>,
}

/// The card with this number.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, number: &str) -> Result<Option<Card>, StoreError> {
    BY_NUMBER.query_one(sql, &[brand.into(), number.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Every card a member ever held, oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId) -> Result<Vec<Card>, StoreError> {
    OF_MEMBER.query(sql, &[member.raw().into()])?.iter_mut().map(read).collect()
}

/// Records a newly issued virtual card.
///
/// # Errors
/// A failure of storage; a unique violation when the brand has a card of this number.
pub fn insert(
    sql: &dyn Sql,
    brand: &str,
    number: &str,
    member: MemberId,
    now: Timestamp,
) -> Result<(), StoreError> {
    INSERT.run(sql, &[brand.into(), number.into(), member.raw().into(), now.millis().into()])
}

/// Gives a member a free virtual card of the imported pool; `None` when there is none.
///
/// # Errors
/// A failure of storage.
pub fn claim_free(
    sql: &dyn Sql,
    brand: &str,
    member: MemberId,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let row = CLAIM_FREE.query_one(sql, &[brand.into(), member.raw().into(), now.millis().into()])?;
    row.map(|mut row| row.text()).transpose()
}

/// Gives a member a free plastic card. False when there is no such card, or it is not free.
///
/// # Errors
/// A failure of storage.
pub fn link(
    sql: &dyn Sql,
    brand: &str,
    number: &str,
    member: MemberId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let parameters = [brand.into(), number.into(), member.raw().into(), now.millis().into()];
    Ok(LINK.query_one(sql, &parameters)?.is_some())
}

/// Blocks an active card; any other stays as it is.
///
/// # Errors
/// A failure of storage.
pub fn block(
    sql: &dyn Sql,
    brand: &str,
    number: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    BLOCK.run(sql, &[brand.into(), number.into(), reason.into(), now.millis().into()])
}

/// Blocks every active card of a member.
///
/// # Errors
/// A failure of storage.
pub fn block_all(sql: &dyn Sql, member: MemberId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
    BLOCK_OF_MEMBER.run(sql, &[member.raw().into(), reason.into(), now.millis().into()])
}

/// Puts another card in the place of one, whose copies of the key are of no use from then on.
///
/// # Errors
/// A failure of storage.
pub fn replace(sql: &dyn Sql, brand: &str, number: &str, by: &str, now: Timestamp) -> Result<(), StoreError> {
    REPLACE.run(sql, &[brand.into(), number.into(), by.into(), now.millis().into()])
}

/// The next serial of a brand's cards. A transaction that is rolled back gives it back.
///
/// # Errors
/// A failure of storage.
pub fn next_serial(sql: &dyn Sql, brand: &str) -> Result<u64, StoreError> {
    let row = NEXT_SERIAL.query_one(sql, &[brand.into()])?;
    let mut row = row.ok_or(StoreError::Inconsistent {
        statement: NEXT_SERIAL.name,
        column: 0,
        problem: "no serial returned",
    })?;
    let serial = row.integer()?;
    u64::try_from(serial).map_err(|_| row.inconsistent("not a serial"))
}

fn read(row: &mut Row) -> Result<Card, StoreError> {
    let (brand, number) = (row.text()?, row.text()?);
    let (kind, status) = (row.parsed(CardKind::parse)?, row.parsed(CardStatus::parse)?);
    let member = row.integer_or_null()?.map(MemberId::from_raw);
    let version = row.integer()?;
    let key_version = u32::try_from(version).map_err(|_| row.inconsistent("not a key version"))?;
    Ok(Card {
        brand,
        number,
        kind,
        status,
        member,
        key_version,
        issued_at: row.integer_or_null()?.map(Timestamp::from_millis),
        changed_at: Timestamp::from_millis(row.integer()?),
        reason: row.text_or_null()?,
        replaced_by: row.text_or_null()?,
    })
}

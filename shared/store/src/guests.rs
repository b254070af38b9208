//! How a till finds a guest: by card, by phone, by member id.

use kernel::{MemberId, OutletId, ParseError, Timestamp};

use crate::error::StoreError;
use crate::ledger::{Account, account_columns, read_account};
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! guest_columns {
    () => {
        concat!("m.id, m.brand, m.status, m.tier, m.home_outlet_id, m.joined_at, ", account_columns!())
    };
}
pub(crate) use guest_columns;

const BY_CARD: Statement = Statement::new(
    "guests.by_card",
    concat!(
        "select ",
        guest_columns!(),
        ", c.status, c.key_version from cards c join members m on m.id = c.member_id \
         join balances b on b.member_id = m.id where c.brand = ?1 and c.number = ?2"
    ),
);
const BY_PHONE: Statement = Statement::new(
    "guests.by_phone",
    concat!(
        "select ",
        guest_columns!(),
        " from members m join balances b on b.member_id = m.id where m.brand = ?1 and m.phone_index = ?2"
    ),
);
const BY_ID: Statement = Statement::new(
    "guests.by_id",
    concat!(
        "select ",
        guest_columns!(),
        " from members m join balances b on b.member_id = m.id where m.id = ?1"
    ),
);
const SPEND_CODE: Statement = Statement::new(
    "guests.spend_code",
    "insert into spent_codes (brand, card_number, step, used_at, outlet_id) values (?1, ?2, ?3, ?4, ?5)",
);
const SET_HOME: Statement = Statement::new(
    "guests.set_home",
    "update members set home_outlet_id = ?2, changed_at = ?3 where id = ?1 and home_outlet_id is null",
);
const DELETE_SPENT_CODES: Statement = Statement::new(
    "guests.delete_spent_codes",
    "delete from spent_codes where (brand, card_number, step) in \
     (select brand, card_number, step from spent_codes where used_at < ?1 order by used_at limit ?2)",
);

/// Whether a member takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    Active,
    Blocked,
    Erased,
}

impl MemberStatus {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Erased => "erased",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        [Self::Active, Self::Blocked, Self::Erased]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(ParseError("unknown status of a member"))
    }
}

/// What the rules need to know of a guest. No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub member: MemberId,
    pub brand: String,
    pub status: MemberStatus,
    pub tier: String,
    pub home_outlet: Option<OutletId>,
    pub joined_at: Timestamp,
    pub account: Account,
}

/// A guest found by a card, and how that card stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardGuest {
    pub guest: Guest,
    pub card_active: bool,
    /// Version of the rotating code's key.
    pub key_version: u32,
}

/// The guest who holds a card.
///
/// # Errors
/// A failure of storage.
pub fn load_by_card(sql: &dyn Sql, brand: &str, number: &str) -> Result<Option<CardGuest>, StoreError> {
    let Some(mut row) = BY_CARD.query_one(sql, &[brand.into(), number.into()])? else { return Ok(None) };
    read_holder(&mut row).map(Some)
}

/// Reads [`guest_columns!`], then the card's status and key version.
pub(crate) fn read_holder(row: &mut Row) -> Result<CardGuest, StoreError> {
    let guest = read(row)?;
    let card_active = row.text()? == "active";
    let version = row.integer()?;
    let key_version = u32::try_from(version).map_err(|_| row.inconsistent("not a key version"))?;
    Ok(CardGuest { guest, card_active, key_version })
}

/// The guest with a phone number, by its blind index.
///
/// # Errors
/// A failure of storage.
pub fn load_by_phone(sql: &dyn Sql, brand: &str, phone_index: &[u8]) -> Result<Option<Guest>, StoreError> {
    BY_PHONE.query_one(sql, &[brand.into(), phone_index.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The guest with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, member: MemberId) -> Result<Option<Guest>, StoreError> {
    BY_ID.query_one(sql, &[member.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Marks a rotating code as used. False when it was used before.
///
/// # Errors
/// A failure of storage.
pub fn spend_code(
    sql: &dyn Sql,
    brand: &str,
    card_number: &str,
    step: i64,
    outlet: OutletId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let parameters =
        [brand.into(), card_number.into(), step.into(), now.millis().into(), outlet.raw().into()];
    match SPEND_CODE.run(sql, &parameters) {
        Ok(()) => Ok(true),
        Err(error) if error.is_unique() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forgets codes used before `before`, at most `limit` of them: far past the window in which they could be accepted
/// again.
///
/// # Errors
/// A failure of storage.
pub fn delete_spent_codes(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_SPENT_CODES.run(sql, &[before.millis().into(), limit.into()])
}

/// Makes the outlet of a first receipt the guest's home, whose zone and currency their windows use.
///
/// # Errors
/// A failure of storage.
pub fn set_home(sql: &dyn Sql, member: MemberId, outlet: OutletId, now: Timestamp) -> Result<(), StoreError> {
    SET_HOME.run(sql, &[member.raw().into(), outlet.raw().into(), now.millis().into()])
}

/// Reads [`guest_columns!`].
pub(crate) fn read(row: &mut Row) -> Result<Guest, StoreError> {
    Ok(Guest {
        member: MemberId::from_raw(row.integer()?),
        brand: row.text()?,
        status: row.parsed(MemberStatus::parse)?,
        tier: row.text()?,
        home_outlet: row.integer_or_null()?.map(OutletId::from_raw),
        joined_at: Timestamp::from_millis(row.integer()?),
        account: read_account(row)?,
    })
}

//! Members' own records: personal fields, encrypted, and what sign-in needs to find them.

use kernel::{MemberId, OutletId, Timestamp};
use membership::profile::Language;

use crate::error::StoreError;
use crate::guests::MemberStatus;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! columns {
    () => {
        "id, brand, phone_index, phone_sealed, name_sealed, birthday_sealed, email_sealed, language, status, tier, \
         home_outlet_id, joined_at, changed_at"
    };
}

const BY_ID: Statement =
    Statement::new("members.by_id", concat!("select ", columns!(), " from members where id = ?1"));
const BY_PHONE: Statement = Statement::new(
    "members.by_phone",
    concat!("select ", columns!(), " from members where brand = ?1 and phone_index = ?2"),
);
const INSERT: Statement = Statement::new(
    "members.insert",
    "insert into members (id, brand, phone_index, phone_sealed, language, status, tier, joined_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?7, ?7)",
);
const UPDATE_PROFILE: Statement = Statement::new(
    "members.update_profile",
    "update members set name_sealed = ?2, birthday_sealed = ?3, email_sealed = ?4, language = ?5, changed_at = ?6 \
     where id = ?1",
);
const ERASE: Statement = Statement::new(
    "members.erase",
    "update members set phone_index = null, phone_sealed = null, name_sealed = null, birthday_sealed = null, \
     email_sealed = null, external_code = null, status = 'erased', changed_at = ?2 where id = ?1",
);

/// A member's record; personal fields are as the vault sealed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub brand: String,
    /// `None` once erased, as the next four.
    pub phone_index: Option<Vec<u8>>,
    pub phone_sealed: Option<Vec<u8>>,
    pub name_sealed: Option<Vec<u8>>,
    pub birthday_sealed: Option<Vec<u8>>,
    pub email_sealed: Option<Vec<u8>>,
    pub language: Language,
    pub status: MemberStatus,
    pub tier: String,
    pub home_outlet: Option<OutletId>,
    pub joined_at: Timestamp,
    pub changed_at: Timestamp,
}

/// The member with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: MemberId) -> Result<Option<Member>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The member with a phone number, by its blind index.
///
/// # Errors
/// A failure of storage.
pub fn load_by_phone(sql: &dyn Sql, brand: &str, phone_index: &[u8]) -> Result<Option<Member>, StoreError> {
    BY_PHONE.query_one(sql, &[brand.into(), phone_index.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// A member on the day of joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember<'a> {
    pub id: MemberId,
    pub brand: &'a str,
    pub phone_index: &'a [u8],
    pub phone_sealed: &'a [u8],
    pub language: Language,
    pub tier: &'a str,
    pub joined_at: Timestamp,
}

/// Records a new member.
///
/// # Errors
/// A failure of storage; a unique violation when the brand has a member with this phone.
pub fn insert(sql: &dyn Sql, member: &NewMember<'_>) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            member.id.raw().into(),
            member.brand.into(),
            member.phone_index.into(),
            member.phone_sealed.into(),
            member.language.code().into(),
            member.tier.into(),
            member.joined_at.millis().into(),
        ],
    )
}

/// Stores the parts of a member that the member may change.
///
/// # Errors
/// A failure of storage.
pub fn update_profile(sql: &dyn Sql, member: &Member, now: Timestamp) -> Result<(), StoreError> {
    UPDATE_PROFILE.run(
        sql,
        &[
            member.id.raw().into(),
            member.name_sealed.as_deref().into(),
            member.birthday_sealed.as_deref().into(),
            member.email_sealed.as_deref().into(),
            member.language.code().into(),
            now.millis().into(),
        ],
    )
}

/// Forgets who a member is; the row stays, because receipts and the ledger lead to it.
///
/// # Errors
/// A failure of storage.
pub fn erase(sql: &dyn Sql, id: MemberId, now: Timestamp) -> Result<(), StoreError> {
    ERASE.run(sql, &[id.raw().into(), now.millis().into()])
}

fn read(row: &mut Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId::from_raw(row.integer()?),
        brand: row.text()?,
        phone_index: row.blob_or_null()?,
        phone_sealed: row.blob_or_null()?,
        name_sealed: row.blob_or_null()?,
        birthday_sealed: row.blob_or_null()?,
        email_sealed: row.blob_or_null()?,
        language: row.parsed(Language::parse)?,
        status: row.parsed(MemberStatus::parse)?,
        tier: row.text()?,
        home_outlet: row.integer_or_null()?.map(OutletId::from_raw),
        joined_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

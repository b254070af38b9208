//! Where members can be written to: devices, chats, mailboxes. Addresses are encrypted and found by a blind index.

use kernel::{MemberId, ParseError, Timestamp};
use membership::secrets::Place;
use messaging::Channel;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! contact_columns {
    () => {
        "id, member_id, brand, channel, form, address_sealed, address_index, status, reason, created_at, changed_at"
    };
}

const INSERT: Statement = Statement::new(
    "contacts.insert",
    "insert into contacts (id, member_id, brand, channel, form, address_sealed, address_index, status, created_at, \
     changed_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
);
const BY_ID: Statement =
    Statement::new("contacts.by_id", concat!("select ", contact_columns!(), " from contacts where id = ?1"));
const ACTIVE_BY_ADDRESS: Statement = Statement::new(
    "contacts.active_by_address",
    concat!(
        "select ",
        contact_columns!(),
        " from contacts where brand = ?1 and channel = ?2 and address_index = ?3 and status = 'active' \
         and channel <> 'email'"
    ),
);
const OF_MEMBER: Statement = Statement::new(
    "contacts.of_member",
    concat!(
        "select ",
        contact_columns!(),
        " from contacts where member_id = ?1 and status in ('active', 'unconfirmed') order by id"
    ),
);
const SET_STATUS: Statement = Statement::new(
    "contacts.set_status",
    "update contacts set status = ?2, reason = ?3, changed_at = ?4 where id = ?1",
);
const TOUCH: Statement =
    Statement::new("contacts.touch", "update contacts set changed_at = ?2 where id = ?1");
const FORGET: Statement = Statement::new(
    "contacts.forget",
    "update contacts set status = 'removed', reason = ?2, changed_at = ?3, address_sealed = null, address_index = null, \
     proof_hash = null where id = ?1",
);
const ERASE: Statement = Statement::new(
    "contacts.erase",
    "update contacts set status = 'removed', reason = 'erased', changed_at = ?2, address_sealed = null, \
     address_index = null, proof_hash = null where member_id = ?1",
);
const OFFER_PROOF: Statement = Statement::new(
    "contacts.offer_proof",
    "update contacts set proof_hash = ?2, proof_tries = 0, proof_expires_at = ?3, changed_at = ?4 where id = ?1",
);
const PROOF: Statement = Statement::new(
    "contacts.proof",
    "select proof_hash, proof_tries, proof_expires_at from contacts where id = ?1 and status = 'unconfirmed' \
     and proof_hash is not null",
);
const COUNT_TRY: Statement =
    Statement::new("contacts.count_try", "update contacts set proof_tries = proof_tries + 1 where id = ?1");
const END_PROOF: Statement =
    Statement::new("contacts.end_proof", "update contacts set proof_hash = null where id = ?1");

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A push registration token.
    Token,
    /// A Firebase installation id.
    Installation,
    /// A Telegram chat's id.
    Chat,
    /// An e-mail address.
    Address,
}

impl Form {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Installation => "installation",
            Self::Chat => "chat",
            Self::Address => "address",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        [Self::Token, Self::Installation, Self::Chat, Self::Address]
            .into_iter()
            .find(|form| form.code() == code)
            .ok_or(ParseError("unknown form of an address"))
    }
}

/// Whether a contact is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody has shown yet that the mailbox is theirs.
    Unconfirmed,
    Active,
    /// The provider does not know it any more.
    Dead,
    /// The member took it back, or somebody else has the device now.
    Removed,
}

impl Status {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Active => "active",
            Self::Dead => "dead",
            Self::Removed => "removed",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        [Self::Unconfirmed, Self::Active, Self::Dead, Self::Removed]
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or(ParseError("unknown status of a contact"))
    }
}

/// A way to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: i64,
    pub member: MemberId,
    pub brand: String,
    pub channel: Channel,
    pub form: Form,
    /// Sealed for [`address_place`]; `None` once forgotten, as the index.
    pub address_sealed: Option<Vec<u8>>,
    pub address_index: Option<Vec<u8>>,
    pub status: Status,
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// A contact that a member gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewContact<'a> {
    pub id: i64,
    pub member: MemberId,
    pub brand: &'a str,
    pub channel: Channel,
    pub form: Form,
    pub address_sealed: &'a [u8],
    pub address_index: &'a [u8],
    pub status: Status,
    pub now: Timestamp,
}

/// A code that was sent to a mailbox and waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub hash: Vec<u8>,
    /// Answers so far.
    pub tries: u32,
    pub expires_at: Timestamp,
}

/// Where a contact's address is sealed.
#[must_use]
pub const fn address_place(contact: i64) -> Place<'static> {
    Place { table: "contacts", field: "address", row: contact }
}

/// Records a contact.
///
/// # Errors
/// A failure of storage; a unique violation when another member of the brand uses the device or chat.
pub fn insert(tx: &dyn Sql, contact: &NewContact<'_>) -> Result<(), StoreError> {
    INSERT.run(
        tx,
        &[
            contact.id.into(),
            contact.member.raw().into(),
            contact.brand.into(),
            contact.channel.code().into(),
            contact.form.code().into(),
            contact.address_sealed.into(),
            contact.address_index.into(),
            contact.status.code().into(),
            contact.now.millis().into(),
        ],
    )
}

/// The contact with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Contact>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The contact by which a brand uses a device or a chat, by the address's blind index.
///
/// # Errors
/// A failure of storage.
pub fn load_in_use(
    sql: &dyn Sql,
    brand: &str,
    channel: Channel,
    address_index: &[u8],
) -> Result<Option<Contact>, StoreError> {
    let row =
        ACTIVE_BY_ADDRESS.query_one(sql, &[brand.into(), channel.code().into(), address_index.into()])?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// A member's contacts that are used or wait to be confirmed, the oldest first.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, member: MemberId) -> Result<Vec<Contact>, StoreError> {
    OF_MEMBER.query(sql, &[member.raw().into()])?.iter_mut().map(read).collect()
}

/// Changes how a contact stands, and says why.
///
/// # Errors
/// A failure of storage.
pub fn set_status(
    tx: &dyn Sql,
    id: i64,
    status: Status,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    SET_STATUS.run(tx, &[id.into(), status.code().into(), reason.into(), now.millis().into()])
}

/// Notes that a device was seen again.
///
/// # Errors
/// A failure of storage.
pub fn touch(tx: &dyn Sql, id: i64, now: Timestamp) -> Result<(), StoreError> {
    TOUCH.run(tx, &[id.into(), now.millis().into()])
}

/// Removes a contact and forgets its address.
///
/// # Errors
/// A failure of storage.
pub fn forget(tx: &dyn Sql, id: i64, reason: &str, now: Timestamp) -> Result<(), StoreError> {
    FORGET.run(tx, &[id.into(), reason.into(), now.millis().into()])
}

/// Removes all contacts of a member and forgets their addresses.
///
/// # Errors
/// A failure of storage.
pub fn erase(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<(), StoreError> {
    ERASE.run(tx, &[member.raw().into(), now.millis().into()])
}

/// Keeps the hash of a code that is on its way to a mailbox; an earlier code is worthless.
///
/// # Errors
/// A failure of storage.
pub fn offer_proof(
    tx: &dyn Sql,
    id: i64,
    hash: &[u8],
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    OFFER_PROOF.run(tx, &[id.into(), hash.into(), expires_at.millis().into(), now.millis().into()])
}

/// The code that an unconfirmed contact waits for.
///
/// # Errors
/// A failure of storage.
pub fn load_proof(sql: &dyn Sql, id: i64) -> Result<Option<Proof>, StoreError> {
    let Some(mut row) = PROOF.query_one(sql, &[id.into()])? else { return Ok(None) };
    let hash = row.blob()?;
    let tries = row.integer()?;
    let tries = u32::try_from(tries).map_err(|_| row.inconsistent("not a count"))?;
    Ok(Some(Proof { hash, tries, expires_at: Timestamp::from_millis(row.integer()?) }))
}

/// Counts an answer.
///
/// # Errors
/// A failure of storage.
pub fn count_try(tx: &dyn Sql, id: i64) -> Result<(), StoreError> {
    COUNT_TRY.run(tx, &[id.into()])
}

/// Makes the code worthless.
///
/// # Errors
/// A failure of storage.
pub fn end_proof(tx: &dyn Sql, id: i64) -> Result<(), StoreError> {
    END_PROOF.run(tx, &[id.into()])
}

fn read(row: &mut Row) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: row.integer()?,
        member: MemberId::from_raw(row.integer()?),
        brand: row.text()?,
        channel: row.parsed(Channel::parse)?,
        form: row.parsed(Form::parse)?,
        address_sealed: row.blob_or_null()?,
        address_index: row.blob_or_null()?,
        status: row.parsed(Status::parse)?,
        reason: row.text_or_null()?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

//! Which chat belongs to which member.

use kernel::{MemberId, Timestamp};
use membership::secrets::Place;

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const OF_CHAT: Statement = Statement::new(
    "telegram.link_of_chat",
    "select id, brand, chat_index, chat_sealed, member_id, referral, linked_at, blocked_at from telegram_links \
     where brand = ?1 and chat_index = ?2",
);
const OF_MEMBER: Statement = Statement::new(
    "telegram.link_of_member",
    "select id, brand, chat_index, chat_sealed, member_id, referral, linked_at, blocked_at from telegram_links \
     where member_id = ?1",
);
const INSERT: Statement = Statement::new(
    "telegram.insert_link",
    "insert into telegram_links (id, brand, chat_index, chat_sealed, member_id, referral, linked_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);
const DELETE_THREADS: Statement = Statement::new(
    "telegram.delete_threads",
    "delete from telegram_threads where (brand, chat_index) in \
     (select brand, chat_index from telegram_links where member_id = ?1)",
);
const DELETE_SAYINGS: Statement = Statement::new(
    "telegram.delete_sayings_of",
    "delete from telegram_sayings where chat_index in \
     (select chat_index from telegram_links where member_id = ?1)",
);
const DELETE: Statement =
    Statement::new("telegram.delete_link", "delete from telegram_links where member_id = ?1");
const SET_BLOCKED: Statement = Statement::new(
    "telegram.set_blocked",
    "update telegram_links set blocked_at = ?3 where brand = ?1 and chat_index = ?2 \
     and (blocked_at is null) <> (?3 is null)",
);

/// A chat that belongs to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub id: i64,
    pub brand: String,
    pub chat_index: Vec<u8>,
    /// Opened with [`chat_place`].
    pub chat_sealed: Vec<u8>,
    pub member: MemberId,
    pub referral: Option<String>,
    pub linked_at: Timestamp,
    pub blocked_at: Option<Timestamp>,
}

/// Where the number of a chat is sealed.
#[must_use]
pub const fn chat_place(link: i64) -> Place<'static> {
    Place { table: "telegram_links", field: "chat", row: link }
}

/// The link of a chat.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, brand: &str, chat_index: &[u8]) -> Result<Option<Link>, StoreError> {
    OF_CHAT.query_one(sql, &[brand.into(), chat_index.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The link of a member.
///
/// # Errors
/// A failure of storage.
pub fn load_of_member(sql: &dyn Sql, member: MemberId) -> Result<Option<Link>, StoreError> {
    OF_MEMBER.query_one(sql, &[member.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Records a link.
///
/// # Errors
/// A failure of storage; a unique violation when the chat or the member has one.
pub fn insert(sql: &dyn Sql, link: &Link) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            link.id.into(),
            link.brand.as_str().into(),
            link.chat_index.as_slice().into(),
            link.chat_sealed.as_slice().into(),
            link.member.raw().into(),
            link.referral.as_deref().into(),
            link.linked_at.millis().into(),
        ],
    )
}

/// Removes the link of a member, what their chat was about, and what was said there.
///
/// # Errors
/// A failure of storage.
pub fn delete_of_member(sql: &dyn Sql, member: MemberId) -> Result<(), StoreError> {
    DELETE_THREADS.run(sql, &[member.raw().into()])?;
    DELETE_SAYINGS.run(sql, &[member.raw().into()])?;
    DELETE.run(sql, &[member.raw().into()])
}

/// Notes that a chat was blocked, or with `None` that it is reachable again.
///
/// # Errors
/// A failure of storage.
pub fn set_blocked(
    sql: &dyn Sql,
    brand: &str,
    chat_index: &[u8],
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    SET_BLOCKED.run(sql, &[brand.into(), chat_index.into(), at.map(Timestamp::millis).into()])
}

fn read(row: &mut Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.integer()?,
        brand: row.text()?,
        chat_index: row.blob()?,
        chat_sealed: row.blob()?,
        member: MemberId::from_raw(row.integer()?),
        referral: row.text_or_null()?,
        linked_at: Timestamp::from_millis(row.integer()?),
        blocked_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

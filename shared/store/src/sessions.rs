//! Signed-in devices: the part of a session that outlives its access tokens.

use kernel::{SessionId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! columns {
    () => {
        "id, subject_id, refresh_hash, family_hash, previous_hash, salt, label_sealed, access_key, created_at, \
         refreshed_at, expires_at, ended_at"
    };
}

const BY_FAMILY: Statement = Statement::new(
    "sessions.by_family",
    concat!("select ", columns!(), " from sessions where family_hash = ?1 and subject = ?2"),
);
const OF_SUBJECT: Statement = Statement::new(
    "sessions.of_subject",
    concat!(
        "select ",
        columns!(),
        " from sessions where subject = ?1 and subject_id = ?2 order by id desc limit ?3"
    ),
);
const OPEN_OF_SUBJECT: Statement = Statement::new(
    "sessions.open_of_subject",
    concat!(
        "select ",
        columns!(),
        " from sessions where subject = ?1 and subject_id = ?2 and ended_at is null order by id"
    ),
);
const INSERT: Statement = Statement::new(
    "sessions.insert",
    "insert into sessions (id, subject, subject_id, refresh_hash, family_hash, salt, label_sealed, access_key, \
     created_at, refreshed_at, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)",
);
const ROTATE: Statement = Statement::new(
    "sessions.rotate",
    "update sessions set previous_hash = refresh_hash, refresh_hash = ?2, salt = ?3, access_key = ?4, \
     refreshed_at = ?5, expires_at = ?6 where id = ?1 and ended_at is null",
);
const END: Statement =
    Statement::new("sessions.end", "update sessions set ended_at = ?2 where id = ?1 and ended_at is null");
const CLEAR_LABELS: Statement = Statement::new(
    "sessions.clear_labels",
    "update sessions set label_sealed = null where subject = ?1 and subject_id = ?2",
);
const DELETE_OLD: Statement = Statement::new(
    "sessions.delete_old",
    "delete from sessions where id in \
     (select id from sessions where expires_at < ?1 order by expires_at, id limit ?2)",
);

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Member,
    Staff,
}

impl Subject {
    const fn code(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Staff => "staff",
        }
    }
}

/// A session as stored. Tokens are there as hashes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    /// Raw id of the member or the member of staff.
    pub subject_id: i64,
    /// Of the refresh token that counts.
    pub refresh_hash: Vec<u8>,
    /// Of what all refresh tokens of the session share.
    pub family_hash: Option<Vec<u8>>,
    /// Of the refresh token exchanged last.
    pub previous_hash: Option<Vec<u8>>,
    /// What the newest tokens were derived with.
    pub salt: Option<Vec<u8>>,
    pub label_sealed: Option<Vec<u8>>,
    /// Key-value key of the access token that counts.
    pub access_key: String,
    pub created_at: Timestamp,
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// The session that a refresh token belongs to, also when the token was exchanged long ago.
///
/// # Errors
/// A failure of storage.
pub fn load_by_family(
    sql: &dyn Sql,
    subject: Subject,
    family_hash: &[u8],
) -> Result<Option<Session>, StoreError> {
    let row = BY_FAMILY.query_one(sql, &[family_hash.into(), subject.code().into()])?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// The newest sessions of somebody, ended ones too, at most `limit`.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    subject: Subject,
    subject_id: i64,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    let parameters = [subject.code().into(), subject_id.into(), limit.into()];
    OF_SUBJECT.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Sessions of somebody that have not been ended, oldest first; some may have expired.
///
/// # Errors
/// A failure of storage.
pub fn list_open(sql: &dyn Sql, subject: Subject, subject_id: i64) -> Result<Vec<Session>, StoreError> {
    OPEN_OF_SUBJECT.query(sql, &[subject.code().into(), subject_id.into()])?.iter_mut().map(read).collect()
}

/// Records a new session.
///
/// # Errors
/// A failure of storage.
pub fn insert(sql: &dyn Sql, subject: Subject, session: &Session) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            session.id.raw().into(),
            subject.code().into(),
            session.subject_id.into(),
            session.refresh_hash.as_slice().into(),
            session.family_hash.as_deref().into(),
            session.salt.as_deref().into(),
            session.label_sealed.as_deref().into(),
            session.access_key.as_str().into(),
            session.created_at.millis().into(),
            session.expires_at.millis().into(),
        ],
    )
}

/// The next tokens of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation<'a> {
    pub refresh_hash: &'a [u8],
    pub salt: &'a [u8],
    pub access_key: &'a str,
    pub refreshed_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Puts new tokens in the place of a session's old ones and remembers the refresh token before.
///
/// # Errors
/// A failure of storage.
pub fn rotate(sql: &dyn Sql, id: SessionId, next: &Rotation<'_>) -> Result<(), StoreError> {
    ROTATE.run(
        sql,
        &[
            id.raw().into(),
            next.refresh_hash.into(),
            next.salt.into(),
            next.access_key.into(),
            next.refreshed_at.millis().into(),
            next.expires_at.millis().into(),
        ],
    )
}

/// Ends a session; its tokens open nothing from then on.
///
/// # Errors
/// A failure of storage.
pub fn end(sql: &dyn Sql, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    END.run(sql, &[id.raw().into(), now.millis().into()])
}

/// Forgets what somebody called their devices.
///
/// # Errors
/// A failure of storage.
pub fn clear_labels(sql: &dyn Sql, subject: Subject, subject_id: i64) -> Result<(), StoreError> {
    CLEAR_LABELS.run(sql, &[subject.code().into(), subject_id.into()])
}

/// Forgets sessions that expired before `before`, at most `limit` of them.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD.run(sql, &[before.millis().into(), limit.into()])
}

fn read(row: &mut Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_raw(row.integer()?),
        subject_id: row.integer()?,
        refresh_hash: row.blob()?,
        family_hash: row.blob_or_null()?,
        previous_hash: row.blob_or_null()?,
        salt: row.blob_or_null()?,
        label_sealed: row.blob_or_null()?,
        access_key: row.text()?,
        created_at: Timestamp::from_millis(row.integer()?),
        refreshed_at: Timestamp::from_millis(row.integer()?),
        expires_at: Timestamp::from_millis(row.integer()?),
        ended_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

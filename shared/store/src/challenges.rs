//! One-time codes that were sent to phones and await their answer.

use kernel::{ChallengeId, Timestamp};
use membership::profile::{ConsentKind, Language};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

macro_rules! columns {
    () => {
        "id, brand, phone_index, phone_sealed, code_hash, tries_left, language, expires_at, ended_at"
    };
}

const BY_ID: Statement =
    Statement::new("challenges.by_id", concat!("select ", columns!(), " from challenges where id = ?1"));
const LAST_SENT: Statement =
    Statement::new("challenges.last_sent", "select max(sent_at) from challenges where phone_index = ?1");
const INSERT: Statement = Statement::new(
    "challenges.insert",
    "insert into challenges (id, brand, phone_index, phone_sealed, code_hash, tries_left, sends, language, created_at, \
     sent_at, expires_at) values (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?8, ?9)",
);
const INSERT_CONSENTS: ManyRows = ManyRows::insert(
    "challenges.insert_consents",
    "insert into challenge_consents (challenge_id, kind, granted, text_version) values ",
    4,
);
const CONSENTS: Statement = Statement::new(
    "challenges.consents",
    "select kind, granted, text_version from challenge_consents where challenge_id = ?1 order by kind",
);
const SUPERSEDE: Statement = Statement::new(
    "challenges.supersede",
    "update challenges set ended_at = ?3, phone_sealed = null \
     where brand = ?1 and phone_index = ?2 and ended_at is null",
);
const RENEW: Statement = Statement::new(
    "challenges.renew",
    "update challenges set code_hash = ?2, sends = sends + 1, sent_at = ?3, expires_at = ?4 where id = ?1",
);
const NOT_SENT: Statement = Statement::new(
    "challenges.not_sent",
    "update challenges set sent_at = null where id = ?1 and sent_at = ?2",
);
const TAKE_TRY: Statement = Statement::new(
    "challenges.take_try",
    concat!(
        "update challenges set tries_left = tries_left - 1 \
         where id = ?1 and ended_at is null and tries_left > 0 and expires_at > ?2 returning ",
        columns!()
    ),
);
const END: Statement = Statement::new(
    "challenges.end",
    "update challenges set ended_at = ?2, phone_sealed = null where id = ?1 and ended_at is null",
);
const DELETE_CONSENTS_OF_PHONE: Statement = Statement::new(
    "challenges.delete_consents_of_phone",
    "delete from challenge_consents where challenge_id in \
     (select id from challenges where brand = ?1 and phone_index = ?2)",
);
const DELETE_OF_PHONE: Statement = Statement::new(
    "challenges.delete_of_phone",
    "delete from challenges where brand = ?1 and phone_index = ?2",
);
const DELETE_OLD_CONSENTS: Statement = Statement::new(
    "challenges.delete_old_consents",
    "delete from challenge_consents where challenge_id in \
     (select id from challenges where expires_at < ?1 order by expires_at, id limit ?2)",
);
const DELETE_OLD: Statement = Statement::new(
    "challenges.delete_old",
    "delete from challenges where id in \
     (select id from challenges where expires_at < ?1 order by expires_at, id limit ?2)",
);

/// A challenge as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChallenge {
    pub id: ChallengeId,
    pub brand: String,
    pub phone_index: Vec<u8>,
    /// `None` once it has ended.
    pub phone_sealed: Option<Vec<u8>>,
    pub code_hash: [u8; 32],
    pub tries_left: u32,
    pub language: Language,
    pub expires_at: Timestamp,
    /// Verified, exhausted or superseded.
    pub ended_at: Option<Timestamp>,
}

/// A yes or no that came with a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeConsent {
    pub kind: ConsentKind,
    pub granted: bool,
    pub text_version: String,
}

/// The challenge with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: ChallengeId) -> Result<Option<StoredChallenge>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// When a code was last sent to a phone, whichever brand asked for it.
///
/// # Errors
/// A failure of storage.
pub fn load_last_sent(sql: &dyn Sql, phone_index: &[u8]) -> Result<Option<Timestamp>, StoreError> {
    let Some(mut row) = LAST_SENT.query_one(sql, &[phone_index.into()])? else { return Ok(None) };
    Ok(row.integer_or_null()?.map(Timestamp::from_millis))
}

/// Records a new challenge whose code is sent at `now`, and what the guest agreed to with it.
///
/// # Errors
/// A failure of storage.
pub fn insert(
    sql: &dyn Sql,
    challenge: &StoredChallenge,
    consents: &[ChallengeConsent],
    now: Timestamp,
) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            challenge.id.raw().into(),
            challenge.brand.as_str().into(),
            challenge.phone_index.as_slice().into(),
            challenge.phone_sealed.as_deref().into(),
            challenge.code_hash.as_slice().into(),
            i64::from(challenge.tries_left).into(),
            challenge.language.code().into(),
            now.millis().into(),
            challenge.expires_at.millis().into(),
        ],
    )?;
    let values: Vec<Value> = consents
        .iter()
        .flat_map(|consent| {
            [
                challenge.id.raw().into(),
                consent.kind.code().into(),
                consent.granted.into(),
                consent.text_version.as_str().into(),
            ]
        })
        .collect();
    INSERT_CONSENTS.run(sql, &values)
}

/// What the guest agreed to with a challenge.
///
/// # Errors
/// A failure of storage.
pub fn list_consents(sql: &dyn Sql, id: ChallengeId) -> Result<Vec<ChallengeConsent>, StoreError> {
    CONSENTS
        .query(sql, &[id.raw().into()])?
        .iter_mut()
        .map(|row| {
            Ok(ChallengeConsent {
                kind: row.parsed(ConsentKind::parse)?,
                granted: row.boolean()?,
                text_version: row.text()?,
            })
        })
        .collect()
}

/// Ends every open challenge of a phone in a brand: a new one takes their place.
///
/// # Errors
/// A failure of storage.
pub fn supersede(sql: &dyn Sql, brand: &str, phone_index: &[u8], now: Timestamp) -> Result<(), StoreError> {
    SUPERSEDE.run(sql, &[brand.into(), phone_index.into(), now.millis().into()])
}

/// Gives a challenge a new code and a new lifetime. Its tries stay as they are.
///
/// # Errors
/// A failure of storage.
pub fn renew(
    sql: &dyn Sql,
    id: ChallengeId,
    code_hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    RENEW.run(sql, &[id.raw().into(), code_hash.into(), now.millis().into(), expires_at.millis().into()])
}

/// Notes that the message sent at `sent_at` did not get out; a later one stays noted.
///
/// # Errors
/// A failure of storage.
pub fn mark_not_sent(sql: &dyn Sql, id: ChallengeId, sent_at: Timestamp) -> Result<(), StoreError> {
    NOT_SENT.run(sql, &[id.raw().into(), sent_at.millis().into()])
}

/// Takes one try from an open challenge and returns it as it stands after that; `None` when there was none to take.
/// One statement, so that answers sent at once are as many tries.
///
/// # Errors
/// A failure of storage.
pub fn take_try(
    sql: &dyn Sql,
    id: ChallengeId,
    now: Timestamp,
) -> Result<Option<StoredChallenge>, StoreError> {
    TAKE_TRY
        .query_one(sql, &[id.raw().into(), now.millis().into()])?
        .map(|mut row| read(&mut row))
        .transpose()
}

/// Ends a challenge and forgets its phone.
///
/// # Errors
/// A failure of storage.
pub fn end(sql: &dyn Sql, id: ChallengeId, now: Timestamp) -> Result<(), StoreError> {
    END.run(sql, &[id.raw().into(), now.millis().into()])
}

/// Forgets every challenge of a phone in a brand: its guest is erased.
///
/// # Errors
/// A failure of storage.
pub fn delete_of_phone(sql: &dyn Sql, brand: &str, phone_index: &[u8]) -> Result<(), StoreError> {
    DELETE_CONSENTS_OF_PHONE.run(sql, &[brand.into(), phone_index.into()])?;
    DELETE_OF_PHONE.run(sql, &[brand.into(), phone_index.into()])
}

/// Forgets challenges that expired before `before`, at most `limit` of them. Call inside a transaction.
///
/// # Errors
/// A failure of storage.
pub fn delete_before(sql: &dyn Sql, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    DELETE_OLD_CONSENTS.run(sql, &[before.millis().into(), limit.into()])?;
    DELETE_OLD.run(sql, &[before.millis().into(), limit.into()])
}

fn read(row: &mut Row) -> Result<StoredChallenge, StoreError> {
    let (id, brand) = (ChallengeId::from_raw(row.integer()?), row.text()?);
    let (phone_index, phone_sealed) = (row.blob()?, row.blob_or_null()?);
    let hash = row.blob()?;
    let code_hash = hash.try_into().map_err(|_| row.inconsistent("not a hash of 32 bytes"))?;
    let tries = row.integer()?;
    let tries_left = u32::try_from(tries).map_err(|_| row.inconsistent("not a number of tries"))?;
    Ok(StoredChallenge {
        id,
        brand,
        phone_index,
        phone_sealed,
        code_hash,
        tries_left,
        language: row.parsed(Language::parse)?,
        expires_at: Timestamp::from_millis(row.integer()?),
        ended_at: row.integer_or_null()?.map(Timestamp::from_millis),
    })
}

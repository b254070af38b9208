//! A guest's signed-in device: opened by sign-up, renewed by its refresh token, ended by the guest or by theft.
//!
//! An access token lives for minutes in the key-value store and is all that most calls look at. A refresh token lives
//! for months, works once, and is replaced by its successor. When an exchange's answer is lost, the same token may be
//! exchanged again within [`REPEAT_MS`] and gets the very same answer; later, or with a token of some generations ago,
//! two parties hold tokens of one session, and the session ends for both.
//!
//! What must be removed from the key-value store is returned as keys: the caller removes them after the commit.

use kernel::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use kernel::{MemberId, SessionId, Timestamp};
use membership::secrets::{SECRET_LEN, Token, TokenKind};
use store::guests::{self, MemberStatus};
use store::sessions::{self, Rotation, Session, Subject};
use store::{Sql, StoreError};

use crate::Moment;
use crate::personal::Personal;

/// How long an access token lives.
pub const ACCESS_MS: i64 = 15 * MINUTE_MS;
/// How long a refresh token lives; each exchange begins anew.
pub const REFRESH_MS: i64 = 90 * DAY_MS;
/// How long the last exchange may be repeated. Long enough for a client's time-out of half a minute and one retry; a
/// thief who is not as quick as that, every time, is found.
pub const REPEAT_MS: i64 = 60 * SECOND_MS;
/// Devices signed in at once; one more ends the oldest session.
pub const SESSIONS_MAX: usize = 10;

/// Why a session is not renewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such token, or its session has ended or expired.
    #[error("the session has ended")]
    Ended,
}

/// The key-value key for an access token's digest.
pub type KeyOf = fn(&[u8]) -> String;

/// A session with its tokens in clear, on their way to the guest.
#[derive(Debug, Clone)]
pub struct Opened {
    pub id: SessionId,
    pub member: MemberId,
    pub brand: String,
    pub access: Token,
    /// Where the access token's record belongs in the key-value store.
    pub access_key: String,
    pub access_expires_at: Timestamp,
    pub refresh: Token,
    pub refresh_expires_at: Timestamp,
    /// Keys whose records no longer count.
    pub stale_keys: Vec<String>,
}

/// What an exchange came to. Every outcome must be committed.
#[derive(Debug, Clone)]
pub enum Renewal {
    Renewed(Box<Opened>),
    /// The token was exchanged before: the session is ended.
    Reused {
        stale_keys: Vec<String>,
    },
    /// The account is blocked or erased: the session is ended.
    MemberInactive {
        stale_keys: Vec<String>,
    },
}

/// Opens a session for a guest whose phone is proven.
///
/// # Errors
/// A failure of storage.
pub fn open(
    tx: &dyn Sql,
    member: MemberId,
    brand: &str,
    label: Option<&str>,
    personal: Personal<'_>,
    key_of: KeyOf,
    moment: &mut Moment<'_>,
) -> Result<Opened, StoreError> {
    let stale_keys = end_oldest(tx, member, moment.now)?;
    let id = SessionId::new(moment.ids, moment.now);
    let salt: [u8; SECRET_LEN] = personal.bytes();
    let refresh = Token::new(TokenKind::GuestRefresh, personal.bytes());
    let opened = opened(id, member, brand, refresh, salt, key_of, moment.now, stale_keys);
    let session = Session {
        id,
        subject_id: member.raw(),
        refresh_hash: opened.refresh.digest(),
        family_hash: Some(opened.refresh.family_digest()),
        previous_hash: None,
        salt: Some(salt.to_vec()),
        label_sealed: label.map(|label| personal.seal(label_place(id), label)),
        access_key: opened.access_key.clone(),
        created_at: moment.now,
        refreshed_at: moment.now,
        expires_at: opened.refresh_expires_at,
        ended_at: None,
    };
    sessions::insert(tx, Subject::Member, &session)?;
    Ok(opened)
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// # Errors
/// [`Refusal::Ended`]; a failure of storage.
pub fn renew(
    tx: &dyn Sql,
    token: &Token,
    personal: Personal<'_>,
    key_of: KeyOf,
    now: Timestamp,
) -> Result<Renewal, Refusal> {
    let session =
        sessions::load_by_family(tx, Subject::Member, &token.family_digest())?.ok_or(Refusal::Ended)?;
    if session.ended_at.is_some() || session.expires_at <= now {
        return Err(Refusal::Ended);
    }
    let stale_keys = vec![session.access_key.clone()];
    let member = MemberId::from_raw(session.subject_id);
    let guest = guests::load(tx, member)?.filter(|guest| guest.status == MemberStatus::Active);
    let Some(guest) = guest else {
        sessions::end(tx, session.id, now)?;
        return Ok(Renewal::MemberInactive { stale_keys });
    };
    let digest = token.digest();
    if digest == session.refresh_hash {
        let salt: [u8; SECRET_LEN] = personal.bytes();
        let next = token.successor(salt);
        let opened = opened(session.id, member, &guest.brand, next, salt, key_of, now, stale_keys);
        rotate(tx, &opened, &salt, now)?;
        return Ok(Renewal::Renewed(Box::new(opened)));
    }
    let repeatable = now < session.refreshed_at.plus_millis(REPEAT_MS);
    if repeatable && session.previous_hash.as_deref() == Some(&digest) {
        return repeat(&session, token, member, &guest.brand, key_of);
    }
    sessions::end(tx, session.id, now)?;
    Ok(Renewal::Reused { stale_keys })
}

/// The last exchange's answer once more.
fn repeat(
    session: &Session,
    token: &Token,
    member: MemberId,
    brand: &str,
    key_of: KeyOf,
) -> Result<Renewal, Refusal> {
    let salt = session.salt.as_deref().and_then(|salt| salt.try_into().ok());
    let salt: [u8; SECRET_LEN] = salt.ok_or_else(|| StoreError::Unreadable {
        what: "session",
        problem: format!("{} was renewed without a salt", session.id),
    })?;
    let next = token.successor(salt);
    let opened = opened(session.id, member, brand, next, salt, key_of, session.refreshed_at, Vec::new());
    Ok(Renewal::Renewed(Box::new(opened)))
}

/// Ends one session of a guest. Ending an ended one changes nothing.
///
/// # Errors
/// A failure of storage.
pub fn sign_out(
    tx: &dyn Sql,
    member: MemberId,
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    end(tx, member, now, |open| open.id == session)
}

/// Ends every session of a guest.
///
/// # Errors
/// A failure of storage.
pub fn sign_out_everywhere(
    tx: &dyn Sql,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    end(tx, member, now, |_| true)
}

/// Where a device's label is sealed.
pub(crate) const fn label_place(id: SessionId) -> membership::secrets::Place<'static> {
    membership::secrets::Place { table: "sessions", field: "label", row: id.raw() }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a fact of the session; there is one caller for each way to it"
)]
fn opened(
    id: SessionId,
    member: MemberId,
    brand: &str,
    refresh: Token,
    salt: [u8; SECRET_LEN],
    key_of: KeyOf,
    at: Timestamp,
    stale_keys: Vec<String>,
) -> Opened {
    let access = refresh.access(TokenKind::Guest, salt);
    let access_key = key_of(&access.digest());
    Opened {
        id,
        member,
        brand: brand.to_owned(),
        access,
        access_key,
        access_expires_at: at.plus_millis(ACCESS_MS),
        refresh,
        refresh_expires_at: at.plus_millis(REFRESH_MS),
        stale_keys,
    }
}

fn rotate(tx: &dyn Sql, opened: &Opened, salt: &[u8], now: Timestamp) -> Result<(), StoreError> {
    let next = Rotation {
        refresh_hash: &opened.refresh.digest(),
        salt,
        access_key: &opened.access_key,
        refreshed_at: now,
        expires_at: opened.refresh_expires_at,
    };
    sessions::rotate(tx, opened.id, &next)
}

/// Makes room for one more session.
fn end_oldest(tx: &dyn Sql, member: MemberId, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let open = sessions::list_open(tx, Subject::Member, member.raw())?;
    let surplus = (open.len() + 1).saturating_sub(SESSIONS_MAX);
    end_all(tx, open.into_iter().take(surplus), now)
}

fn end(
    tx: &dyn Sql,
    member: MemberId,
    now: Timestamp,
    chosen: impl Fn(&Session) -> bool,
) -> Result<Vec<String>, StoreError> {
    let open = sessions::list_open(tx, Subject::Member, member.raw())?;
    end_all(tx, open.into_iter().filter(chosen), now)
}

fn end_all(
    tx: &dyn Sql,
    sessions: impl Iterator<Item = Session>,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    sessions.map(|session| sessions::end(tx, session.id, now).map(|()| session.access_key)).collect()
}

//! Signing in: password, then second factor.
//!
//! Whoever fails learns nothing: an unknown login, a wrong password, a wrong or used code and a lock all get the
//! same answer after the same work. The password is judged before the transaction begins, because Argon2 takes tens
//! of milliseconds during which nobody else could write; the transaction then looks at the login again.

use kernel::time::{HOUR_MS, MINUTE_MS};
use kernel::{SessionId, StaffId, Timestamp};
use membership::allowance::Allowance;
use membership::one_time_code::Code;
use membership::secrets::{BlindIndex, NONCE_LEN, Place, Vault};
use membership::staff_auth::password::SALT_LEN;
use membership::staff_auth::second_factor::KEY_LEN;
use membership::staff_auth::{Grant, PasswordHash, SecondFactor};
use membership::totp::Step;
use store::sessions::{self, Session, Subject};
use store::staff::{self as people, Login, StaffStatus};
use store::{Sql, StoreError};

use super::Refused;
use crate::{Moment, limit};

/// Failures in a row, by either factor, after which a login is locked.
pub const FAILURES_MAX: i64 = 5;
/// How long a lock lasts.
pub const LOCK_MS: i64 = 15 * MINUTE_MS;
/// How long a session lasts: a working day. There is no refresh.
pub const SESSION_MS: i64 = 8 * HOUR_MS;
/// Attempts from one network address, right or wrong: each costs some 50 ms of the processor.
pub const ATTEMPTS_PER_ADDRESS: Allowance = Allowance { max: 60, window_ms: 5 * MINUTE_MS };
/// The name under which they are counted.
const ADDRESS_COUNTER: &str = "staff.address";
/// Who the authenticator app says the code is for.
const ISSUER: &str = "Crema";

/// What somebody presents.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    pub login: &'a str,
    pub password: &'a str,
    /// From the authenticator app; none before one is enrolled.
    pub code: Option<&'a str>,
}

/// What the password said.
#[derive(Debug)]
pub struct Judged {
    login: Option<Login>,
    right: bool,
    /// The same password hashed by the parameters of today, if those of the stored hash are older.
    anew: Option<PasswordHash>,
}

/// Fresh randomness and keys of one attempt.
pub struct Fresh<'a> {
    pub vault: &'a Vault,
    pub nonce: [u8; NONCE_LEN],
    /// Becomes the second factor's secret when one has to be enrolled.
    pub factor: [u8; KEY_LEN],
    /// Stands where guests have a refresh token's hash: bytes that no token hashes to.
    pub no_refresh: [u8; 32],
    /// Where the access token's record will be in the key-value store.
    pub access_key: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Wrong in some way, or locked.
    Refused,
    /// The password is right and no second factor is proven yet: put this into an app, then sign in with a code.
    Enrol { url: String, secret: String },
    /// Signed in.
    Welcome { staff: StaffId, session: SessionId, grant: Grant },
}

/// Counts an attempt from an address, or says in how many seconds the next one is allowed. Commit it before the
/// password is judged.
///
/// # Errors
/// A failure of storage.
pub fn admit(tx: &dyn Sql, address: &BlindIndex, now: Timestamp) -> Result<Option<i64>, StoreError> {
    limit::hit(tx, ADDRESS_COUNTER, address.bytes(), ATTEMPTS_PER_ADDRESS, now)
}

/// Judges the password. Takes as long for a login that does not exist. A right password whose hash was made with older
/// parameters is hashed anew with `salt`, while it is at hand; [`conclude`] stores that once the second factor is proven.
///
/// # Errors
/// A failure of storage.
pub fn judge(sql: &dyn Sql, attempt: &Attempt<'_>, salt: [u8; SALT_LEN]) -> Result<Judged, StoreError> {
    let login = people::load_login(sql, attempt.login)?;
    let hash = login.as_ref().and_then(|login| PasswordHash::parse(&login.password_hash).ok());
    let right = match &hash {
        Some(hash) => hash.matches(attempt.password),
        None => PasswordHash::matches_nobody(attempt.password),
    };
    let is_outdated = right && hash.is_some_and(|hash| hash.is_outdated());
    let anew = is_outdated.then(|| PasswordHash::anew(attempt.password, salt));
    Ok(Judged { login, right, anew })
}

/// Finishes an attempt: counts a failure, offers a second factor, or begins a session. Commit whatever it answers:
/// a failure that is not counted is a free guess.
///
/// # Errors
/// A failure of storage, or of opening what was sealed.
pub fn conclude(
    tx: &dyn Sql,
    attempt: &Attempt<'_>,
    judged: &Judged,
    fresh: &Fresh<'_>,
    moment: &mut Moment<'_>,
) -> Result<Outcome, Refused> {
    let Some(before) = &judged.login else { return Ok(Outcome::Refused) };
    let Some(login) = people::load_login(tx, attempt.login)? else { return Ok(Outcome::Refused) };
    let is_locked = login.locked_until.is_some_and(|until| until > moment.now);
    let is_stale = login.staff != before.staff || login.password_hash != before.password_hash;
    if login.status == StaffStatus::Left || is_locked || is_stale {
        return Ok(Outcome::Refused);
    }
    if !judged.right {
        return fail(tx, &login, moment);
    }
    match (attempt.code, &login.totp_sealed) {
        (None, _) if !login.totp_confirmed => offer(tx, attempt.login, &login, fresh, moment),
        (Some(code), Some(sealed)) => {
            let secret = fresh.vault.open(factor_of(login.staff), sealed)?;
            match accepted_step(&login, &secret, code, moment) {
                Some(step) => {
                    if let Some(anew) = &judged.anew {
                        people::set_password_hash(tx, login.staff, &anew.expose(), moment.now)?;
                    }
                    welcome(tx, &login, step, fresh, moment)
                }
                None => fail(tx, &login, moment),
            }
        }
        (None, _) | (Some(_), None) => fail(tx, &login, moment),
    }
}

/// The step of a right code that was not used before.
fn accepted_step(login: &Login, secret: &str, code: &str, moment: &Moment<'_>) -> Option<Step> {
    let factor = SecondFactor::parse(secret).ok()?;
    let last = (login.totp_last_step > 0).then(|| Step::from_number(login.totp_last_step));
    factor.verify(&Code::parse(code).ok()?, moment.now, last).ok()
}

fn fail(tx: &dyn Sql, login: &Login, moment: &Moment<'_>) -> Result<Outcome, Refused> {
    let failures = login.failures + 1;
    if failures >= FAILURES_MAX {
        people::set_failures(tx, login.staff, 0, Some(moment.now.plus_millis(LOCK_MS)))?;
    } else {
        people::set_failures(tx, login.staff, failures, None)?;
    }
    Ok(Outcome::Refused)
}

/// A new secret each time it is asked for: one that was shown before and not proven is worth nothing.
fn offer(
    tx: &dyn Sql,
    name: &str,
    login: &Login,
    fresh: &Fresh<'_>,
    moment: &Moment<'_>,
) -> Result<Outcome, Refused> {
    let factor = SecondFactor::new(fresh.factor);
    let secret = factor.expose();
    let sealed = fresh.vault.seal(factor_of(login.staff), &secret, fresh.nonce);
    people::offer_second_factor(tx, login.staff, &sealed, moment.now)?;
    Ok(Outcome::Enrol { url: factor.enrolment_url(ISSUER, name), secret })
}

fn welcome(
    tx: &dyn Sql,
    login: &Login,
    step: Step,
    fresh: &Fresh<'_>,
    moment: &mut Moment<'_>,
) -> Result<Outcome, Refused> {
    let scope = people::load_scope(tx, login.staff)?;
    let Some(grant) = scope.and_then(|scope| Grant::new(login.role, scope).ok()) else {
        return Ok(Outcome::Refused);
    };
    people::signed_in(tx, login.staff, step.number(), moment.now)?;
    let session = SessionId::new(moment.ids, moment.now);
    sessions::insert(
        tx,
        Subject::Staff,
        &Session {
            id: session,
            subject_id: login.staff.raw(),
            refresh_hash: fresh.no_refresh.to_vec(),
            family_hash: None,
            previous_hash: None,
            salt: None,
            label_sealed: None,
            access_key: fresh.access_key.clone(),
            created_at: moment.now,
            refreshed_at: moment.now,
            expires_at: moment.now.plus_millis(SESSION_MS),
            ended_at: None,
        },
    )?;
    Ok(Outcome::Welcome { staff: login.staff, session, grant })
}

/// Ends one session; returns the key of its access token.
///
/// # Errors
/// A failure of storage.
pub fn sign_out(
    tx: &dyn Sql,
    staff: StaffId,
    id: SessionId,
    moment: &Moment<'_>,
) -> Result<Option<String>, Refused> {
    let known = sessions::list(tx, Subject::Staff, staff.raw(), super::SESSIONS_MAX)?;
    let Some(session) = known.into_iter().find(|session| session.id == id) else { return Ok(None) };
    sessions::end(tx, id, moment.now)?;
    Ok(Some(session.access_key))
}

const fn factor_of(staff: StaffId) -> Place<'static> {
    Place { table: "staff_logins", field: "totp", row: staff.raw() }
}

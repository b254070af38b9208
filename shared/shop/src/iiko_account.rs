//! Accounts at iiko: what administrators say of them, and calls with their tokens.
//!
//! One token per account, kept in the database and shared by everybody who calls. A circuit breaker per account: an
//! account that fails again and again is left alone, and the others are not slower for it.

use club::personal::Personal;
use iiko::call::{Access, Failure};
use iiko::token::{self, Credentials, USED_FOR_MS};
use kernel::{IikoAccountId, Timestamp};
use membership::secrets::Place;
use partner::backoff::{Backoff, retry_after};
use partner::breaker::Policy;
use partner::{Answer, Exchange, Fault, Request};
use sha2::{Digest, Sha256};
use store::menus::accounts::{self, Account, Description, Source};
use store::transaction::transaction;
use store::{Sql, StoreError};

/// Most characters of an account's name and address.
pub const NAME_LEN_MAX: usize = 100;
/// Most characters of an address.
pub const URL_LEN_MAX: usize = 200;

/// When an account is left alone: after three failures, for half a minute and up to ten.
pub const BREAKER: Policy =
    Policy { failures_max: 3, open: Backoff { first_ms: 30_000, ceiling_ms: 600_000 }, trial_ms: 60_000 };

/// What an administrator says of an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub base_url: String,
    /// None keeps those of a known account.
    pub credentials: Option<Credentials>,
    pub source: Source,
    pub is_active: bool,
    /// What iiko sends with events; none keeps what is known.
    pub webhook_token: Option<String>,
}

/// Why an account is not written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such account")]
    Unknown,
    #[error("no such brand")]
    UnknownBrand,
    #[error("the brand has an account of that name, or another account has that webhook token")]
    Taken,
    #[error("must begin with https:// or http://, without a path")]
    Address,
    #[error("a new account needs credentials")]
    CredentialsNeeded,
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The breaker is open.
    #[error("left alone until {until}")]
    LeftAlone { until: Timestamp },
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("credentials: {0}")]
    Credentials(String),
}

/// Writes an account: a new one without `id`.
///
/// # Errors
/// See [`Refused`].
pub fn write(
    tx: &dyn Sql,
    brand: &str,
    id: Option<IikoAccountId>,
    new: &NewAccount,
    personal: Personal<'_>,
    moment: &mut club::Moment<'_>,
) -> Result<IikoAccountId, Refused> {
    if store::brands::load(tx, brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let base_url = address(&new.base_url).ok_or(Refused::Address)?;
    let known = match id {
        Some(id) => {
            Some(accounts::load(tx, id)?.filter(|known| known.brand == brand).ok_or(Refused::Unknown)?)
        }
        None => None,
    };
    let id = id.unwrap_or_else(|| IikoAccountId::new(moment.ids, moment.now));
    let credentials = match (&new.credentials, &known) {
        (Some(credentials), _) => {
            let text = serde_json::to_string(credentials).expect("texts with fixed keys");
            personal.seal(place(id, "credentials"), &text)
        }
        (None, Some(known)) => known.description.credentials.clone(),
        (None, None) => return Err(Refused::CredentialsNeeded),
    };
    let kept = known.as_ref().and_then(|known| known.description.webhook_hash.clone());
    let description = Description {
        name: new.name.clone(),
        base_url: base_url.to_owned(),
        credentials,
        source: new.source.clone(),
        is_active: new.is_active,
        webhook_hash: new.webhook_token.as_deref().map(webhook_hash).or(kept),
    };
    let written = match &known {
        None => accounts::insert(tx, id, brand, &description, moment.now),
        Some(known) => {
            if known.description.source != description.source {
                store::menus::directory::forget_revisions(tx, id)?;
            }
            accounts::change(tx, id, &description, moment.now)
        }
    };
    written.map_err(|error| if error.is_unique() { Refused::Taken } else { error.into() })?;
    Ok(id)
}

/// The hash under which an account's webhook token is found.
#[must_use]
pub fn webhook_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Scheme and host with nothing after them.
fn address(text: &str) -> Option<&str> {
    let text = text.trim_end_matches('/');
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let lawful = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
    lawful.then_some(text)
}

const fn place(id: IikoAccountId, field: &str) -> Place<'_> {
    Place { table: "iiko_accounts", field, row: id.raw() }
}

/// What it takes to call an account.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// A connection outside of any transaction.
    pub sql: &'a dyn Sql,
    pub partners: &'a dyn Exchange,
    pub personal: Personal<'a>,
    pub now: Timestamp,
}

impl Line<'_> {
    /// Makes one call: asks for a token where none is known, and once more where it is refused. Reads the account anew,
    /// so that calls made one after another see each other's tokens and failures. An answer that refuses the request is
    /// given back as it is; whoever made the request reads it.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub fn call(
        &self,
        account: IikoAccountId,
        make: &dyn Fn(&Access<'_>) -> Request,
    ) -> Result<Answer, Trouble> {
        let admitted = transaction(self.sql, |tx| -> Result<Account, Trouble> {
            let mut known = accounts::load(tx, account)?
                .ok_or_else(|| Trouble::Credentials("no such account".to_owned()))?;
            let admitted =
                known.breaker.admit(&BREAKER, self.now).map_err(|until| Trouble::LeftAlone { until })?;
            if admitted != known.breaker {
                accounts::set_breaker(tx, account, admitted)?;
                known.breaker = admitted;
            }
            Ok(known)
        })?;
        let outcome = self.exchange(&admitted, make);
        self.note(account, &outcome)?;
        outcome
    }

    fn exchange(&self, account: &Account, make: &dyn Fn(&Access<'_>) -> Request) -> Result<Answer, Trouble> {
        let base_url = account.description.base_url.as_str();
        let stored = account.token.as_deref().filter(|_| account.token_until > self.now);
        let known = self.personal.open(place(account.id, "token"), stored)?;
        let (token, fresh) = match known {
            Some(token) => (token, false),
            None => (self.token(account)?, true),
        };
        let answer = self.partners.exchange(&make(&Access { base_url, token: &token }))?;
        if answer.status != 401 || fresh {
            return Ok(answer);
        }
        // A token may end before its time; what it ended with was not done.
        let token = self.token(account)?;
        Ok(self.partners.exchange(&make(&Access { base_url, token: &token }))?)
    }

    /// A new token, kept for everybody.
    fn token(&self, account: &Account) -> Result<String, Trouble> {
        let sealed = Some(account.description.credentials.as_slice());
        let text = self.personal.open(place(account.id, "credentials"), sealed)?.unwrap_or_default();
        let credentials: Credentials =
            serde_json::from_str(&text).map_err(|_| Trouble::Credentials("unreadable".to_owned()))?;
        let answer = self.partners.exchange(&token::request(&account.description.base_url, &credentials))?;
        let token = token::read(&answer)?;
        let sealed = self.personal.seal(place(account.id, "token"), &token);
        let until = self.now.plus_millis(USED_FOR_MS);
        transaction(self.sql, |tx| accounts::set_token(tx, account.id, Some(&sealed), until))?;
        Ok(token)
    }

    /// Tells the breaker. A refusal of the request is the account's good health.
    fn note(&self, account: IikoAccountId, outcome: &Result<Answer, Trouble>) -> Result<(), StoreError> {
        let (failed, wanted) = match outcome {
            Ok(answer) => {
                let troubled = answer.status == 401 || (answer.is_transient() && answer.status != 408);
                (troubled, retry_after(answer, self.now))
            }
            Err(Trouble::Store(_)) => return Ok(()),
            Err(_) => (true, None),
        };
        transaction(self.sql, |tx| {
            let Some(known) = accounts::load(tx, account)? else { return Ok(()) };
            let random = u64::from_le_bytes(self.personal.bytes());
            let next = if failed {
                known.breaker.failed(&BREAKER, self.now, wanted, random)
            } else {
                known.breaker.succeeded()
            };
            if next == known.breaker { Ok(()) } else { accounts::set_breaker(tx, account, next) }
        })
    }
}

//! Accounts at iiko: where they are, what opens them, how the last calls went.

use kernel::{IikoAccountId, Timestamp};
use partner::breaker::{Breaker, State};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{Row, Statement};

macro_rules! account_columns {
    () => {
        "id, brand, name, base_url, credentials, source, external_menu, price_category, menu_format, status, token, \
         token_until, breaker_state, breaker_failures, breaker_until, directory_due_at, stops_due_at, last_synced_at, \
         last_error, webhook_hash, plain_menu"
    };
}

const INSERT: Statement = Statement::new(
    "accounts.insert",
    "insert into iiko_accounts (id, brand, name, base_url, credentials, source, external_menu, price_category, \
     menu_format, status, webhook_hash, plain_menu, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
);
const CHANGE: Statement = Statement::new(
    "accounts.change",
    "update iiko_accounts set name = ?2, base_url = ?3, credentials = ?4, source = ?5, external_menu = ?6, \
     price_category = ?7, menu_format = ?8, status = ?9, webhook_hash = ?10, plain_menu = ?11, \
     changed_at = ?12, token = null, token_until = 0, \
     breaker_state = 'closed', breaker_failures = 0, breaker_until = 0, directory_due_at = 0, stops_due_at = 0 \
     where id = ?1",
);
const BY_ID: Statement = Statement::new(
    "accounts.by_id",
    concat!("select ", account_columns!(), " from iiko_accounts where id = ?1"),
);
const BY_WEBHOOK: Statement = Statement::new(
    "accounts.by_webhook",
    concat!("select ", account_columns!(), " from iiko_accounts where webhook_hash = ?1"),
);
const BY_BRAND: Statement = Statement::new(
    "accounts.by_brand",
    concat!("select ", account_columns!(), " from iiko_accounts where brand = ?1 order by id"),
);
const ACTIVE: Statement = Statement::new(
    "accounts.active",
    concat!(
        "select ",
        account_columns!(),
        " from iiko_accounts where status = 'active' order by last_synced_at, id"
    ),
);
const SET_TOKEN: Statement = Statement::new(
    "accounts.set_token",
    "update iiko_accounts set token = ?2, token_until = ?3 where id = ?1",
);
const SET_BREAKER: Statement = Statement::new(
    "accounts.set_breaker",
    "update iiko_accounts set breaker_state = ?2, breaker_failures = ?3, breaker_until = ?4 where id = ?1",
);
const SET_WEBHOOK: Statement = Statement::new(
    "accounts.set_webhook",
    "update iiko_accounts set webhook_hash = ?2, changed_at = ?3 where id = ?1",
);
const SET_DUE: Statement = Statement::new(
    "accounts.set_due",
    "update iiko_accounts set directory_due_at = ?2, stops_due_at = ?3 where id = ?1",
);
const SET_OUTCOME: Statement = Statement::new(
    "accounts.set_outcome",
    "update iiko_accounts set last_synced_at = ?2, last_error = ?3 where id = ?1",
);

/// Where an account's menu is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An external menu by its id, at the prices of a category where one is named.
    External { menu: String, price_category: Option<String>, format: i64 },
    /// An external menu with its combos, one organisation at a time: `/api/menu/v3/by_id`.
    Plain { menu: String, price_category: Option<String> },
    /// The nomenclature.
    Nomenclature,
}

/// What an administrator says of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub name: String,
    pub base_url: String,
    /// Sealed.
    pub credentials: Vec<u8>,
    pub source: Source,
    pub is_active: bool,
    /// SHA-256, hexadecimal, of the token that the account's events carry; none: events are refused.
    pub webhook_hash: Option<String>,
}

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: IikoAccountId,
    pub brand: String,
    pub description: Description,
    /// Sealed; none before the first call.
    pub token: Option<Vec<u8>>,
    pub token_until: Timestamp,
    pub breaker: Breaker,
    pub directory_due_at: Timestamp,
    pub stops_due_at: Timestamp,
    pub last_synced_at: Option<Timestamp>,
    pub last_error: Option<String>,
}

/// Keeps the hash of the token that an account's events carry.
///
/// # Errors
/// A failure of storage; unique when another account has it.
pub fn set_webhook(tx: &dyn Sql, id: IikoAccountId, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    SET_WEBHOOK.run(tx, &[id.raw().into(), hash.into(), now.millis().into()])
}

/// Records a new account.
///
/// # Errors
/// A failure of storage; unique when the brand has one of that name.
pub fn insert(
    sql: &dyn Sql,
    id: IikoAccountId,
    brand: &str,
    description: &Description,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut parameters: Vec<Value> = vec![id.raw().into(), brand.into()];
    parameters.extend(described(description));
    parameters.push(now.millis().into());
    INSERT.run(sql, &parameters)
}

/// Replaces what is said of an account; its token and its failures are forgotten.
///
/// # Errors
/// As [`insert`].
pub fn change(
    sql: &dyn Sql,
    id: IikoAccountId,
    description: &Description,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut parameters: Vec<Value> = vec![id.raw().into()];
    parameters.extend(described(description));
    parameters.push(now.millis().into());
    CHANGE.run(sql, &parameters)
}

fn described(description: &Description) -> [Value; 10] {
    let (source, menu, price_category, format) = match &description.source {
        Source::External { menu, price_category, format } => {
            ("external", Some(menu.as_str()), price_category.as_deref(), *format)
        }
        Source::Plain { menu, price_category } => {
            ("external", Some(menu.as_str()), price_category.as_deref(), 3)
        }
        Source::Nomenclature => ("nomenclature", None, None, 2),
    };
    [
        description.name.as_str().into(),
        description.base_url.as_str().into(),
        description.credentials.as_slice().into(),
        source.into(),
        menu.into(),
        price_category.into(),
        format.into(),
        if description.is_active { "active" } else { "paused" }.into(),
        description.webhook_hash.as_deref().into(),
        matches!(description.source, Source::Plain { .. }).into(),
    ]
}

/// One account.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: IikoAccountId) -> Result<Option<Account>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The account whose events carry the token with this hash.
///
/// # Errors
/// A failure of storage.
pub fn load_by_webhook(sql: &dyn Sql, hash: &str) -> Result<Option<Account>, StoreError> {
    BY_WEBHOOK.query_one(sql, &[hash.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// A brand's accounts.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, brand: &str) -> Result<Vec<Account>, StoreError> {
    BY_BRAND.query(sql, &[brand.into()])?.iter_mut().map(read).collect()
}

/// Accounts in use, the one synchronised longest ago first.
///
/// # Errors
/// A failure of storage.
pub fn list_active(sql: &dyn Sql) -> Result<Vec<Account>, StoreError> {
    ACTIVE.query(sql, &[])?.iter_mut().map(read).collect()
}

/// Keeps a sealed token, or forgets it.
///
/// # Errors
/// A failure of storage.
pub fn set_token(
    sql: &dyn Sql,
    id: IikoAccountId,
    token: Option<&[u8]>,
    until: Timestamp,
) -> Result<(), StoreError> {
    SET_TOKEN.run(sql, &[id.raw().into(), token.into(), until.millis().into()])
}

/// Keeps where the breaker stands.
///
/// # Errors
/// A failure of storage.
pub fn set_breaker(sql: &dyn Sql, id: IikoAccountId, breaker: Breaker) -> Result<(), StoreError> {
    SET_BREAKER.run(
        sql,
        &[
            id.raw().into(),
            breaker.state.as_str().into(),
            i64::from(breaker.failures).into(),
            breaker.until.millis().into(),
        ],
    )
}

/// Sets when directory and stop lists are to be read next.
///
/// # Errors
/// A failure of storage.
pub fn set_due(
    sql: &dyn Sql,
    id: IikoAccountId,
    directory: Timestamp,
    stops: Timestamp,
) -> Result<(), StoreError> {
    SET_DUE.run(sql, &[id.raw().into(), directory.millis().into(), stops.millis().into()])
}

/// Notes how a run went.
///
/// # Errors
/// A failure of storage.
pub fn set_outcome(
    sql: &dyn Sql,
    id: IikoAccountId,
    now: Timestamp,
    error: Option<&str>,
) -> Result<(), StoreError> {
    SET_OUTCOME.run(sql, &[id.raw().into(), now.millis().into(), error.into()])
}

fn read(row: &mut Row) -> Result<Account, StoreError> {
    let (id, brand) = (IikoAccountId::from_raw(row.integer()?), row.text()?);
    let (name, base_url, credentials) = (row.text()?, row.text()?, row.blob()?);
    let (source, menu, price_category, format) =
        (row.text()?, row.text_or_null()?, row.text_or_null()?, row.integer()?);
    let source = match (source.as_str(), menu) {
        ("external", Some(menu)) => Source::External { menu, price_category, format },
        ("nomenclature", _) => Source::Nomenclature,
        _ => return Err(row.inconsistent("an external menu without its id")),
    };
    let is_active = row.text()? == "active";
    let mut account = Account {
        id,
        brand,
        description: Description { name, base_url, credentials, source, is_active, webhook_hash: None },
        token: row.blob_or_null()?,
        token_until: Timestamp::from_millis(row.integer()?),
        breaker: Breaker {
            state: row.parsed(State::parse)?,
            failures: u32::try_from(row.integer()?).unwrap_or(u32::MAX),
            until: Timestamp::from_millis(row.integer()?),
        },
        directory_due_at: Timestamp::from_millis(row.integer()?),
        stops_due_at: Timestamp::from_millis(row.integer()?),
        last_synced_at: row.integer_or_null()?.map(Timestamp::from_millis),
        last_error: row.text_or_null()?,
    };
    account.description.webhook_hash = row.text_or_null()?;
    if row.boolean()?
        && let Source::External { menu, price_category, .. } = account.description.source
    {
        account.description.source = Source::Plain { menu, price_category };
    }
    Ok(account)
}

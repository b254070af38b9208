//! Accounts with acquirers: who takes money for a franchisee.

use kernel::{FranchiseeId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

const OF_FRANCHISEE: Statement = Statement::new(
    "acquirers.of_franchisee",
    "select id, franchisee_id, kind, account, secret_sealed, tax_system, prepaid, receipts from acquirer_accounts \
     where franchisee_id = ?1 and active = 1",
);
const BY_ID: Statement = Statement::new(
    "acquirers.by_id",
    "select id, franchisee_id, kind, account, secret_sealed, tax_system, prepaid, receipts from acquirer_accounts \
     where id = ?1",
);
const BY_ACCOUNT: Statement = Statement::new(
    "acquirers.by_account",
    "select id, franchisee_id, kind, account, secret_sealed, tax_system, prepaid, receipts from acquirer_accounts \
     where kind = ?1 and account = ?2",
);
const RETIRE: Statement = Statement::new(
    "acquirers.retire",
    "update acquirer_accounts set active = 0, changed_at = ?3 where franchisee_id = ?1 and active = 1 and id <> ?2",
);
const SAVE: Statement = Statement::new(
    "acquirers.save",
    "insert into acquirer_accounts (id, franchisee_id, kind, account, secret_sealed, tax_system, prepaid, receipts, \
     active, created_at, changed_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?9) on conflict (id) do update set \
     secret_sealed = excluded.secret_sealed, tax_system = excluded.tax_system, prepaid = excluded.prepaid, \
     receipts = excluded.receipts, active = 1, changed_at = excluded.changed_at",
);

/// An account with an acquirer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    pub franchisee: FranchiseeId,
    /// `yookassa` or `tbank`.
    pub kind: String,
    /// The acquirer's name of it.
    pub account: String,
    pub secret_sealed: Vec<u8>,
    pub tax_system: Option<u8>,
    /// The receipt says "prepaid in full".
    pub prepaid: bool,
    /// The acquirer registers fiscal receipts.
    pub receipts: bool,
}

/// The account that takes money for a franchisee now.
///
/// # Errors
/// A failure of storage.
pub fn load_active(sql: &dyn Sql, franchisee: FranchiseeId) -> Result<Option<Account>, StoreError> {
    OF_FRANCHISEE.query_one(sql, &[franchisee.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The account with this id, active or not: payments made with it are watched and refunded with it.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Account>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The account of that name.
///
/// # Errors
/// A failure of storage.
pub fn load_named(sql: &dyn Sql, kind: &str, account: &str) -> Result<Option<Account>, StoreError> {
    BY_ACCOUNT.query_one(sql, &[kind.into(), account.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Makes an account the one that takes the franchisee's money.
///
/// # Errors
/// A failure of storage.
pub fn save(tx: &dyn Sql, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    RETIRE.run(tx, &[account.franchisee.raw().into(), account.id.into(), now.millis().into()])?;
    SAVE.run(
        tx,
        &[
            account.id.into(),
            account.franchisee.raw().into(),
            account.kind.as_str().into(),
            account.account.as_str().into(),
            account.secret_sealed.as_slice().into(),
            account.tax_system.map(i64::from).into(),
            account.prepaid.into(),
            account.receipts.into(),
            now.millis().into(),
        ],
    )
}

fn read(row: &mut Row) -> Result<Account, StoreError> {
    let (id, franchisee) = (row.integer()?, FranchiseeId::from_raw(row.integer()?));
    let (kind, account, secret_sealed) = (row.text()?, row.text()?, row.blob()?);
    let tax_system = match row.integer_or_null()? {
        None => None,
        Some(number) => Some(u8::try_from(number).map_err(|_| row.inconsistent("not a tax system"))?),
    };
    let (prepaid, receipts) = (row.boolean()?, row.boolean()?);
    Ok(Account { id, franchisee, kind, account, secret_sealed, tax_system, prepaid, receipts })
}

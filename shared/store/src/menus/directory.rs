//! What an account holds: organisations, terminal groups, kinds of payments and orders.

use kernel::{IikoAccountId, Timestamp};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::Statement;

const PUT_ORGANIZATION: Statement = Statement::new(
    "chains.put_organization",
    "insert into iiko_organizations (account_id, id, name, code, currency, address, tax_number, seen_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (account_id, id) do update set name = excluded.name, \
     code = excluded.code, currency = excluded.currency, address = excluded.address, \
     tax_number = excluded.tax_number, seen_at = excluded.seen_at",
);
const ORGANIZATIONS: Statement = Statement::new(
    "chains.organizations",
    "select o.id, o.name, o.code, o.currency, o.address, o.tax_number, o.revision, o.menu_due_at, o.menu_synced_at, \
     o.menu_error, o.seen_at, (select count(*) from outlet_tills t where t.account_id = o.account_id \
     and t.organization_id = o.id) from iiko_organizations o where o.account_id = ?1 order by o.menu_due_at, o.id",
);
const SET_MENU: Statement = Statement::new(
    "chains.set_menu",
    "update iiko_organizations set revision = ?3, menu_due_at = ?4, menu_synced_at = ?5, menu_error = null \
     where account_id = ?1 and id = ?2",
);
const SET_MENU_ERROR: Statement = Statement::new(
    "chains.set_menu_error",
    "update iiko_organizations set menu_due_at = ?3, menu_error = ?4 where account_id = ?1 and id = ?2",
);
const SET_MENU_DUE: Statement = Statement::new(
    "chains.set_menu_due",
    "update iiko_organizations set menu_due_at = ?3 where account_id = ?1 and id = ?2 \
     and menu_due_at > ?3",
);
const FORGET_REVISIONS: Statement = Statement::new(
    "chains.forget_revisions",
    "update iiko_organizations set revision = 0, menu_due_at = 0 where account_id = ?1",
);
const PUT_TERMINAL: Statement = Statement::new(
    "chains.put_terminal",
    "insert into iiko_terminals (account_id, id, organization_id, name, zone, asleep, seen_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (account_id, id) do update set \
     organization_id = excluded.organization_id, name = excluded.name, zone = excluded.zone, \
     asleep = excluded.asleep, seen_at = excluded.seen_at",
);
const TERMINALS: Statement = Statement::new(
    "chains.terminals",
    "select id, organization_id, name, zone, asleep, seen_at from iiko_terminals where account_id = ?1 \
     order by organization_id, id",
);
const PUT_PAYMENT_TYPE: Statement = Statement::new(
    "chains.put_payment_type",
    "insert into iiko_payment_types (account_id, id, code, name, kind, seen_at) values (?1, ?2, ?3, ?4, ?5, ?6) \
     on conflict (account_id, id) do update set code = excluded.code, name = excluded.name, kind = excluded.kind, \
     seen_at = excluded.seen_at",
);
const PAYMENT_TYPES: Statement = Statement::new(
    "chains.payment_types",
    "select id, code, name, kind from iiko_payment_types where account_id = ?1 order by code, id",
);
const PUT_ORDER_TYPE: Statement = Statement::new(
    "chains.put_order_type",
    "insert into iiko_order_types (account_id, organization_id, id, name, service, seen_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (account_id, organization_id, id) do update set \
     name = excluded.name, service = excluded.service, seen_at = excluded.seen_at",
);
const ORDER_TYPES: Statement = Statement::new(
    "chains.order_types",
    "select organization_id, id, name, service from iiko_order_types where account_id = ?1 \
     order by organization_id, id",
);

/// An organisation of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub code: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub address: Option<String>,
    pub tax_number: Option<String>,
    /// Of the menu read last; zero before the first.
    pub revision: i64,
    pub menu_due_at: Timestamp,
    pub menu_synced_at: Option<Timestamp>,
    pub menu_error: Option<String>,
    /// When the account named it last.
    pub seen_at: Timestamp,
    /// Outlets whose orders go there.
    pub outlets: i64,
}

/// A terminal group of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    pub id: String,
    pub organization: String,
    pub name: String,
    pub zone: Option<String>,
    pub asleep: bool,
    pub seen_at: Timestamp,
}

/// A kind of payment of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentType {
    pub id: String,
    pub code: String,
    pub name: String,
    pub kind: String,
}

/// A kind of order of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderType {
    pub organization: String,
    pub id: String,
    pub name: String,
    pub service: String,
}

/// Writes what an account says of an organisation; its menu's state stays.
///
/// # Errors
/// A failure of storage.
pub fn put_organization(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &Organization,
) -> Result<(), StoreError> {
    PUT_ORGANIZATION.run(
        sql,
        &[
            account.raw().into(),
            organization.id.as_str().into(),
            organization.name.as_str().into(),
            organization.code.as_deref().into(),
            organization.currency.as_deref().into(),
            organization.address.as_deref().into(),
            organization.tax_number.as_deref().into(),
            organization.seen_at.millis().into(),
        ],
    )
}

/// An account's organisations, the one whose menu is due first, first.
///
/// # Errors
/// A failure of storage.
pub fn list_organizations(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<Organization>, StoreError> {
    let mut rows = ORGANIZATIONS.query(sql, &[account.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Organization {
                id: row.text()?,
                name: row.text()?,
                code: row.text_or_null()?,
                currency: row.text_or_null()?,
                address: row.text_or_null()?,
                tax_number: row.text_or_null()?,
                revision: row.integer()?,
                menu_due_at: Timestamp::from_millis(row.integer()?),
                menu_synced_at: row.integer_or_null()?.map(Timestamp::from_millis),
                menu_error: row.text_or_null()?,
                seen_at: Timestamp::from_millis(row.integer()?),
                outlets: row.integer()?,
            })
        })
        .collect()
}

/// Notes that an organisation's menu was read.
///
/// # Errors
/// A failure of storage.
pub fn set_menu(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    revision: i64,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    SET_MENU.run(
        sql,
        &[
            account.raw().into(),
            organization.into(),
            revision.into(),
            due_at.millis().into(),
            now.millis().into(),
        ],
    )
}

/// Notes that an organisation's menu could not be read.
///
/// # Errors
/// A failure of storage.
pub fn set_menu_error(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    due_at: Timestamp,
    error: &str,
) -> Result<(), StoreError> {
    SET_MENU_ERROR
        .run(sql, &[account.raw().into(), organization.into(), due_at.millis().into(), error.into()])
}

/// Has an organisation's menu read at `due_at` at the latest.
///
/// # Errors
/// A failure of storage.
pub fn set_menu_due(
    sql: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    SET_MENU_DUE.run(sql, &[account.raw().into(), organization.into(), due_at.millis().into()])
}

/// Has all menus of an account read anew, whole.
///
/// # Errors
/// A failure of storage.
pub fn forget_revisions(sql: &dyn Sql, account: IikoAccountId) -> Result<(), StoreError> {
    FORGET_REVISIONS.run(sql, &[account.raw().into()])
}

/// Writes a terminal group.
///
/// # Errors
/// A failure of storage.
pub fn put_terminal(sql: &dyn Sql, account: IikoAccountId, terminal: &Terminal) -> Result<(), StoreError> {
    PUT_TERMINAL.run(
        sql,
        &[
            account.raw().into(),
            terminal.id.as_str().into(),
            terminal.organization.as_str().into(),
            terminal.name.as_str().into(),
            terminal.zone.as_deref().into(),
            terminal.asleep.into(),
            terminal.seen_at.millis().into(),
        ],
    )
}

/// An account's terminal groups.
///
/// # Errors
/// A failure of storage.
pub fn list_terminals(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<Terminal>, StoreError> {
    let mut rows = TERMINALS.query(sql, &[account.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(Terminal {
                id: row.text()?,
                organization: row.text()?,
                name: row.text()?,
                zone: row.text_or_null()?,
                asleep: row.boolean()?,
                seen_at: Timestamp::from_millis(row.integer()?),
            })
        })
        .collect()
}

/// Writes a kind of payment.
///
/// # Errors
/// A failure of storage.
pub fn put_payment_type(
    sql: &dyn Sql,
    account: IikoAccountId,
    kind: &PaymentType,
    now: Timestamp,
) -> Result<(), StoreError> {
    PUT_PAYMENT_TYPE.run(
        sql,
        &[
            account.raw().into(),
            kind.id.as_str().into(),
            kind.code.as_str().into(),
            kind.name.as_str().into(),
            kind.kind.as_str().into(),
            now.millis().into(),
        ],
    )
}

/// An account's kinds of payments.
///
/// # Errors
/// A failure of storage.
pub fn list_payment_types(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<PaymentType>, StoreError> {
    let mut rows = PAYMENT_TYPES.query(sql, &[account.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(PaymentType { id: row.text()?, code: row.text()?, name: row.text()?, kind: row.text()? })
        })
        .collect()
}

/// Writes a kind of order.
///
/// # Errors
/// A failure of storage.
pub fn put_order_type(
    sql: &dyn Sql,
    account: IikoAccountId,
    kind: &OrderType,
    now: Timestamp,
) -> Result<(), StoreError> {
    PUT_ORDER_TYPE.run(
        sql,
        &[
            account.raw().into(),
            kind.organization.as_str().into(),
            kind.id.as_str().into(),
            kind.name.as_str().into(),
            kind.service.as_str().into(),
            now.millis().into(),
        ],
    )
}

/// An account's kinds of orders.
///
/// # Errors
/// A failure of storage.
pub fn list_order_types(sql: &dyn Sql, account: IikoAccountId) -> Result<Vec<OrderType>, StoreError> {
    let mut rows = ORDER_TYPES.query(sql, &[account.raw().into()])?;
    rows.iter_mut()
        .map(|row| {
            Ok(OrderType {
                organization: row.text()?,
                id: row.text()?,
                name: row.text()?,
                service: row.text()?,
            })
        })
        .collect()
}

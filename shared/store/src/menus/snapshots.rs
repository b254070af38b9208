//! Snapshots of outlets' menus: whether the one in the key-value store is current, and what each outlet sells.

use kernel::{IikoAccountId, OutletId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Statement};

const WANT_OUTLET: Statement = Statement::new(
    "outlet_menus.want_outlet",
    "insert into outlet_menus (outlet_id) values (?1) \
     on conflict (outlet_id) do update set wanted = outlet_menus.wanted + 1",
);
const WANT_ORGANIZATION: Statement = Statement::new(
    "outlet_menus.want_organization",
    "update outlet_menus set wanted = wanted + 1 where outlet_id in (select outlet_id from outlet_tills \
     where account_id = ?1 and organization_id = ?2)",
);
const WANT_TERMINAL: Statement = Statement::new(
    "outlet_menus.want_terminal",
    "update outlet_menus set wanted = wanted + 1 where outlet_id in (select outlet_id from outlet_tills \
     where account_id = ?1 and terminal_group_id = ?2)",
);
const WANT_ACCOUNT: Statement = Statement::new(
    "outlet_menus.want_account",
    "update outlet_menus set wanted = wanted + 1 where outlet_id in (select outlet_id from outlet_tills \
     where account_id = ?1)",
);
const WANT_BRAND: Statement = Statement::new(
    "outlet_menus.want_brand",
    "update outlet_menus set wanted = wanted + 1 where outlet_id in (select id from outlets where brand = ?1)",
);
const LOAD: Statement = Statement::new(
    "outlet_menus.load",
    "select wanted, built, revision, built_at from outlet_menus where outlet_id = ?1",
);
const STALE: Statement = Statement::new(
    "outlet_menus.stale",
    "select outlet_id from outlet_menus where built < wanted order by outlet_id limit ?1",
);
const BUILT: Statement = Statement::new(
    "outlet_menus.built",
    "update outlet_menus set built = ?2, revision = ?3, built_at = ?4 where outlet_id = ?1 and built <= ?2",
);
const DROP_ITEMS: Statement =
    Statement::new("outlet_items.drop", "delete from outlet_items where outlet_id = ?1");
const INSERT_ITEMS: ManyRows =
    ManyRows::insert("outlet_items.insert", "insert into outlet_items (outlet_id, item_code) values ", 2);
const ITEMS: Statement = Statement::new(
    "outlet_items.list",
    "select o.code, i.item_code from outlet_items i join outlets o on o.id = i.outlet_id where o.brand = ?1 \
     order by o.code, i.item_code",
);

/// How a snapshot stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Counts changes of what the menu follows from.
    pub wanted: i64,
    /// The count that the snapshot was made at.
    pub built: i64,
    /// Of its content; none before the first.
    pub revision: Option<String>,
    pub built_at: Option<Timestamp>,
}

impl State {
    /// Nothing has changed since the snapshot was made.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.built == self.wanted
    }
}

/// Whose snapshots are out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed<'a> {
    /// From now on the outlet has a menu at all.
    Outlet(OutletId),
    Organization(IikoAccountId, &'a str),
    Terminal(IikoAccountId, &'a str),
    Account(IikoAccountId),
    Brand(&'a str),
}

/// Says that something a menu follows from has changed.
///
/// # Errors
/// A failure of storage.
pub fn want(sql: &dyn Sql, changed: Changed<'_>) -> Result<(), StoreError> {
    match changed {
        Changed::Outlet(outlet) => WANT_OUTLET.run(sql, &[outlet.raw().into()]),
        Changed::Organization(account, id) => WANT_ORGANIZATION.run(sql, &[account.raw().into(), id.into()]),
        Changed::Terminal(account, id) => WANT_TERMINAL.run(sql, &[account.raw().into(), id.into()]),
        Changed::Account(account) => WANT_ACCOUNT.run(sql, &[account.raw().into()]),
        Changed::Brand(brand) => WANT_BRAND.run(sql, &[brand.into()]),
    }
}

/// How an outlet's snapshot stands; none for an outlet without a menu.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, outlet: OutletId) -> Result<Option<State>, StoreError> {
    let Some(mut row) = LOAD.query_one(sql, &[outlet.raw().into()])? else { return Ok(None) };
    Ok(Some(State {
        wanted: row.integer()?,
        built: row.integer()?,
        revision: row.text_or_null()?,
        built_at: row.integer_or_null()?.map(Timestamp::from_millis),
    }))
}

/// Outlets whose snapshots are out of date.
///
/// # Errors
/// A failure of storage.
pub fn list_stale(sql: &dyn Sql, limit: i64) -> Result<Vec<OutletId>, StoreError> {
    STALE.query(sql, &[limit.into()])?.iter_mut().map(|row| Ok(OutletId::from_raw(row.integer()?))).collect()
}

/// Notes that a snapshot was made of what there was at `wanted`, and what the outlet sells.
///
/// # Errors
/// A failure of storage.
pub fn set_built(
    sql: &dyn Sql,
    outlet: OutletId,
    wanted: i64,
    revision: &str,
    items: &[&str],
    now: Timestamp,
) -> Result<(), StoreError> {
    BUILT.run(sql, &[outlet.raw().into(), wanted.into(), revision.into(), now.millis().into()])?;
    DROP_ITEMS.run(sql, &[outlet.raw().into()])?;
    let values: Vec<Value> =
        items.iter().flat_map(|item| [Value::from(outlet.raw()), Value::from(*item)]).collect();
    INSERT_ITEMS.run(sql, &values)
}

/// What each outlet of a brand sells: codes of outlets and items.
///
/// # Errors
/// A failure of storage.
pub fn list_items(sql: &dyn Sql, brand: &str) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let mut outlets: Vec<(String, Vec<String>)> = Vec::new();
    for mut row in ITEMS.query(sql, &[brand.into()])? {
        let (outlet, item) = (row.text()?, row.text()?);
        match outlets.last_mut() {
            Some((last, items)) if *last == outlet => items.push(item),
            _ => outlets.push((outlet, vec![item])),
        }
    }
    Ok(outlets)
}

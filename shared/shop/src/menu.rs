//! An outlet's menu: made from what is stored, kept in the key-value store, made anew when what it follows from changes.
//!
//! The snapshot's key names its content (`menu/v1/<outlet>/<revision>`), so that whoever reads a key reads that content:
//! two who make one at a time do not overwrite each other, and a copy in memory stays good while the revision does.

use std::collections::BTreeMap;

use kernel::{IikoAccountId, OutletId, Timestamp};
use menu::OutletMenu;
use menu::build::{self, Input};
use menu::mapping::Mapping;
use sha2::{Digest, Sha256};
use store::menus::snapshots::{self, State};
use store::menus::{brand, chains, matches, tills};
use store::transaction::transaction;
use store::{Kv, Sql, StoreError, outlets};

/// Bytes of the digest that a revision shows.
const REVISION_BYTES: usize = 16;

/// The revision of an outlet's menu, if it has one: one row read. None also while the snapshot is out of date; then
/// [`current`] makes it anew.
///
/// # Errors
/// A failure of storage.
pub fn revision(sql: &dyn Sql, outlet: OutletId) -> Result<Option<String>, StoreError> {
    let state = snapshots::load(sql, outlet)?;
    Ok(state.filter(State::is_current).and_then(|state| state.revision))
}

/// The menu that an outlet sells from now; none for an outlet without a till. `sql` is outside of any transaction.
///
/// # Errors
/// A failure of storage.
pub async fn current(
    sql: &dyn Sql,
    kv: &dyn Kv,
    outlet: OutletId,
    now: Timestamp,
) -> Result<Option<OutletMenu>, StoreError> {
    let Some(state) = snapshots::load(sql, outlet)? else { return Ok(None) };
    if let (true, Some(revision)) = (state.is_current(), state.revision.as_deref())
        && let Some(menu) = load(kv, outlet, revision).await?
    {
        return Ok(Some(menu));
    }
    rebuild(sql, kv, outlet, now).await
}

/// The snapshot of this revision, where the key-value store still has it.
///
/// # Errors
/// A failure of storage.
pub async fn load(kv: &dyn Kv, outlet: OutletId, revision: &str) -> Result<Option<OutletMenu>, StoreError> {
    let Some(bytes) = kv.get(&key(outlet, revision)).await? else { return Ok(None) };
    // What is no menu any more is as good as lost.
    Ok(serde_json::from_slice(&bytes).ok().filter(|menu: &OutletMenu| menu.revision == revision))
}

/// Makes the snapshot anew.
///
/// # Errors
/// A failure of storage.
pub async fn rebuild(
    sql: &dyn Sql,
    kv: &dyn Kv,
    outlet: OutletId,
    now: Timestamp,
) -> Result<Option<OutletMenu>, StoreError> {
    // One picture of the database: the count of changes and what it counts.
    let made = transaction(sql, |tx| make(tx, outlet))?;
    let Some((state, menu, bytes)) = made else { return Ok(None) };
    kv.set(&key(outlet, &menu.revision), &bytes).await?;
    let items: Vec<&str> = menu.items.iter().map(|item| item.code.as_str()).collect();
    transaction(sql, |tx| snapshots::set_built(tx, outlet, state.wanted, &menu.revision, &items, now))?;
    if let Some(old) = state.revision.filter(|old| *old != menu.revision) {
        kv.delete(&key(outlet, &old)).await?;
    }
    Ok(Some(menu))
}

/// Makes up to `limit` snapshots that are out of date; says how many.
///
/// # Errors
/// A failure of storage.
pub async fn rebuild_stale(
    sql: &dyn Sql,
    kv: &dyn Kv,
    limit: i64,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let stale = snapshots::list_stale(sql, limit)?;
    for outlet in &stale {
        rebuild(sql, kv, *outlet, now).await?;
    }
    Ok(stale.len())
}

/// A terminal group says that its stop list has changed: it is read with the next run.
///
/// # Errors
/// A failure of storage.
pub fn expect_stops(tx: &dyn Sql, account: IikoAccountId, now: Timestamp) -> Result<(), StoreError> {
    let Some(known) = store::menus::accounts::load(tx, account)? else { return Ok(()) };
    store::menus::accounts::set_due(tx, account, known.directory_due_at, known.stops_due_at.min(now))
}

/// An organisation says that its menu has changed: it is read with the next run.
///
/// # Errors
/// A failure of storage.
pub fn expect_menu(
    tx: &dyn Sql,
    account: IikoAccountId,
    organization: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    store::menus::directory::set_menu_due(tx, account, organization, now)
}

/// The state that a menu was made at, the menu, and its bytes.
type Made = (State, OutletMenu, Vec<u8>);

fn make(tx: &dyn Sql, id: OutletId) -> Result<Option<Made>, StoreError> {
    let (Some(state), Some(till), Some(outlet)) =
        (snapshots::load(tx, id)?, tills::load(tx, id)?, outlets::load(tx, id)?)
    else {
        return Ok(None);
    };
    let confirmed: BTreeMap<String, Mapping> = matches::list(tx, till.account)?
        .into_iter()
        .filter(|decision| decision.is_confirmed)
        .map(|decision| (decision.item, decision.mapping))
        .collect();
    let mut menu = build::outlet_menu(&Input {
        brand: &outlet.brand,
        outlet: &id.to_string(),
        outlet_code: &outlet.code,
        currency: outlet.currency.code(),
        zone: &tills::load_zone(tx, id)?.unwrap_or_default(),
        categories: &brand::list_categories(tx, &outlet.brand)?,
        items: &brand::list_items(tx, &outlet.brand)?,
        matches: &confirmed,
        products: &chains::list_products(tx, till.account, &till.organization)?,
        stops: &chains::list_stops(tx, till.account, &till.terminal_group)?,
    });
    let unreadable =
        |error: serde_json::Error| StoreError::Unreadable { what: "menu", problem: error.to_string() };
    let digest = Sha256::digest(serde_json::to_vec(&menu).map_err(unreadable)?);
    menu.revision = digest.iter().take(REVISION_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let bytes = serde_json::to_vec(&menu).map_err(unreadable)?;
    Ok(Some((state, menu, bytes)))
}

fn key(outlet: OutletId, revision: &str) -> String {
    format!("menu/v1/{outlet}/{revision}")
}

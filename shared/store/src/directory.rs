//! The directory: franchisees, and outlets with all that guests and administrators see of them.

use kernel::{Currency, FranchiseeId, OutletId, Timestamp, Zone};

use crate::error::StoreError;
use crate::port::Sql;
use crate::statement::{Row, Statement};

macro_rules! entry_columns {
    () => {
        "o.id, o.code, o.brand, o.franchisee_id, f.code, o.name, o.country, o.currency, o.zone, o.city, o.address, \
         o.phone, o.latitude_e6, o.longitude_e6, o.hours, o.languages, o.status, o.created_at, o.changed_at \
         from outlets o join franchisees f on f.id = o.franchisee_id"
    };
}

const BY_CODE: Statement =
    Statement::new("directory.by_code", concat!("select ", entry_columns!(), " where o.code = ?1"));
const LIST: Statement = Statement::new(
    "directory.list",
    concat!(
        "select ",
        entry_columns!(),
        " where (?1 is null or o.brand = ?1) and o.status <> 'closed' and o.code > ?2 \
         and (?3 is null or ',' || o.languages || ',' like '%,' || ?3 || ',%') order by o.code limit ?4"
    ),
);
const IN_BAND: Statement = Statement::new(
    "directory.in_band",
    concat!(
        "select ",
        entry_columns!(),
        " where o.latitude_e6 between ?1 and ?2 and o.longitude_e6 is not null and (?3 is null or o.brand = ?3) \
         and o.status <> 'closed' and (?4 is null or ',' || o.languages || ',' like '%,' || ?4 || ',%') limit ?5"
    ),
);
const INSERT: Statement = Statement::new(
    "directory.insert",
    "insert into outlets (id, code, brand, franchisee_id, name, country, currency, zone, city, address, phone, \
     latitude_e6, longitude_e6, hours, languages, status, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17)",
);
const UPDATE: Statement = Statement::new(
    "directory.update",
    "update outlets set franchisee_id = ?2, name = ?3, country = ?4, zone = ?5, city = ?6, address = ?7, phone = ?8, \
     latitude_e6 = ?9, longitude_e6 = ?10, hours = ?11, languages = ?12, status = ?13, changed_at = ?14 where id = ?1",
);
const FRANCHISEE: Statement =
    Statement::new("directory.franchisee", "select id, name from franchisees where code = ?1");
const FRANCHISEE_CODE: Statement =
    Statement::new("directory.franchisee_code", "select code from franchisees where id = ?1");
const OUTLET_CODE: Statement =
    Statement::new("directory.outlet_code", "select code from outlets where id = ?1");
const INSERT_FRANCHISEE: Statement = Statement::new(
    "directory.insert_franchisee",
    "insert into franchisees (id, code, name, created_at) values (?1, ?2, ?3, ?4)",
);
const RENAME_FRANCHISEE: Statement =
    Statement::new("directory.rename_franchisee", "update franchisees set name = ?2 where id = ?1");

/// An outlet as the directory shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: OutletId,
    /// The chain's own number.
    pub code: String,
    pub brand: String,
    pub franchisee: FranchiseeId,
    /// Not written.
    pub franchisee_code: String,
    pub name: String,
    pub country: String,
    pub currency: Currency,
    /// IANA name.
    pub zone: String,
    pub city: String,
    pub address: String,
    pub phone: Option<String>,
    /// Latitude and longitude in millionths of a degree.
    pub position: Option<(i64, i64)>,
    /// JSON; `club` reads it.
    pub hours: String,
    /// Comma separated.
    pub languages: String,
    /// `open`, `paused` or `closed`.
    pub status: String,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// The outlet with this code.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, code: &str) -> Result<Option<Entry>, StoreError> {
    BY_CODE.query_one(sql, &[code.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// Outlets that are not closed, by code, after `after`.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    brand: Option<&str>,
    language: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut rows = LIST.query(sql, &[brand.into(), after.into(), language.into(), limit.into()])?;
    rows.iter_mut().map(read).collect()
}

/// Outlets that are not closed and lie between two latitudes (millionths of a degree), in no order.
///
/// # Errors
/// A failure of storage.
pub fn list_in_band(
    sql: &dyn Sql,
    (south, north): (i64, i64),
    brand: Option<&str>,
    language: Option<&str>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let parameters = [south.into(), north.into(), brand.into(), language.into(), limit.into()];
    IN_BAND.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Records a new outlet.
///
/// # Errors
/// A failure of storage; a unique violation when the code exists.
pub fn insert(sql: &dyn Sql, entry: &Entry) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            entry.id.raw().into(),
            entry.code.as_str().into(),
            entry.brand.as_str().into(),
            entry.franchisee.raw().into(),
            entry.name.as_str().into(),
            entry.country.as_str().into(),
            entry.currency.code().into(),
            entry.zone.as_str().into(),
            entry.city.as_str().into(),
            entry.address.as_str().into(),
            entry.phone.as_deref().into(),
            entry.position.map(|(latitude, _)| latitude).into(),
            entry.position.map(|(_, longitude)| longitude).into(),
            entry.hours.as_str().into(),
            entry.languages.as_str().into(),
            entry.status.as_str().into(),
            entry.created_at.millis().into(),
        ],
    )
}

/// Writes everything about an outlet that may change: not its code, brand and currency.
///
/// # Errors
/// A failure of storage.
pub fn update(sql: &dyn Sql, entry: &Entry) -> Result<(), StoreError> {
    UPDATE.run(
        sql,
        &[
            entry.id.raw().into(),
            entry.franchisee.raw().into(),
            entry.name.as_str().into(),
            entry.country.as_str().into(),
            entry.zone.as_str().into(),
            entry.city.as_str().into(),
            entry.address.as_str().into(),
            entry.phone.as_deref().into(),
            entry.position.map(|(latitude, _)| latitude).into(),
            entry.position.map(|(_, longitude)| longitude).into(),
            entry.hours.as_str().into(),
            entry.languages.as_str().into(),
            entry.status.as_str().into(),
            entry.changed_at.millis().into(),
        ],
    )
}

/// The franchisee with this code: id and name.
///
/// # Errors
/// A failure of storage.
pub fn load_franchisee(sql: &dyn Sql, code: &str) -> Result<Option<(FranchiseeId, String)>, StoreError> {
    let row = FRANCHISEE.query_one(sql, &[code.into()])?;
    row.map(|mut row| Ok((FranchiseeId::from_raw(row.integer()?), row.text()?))).transpose()
}

/// The code of a franchisee.
///
/// # Errors
/// A failure of storage.
pub fn load_franchisee_code(sql: &dyn Sql, id: FranchiseeId) -> Result<Option<String>, StoreError> {
    FRANCHISEE_CODE.query_one(sql, &[id.raw().into()])?.map(|mut row| row.text()).transpose()
}

/// The code of an outlet.
///
/// # Errors
/// A failure of storage.
pub fn load_outlet_code(sql: &dyn Sql, id: OutletId) -> Result<Option<String>, StoreError> {
    OUTLET_CODE.query_one(sql, &[id.raw().into()])?.map(|mut row| row.text()).transpose()
}

/// Records a new franchisee.
///
/// # Errors
/// A failure of storage; a unique violation when the code exists.
pub fn insert_franchisee(
    sql: &dyn Sql,
    id: FranchiseeId,
    code: &str,
    name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    INSERT_FRANCHISEE.run(sql, &[id.raw().into(), code.into(), name.into(), now.millis().into()])
}

/// Gives a franchisee another name.
///
/// # Errors
/// A failure of storage.
pub fn rename_franchisee(sql: &dyn Sql, id: FranchiseeId, name: &str) -> Result<(), StoreError> {
    RENAME_FRANCHISEE.run(sql, &[id.raw().into(), name.into()])
}

fn read(row: &mut Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: OutletId::from_raw(row.integer()?),
        code: row.text()?,
        brand: row.text()?,
        franchisee: FranchiseeId::from_raw(row.integer()?),
        franchisee_code: row.text()?,
        name: row.text()?,
        country: row.text()?,
        currency: row.parsed(Currency::parse)?,
        zone: row.parsed(|name| Zone::parse(name).map(|_| name.to_owned()))?,
        city: row.text()?,
        address: row.text()?,
        phone: row.text_or_null()?,
        position: row.integer_or_null()?.zip(row.integer_or_null()?),
        hours: row.text()?,
        languages: row.text()?,
        status: row.text()?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

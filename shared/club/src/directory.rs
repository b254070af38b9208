//! The directory of outlets: what guests look up, and what administrators keep.

use kernel::{Currency, FranchiseeId, OutletId, ParseError, Timestamp, Zone};
use membership::profile::Language;
use membership::staff_auth::{Grant, Permission};
use store::directory::{self as places, Entry};
use store::{Sql, StoreError, brands};

use crate::Moment;

pub mod geo;
pub mod hours;

use geo::Position;
use hours::Hours;

/// Most outlets on a page, and unless the caller says otherwise.
pub const PAGE_MAX: i64 = 200;
/// Outlets on a page unless the caller says otherwise.
pub const PAGE_DEFAULT: i64 = 50;
/// Widest circle to search, in kilometres; and the circle unless the caller says otherwise.
pub const RADIUS_KM_MAX: u32 = 500;
/// The circle to search unless the caller says otherwise, in kilometres.
pub const RADIUS_KM_DEFAULT: u32 = 10;
/// Outlets in one band of latitudes that are looked at: more than the largest chain has.
const BAND_MAX: i64 = 5_000;

/// Longest texts of an outlet, in characters.
pub const CODE_LEN_MAX: usize = 32;
/// Characters of a name or a city.
pub const NAME_LEN_MAX: usize = 128;
/// Characters of an address.
pub const ADDRESS_LEN_MAX: usize = 256;
/// Characters of a telephone number as it is shown.
pub const PHONE_LEN_MAX: usize = 32;

/// Why a use case of this module did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such outlet")]
    UnknownOutlet,
    #[error("no such brand")]
    UnknownBrand,
    #[error("no franchisee {0}")]
    UnknownFranchisee(String),
    /// Receipts are recorded under it.
    #[error("an outlet keeps its {0}")]
    Fixed(&'static str),
}

/// Whether an outlet serves guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Open,
    /// For a while.
    Paused,
    /// For good: no longer in the directory.
    Closed,
}

impl Status {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(code: &str) -> Result<Self, ParseError> {
        let all = [Self::Open, Self::Paused, Self::Closed];
        all.into_iter().find(|status| status.code() == code).ok_or(ParseError("use open, paused or closed"))
    }
}

/// An outlet as an administrator or a file describes it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub brand: String,
    /// Code of the legal entity.
    pub franchisee: String,
    pub name: String,
    /// ISO 3166, two capitals.
    pub country: String,
    pub currency: Currency,
    /// IANA name that was checked.
    pub zone: String,
    pub city: String,
    pub address: String,
    pub phone: Option<String>,
    pub position: Option<Position>,
    pub hours: Hours,
    pub languages: Vec<Language>,
    pub status: Status,
}

/// How an outlet was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Created,
    Changed,
    Unchanged,
}

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Search<'a> {
    pub brand: Option<&'a str>,
    /// Only outlets where it is spoken.
    pub language: Option<Language>,
    pub limit: i64,
}

/// An outlet found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub entry: Entry,
    pub hours: Hours,
    /// Metres away, when a place was named.
    pub metres: Option<i64>,
    pub is_open: bool,
}

/// Outlets in the order of their codes, after `after`.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    search: &Search<'_>,
    after: &str,
    now: Timestamp,
) -> Result<Vec<Found>, StoreError> {
    let language = search.language.map(Language::code);
    let entries = places::list(sql, search.brand, language, after, search.limit)?;
    entries.into_iter().map(|entry| found(entry, None, now)).collect()
}

/// Outlets around a place, nearest first, those of equal distance by code; after a distance and code.
///
/// # Errors
/// A failure of storage.
pub fn nearest(
    sql: &dyn Sql,
    search: &Search<'_>,
    place: Position,
    radius_km: u32,
    after: Option<(i64, &str)>,
    now: Timestamp,
) -> Result<Vec<Found>, StoreError> {
    let radius = i64::from(radius_km) * 1_000;
    let language = search.language.map(Language::code);
    let entries = places::list_in_band(sql, place.band(radius), search.brand, language, BAND_MAX)?;
    let mut near: Vec<(i64, Entry)> = entries
        .into_iter()
        .filter_map(|entry| {
            let (latitude, longitude) = entry.position?;
            Some((place.metres_to(Position::from_e6(latitude, longitude)?), entry))
        })
        .filter(|(metres, _)| *metres <= radius)
        .filter(|(metres, entry)| after.is_none_or(|after| (*metres, entry.code.as_str()) > after))
        .collect();
    near.sort_by(|a, b| (a.0, &a.1.code).cmp(&(b.0, &b.1.code)));
    near.truncate(usize::try_from(search.limit).unwrap_or(0));
    near.into_iter().map(|(metres, entry)| found(entry, Some(metres), now)).collect()
}

/// The outlet with this code, also a closed one.
///
/// # Errors
/// [`Refused::UnknownOutlet`]; a failure of storage.
pub fn read(sql: &dyn Sql, code: &str, now: Timestamp) -> Result<Found, Refused> {
    let entry = places::load(sql, code)?.ok_or(Refused::UnknownOutlet)?;
    Ok(found(entry, None, now)?)
}

/// Creates or changes the outlet with this code, if the caller may manage it.
///
/// # Errors
/// See [`Refused`].
pub fn write_outlet(
    tx: &dyn Sql,
    code: &str,
    described: &Description,
    grant: &Grant,
    moment: &mut Moment<'_>,
) -> Result<(Entry, Written), Refused> {
    let (franchisee, _) = places::load_franchisee(tx, &described.franchisee)?
        .ok_or_else(|| Refused::UnknownFranchisee(described.franchisee.clone()))?;
    let known = places::load(tx, code)?;
    let Some(known) = known else {
        if brands::load(tx, &described.brand)?.is_none() {
            return Err(Refused::UnknownBrand);
        }
        let id = OutletId::new(moment.ids, moment.now);
        let entry = entry(id, code, described, franchisee, moment.now, moment.now);
        places::insert(tx, &entry)?;
        return Ok((entry, Written::Created));
    };
    if !grant.may_at(Permission::ManageOutlets, known.id, known.franchisee) {
        return Err(Refused::UnknownOutlet);
    }
    for (what, same) in
        [("brand", known.brand == described.brand), ("currency", known.currency == described.currency)]
    {
        if !same {
            return Err(Refused::Fixed(what));
        }
    }
    let changed = entry(known.id, code, described, franchisee, known.created_at, known.changed_at);
    if changed == known {
        return Ok((known, Written::Unchanged));
    }
    let changed = Entry { changed_at: moment.now, ..changed };
    places::update(tx, &changed)?;
    Ok((changed, Written::Changed))
}

/// Creates a franchisee, or gives it another name.
///
/// # Errors
/// A failure of storage.
pub fn write_franchisee(
    tx: &dyn Sql,
    code: &str,
    name: &str,
    moment: &mut Moment<'_>,
) -> Result<(FranchiseeId, Written), StoreError> {
    match places::load_franchisee(tx, code)? {
        None => {
            let id = FranchiseeId::new(moment.ids, moment.now);
            places::insert_franchisee(tx, id, code, name, moment.now)?;
            Ok((id, Written::Created))
        }
        Some((id, known)) if known == name => Ok((id, Written::Unchanged)),
        Some((id, _)) => {
            places::rename_franchisee(tx, id, name)?;
            Ok((id, Written::Changed))
        }
    }
}

fn entry(
    id: OutletId,
    code: &str,
    described: &Description,
    franchisee: FranchiseeId,
    created_at: Timestamp,
    changed_at: Timestamp,
) -> Entry {
    let languages: Vec<&str> = described.languages.iter().map(|language| language.code()).collect();
    Entry {
        id,
        code: code.to_owned(),
        brand: described.brand.clone(),
        franchisee,
        franchisee_code: described.franchisee.clone(),
        name: described.name.clone(),
        country: described.country.clone(),
        currency: described.currency,
        zone: described.zone.clone(),
        city: described.city.clone(),
        address: described.address.clone(),
        phone: described.phone.clone(),
        position: described.position.map(Position::e6),
        hours: described.hours.to_json(),
        languages: languages.join(","),
        status: described.status.code().to_owned(),
        created_at,
        changed_at,
    }
}

fn found(entry: Entry, metres: Option<i64>, now: Timestamp) -> Result<Found, StoreError> {
    let unreadable = |problem: String| StoreError::Unreadable { what: "opening hours", problem };
    let hours = Hours::from_json(&entry.hours).map_err(|faults| unreadable(format!("{faults:?}")))?;
    let zone = Zone::parse(&entry.zone).map_err(|error| unreadable(error.to_string()))?;
    let is_open = entry.status == Status::Open.code() && hours.is_open(now, &zone);
    Ok(Found { entry, hours, metres, is_open })
}

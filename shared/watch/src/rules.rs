//! Versions of a brand's rules: which holds, and new ones.

use std::cell::RefCell;
use std::rc::Rc;

use fraud::facts::Position;
use fraud::rules::Problem;
use fraud::{RuleSet, standard};
use kernel::{OutletId, StaffId};
use store::fraud::rules::{self, Version};
use store::{Sql, StoreError};

use crate::Moment;

/// Versions kept parsed.
const CACHED_MAX: usize = 4;
/// Characters of a version's note.
pub const NOTE_LEN_MAX: usize = 200;

thread_local! {
    /// Versions are immutable, so a parsed one never goes stale; which one holds is asked each time.
    static CACHE: RefCell<Vec<(i64, InForce)>> = const { RefCell::new(Vec::new()) };
    /// Made once: every receipt of a fresh chain asks for them.
    static STANDARD: InForce = InForce { version: None, is_live: false, rules: Rc::new(standard::rules()) };
}

/// The rules that hold.
#[derive(Debug, Clone)]
pub struct InForce {
    /// `None`: the standard rules.
    pub version: Option<i64>,
    /// Whether what is decided is done; otherwise it is only written down.
    pub is_live: bool,
    pub rules: Rc<RuleSet>,
}

impl InForce {
    /// What a chain has that never published rules.
    #[must_use]
    pub fn standard() -> Self {
        STANDARD.with(Self::clone)
    }
}

/// The rules that hold in a brand, and where an outlet is.
///
/// # Errors
/// A failure of storage.
pub fn in_force(
    sql: &dyn Sql,
    brand: &str,
    outlet: Option<OutletId>,
) -> Result<(InForce, Option<Position>), StoreError> {
    let (version, place) = rules::load_in_force(sql, brand, outlet)?;
    let position = place.map(|(latitude_e6, longitude_e6)| Position { latitude_e6, longitude_e6 });
    let Some(version) = version else { return Ok((InForce::standard(), position)) };
    let cached = CACHE
        .with_borrow(|cache| cache.iter().find(|(id, _)| *id == version).map(|(_, known)| known.clone()));
    if let Some(known) = cached {
        return Ok((known, position));
    }
    let found = rules::load(sql, version)?.and_then(|stored| {
        let parsed: RuleSet = serde_json::from_str(&stored.rules).ok()?;
        Some(InForce { version: Some(version), is_live: stored.is_live, rules: Rc::new(parsed) })
    });
    // Rules that nobody can read must not stop a sale.
    let Some(found) = found else { return Ok((InForce::standard(), position)) };
    CACHE.with_borrow_mut(|cache| {
        if cache.len() == CACHED_MAX {
            cache.remove(0);
        }
        cache.push((version, found.clone()));
    });
    Ok((found, position))
}

/// Why rules were not published.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no such brand")]
    UnknownBrand,
    /// With pointers.
    #[error("the rules are not lawful")]
    Rules(Vec<Problem>),
}

/// Rules to publish.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    pub brand: &'a str,
    pub rules: &'a RuleSet,
    pub is_live: bool,
    pub note: &'a str,
    pub by: Option<StaffId>,
}

/// Publishes rules: they hold from the next event on.
///
/// # Errors
/// See [`Refused`].
pub fn publish(tx: &dyn Sql, new: &NewVersion<'_>, moment: &mut Moment<'_>) -> Result<Version, Refused> {
    if store::brands::load(tx, new.brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let problems = new.rules.check();
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    let id = moment.ids.next(moment.now);
    let version = Version {
        id,
        brand: new.brand.to_owned(),
        version: 0,
        is_live: new.is_live,
        rules: write(new.rules)?,
        note: new.note.to_owned(),
        created_by: new.by,
        created_at: moment.now,
    };
    rules::insert(tx, &version)?;
    let stored = rules::load(tx, id)?;
    Ok(stored.unwrap_or(version))
}

pub(crate) fn write(rules: &RuleSet) -> Result<String, StoreError> {
    serde_json::to_string(rules)
        .map_err(|error| StoreError::Unreadable { what: "fraud rules", problem: error.to_string() })
}

/// Stored rules.
///
/// # Errors
/// [`StoreError::Unreadable`].
pub fn read(text: &str) -> Result<RuleSet, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Unreadable { what: "fraud rules", problem: error.to_string() })
}

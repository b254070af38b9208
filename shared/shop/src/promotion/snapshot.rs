//! The promotions of a brand that hold now, kept between calls.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::Timestamp;
use pricing::Index;
use pricing::index::Live;
use store::{Sql, StoreError, promotions};

use super::read_rules;

/// Promotions of a brand that are switched on at once.
pub const LIVE_MAX: i64 = 5_000;
/// Brands whose promotions are kept.
const BRANDS_KEPT: usize = 8;

/// Indexed promotions by brand, with the revision they are of. Fit for a static: a copy that is out of date is
/// replaced, never used.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<(String, i64, Arc<Index>)>>);

impl Kept {
    /// Nothing kept yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

/// The promotions of a brand, indexed, with the revision they are of. When nothing has changed since they were kept,
/// this reads one row. Promotions that begin later are in it too: evaluation looks at the time.
///
/// # Errors
/// A failure of storage, or rules that cannot be read.
pub fn snapshot(
    sql: &dyn Sql,
    brand: &str,
    now: Timestamp,
    kept: &Kept,
) -> Result<(i64, Arc<Index>), StoreError> {
    let revision = promotions::load_revision(sql, brand)?;
    // A panic elsewhere cannot leave the list half written: entries are put in whole.
    let mut brands = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
    let place = brands.iter().position(|(known, ..)| known == brand);
    if let Some((_, of, index)) = place.map(|place| &brands[place])
        && *of == revision
    {
        return Ok((revision, Arc::clone(index)));
    }
    let index = Arc::new(load(sql, brand, now)?);
    let entry = (brand.to_owned(), revision, Arc::clone(&index));
    match place {
        Some(place) => brands[place] = entry,
        None => {
            if brands.len() == BRANDS_KEPT {
                brands.remove(0);
            }
            brands.push(entry);
        }
    }
    Ok((revision, index))
}

/// The promotions of a brand from the database.
///
/// # Errors
/// As [`snapshot`].
pub fn load(sql: &dyn Sql, brand: &str, now: Timestamp) -> Result<Index, StoreError> {
    let stored = promotions::list_live(sql, brand, now, LIVE_MAX)?;
    let live = stored.into_iter().map(|stored| {
        Ok(Live {
            promotion: stored.promotion,
            version: stored.version,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            rules: read_rules(&stored.rules)?,
        })
    });
    Ok(Index::new(live.collect::<Result<_, StoreError>>()?))
}

//! The programme in force, read once per version.

use std::cell::RefCell;
use std::rc::Rc;

use kernel::{ProgrammeVersionId, Timestamp};
use loyalty::programme::Programme;
use store::{Sql, StoreError, programmes};

use crate::refusal::Refusal;

/// Versions kept parsed: two brands, and a change or two in the window of late receipts.
const CACHED_MAX: usize = 8;

thread_local! {
    /// Versions are immutable, so a parsed one never goes stale; which one is in force is asked each time.
    static CACHE: RefCell<Vec<(ProgrammeVersionId, Rc<Programme>)>> = const { RefCell::new(Vec::new()) };
}

/// A version of a programme and its rules.
#[derive(Debug, Clone)]
pub struct InForce {
    pub version: ProgrammeVersionId,
    pub rules: Rc<Programme>,
}

/// The rules in force in a brand at a time.
///
/// # Errors
/// [`Refusal::NoProgramme`]; a failure of storage.
pub fn in_force(sql: &dyn Sql, brand: &str, at: Timestamp) -> Result<InForce, Refusal> {
    let version = programmes::load_in_force(sql, brand, at)?.ok_or(Refusal::NoProgramme)?;
    Ok(InForce { version, rules: load(sql, version)? })
}

/// Earlier versions looked through for a tier that the rules no longer have.
const EARLIER_MAX: i64 = 64;

/// Place in a version's rules of a member's tier. Of one that the rules no longer have, the place of its heir: of the
/// nearest tier below it, by the last earlier version that had it; else the entry tier's.
///
/// # Errors
/// A failure of storage.
pub fn tier_place(sql: &dyn Sql, brand: &str, in_force: &InForce, code: &str) -> Result<usize, Refusal> {
    let rules = &*in_force.rules;
    if let Some(place) = rules.tiers.iter().position(|tier| tier.code == code) {
        return Ok(place);
    }
    let Some(own) = programmes::load(sql, in_force.version)? else { return Ok(0) };
    for earlier in programmes::list(sql, brand, own.version.saturating_add(1), EARLIER_MAX)? {
        if let Some(place) = rules.heir_place(code, &*load(sql, earlier.id)?) {
            return Ok(place);
        }
    }
    Ok(0)
}

/// The rules of a version.
///
/// # Errors
/// [`Refusal::NoProgramme`]; a failure of storage, also when the stored rules cannot be read.
pub fn load(sql: &dyn Sql, version: ProgrammeVersionId) -> Result<Rc<Programme>, Refusal> {
    let known = CACHE
        .with_borrow(|cache| cache.iter().find(|(id, _)| *id == version).map(|(_, rules)| rules.clone()));
    if let Some(rules) = known {
        return Ok(rules);
    }
    let stored = programmes::load(sql, version)?.ok_or(Refusal::NoProgramme)?;
    let rules: Programme = serde_json::from_str(&stored.rules)
        .map_err(|error| StoreError::Unreadable { what: "programme rules", problem: error.to_string() })?;
    let rules = Rc::new(rules);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() == CACHED_MAX {
            cache.remove(0);
        }
        cache.push((version, rules.clone()));
    });
    Ok(rules)
}

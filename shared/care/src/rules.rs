//! Versions of a brand's rules: checked, immutable, in force from a stated time.

use std::cell::RefCell;
use std::rc::Rc;

use feedback::check::ROUTES_MAX;
use feedback::fault::{Fault, Problem};
use feedback::rules::FeedbackRules;
use kernel::time::MINUTE_MS;
use kernel::{StaffId, Timestamp};
use store::feedback::{self as stored, Version};
use store::tickets::teams;
use store::{Sql, StoreError, brands};

use crate::refusal::Refusal;
use club::Moment;

/// How far in the past a version may begin: the clocks of two machines, and the time a request takes.
pub const EARLY_MS: i64 = 5 * MINUTE_MS;
/// Versions kept parsed: two brands, and a change or two while questions are open.
const CACHED_MAX: usize = 8;

thread_local! {
    /// Versions are immutable, so a parsed one never goes stale; which one is in force is asked each time.
    static CACHE: RefCell<Vec<(i64, Rc<FeedbackRules>)>> = const { RefCell::new(Vec::new()) };
}

/// A version and its rules.
#[derive(Debug, Clone)]
pub struct InForce {
    pub version: i64,
    pub rules: Rc<FeedbackRules>,
}

/// Why a version was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such brand")]
    UnknownBrand,
    /// The rules do not make sense; each problem has its pointer.
    #[error("the rules do not make sense")]
    Rules(Vec<Problem>),
    #[error("the rules are of another brand")]
    OtherBrand,
    #[error("a version cannot begin in the past")]
    InPast,
    /// Versions follow one another in time.
    #[error("the newest version begins at {newest}; the next one begins after it")]
    NotAfterNewest { newest: Timestamp },
}

/// A version to make.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    pub brand: &'a str,
    pub rules: &'a FeedbackRules,
    /// `None`: from now on.
    pub effective_from: Option<Timestamp>,
    pub note: &'a str,
    /// `None`: the installation itself.
    pub by: Option<StaffId>,
}

/// The rules in force in a brand at a time, if there are any.
///
/// # Errors
/// A failure of storage.
pub fn find(sql: &dyn Sql, brand: &str, at: Timestamp) -> Result<Option<InForce>, Refusal> {
    let Some(version) = stored::load_in_force(sql, brand, at)? else { return Ok(None) };
    Ok(Some(InForce { version, rules: load(sql, version)? }))
}

/// The rules in force in a brand at a time.
///
/// # Errors
/// [`Refusal::NoRules`]; a failure of storage.
pub fn in_force(sql: &dyn Sql, brand: &str, at: Timestamp) -> Result<InForce, Refusal> {
    find(sql, brand, at)?.ok_or(Refusal::NoRules)
}

/// The rules of a version.
///
/// # Errors
/// [`Refusal::NoRules`]; a failure of storage, also when the stored rules cannot be read.
pub fn load(sql: &dyn Sql, version: i64) -> Result<Rc<FeedbackRules>, Refusal> {
    let known = CACHE
        .with_borrow(|cache| cache.iter().find(|(id, _)| *id == version).map(|(_, rules)| rules.clone()));
    if let Some(rules) = known {
        return Ok(rules);
    }
    let found = stored::load_version(sql, version)?.ok_or(Refusal::NoRules)?;
    let rules: FeedbackRules = serde_json::from_str(&found.rules)
        .map_err(|error| StoreError::Unreadable { what: "feedback rules", problem: error.to_string() })?;
    let rules = Rc::new(rules);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() == CACHED_MAX {
            cache.remove(0);
        }
        cache.push((version, rules.clone()));
    });
    Ok(rules)
}

/// Everything that keeps rules from being published in a brand: what makes no sense, and teams that nobody has.
///
/// # Errors
/// A failure of storage.
pub fn problems(sql: &dyn Sql, brand: &str, rules: &FeedbackRules) -> Result<Vec<Problem>, StoreError> {
    let mut problems = rules.check();
    for (index, route) in rules.routing.iter().enumerate().take(ROUTES_MAX) {
        let Some(team) = &route.team else { continue };
        if !teams::has_code(sql, brand, team)? {
            problems.push(Problem { pointer: format!("/routing/{index}/team"), fault: Fault::Unknown });
        }
    }
    Ok(problems)
}

/// Makes the next version of a brand's rules.
///
/// # Errors
/// See [`Refused`].
pub fn publish(tx: &dyn Sql, new: &NewVersion<'_>, moment: &mut Moment<'_>) -> Result<Version, Refused> {
    if brands::load(tx, new.brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let problems = problems(tx, new.brand, new.rules)?;
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    if new.rules.brand != new.brand {
        return Err(Refused::OtherBrand);
    }
    let effective_from = new.effective_from.unwrap_or(moment.now);
    if effective_from < moment.now.plus_millis(-EARLY_MS) {
        return Err(Refused::InPast);
    }
    let newest = stored::list_versions(tx, new.brand, i64::MAX, 1)?.into_iter().next();
    if let Some(newest) = newest.as_ref().filter(|newest| newest.effective_from >= effective_from) {
        return Err(Refused::NotAfterNewest { newest: newest.effective_from });
    }
    let rules = serde_json::to_string(new.rules)
        .map_err(|error| StoreError::Unreadable { what: "feedback rules", problem: error.to_string() })?;
    let version = Version {
        id: moment.ids.next(moment.now),
        brand: new.brand.to_owned(),
        version: newest.map_or(0, |newest| newest.version) + 1,
        effective_from,
        rules,
        created_by: new.by,
        created_at: moment.now,
        note: new.note.to_owned(),
    };
    stored::insert_version(tx, &version)?;
    Ok(version)
}

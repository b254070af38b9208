//! Making programme versions: checked, immutable, in force from a stated time.

use kernel::time::MINUTE_MS;
use kernel::{ProgrammeVersionId, StaffId, Timestamp};
use loyalty::problem::Problem;
use loyalty::programme::Programme;
use store::programmes::{self, Version};
use store::{Sql, StoreError, brands};

use crate::Moment;

/// How far in the past a version may begin: the clocks of two machines, and the time a request takes.
pub const EARLY_MS: i64 = 5 * MINUTE_MS;

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
    /// Receipts have been judged by the rules of that time already.
    #[error("a version cannot begin in the past")]
    InPast,
    /// Versions follow one another in time.
    #[error("the newest version begins at {newest}; the next one begins after it")]
    NotAfterNewest { newest: Timestamp },
    /// Members have a tier that the rules do not know.
    #[error("{members} members have tier {tier}")]
    TierInUse { tier: String, members: i64 },
}

/// A version to make.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    pub brand: &'a str,
    pub rules: &'a Programme,
    /// `None`: from now on.
    pub effective_from: Option<Timestamp>,
    pub note: &'a str,
    /// `None`: the installation itself.
    pub by: Option<StaffId>,
}

/// Everything that would keep the rules from becoming a version now, apart from its time.
///
/// # Errors
/// See [`Refused`].
pub fn check(sql: &dyn Sql, brand: &str, rules: &Programme) -> Result<(), Refused> {
    if brands::load(sql, brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let problems = rules.check();
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    if rules.brand != brand {
        return Err(Refused::OtherBrand);
    }
    for (tier, members) in programmes::count_tiers(sql, brand)? {
        if rules.tier(&tier).is_none() {
            return Err(Refused::TierInUse { tier, members });
        }
    }
    Ok(())
}

/// Makes the next version of a brand's rules.
///
/// # Errors
/// See [`Refused`]; a rule that cannot be written as JSON would be a defect of ours.
pub fn publish(tx: &dyn Sql, new: &NewVersion<'_>, moment: &mut Moment<'_>) -> Result<Version, Refused> {
    check(tx, new.brand, new.rules)?;
    let effective_from = new.effective_from.unwrap_or(moment.now);
    if effective_from < moment.now.plus_millis(-EARLY_MS) {
        return Err(Refused::InPast);
    }
    let newest = programmes::list(tx, new.brand, i64::MAX, 1)?.into_iter().next();
    if let Some(newest) = newest.as_ref().filter(|newest| newest.effective_from >= effective_from) {
        return Err(Refused::NotAfterNewest { newest: newest.effective_from });
    }
    let rules = serde_json::to_string(new.rules)
        .map_err(|error| StoreError::Unreadable { what: "programme rules", problem: error.to_string() })?;
    let version = Version {
        id: ProgrammeVersionId::new(moment.ids, moment.now),
        brand: new.brand.to_owned(),
        version: newest.map_or(0, |newest| newest.version) + 1,
        effective_from,
        rules,
        created_by: new.by,
        created_at: moment.now,
        note: new.note.to_owned(),
    };
    programmes::insert(tx, &version)?;
    Ok(version)
}

//! What a brand's goals stand on: its outlets, and the goals in their versions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kernel::{Date, OutletId, Timestamp};
use merit::goal::Goal;
use merit::period::Days;
use store::kpi::goals::{self, Version};
use store::kpi::sites::{self, Site};
use store::{Sql, StoreError};

use crate::refusal::Refused;

/// Outlets of a brand, as goals see them.
#[derive(Debug, Clone)]
pub struct Ground {
    pub brand: String,
    /// The day whose groups these are.
    on: Date,
    /// By their ids.
    pub sites: BTreeMap<OutletId, (Site, merit::goal::Site)>,
}

impl Ground {
    /// Loads the outlets of a brand, in the groups of the day `on`.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn load(sql: &dyn Sql, brand: &str, on: Date) -> Result<Self, StoreError> {
        let sites = sites::list(sql, brand, on)?.into_iter().map(|site| {
            let seen = merit::goal::Site {
                code: site.code.clone(),
                country: site.country.clone(),
                city: site.city.clone(),
                franchisee: site.franchisee.clone(),
                groups: site.groups.iter().cloned().collect(),
            };
            (site.id, (site, seen))
        });
        Ok(Self { brand: brand.to_owned(), on, sites: sites.collect() })
    }

    /// The same as a period of a goal sees it: in the groups of its first day, so that nobody moves outlets about when the
    /// result is in sight.
    ///
    /// # Errors
    /// A failure of storage.
    pub fn of_period(&self, sql: &dyn Sql, goal: &Goal, days: Days) -> Result<Cow<'_, Self>, StoreError> {
        if self.on == days.from || !goal.goes_by_groups() {
            return Ok(Cow::Borrowed(self));
        }
        Self::load(sql, &self.brand, days.from).map(Cow::Owned)
    }

    /// Whether a goal holds at an outlet.
    #[must_use]
    pub fn has(&self, goal: &Goal, outlet: OutletId) -> bool {
        self.sites.get(&outlet).is_some_and(|(_, seen)| goal.reach.has(seen))
    }

    /// The outlet with this code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Site> {
        self.sites.values().map(|(site, _)| site).find(|site| site.code == code)
    }

    /// The moment at which a period is over at every outlet where the goal holds.
    #[must_use]
    pub fn over_at(&self, goal: &Goal, days: Days) -> Timestamp {
        let reached = self.sites.values().filter(|(_, seen)| goal.reach.has(seen));
        let ends = reached.map(|(site, _)| days.until.start_in(&site.zone));
        ends.max().unwrap_or_else(|| days.until.start_in(&kernel::Zone::UTC))
    }
}

/// A goal with its rules read.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: i64,
    pub code: String,
    pub ended_on: Option<Date>,
    /// Newest first.
    pub versions: Vec<(Version, Goal)>,
}

impl Known {
    /// The version that holds for a period that begins on `from`; none before the first one, or after the goal's end.
    #[must_use]
    pub fn at(&self, from: Date) -> Option<&(Version, Goal)> {
        if self.ended_on.is_some_and(|end| from >= end) {
            return None;
        }
        self.versions.iter().find(|(version, _)| version.effective_on <= from)
    }

    /// The days of the goal's period around `day`, with the version that holds for them.
    #[must_use]
    pub fn around(&self, day: Date) -> Option<(Days, &Version, &Goal)> {
        let (_, any) = self.versions.first()?;
        let days = any.period.around(day);
        let (version, goal) = self.at(days.from)?;
        Some((days, version, goal))
    }

    /// The days of the first period that is measured: the first that begins when the first version is effective.
    #[must_use]
    pub fn first(&self) -> Option<Days> {
        let (version, goal) = self.versions.last()?;
        let around = goal.period.around(version.effective_on);
        Some(if around.from < version.effective_on { goal.period.after(around) } else { around })
    }
}

/// Every goal of a brand, by code.
///
/// # Errors
/// A failure of storage; stored rules that do not read.
pub fn load_goals(sql: &dyn Sql, brand: &str) -> Result<Vec<Known>, StoreError> {
    let mut known: Vec<Known> = Vec::new();
    for version in goals::list_versions(sql, brand)? {
        let goal = serde_json::from_str(&version.rules).map_err(|error| StoreError::Unreadable {
            what: "rules of a goal",
            problem: error.to_string(),
        })?;
        match known.last_mut() {
            Some(last) if last.id == version.goal => last.versions.push((version, goal)),
            _ => known.push(Known {
                id: version.goal,
                code: version.code.clone(),
                ended_on: version.ended_on,
                versions: vec![(version, goal)],
            }),
        }
    }
    Ok(known)
}

/// The goal of a brand with this code.
///
/// # Errors
/// [`Refused::UnknownGoal`]; a failure of storage.
pub fn load_goal(sql: &dyn Sql, brand: &str, code: &str) -> Result<Known, Refused> {
    load_goals(sql, brand)?.into_iter().find(|known| known.code == code).ok_or(Refused::UnknownGoal)
}

/// The outlet with this code.
///
/// # Errors
/// [`Refused::UnknownOutlet`]; a failure of storage.
pub fn load_outlet(sql: &dyn Sql, code: &str) -> Result<store::outlets::Outlet, Refused> {
    let entry = store::directory::load(sql, code)?.ok_or(Refused::UnknownOutlet)?;
    store::outlets::load(sql, entry.id)?.ok_or(Refused::UnknownOutlet)
}

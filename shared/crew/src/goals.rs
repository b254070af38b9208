//! Administration of goals: versions, ends, groups of outlets, plans.

use kernel::{Date, StaffId, Timestamp};
use membership::staff_auth::Scope;
use merit::check::check;
use merit::goal::Goal;
use store::kpi::goals::{self, NewVersion};
use store::kpi::sites::{self, Plan};
use store::{Sql, StoreError};

use club::Moment;

use crate::ground::{Ground, load_goals};
use crate::refusal::Refused;

/// Goals of a brand that may go on at a time: each is judged over every outlet.
pub const GOALS_MAX: i64 = 200;
/// Outlets in a group.
pub const GROUP_OUTLETS_MAX: usize = 2_000;
/// Characters of a goal's or group's code, and of a note.
pub const CODE_LEN_MAX: usize = 32;
pub const NOTE_LEN_MAX: usize = 200;
/// How many months after the current one a plan may be set for.
pub const PLAN_MONTHS_AHEAD_MAX: i32 = 24;

/// Who changes what.
#[derive(Debug, Clone, Copy)]
pub struct NewGoal<'a> {
    pub brand: &'a str,
    pub code: &'a str,
    pub goal: &'a Goal,
    /// The version holds for periods that begin on this day or later; `None`: from tomorrow on.
    pub effective_on: Option<Date>,
    pub note: &'a str,
    pub by: StaffId,
}

/// Makes a version of a goal, and the goal with its first one. Answers with the version's number and its day.
///
/// # Errors
/// See [`Refused`].
pub fn publish(tx: &dyn Sql, new: &NewGoal<'_>, moment: &mut Moment<'_>) -> Result<(i64, Date), Refused> {
    let problems = check(new.goal);
    if !problems.is_empty() {
        return Err(Refused::Rules(problems));
    }
    let ground = load_ground(tx, new.brand, moment.now)?;
    if ground.sites.is_empty() {
        return Err(Refused::UnknownBrand);
    }
    let today = latest_today(&ground, moment.now);
    let effective_on = new.effective_on.unwrap_or_else(|| today.plus_days(1));
    if effective_on <= today {
        return Err(Refused::EffectiveOn);
    }
    let known = load_goals(tx, new.brand)?.into_iter().find(|known| known.code == new.code);
    match &known {
        Some(known) => {
            if known.ended_on.is_some() {
                return Err(Refused::Ended);
            }
            let same =
                |(_, goal): &(_, Goal)| goal.subject == new.goal.subject && goal.period == new.goal.period;
            if !known.versions.iter().all(same) {
                return Err(Refused::OtherGoal);
            }
        }
        None if goals::count(tx, new.brand)? >= GOALS_MAX => return Err(Refused::TooManyGoals(GOALS_MAX)),
        None => {}
    }
    let id = goals::ensure(tx, moment.ids.next(moment.now), new.brand, new.code, moment.now)?;
    let rules = serde_json::to_string(new.goal)
        .map_err(|error| StoreError::Unreadable { what: "rules of a goal", problem: error.to_string() })?;
    let version = NewVersion { effective_on, rules: &rules, note: new.note, by: new.by };
    Ok((goals::insert_version(tx, id, &version, moment.now)?, effective_on))
}

/// Ends a goal: periods that begin on `on` or later are not measured. What has begun goes on to its end.
///
/// # Errors
/// [`Refused::UnknownGoal`], [`Refused::Ended`], [`Refused::EffectiveOn`].
pub fn end(tx: &dyn Sql, brand: &str, code: &str, on: Option<Date>, now: Timestamp) -> Result<Date, Refused> {
    let known = crate::ground::load_goal(tx, brand, code)?;
    if known.ended_on.is_some() {
        return Err(Refused::Ended);
    }
    let today = latest_today(&load_ground(tx, brand, now)?, now);
    let on = on.unwrap_or_else(|| today.plus_days(1));
    if on <= today {
        return Err(Refused::EffectiveOn);
    }
    if !goals::end(tx, brand, code, on)? {
        return Err(Refused::Ended);
    }
    Ok(on)
}

fn load_ground(tx: &dyn Sql, brand: &str, now: Timestamp) -> Result<Ground, StoreError> {
    Ground::load(tx, brand, now.date_in(&kernel::Zone::UTC))
}

/// The latest date that it is at any outlet.
fn latest_today(ground: &Ground, now: Timestamp) -> Date {
    let dates = ground.sites.values().map(|(site, _)| now.date_in(&site.zone));
    dates.max().unwrap_or_else(|| now.date_in(&kernel::Zone::UTC))
}

/// Makes `outlets` the members of a group for periods that begin tomorrow or later, and answers with that day: what has
/// begun is judged by the groups that it began with.
///
/// # Errors
/// [`Refused::UnknownOutlet`] when one is not of the brand.
pub fn set_group(
    tx: &dyn Sql,
    brand: &str,
    code: &str,
    outlets: &[String],
    now: Timestamp,
) -> Result<Date, Refused> {
    let ground = load_ground(tx, brand, now)?;
    let since = latest_today(&ground, now).plus_days(1);
    let mut ids = Vec::with_capacity(outlets.len());
    for outlet in outlets {
        ids.push(ground.by_code(outlet).ok_or(Refused::UnknownOutlet)?.id);
    }
    ids.sort_unstable();
    ids.dedup();
    sites::replace_group(tx, brand, code, &ids, since)?;
    Ok(since)
}

/// Sets the planned revenue of an outlet's month.
///
/// # Errors
/// [`Refused::UnknownOutlet`], [`Refused::PlanCurrency`]; [`Refused::PlanMonth`] for a month that is over at the outlet:
/// whoever knows the revenue would set the plan to it.
pub fn set_plan(
    tx: &dyn Sql,
    outlet: &str,
    month: Date,
    revenue: kernel::Money,
    by: StaffId,
    moment: &mut Moment<'_>,
) -> Result<(), Refused> {
    let site = crate::ground::load_outlet(tx, outlet)?;
    if site.currency != revenue.currency() {
        return Err(Refused::PlanCurrency);
    }
    let (month, current) = (month.month_start(), moment.now.date_in(&site.zone).month_start());
    if month < current || month > current.plus_months(PLAN_MONTHS_AHEAD_MAX) {
        return Err(Refused::PlanMonth);
    }
    let plan = Plan { outlet: site.id, month, currency: revenue.currency(), revenue_minor: revenue.minor() };
    Ok(sites::insert_plan(tx, moment.ids.next(moment.now), &plan, by, moment.now)?)
}

/// Whether a scope reaches an outlet.
#[must_use]
pub fn reaches(scope: &Scope, outlet: &store::outlets::Outlet) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Franchisee(franchisee) => *franchisee == outlet.franchisee,
        Scope::Outlets(outlets) => outlets.contains(&outlet.id),
    }
}

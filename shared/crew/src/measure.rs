//! From counters to facts: whose they are, summed over the outlets where a goal holds.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::DAY_MS;
use kernel::{Date, OutletId, StaffId, Timestamp};
use merit::Gap;
use merit::facts::{CategoryFacts, Facts, MoneyKind};
use merit::goal::{Goal, Subject};
use merit::metric::Metric;
use merit::number::Fraction;
use merit::period::Days;
use merit::ranking::{CLASS_NEW, size_class};
use store::Sql;
use store::kpi::counters::{self, Between, Tally, Whose};
use store::kpi::sites;
use store::shifts::{self, Shift};

use crate::ground::Ground;
use crate::refusal::Refused;

/// Somebody who is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// A staff code, a shift's id, a code of an outlet, a franchisee or a group, a city, a country.
    pub key: String,
    pub facts: Facts,
    /// Receipts by outlet and staff code: whose work it was.
    pub by: BTreeMap<(OutletId, String), i64>,
}

impl Measured {
    /// Somebody for whom nothing was counted yet.
    #[must_use]
    pub fn nothing(key: &str) -> Self {
        Self { key: key.to_owned(), facts: Facts::default(), by: BTreeMap::new() }
    }

    /// Where most of the receipts come from; the earliest outlet of equals.
    #[must_use]
    pub fn home(&self) -> Option<OutletId> {
        let mut receipts: BTreeMap<OutletId, i64> = BTreeMap::new();
        for ((outlet, _), count) in &self.by {
            *receipts.entry(*outlet).or_default() += count;
        }
        receipts.into_iter().min_by_key(|&(outlet, count)| (-count, outlet)).map(|(outlet, _)| outlet)
    }

    /// Receipts by staff code, in the order of the codes.
    #[must_use]
    pub fn people(&self) -> Vec<(String, i64)> {
        let mut receipts: BTreeMap<&str, i64> = BTreeMap::new();
        for ((_, code), count) in self.by.iter().filter(|((_, code), _)| !code.is_empty()) {
            *receipts.entry(code).or_default() += count;
        }
        let served = receipts.into_iter().filter(|&(_, count)| count > 0);
        served.map(|(code, count)| (code.to_owned(), count)).collect()
    }
}

/// What a goal needs besides sums of receipts.
struct Needs {
    categories: BTreeSet<String>,
    hours: bool,
    plan: bool,
}

impl Needs {
    fn of(goal: &Goal) -> Self {
        let mut metrics = Vec::new();
        for component in &goal.components {
            component.measure.metrics(&mut metrics);
        }
        metrics.extend(goal.minimums.iter().map(|minimum| &minimum.of));
        Self {
            categories: metrics.iter().filter_map(|metric| metric.category()).map(str::to_owned).collect(),
            hours: metrics.iter().any(|metric| matches!(metric, Metric::Hours {} | Metric::Shifts {})),
            plan: metrics.iter().any(|metric| matches!(metric, Metric::RevenueToPlan {})),
        }
    }
}

/// What was counted over some days for a goal, by subject. `whose` says which counters are read: those of one outlet give
/// that outlet's part of a larger subject.
///
/// # Errors
/// A failure of storage; [`Refused::Inconsistent`] when sums leave their range.
pub fn measure(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
    whose: Whose<'_>,
) -> Result<Vec<Measured>, Refused> {
    let needs = Needs::of(goal);
    let mut sums = Sums { ground, goal, subjects: BTreeMap::new() };
    for tally in counters::list(sql, whose, days.from, days.until)? {
        sums.add(&tally, None)?;
    }
    for category in &needs.categories {
        for tally in counters::list_category(sql, whose, days.from, days.until, category)? {
            sums.add(&tally, Some(category))?;
        }
    }
    if needs.hours {
        for (outlet, code, minutes, count) in
            shifts::list_worked(sql, &ground.brand, days.from, days.until, SHIFT_KNOWN_WITHIN_MS)?
        {
            if is_among(whose, outlet, &code) {
                sums.add_hours(outlet, &code, minutes, count)?;
            }
        }
    }
    if needs.plan {
        sums.add_plans(sql, days)?;
    }
    Ok(sums.subjects.into_values().collect())
}

/// Whether counters of somebody at an outlet are among those read.
fn is_among(whose: Whose<'_>, outlet: OutletId, code: &str) -> bool {
    match whose {
        Whose::Outlets(_) | Whose::People(_) => true,
        Whose::OutletPeople(one) => one == outlet,
        Whose::Person(one) => one == code,
    }
}

struct Sums<'a> {
    ground: &'a Ground,
    goal: &'a Goal,
    subjects: BTreeMap<String, Measured>,
}

const RANGE: Refused = Refused::Inconsistent("a sum of counters is out of range");

impl Sums<'_> {
    /// The subjects that something at an outlet counts for: several only where groups overlap.
    fn keys(&self, outlet: OutletId, code: &str) -> Vec<String> {
        let Some((_, seen)) = self.ground.sites.get(&outlet) else { return Vec::new() };
        if !self.goal.reach.has(seen) {
            return Vec::new();
        }
        match self.goal.subject {
            Subject::Person | Subject::Shift if code.is_empty() => Vec::new(),
            Subject::Person | Subject::Shift => vec![code.to_owned()],
            Subject::Outlet => vec![seen.code.clone()],
            Subject::Franchisee => vec![seen.franchisee.clone()],
            Subject::City => vec![seen.city.clone()],
            Subject::Country => vec![seen.country.clone()],
            Subject::Group => {
                let wanted = &self.goal.reach.groups;
                let groups = seen.groups.iter().filter(|code| wanted.is_empty() || wanted.contains(*code));
                groups.cloned().collect()
            }
        }
    }

    fn put(&mut self, outlet: OutletId, code: &str, facts: &Facts) -> Result<(), Refused> {
        for key in self.keys(outlet, code) {
            let subject = self.subjects.entry(key).or_insert_with_key(|key| Measured::nothing(key));
            subject.facts.add(facts).map_err(|_: Gap| RANGE)?;
            *subject.by.entry((outlet, code.to_owned())).or_default() += facts.receipts;
        }
        Ok(())
    }

    fn add(&mut self, tally: &Tally, category: Option<&str>) -> Result<(), Refused> {
        self.put(tally.outlet, &tally.staff, &facts_of(tally, category))
    }

    fn add_hours(&mut self, outlet: OutletId, code: &str, minutes: i64, count: i64) -> Result<(), Refused> {
        let facts = Facts { minutes, shifts: count, ..Facts::default() };
        self.put(outlet, code, &facts)
    }

    /// Plans of whole months, and of the days that lie in the others. Where an outlet that took receipts has no plan for some
    /// of the days, its subject has none: all revenue over a part of the plan would be a triumph.
    fn add_plans(&mut self, sql: &dyn Sql, days: Days) -> Result<(), Refused> {
        let months = (days.from.month_start(), days.until.plus_days(-1).month_start().plus_months(1));
        let mut planned_days: BTreeMap<OutletId, i32> = BTreeMap::new();
        for plan in sites::list_plans(sql, &self.ground.brand, months.0, months.1)? {
            let month = Days { from: plan.month, until: plan.month.plus_months(1) };
            let shared = Days { from: month.from.max(days.from), until: month.until.min(days.until) };
            *planned_days.entry(plan.outlet).or_default() += shared.count();
            let share = i128::from(plan.revenue_minor) * i128::from(shared.count());
            let planned = Fraction::new(share, i128::from(month.count())).map_err(|_: Gap| RANGE)?;
            let facts =
                Facts { plan_minor: Some(planned), money: MoneyKind::One(plan.currency), ..Facts::default() };
            // Only subjects that are among those read: a plan makes nobody appear.
            for key in self.keys(plan.outlet, "") {
                if let Some(subject) = self.subjects.get_mut(&key) {
                    subject.facts.add(&facts).map_err(|_: Gap| RANGE)?;
                }
            }
        }
        for subject in self.subjects.values_mut() {
            let is_planned = |((outlet, _), &receipts): (&(OutletId, String), &i64)| {
                receipts == 0 || planned_days.get(outlet) == Some(&days.count())
            };
            if !subject.by.iter().all(is_planned) {
                subject.facts.plan_minor = None;
            }
        }
        Ok(())
    }
}

/// A tally as facts.
fn facts_of(tally: &Tally, category: Option<&str>) -> Facts {
    let money = MoneyKind::One(tally.currency);
    match (category, tally.people) {
        (None, Some(people)) => Facts {
            receipts: tally.receipts,
            items: tally.items,
            revenue_minor: tally.revenue_minor,
            member_receipts: people.member_receipts,
            sign_ups: people.sign_ups,
            ratings: people.ratings,
            stars: people.stars,
            money,
            ..Facts::default()
        },
        (category, _) => {
            let of = CategoryFacts {
                receipts: tally.receipts,
                items: tally.items,
                revenue_minor: tally.revenue_minor,
            };
            let categories = category.map(|code| (code.to_owned(), of)).into_iter().collect();
            Facts { money, categories, ..Facts::default() }
        }
    }
}

/// How soon after its beginning a shift must be known to be measured: whoever brings in a shift when the day's best receipts
/// are known would choose its hours by them.
const SHIFT_KNOWN_WITHIN_MS: i64 = 3 * DAY_MS;

/// What was counted in the shifts that somebody had on a day, up to `until`: together one shift, by the id of the first, so
/// that nobody wins twice by parting one.
///
/// # Errors
/// As [`measure`].
pub fn measure_shifts(
    sql: &dyn Sql,
    goal: &Goal,
    shifts: &[&Shift],
    until: Timestamp,
) -> Result<Measured, Refused> {
    let mut all: Option<Measured> = None;
    for shift in shifts {
        let one = measure_shift(sql, goal, shift, until)?;
        match &mut all {
            None => all = Some(one),
            Some(all) => {
                all.facts.add(&one.facts).map_err(|_: Gap| RANGE)?;
                for (key, receipts) in one.by {
                    *all.by.entry(key).or_default() += receipts;
                }
            }
        }
    }
    Ok(all.unwrap_or_else(|| Measured::nothing("")))
}

/// What was counted in a shift up to `until`, or to its end if that is earlier.
fn measure_shift(sql: &dyn Sql, goal: &Goal, shift: &Shift, until: Timestamp) -> Result<Measured, Refused> {
    let between = Between {
        outlet: shift.outlet,
        staff: &shift.staff_code,
        // A shift may go on after midnight, and a till may close its day late.
        days: (shift.business_date.plus_days(-1), shift.business_date.plus_days(2)),
        from: shift.opened_at,
        until: shift.closed_at.unwrap_or(until).min(until),
    };
    let mut facts = Facts::default();
    for tally in counters::list_between(sql, &between)? {
        facts.add(&facts_of(&tally, None)).map_err(|_: Gap| RANGE)?;
    }
    for category in Needs::of(goal).categories {
        for tally in counters::list_category_between(sql, &between, &category)? {
            facts.add(&facts_of(&tally, Some(&category))).map_err(|_: Gap| RANGE)?;
        }
    }
    let by = [((shift.outlet, shift.staff_code.clone()), facts.receipts)].into();
    Ok(Measured { key: crate::shift::text_of(shift.id), facts, by })
}

/// Everybody whom a goal measures, over whole days.
///
/// # Errors
/// As [`measure`].
pub fn measure_all(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
) -> Result<Vec<Measured>, Refused> {
    match goal.subject {
        Subject::Shift => {
            let ended =
                shifts::list_of_brand(sql, &ground.brand, days.from, days.until, SHIFT_KNOWN_WITHIN_MS)?;
            let mut by_day: BTreeMap<(Date, StaffId), Vec<&Shift>> = BTreeMap::new();
            for shift in ended.iter().filter(|shift| ground.has(goal, shift.outlet)) {
                by_day.entry((shift.business_date, shift.staff)).or_default().push(shift);
            }
            let far = Timestamp::from_millis(i64::MAX);
            by_day.values().map(|shifts| measure_shifts(sql, goal, shifts, far)).collect()
        }
        Subject::Person => measure(sql, ground, goal, days, Whose::People(&ground.brand)),
        _ => measure(sql, ground, goal, days, Whose::Outlets(&ground.brand)),
    }
}

/// Who worked for each of the subjects that are not people, by receipts. As [`measure_all`], told apart by person.
///
/// # Errors
/// As [`measure`].
pub fn measure_teams(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
) -> Result<BTreeMap<String, Vec<(String, i64)>>, Refused> {
    let all = measure(sql, ground, goal, days, Whose::People(&ground.brand))?;
    Ok(all.into_iter().map(|measured| (measured.key.clone(), measured.people())).collect())
}

/// Size classes of a brand's outlets for a goal: by what they traded in the period before.
///
/// # Errors
/// A failure of storage.
pub fn classes(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
) -> Result<BTreeMap<OutletId, u8>, Refused> {
    if goal.size_classes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let before = goal.period.before(days);
    let (from, until): (Date, Date) = (before.from, before.until);
    let traded = counters::list_trading(sql, &ground.brand, from, until)?;
    let class = |(outlet, receipts, days)| Some((outlet, size_class(&goal.size_classes, receipts, days)?));
    Ok(traded.into_iter().filter_map(class).collect())
}

/// The class of somebody who is measured.
#[must_use]
pub fn class_of(goal: &Goal, classes: &BTreeMap<OutletId, u8>, measured: &Measured) -> u8 {
    if goal.size_classes.is_empty() {
        return 0;
    }
    measured.home().and_then(|outlet| classes.get(&outlet).copied()).unwrap_or(CLASS_NEW)
}

/// The person with a code, for an award.
///
/// # Errors
/// A failure of storage.
pub fn staff_id(sql: &dyn Sql, code: &str) -> Result<Option<StaffId>, Refused> {
    Ok(sites::load_colleague(sql, code)?.map(|colleague| colleague.id))
}

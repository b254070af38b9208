//! How far along somebody and their outlet are, as it stands this moment.

use kernel::time::SECOND_MS;
use kernel::{Date, Timestamp};
use merit::goal::{Goal, Subject};
use merit::period::Days;
use store::kpi::counters::{self, Whose};
use store::outlets::Outlet;
use store::{Sql, shifts};

use crate::boards::{Boards, Of};
use crate::ground::{Ground, load_goals};
use crate::judge::{Judged, judge_these};
use crate::measure::{Measured, measure, measure_shifts};
use crate::refusal::Refused;

/// Who looks, and where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// Their staff code and id; none for somebody who does not work at the till.
    pub person: Option<(&'a str, kernel::StaffId)>,
    pub outlet: &'a Outlet,
    /// A business day of the outlet.
    pub day: Date,
    pub now: Timestamp,
}

/// How far along on one goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub code: String,
    pub version: i64,
    pub goal: Goal,
    pub days: Days,
    /// The viewer themselves, rather than their outlet's part or whole.
    pub own: bool,
    pub judged: Judged,
}

/// How old the progress of several outlets together may be: it is summed over all of them for everybody who looks.
pub const TEAM_FRESH_MS: i64 = 10 * SECOND_MS;

/// Every goal that holds at the viewer's outlet: their own, with their place among colleagues of the outlet, and the
/// outlet's. Goals of several outlets together are shown with all of them, as they were at most [`TEAM_FRESH_MS`] ago.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, viewer: &Viewer<'_>, boards: &mut Boards) -> Result<Vec<Progress>, Refused> {
    let today = Ground::load(sql, &viewer.outlet.brand, viewer.day)?;
    let mut found = Vec::new();
    for known in load_goals(sql, &viewer.outlet.brand)? {
        let Some((days, version, goal)) = known.around(viewer.day) else { continue };
        let ground = today.of_period(sql, goal, days)?;
        if !ground.has(goal, viewer.outlet.id) {
            continue;
        }
        let judged = match goal.subject {
            Subject::Person => own(sql, &ground, goal, days, viewer)?,
            Subject::Shift => own_shift(sql, &ground, goal, days, viewer)?,
            Subject::Outlet => {
                let Some((_, site)) = ground.sites.get(&viewer.outlet.id) else { continue };
                let measured = measure(sql, &ground, goal, days, Whose::OutletPeople(viewer.outlet.id))?;
                judge_one(sql, &ground, goal, days, measured, &site.code)?
            }
            _ => {
                let of = Of { goal_id: known.id, version: version.version, goal, days };
                team(sql, &ground, of, viewer, boards)?
            }
        };
        if let Some(judged) = judged {
            found.push(Progress {
                code: known.code.clone(),
                version: version.version,
                goal: goal.clone(),
                days,
                own: goal.subject.is_person(),
                judged,
            });
        }
    }
    Ok(found)
}

/// The one with this key among all: a goal is shown before anything counts for it.
fn judge_one(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
    mut all: Vec<Measured>,
    key: &str,
) -> Result<Option<Judged>, Refused> {
    if all.iter().all(|measured| measured.key != key) {
        all.push(Measured::nothing(key));
    }
    let judged = judge_these(sql, ground, goal, days, all)?;
    Ok(judged.into_iter().find(|one| one.measured.key == key))
}

fn own(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
    viewer: &Viewer<'_>,
) -> Result<Option<Judged>, Refused> {
    let Some((code, _)) = viewer.person else { return Ok(None) };
    // Colleagues by what they did here; the viewer by everything that counts for them.
    let mut all = measure(sql, ground, goal, days, Whose::OutletPeople(viewer.outlet.id))?;
    all.retain(|measured| measured.key != code);
    all.extend(measure(sql, ground, goal, days, Whose::Person(code))?);
    judge_one(sql, ground, goal, days, all, code)
}

/// The shifts that the viewer has had on the day, with the one that they are on.
fn own_shift(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    days: Days,
    viewer: &Viewer<'_>,
) -> Result<Option<Judged>, Refused> {
    let Some((_, staff)) = viewer.person else { return Ok(None) };
    let theirs = shifts::list_of_staff(sql, staff, days.from, days.until)?;
    let of_goal: Vec<&shifts::Shift> = theirs.iter().filter(|shift| ground.has(goal, shift.outlet)).collect();
    if of_goal.is_empty() {
        return Ok(None);
    }
    // What is rung up this very moment counts.
    let measured = measure_shifts(sql, goal, &of_goal, viewer.now.plus_millis(1))?;
    Ok(judge_these(sql, ground, goal, days, vec![measured])?.pop())
}

fn team(
    sql: &dyn Sql,
    ground: &Ground,
    of: Of<'_>,
    viewer: &Viewer<'_>,
    boards: &mut Boards,
) -> Result<Option<Judged>, Refused> {
    let Some((_, site)) = ground.sites.get(&viewer.outlet.id) else { return Ok(None) };
    let key = match of.goal.subject {
        Subject::Franchisee => &site.franchisee,
        Subject::City => &site.city,
        Subject::Country => &site.country,
        Subject::Group => {
            let wanted = &of.goal.reach.groups;
            let group = site.groups.iter().find(|code| wanted.is_empty() || wanted.contains(*code));
            let Some(group) = group else { return Ok(None) };
            group
        }
        Subject::Person | Subject::Shift | Subject::Outlet => return Ok(None),
    };
    let board = boards.judge(sql, ground, of, viewer.now, TEAM_FRESH_MS)?;
    match board.judged.iter().find(|one| one.measured.key == *key) {
        Some(found) => Ok(Some(found.clone())),
        None => judge_one(sql, ground, of.goal, of.days, Vec::new(), key),
    }
}

/// What tells whether anything of the viewer's or at their outlet has changed since it was asked last: cheap enough to be
/// asked every second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Vec<(kernel::OutletId, String, [i64; 7])>);

/// Days back that a stamp covers: longer ago, only a late receipt or return changes something.
const STAMP_DAYS: i32 = 7;

/// The stamp of the week up to the viewer's day: of their outlet, and of what they rang up elsewhere.
///
/// # Errors
/// A failure of storage.
pub fn stamp(sql: &dyn Sql, viewer: &Viewer<'_>) -> Result<Stamp, Refused> {
    let (from, until) = (viewer.day.plus_days(-STAMP_DAYS), viewer.day.plus_days(1));
    let mut tallies = counters::list(sql, Whose::OutletPeople(viewer.outlet.id), from, until)?;
    if let Some((code, _)) = viewer.person {
        let of_theirs = counters::list(sql, Whose::Person(code), from, until)?;
        tallies.extend(of_theirs.into_iter().filter(|tally| tally.outlet != viewer.outlet.id));
    }
    let row = |tally: counters::Tally| {
        let people =
            tally.people.map_or([0; 4], |of| [of.member_receipts, of.sign_ups, of.ratings, of.stars]);
        let [members, sign_ups, ratings, stars] = people;
        let sums = [tally.receipts, tally.items, tally.revenue_minor, members, sign_ups, ratings, stars];
        (tally.outlet, tally.staff, sums)
    };
    Ok(Stamp(tallies.into_iter().map(row).collect()))
}

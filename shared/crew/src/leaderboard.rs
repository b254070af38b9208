//! Who is ahead, among their like.

use kernel::time::SECOND_MS;
use kernel::{Date, StaffId, Timestamp};
use membership::secrets::{Place, Vault};
use membership::staff_auth::Scope;
use merit::goal::{Goal, Subject};
use merit::period::Days;
use store::kpi::sites;
use store::{Sql, StoreError};

use crate::boards::{Boards, Of};
use crate::ground::{Ground, load_goal};
use crate::judge::Judged;
use crate::refusal::Refused;

/// How old a leaderboard may be.
pub const FRESH_MS: i64 = 15 * SECOND_MS;

/// A goal's leaderboard in a period.
#[derive(Debug, Clone)]
pub struct Board {
    pub version: i64,
    pub goal: Goal,
    pub days: Days,
    /// By class and place; those without a score last.
    pub rows: Vec<Row>,
    /// Rows there would be without the limit.
    pub total: usize,
    /// When it was judged.
    pub as_of: Timestamp,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    pub judged: Judged,
    /// Whether it is the caller, or of the caller's outlets: named, whatever it is.
    pub within: bool,
    /// Outlets and groups of them are named to everybody, people only within the caller's scope.
    pub name: Option<String>,
    /// The code of the outlet, where the row is named.
    pub outlet: Option<String>,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    pub staff: StaffId,
    pub scope: &'a Scope,
    pub vault: &'a Vault,
}

/// The leaderboard of a goal in the period around `day`: its first `limit` rows of each class, the caller's own row
/// wherever it is, and of the others of their outlets at most `limit`.
///
/// # Errors
/// [`Refused::UnknownGoal`], also where the goal holds at none of the caller's outlets; a failure of storage.
pub fn load(
    sql: &dyn Sql,
    brand: &str,
    code: &str,
    day: Date,
    asker: &Asker<'_>,
    limit: usize,
    (boards, now): (&mut Boards, Timestamp),
) -> Result<Board, Refused> {
    let known = load_goal(sql, brand, code)?;
    let (days, version, goal) = known.around(day).ok_or(Refused::UnknownGoal)?;
    let ground = Ground::load(sql, brand, days.from)?;
    let reach = Within::load(sql, &ground, asker)?;
    let concerns = ground.sites.iter().any(|(outlet, (_, site))| reach.has(*outlet) && goal.reach.has(site));
    if !concerns {
        return Err(Refused::UnknownGoal);
    }
    let own_code = store::staff::load(sql, asker.staff)?.map(|person| person.code);
    let of = Of { goal_id: known.id, version: version.version, goal, days };
    let board = boards.judge(sql, &ground, of, now, FRESH_MS)?;
    let total = board.judged.len();
    let mut in_class = [0_usize; 1 << u8::BITS];
    let mut besides = 0;
    let mut rows = Vec::new();
    for judged in board.judged.iter() {
        let own = is_self(goal, judged, own_code.as_deref());
        let within = own || reach.has_all(judged);
        let seen = &mut in_class[usize::from(judged.class)];
        *seen += 1;
        let is_ahead = *seen <= limit;
        if !is_ahead && within && !own {
            besides += 1;
        }
        if is_ahead || own || (within && besides <= limit) {
            rows.push(row(sql, &ground, goal, judged.clone(), within, asker.vault)?);
        }
    }
    Ok(Board { version: version.version, goal: goal.clone(), days, rows, total, as_of: board.as_of })
}

/// The outlets that the caller's scope reaches.
struct Within {
    /// None: every one.
    outlets: Option<std::collections::BTreeSet<kernel::OutletId>>,
}

impl Within {
    fn load(sql: &dyn Sql, ground: &Ground, asker: &Asker<'_>) -> Result<Self, StoreError> {
        let outlets = match asker.scope {
            Scope::Everything => None,
            Scope::Outlets(outlets) => Some(outlets.clone()),
            Scope::Franchisee(franchisee) => {
                let code = store::directory::load_franchisee_code(sql, *franchisee)?;
                let theirs =
                    ground.sites.values().filter(|(site, _)| Some(&site.franchisee) == code.as_ref());
                Some(theirs.map(|(site, _)| site.id).collect())
            }
        };
        Ok(Self { outlets })
    }

    fn has(&self, outlet: kernel::OutletId) -> bool {
        self.outlets.as_ref().is_none_or(|outlets| outlets.contains(&outlet))
    }

    /// Whether all of somebody's work was done at outlets of the caller's.
    fn has_all(&self, judged: &Judged) -> bool {
        judged.measured.by.keys().all(|(outlet, _)| self.has(*outlet))
    }
}

/// Whether somebody who is measured is the caller.
fn is_self(goal: &Goal, judged: &Judged, own_code: Option<&str>) -> bool {
    goal.subject.is_person() && judged.measured.by.keys().any(|(_, code)| Some(code.as_str()) == own_code)
}

fn row(
    sql: &dyn Sql,
    ground: &Ground,
    goal: &Goal,
    judged: Judged,
    within: bool,
    vault: &Vault,
) -> Result<Row, Refused> {
    let site = judged.home.and_then(|outlet| ground.sites.get(&outlet)).map(|(site, _)| site);
    if !goal.subject.is_person() {
        let name = match goal.subject {
            Subject::Outlet => site.map_or_else(|| judged.measured.key.clone(), |site| site.name.clone()),
            _ => judged.measured.key.clone(),
        };
        let outlet = site.filter(|_| goal.subject == Subject::Outlet).map(|site| site.code.clone());
        return Ok(Row { judged, within, name: Some(name), outlet });
    }
    if !within {
        return Ok(Row { judged, within, name: None, outlet: None });
    }
    let code = judged.measured.by.keys().map(|(_, code)| code.clone()).next().unwrap_or_default();
    // Whoever is not on the list of staff has no name to show.
    let colleague = sites::load_colleague(sql, &code)?;
    let name = colleague.map(|colleague| open_name(vault, &colleague)).transpose()?;
    Ok(Row { judged, within, name, outlet: site.map(|site| site.code.clone()) })
}

fn open_name(vault: &Vault, colleague: &sites::Colleague) -> Result<String, StoreError> {
    let place = Place { table: "staff", field: "name", row: colleague.id.raw() };
    let opened = vault.open(place, &colleague.name_sealed).map_err(|error| StoreError::Unreadable {
        what: "name of a member of staff",
        problem: error.to_string(),
    })?;
    Ok(opened.as_str().to_owned())
}

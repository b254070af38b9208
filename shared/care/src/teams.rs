//! Teams that tickets are handed to: made by those whose they are, given tickets by routes and by hand.
//!
//! A team shows nobody anything: its members see of its tickets what their desk and scope show them. So a ticket is given
//! to a team only where somebody of it would see it; a route to any other leaves the ticket at its desk.

use club::Moment;
use feedback::check::CODE_LEN_MAX;
use feedback::team::{STAFF_MAX, TEAMS_MAX, in_turn, lifted, may_change};
use feedback::ticket::{Desk, desk_of};
use kernel::id::{format_id, parse_id};
use kernel::{FranchiseeId, MemberId, OutletId, ParseError, StaffId};
use membership::staff_auth::{Grant, Scope};
use store::staff::{self, StaffStatus};
use store::tickets::Ticket;
use store::tickets::teams::{self, Members, Team};
use store::{Sql, StoreError, brands, directory, outlets};

use crate::refusal::Refusal;

/// What ids of teams begin with.
const TEAM: &str = "ttm";
/// Characters of a name.
pub const NAME_LEN_MAX: usize = 80;

/// Why a team was not made or changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such brand")]
    UnknownBrand,
    #[error("no such franchisee")]
    UnknownFranchisee,
    /// The team is somebody else's to change.
    #[error("only its owner and support change a team")]
    NotYours,
    /// Whoever is at that place (a JSON pointer) would not see the team's tickets, or is not of its owner.
    #[error("would not see the team's tickets")]
    UnfitMember { pointer: String },
    /// A team to which tickets can be given has somebody to take them.
    #[error("name somebody")]
    Nobody,
    #[error("a franchisee's people sit at their own desks")]
    UnfitDesk,
    /// Routes give a team of that code nothing that is below the desk of the chain's.
    #[error("the chain's team of that code has a higher desk")]
    BelowChain,
    #[error("at most {TEAMS_MAX} teams")]
    TooMany,
}

/// What a team is to be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub brand: &'a str,
    pub code: &'a str,
    /// Code of the franchisee whose team it is; `None`: the chain's.
    pub franchisee: Option<&'a str>,
    pub name: &'a str,
    pub desk: Desk,
    pub members: &'a Members,
    pub is_active: bool,
}

/// A team as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub team: Team,
    /// Who is of it, for those who may change it.
    pub members: Option<Members>,
    /// Whether the viewer is.
    pub is_member: bool,
}

/// Who is given a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    pub team: Option<i64>,
    pub desk: Desk,
}

/// A team's id as text.
#[must_use]
pub fn team_id(team: i64) -> String {
    format_id(TEAM, team)
}

/// Reads it.
///
/// # Errors
/// When it is no team's.
pub fn parse_team_id(text: &str) -> Result<i64, ParseError> {
    parse_id(TEAM, text)
}

/// Reads what routes call a team: lower case letters, digits, `_`, `-` and `.`.
///
/// # Errors
/// When it is no such code.
pub fn parse_team_code(text: &str) -> Result<String, ParseError> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    let lawful = (1..=CODE_LEN_MAX).contains(&text.len()) && text.bytes().all(known);
    lawful.then(|| text.to_owned()).ok_or(ParseError("1 to 64 lower case letters, digits and _ - ."))
}

/// Makes a team, or changes the one of that code and owner. The same again writes nothing.
///
/// # Errors
/// See [`Refused`].
pub fn put(
    tx: &dyn Sql,
    wanted: &Wanted<'_>,
    (by, grant): (StaffId, &Grant),
    moment: &mut Moment<'_>,
) -> Result<Shown, Refused> {
    if brands::load(tx, wanted.brand)?.is_none() {
        return Err(Refused::UnknownBrand);
    }
    let franchisee = match wanted.franchisee {
        None => None,
        Some(code) => Some(directory::load_franchisee(tx, code)?.ok_or(Refused::UnknownFranchisee)?.0),
    };
    if !changes(grant, franchisee) {
        return Err(Refused::NotYours);
    }
    if franchisee.is_some() && wanted.desk == Desk::Support {
        return Err(Refused::UnfitDesk);
    }
    let of_code = teams::list_by_code(tx, wanted.brand, wanted.code, franchisee)?;
    let reaches: Vec<_> = of_code.iter().map(Team::reach).collect();
    if wanted.is_active && franchisee.is_some() && lifted(&reaches, wanted.desk) != wanted.desk {
        return Err(Refused::BelowChain);
    }
    let known = of_code.into_iter().find(|team| team.franchisee == franchisee);
    if known.is_none() && teams::count(tx, wanted.brand, franchisee)? >= TEAMS_MAX {
        return Err(Refused::TooMany);
    }
    let id = known.as_ref().map_or_else(|| moment.ids.next(moment.now), |team| team.id);
    let team = Team {
        id,
        brand: wanted.brand.to_owned(),
        franchisee,
        franchisee_code: wanted.franchisee.map(str::to_owned),
        code: wanted.code.to_owned(),
        name: wanted.name.to_owned(),
        desk: wanted.desk,
        is_active: wanted.is_active,
        changed_at: moment.now,
    };
    let mut stays = Members::default();
    if let Some(known) = &known {
        if is_same(tx, known, &team, wanted.members)? {
            return show(tx, known.clone(), by, true).map_err(Refused::from);
        }
        if !team.is_active {
            stays = teams::load_members(tx, known.id)?;
        }
    }
    check_members(tx, &team, wanted.members, &stays)?;
    let change = moment.ids.next(moment.now);
    teams::save(tx, &team, wanted.members, known.is_none(), (change, by))?;
    show(tx, team, by, true).map_err(Refused::from)
}

/// Whether a team is what it is to be already.
fn is_same(sql: &dyn Sql, known: &Team, wanted: &Team, members: &Members) -> Result<bool, StoreError> {
    if (&known.name, known.desk, known.is_active) != (&wanted.name, wanted.desk, wanted.is_active) {
        return Ok(false);
    }
    let mut sorted = members.clone();
    sorted.staff.sort_unstable();
    sorted.roles.sort_unstable();
    Ok(teams::load_members(sql, known.id)? == sorted)
}

/// Checks who is to be of a team. Those of `stays` may be whoever they are: a team that is given nothing any more keeps who
/// has left, or now works elsewhere, and may have nobody.
fn check_members(tx: &dyn Sql, team: &Team, members: &Members, stays: &Members) -> Result<(), Refused> {
    if team.is_active && members.staff.is_empty() && members.roles.is_empty() {
        return Err(Refused::Nobody);
    }
    let reach = team.reach();
    let unfit = |list: &str, index: usize| Refused::UnfitMember { pointer: format!("/{list}/{index}") };
    for (index, role) in members.roles.iter().enumerate() {
        let fits = reach.fits(role) || stays.roles.contains(role);
        if !fits || members.roles[..index].contains(role) {
            return Err(unfit("roles", index));
        }
    }
    for (index, &person) in members.staff.iter().enumerate() {
        if index >= STAFF_MAX || members.staff[..index].contains(&person) {
            return Err(unfit("staff", index));
        }
        if stays.staff.contains(&person) {
            continue;
        }
        let known = staff::load(tx, person)?.filter(|known| known.status == StaffStatus::Active);
        let sees = known.is_some_and(|known| reach.fits(known.role.code()));
        let is_own = match team.franchisee {
            None => true,
            Some(franchisee) => teams::is_of(tx, person, franchisee)?,
        };
        if !sees || !is_own {
            return Err(unfit("staff", index));
        }
    }
    Ok(())
}

/// Teams of a brand after `after` that the viewer can hand tickets to.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    brand: &str,
    (viewer, grant): (StaffId, &Grant),
    after: i64,
    limit: i64,
) -> Result<Vec<Shown>, StoreError> {
    let found = teams::list(sql, viewer, brand, after, limit)?;
    found
        .into_iter()
        .map(|team| {
            let changes = changes(grant, team.franchisee);
            show(sql, team, viewer, changes)
        })
        .collect()
}

fn show(sql: &dyn Sql, team: Team, viewer: StaffId, changes: bool) -> Result<Shown, StoreError> {
    let members = if changes { Some(teams::load_members(sql, team.id)?) } else { None };
    let is_member = teams::has(sql, team.id, viewer)?;
    Ok(Shown { team, members, is_member })
}

fn changes(grant: &Grant, franchisee: Option<FranchiseeId>) -> bool {
    let owns = match grant.scope() {
        Scope::Franchisee(own) => Some(*own),
        Scope::Everything | Scope::Outlets(_) => None,
    };
    desk_of(grant.role().code()).is_some_and(|desk| may_change(desk, owns, franchisee))
}

/// Whom a route gives a ticket of a guest about an outlet that would be at `desk`. Whoever takes it, and also where nobody
/// does, it is no lower than the chain's team of the code says.
///
/// # Errors
/// A failure of storage.
pub(crate) fn route(
    tx: &dyn Sql,
    brand: &str,
    code: Option<&str>,
    (member, outlet): (MemberId, Option<OutletId>),
    desk: Desk,
) -> Result<Given, StoreError> {
    let Some(code) = code else { return Ok(Given { team: None, desk }) };
    let owner = match outlet {
        None => None,
        Some(outlet) => outlets::load(tx, outlet)?.map(|outlet| outlet.franchisee),
    };
    let found = teams::list_by_code(tx, brand, code, owner)?;
    let reaches: Vec<_> = found.iter().map(Team::reach).collect();
    let desk = lifted(&reaches, desk);
    for place in in_turn(&reaches, owner) {
        let (team, desk) = (found[place].id, reaches[place].desk_of_given(desk));
        if teams::is_seen(tx, team, member, outlet, desk)? {
            return Ok(Given { team: Some(team), desk });
        }
    }
    Ok(Given { team: None, desk })
}

/// Hands a ticket to a team.
///
/// # Errors
/// [`Refusal::UnfitTeam`]; a failure of storage.
pub(crate) fn hand(tx: &dyn Sql, ticket: &Ticket, team: i64) -> Result<Given, Refusal> {
    let team = teams::load(tx, team)?.filter(|team| team.brand == ticket.brand).ok_or(Refusal::UnfitTeam)?;
    let reach = team.reach();
    let desk = reach.desk_of_given(ticket.desk);
    if !reach.takes(ticket.franchisee) || !teams::is_seen(tx, team.id, ticket.member, ticket.outlet, desk)? {
        return Err(Refusal::UnfitTeam);
    }
    Ok(Given { team: Some(team.id), desk })
}

/// The team that a ticket has with its new assignee: it leaves the team with whoever is not of it.
///
/// # Errors
/// A failure of storage.
pub(crate) fn kept(tx: &dyn Sql, team: Option<i64>, to: StaffId) -> Result<Option<i64>, StoreError> {
    match team {
        Some(team) if teams::has(tx, team, to)? => Ok(Some(team)),
        _ => Ok(None),
    }
}

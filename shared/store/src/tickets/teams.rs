//! Teams that tickets are handed to: whose they are, who is of them, who of those sees a ticket.

use feedback::team::Reach;
use feedback::ticket::Desk;
use kernel::{FranchiseeId, MemberId, OutletId, StaffId, Timestamp};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

macro_rules! team_columns {
    () => {
        "select g.id, g.brand, g.franchisee_id, f.code, g.code, g.name, g.desk, g.active, g.changed_at \
         from ticket_teams g left join franchisees f on f.id = g.franchisee_id "
    };
}

/// Whether the person `p` is of the team `?1`, by name or by role.
macro_rules! is_of_team {
    () => {
        "(exists (select 1 from ticket_team_staff x where x.team_id = ?1 and x.staff_id = p.id) \
         or exists (select 1 from ticket_team_roles x where x.team_id = ?1 and x.role = p.role)) "
    };
}

const BY_ID: Statement = Statement::new("ticket_teams.by_id", concat!(team_columns!(), "where g.id = ?1"));
const BY_CODE: Statement = Statement::new(
    "ticket_teams.by_code",
    concat!(
        team_columns!(),
        "where g.brand = ?1 and g.code = ?2 and coalesce(g.franchisee_id, 0) in (0, ?3) order by g.id"
    ),
);
const HAS_CODE: Statement = Statement::new(
    "ticket_teams.has_code",
    "select 1 from ticket_teams where brand = ?1 and code = ?2 and active = 1 limit 1",
);
/// The chain's, and those of franchisees of whom the person has something in scope.
const LIST: Statement = Statement::new(
    "ticket_teams.list",
    concat!(
        team_columns!(),
        "where g.brand = ?2 and g.id > ?3 and (g.franchisee_id is null or exists (select 1 from staff_scopes s \
         where s.staff_id = ?1 and (s.scope = 'all' or (s.scope = 'franchisee' and s.target_id = g.franchisee_id) \
         or (s.scope = 'outlet' and exists (select 1 from outlets o where o.id = s.target_id \
         and o.franchisee_id = g.franchisee_id))))) order by g.id limit ?4"
    ),
);
const COUNT: Statement = Statement::new(
    "ticket_teams.count",
    "select count(*) from ticket_teams where brand = ?1 and coalesce(franchisee_id, 0) = ?2",
);
const INSERT: Statement = Statement::new(
    "ticket_teams.insert",
    "insert into ticket_teams (id, brand, franchisee_id, code, name, desk, active, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);
const UPDATE: Statement = Statement::new(
    "ticket_teams.update",
    "update ticket_teams set name = ?2, desk = ?3, active = ?4, changed_at = ?5 where id = ?1",
);
const CHANGE: Statement = Statement::new(
    "ticket_teams.change",
    "insert into ticket_team_changes (id, team_id, name, desk, active, members, changed_by, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
);
const STAFF: Statement = Statement::new(
    "ticket_teams.staff",
    "select staff_id from ticket_team_staff where team_id = ?1 order by staff_id",
);
const ROLES: Statement = Statement::new(
    "ticket_teams.roles",
    "select role from ticket_team_roles where team_id = ?1 order by role",
);
const CLEAR_STAFF: Statement =
    Statement::new("ticket_teams.clear_staff", "delete from ticket_team_staff where team_id = ?1");
const CLEAR_ROLES: Statement =
    Statement::new("ticket_teams.clear_roles", "delete from ticket_team_roles where team_id = ?1");
const INSERT_STAFF: ManyRows = ManyRows::insert(
    "ticket_teams.insert_staff",
    "insert into ticket_team_staff (team_id, staff_id) values ",
    2,
);
const INSERT_ROLES: ManyRows =
    ManyRows::insert("ticket_teams.insert_roles", "insert into ticket_team_roles (team_id, role) values ", 2);
/// Whether somebody of a team would see a ticket of a guest about an outlet at a desk: as `visible!` says for one person.
const IS_SEEN: Statement = Statement::new(
    "ticket_teams.is_seen",
    concat!(
        "select 1 from staff p left join outlets o on o.id = ?2 where p.status = 'active' and ",
        is_of_team!(),
        "and (p.role in ('support', 'administrator') or (p.role = 'franchisee' and ?3 <> 'support') \
         or (p.role = 'outlet_manager' and ?3 = 'outlet_manager')) \
         and exists (select 1 from staff_scopes s where s.staff_id = p.id and (s.scope = 'all' \
         or (s.scope = 'outlet' and s.target_id = o.id) or (s.scope = 'franchisee' and s.target_id = o.franchisee_id))) \
         and not exists (select 1 from staff_members y where y.member_id = ?4 and y.staff_id = p.id) limit 1"
    ),
);
const HAS: Statement =
    Statement::new("ticket_teams.has", concat!("select 1 from staff p where p.id = ?2 and ", is_of_team!()));
/// Whether a person's scope is the franchisee, or has one of their outlets.
const IS_OF: Statement = Statement::new(
    "ticket_teams.is_of",
    "select 1 from staff_scopes s where s.staff_id = ?1 and ((s.scope = 'franchisee' and s.target_id = ?2) \
     or (s.scope = 'outlet' and exists (select 1 from outlets o where o.id = s.target_id and o.franchisee_id = ?2))) \
     limit 1",
);

/// A team without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub id: i64,
    pub brand: String,
    pub franchisee: Option<FranchiseeId>,
    /// Code of the franchisee; not written.
    pub franchisee_code: Option<String>,
    pub code: String,
    pub name: String,
    pub desk: Desk,
    pub is_active: bool,
    pub changed_at: Timestamp,
}

impl Team {
    /// Whose it is and what it is given.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        Reach { franchisee: self.franchisee, desk: self.desk, is_active: self.is_active }
    }
}

/// Who is of a team.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    pub staff: Vec<StaffId>,
    /// Codes of roles everybody of which is of the team.
    pub roles: Vec<String>,
}

/// The team with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Team>, StoreError> {
    BY_ID.query_one(sql, &[id.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The teams of a code: the chain's and the franchisee's, as far as there are any.
///
/// # Errors
/// A failure of storage.
pub fn list_by_code(
    sql: &dyn Sql,
    brand: &str,
    code: &str,
    franchisee: Option<FranchiseeId>,
) -> Result<Vec<Team>, StoreError> {
    let parameters = [brand.into(), code.into(), raw(franchisee).into()];
    BY_CODE.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// Whether anybody's team of that code is given tickets.
///
/// # Errors
/// A failure of storage.
pub fn has_code(sql: &dyn Sql, brand: &str, code: &str) -> Result<bool, StoreError> {
    Ok(HAS_CODE.query_one(sql, &[brand.into(), code.into()])?.is_some())
}

/// Teams of a brand after `after` that the person can hand tickets to, in the order of their ids.
///
/// # Errors
/// A failure of storage.
pub fn list(
    sql: &dyn Sql,
    staff: StaffId,
    brand: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Team>, StoreError> {
    let parameters = [staff.raw().into(), brand.into(), after.into(), limit.into()];
    LIST.query(sql, &parameters)?.iter_mut().map(read).collect()
}

/// How many teams an owner has in a brand.
///
/// # Errors
/// A failure of storage.
pub fn count(sql: &dyn Sql, brand: &str, franchisee: Option<FranchiseeId>) -> Result<i64, StoreError> {
    let row = COUNT.query_one(sql, &[brand.into(), raw(franchisee).into()])?;
    row.map_or(Ok(0), |mut row| row.integer())
}

/// Who is of a team.
///
/// # Errors
/// A failure of storage.
pub fn load_members(sql: &dyn Sql, team: i64) -> Result<Members, StoreError> {
    let staff = STAFF.query(sql, &[team.into()])?;
    let roles = ROLES.query(sql, &[team.into()])?;
    Ok(Members {
        staff: staff
            .into_iter()
            .map(|mut row| row.integer().map(StaffId::from_raw))
            .collect::<Result<_, _>>()?,
        roles: roles.into_iter().map(|mut row| row.text()).collect::<Result<_, _>>()?,
    })
}

/// Makes a team, or makes it anew (`is_new` says which), with its members, and notes who did: `change` is the note's id.
///
/// # Errors
/// A failure of storage; a unique violation when a new one's code is taken.
pub fn save(
    tx: &dyn Sql,
    team: &Team,
    members: &Members,
    is_new: bool,
    (change, by): (i64, StaffId),
) -> Result<(), StoreError> {
    let (id, at) = (team.id, team.changed_at.millis());
    let (name, desk) = (team.name.as_str(), team.desk.code());
    if is_new {
        let owner = team.franchisee.map(FranchiseeId::raw);
        let (brand, code) = (team.brand.as_str(), team.code.as_str());
        INSERT.run(
            tx,
            &[
                id.into(),
                brand.into(),
                owner.into(),
                code.into(),
                name.into(),
                desk.into(),
                team.is_active.into(),
                at.into(),
            ],
        )?;
    } else {
        UPDATE.run(tx, &[id.into(), name.into(), desk.into(), team.is_active.into(), at.into()])?;
    }
    CLEAR_STAFF.run(tx, &[id.into()])?;
    CLEAR_ROLES.run(tx, &[id.into()])?;
    let staff: Vec<Value> = members.staff.iter().flat_map(|staff| [id.into(), staff.raw().into()]).collect();
    let roles: Vec<Value> = members.roles.iter().flat_map(|role| [id.into(), role.as_str().into()]).collect();
    INSERT_STAFF.run(tx, &staff)?;
    INSERT_ROLES.run(tx, &roles)?;
    let people = members.staff.iter().map(ToString::to_string);
    let all: Vec<String> = people.chain(members.roles.iter().cloned()).collect();
    CHANGE.run(
        tx,
        &[
            change.into(),
            id.into(),
            name.into(),
            desk.into(),
            team.is_active.into(),
            all.join(" ").into(),
            by.raw().into(),
            at.into(),
        ],
    )
}

/// Whether somebody who is of the team and works here would see a ticket of `member` about `outlet` at `desk`.
///
/// # Errors
/// A failure of storage.
pub fn is_seen(
    sql: &dyn Sql,
    team: i64,
    member: MemberId,
    outlet: Option<OutletId>,
    desk: Desk,
) -> Result<bool, StoreError> {
    let outlet = outlet.map(OutletId::raw);
    let parameters = [team.into(), outlet.into(), desk.code().into(), member.raw().into()];
    Ok(IS_SEEN.query_one(sql, &parameters)?.is_some())
}

/// Whether a person is of a team.
///
/// # Errors
/// A failure of storage.
pub fn has(sql: &dyn Sql, team: i64, staff: StaffId) -> Result<bool, StoreError> {
    Ok(HAS.query_one(sql, &[team.into(), staff.raw().into()])?.is_some())
}

/// Whether a person is one of the franchisee's people.
///
/// # Errors
/// A failure of storage.
pub fn is_of(sql: &dyn Sql, staff: StaffId, franchisee: FranchiseeId) -> Result<bool, StoreError> {
    Ok(IS_OF.query_one(sql, &[staff.raw().into(), franchisee.raw().into()])?.is_some())
}

/// Zero for the chain: no franchisee is numbered so.
fn raw(franchisee: Option<FranchiseeId>) -> i64 {
    franchisee.map_or(0, FranchiseeId::raw)
}

fn read(row: &mut Row) -> Result<Team, StoreError> {
    Ok(Team {
        id: row.integer()?,
        brand: row.text()?,
        franchisee: row.integer_or_null()?.map(FranchiseeId::from_raw),
        franchisee_code: row.text_or_null()?,
        code: row.text()?,
        name: row.text()?,
        desk: row.parsed(Desk::parse)?,
        is_active: row.boolean()?,
        changed_at: Timestamp::from_millis(row.integer()?),
    })
}

//! Staff: people, their logins and scopes.

use kernel::{FranchiseeId, OutletId, StaffId, Timestamp};
use membership::staff_auth::{Role, Scope};

use crate::error::StoreError;
use crate::port::{Sql, Value};
use crate::statement::{ManyRows, Row, Statement};

macro_rules! person_columns {
    () => {
        "s.id, s.code, s.name_sealed, s.role, s.outlet_id, o.code, s.status, s.created_at, s.changed_at, l.login, \
         l.totp_confirmed_at from staff s left join outlets o on o.id = s.outlet_id \
         left join staff_logins l on l.staff_id = s.id"
    };
}

const BY_ID: Statement =
    Statement::new("staff.by_id", concat!("select ", person_columns!(), " where s.id = ?1"));
const BY_CODE: Statement =
    Statement::new("staff.by_code", concat!("select ", person_columns!(), " where s.code = ?1"));
const LIST: Statement = Statement::new(
    "staff.list",
    concat!("select ", person_columns!(), " where s.id > ?1 order by s.id limit ?2"),
);
const INSERT: Statement = Statement::new(
    "staff.insert",
    "insert into staff (id, code, name_sealed, role, outlet_id, status, created_at, changed_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
);
const UPDATE: Statement = Statement::new(
    "staff.update",
    "update staff set name_sealed = ?2, role = ?3, outlet_id = ?4, status = ?5, changed_at = ?6 where id = ?1",
);
const SCOPES: Statement = Statement::new(
    "staff.scopes",
    "select scope, target_id from staff_scopes where staff_id = ?1 order by scope, target_id",
);
const DELETE_SCOPES: Statement =
    Statement::new("staff.delete_scopes", "delete from staff_scopes where staff_id = ?1");
const INSERT_SCOPES: ManyRows = ManyRows::insert(
    "staff.insert_scopes",
    "insert into staff_scopes (staff_id, scope, target_id) values ",
    3,
);
const LOGIN: Statement = Statement::new(
    "staff.login",
    "select s.id, s.role, s.status, l.password_hash, l.totp_sealed, l.totp_confirmed_at, l.totp_last_step, \
     l.failures, l.locked_until from staff_logins l join staff s on s.id = l.staff_id where l.login = ?1",
);
const SET_LOGIN: Statement = Statement::new(
    "staff.set_login",
    "insert into staff_logins (staff_id, login, password_hash, changed_at) values (?1, ?2, ?3, ?4) \
     on conflict (staff_id) do update set login = excluded.login, password_hash = excluded.password_hash, \
     totp_sealed = null, totp_confirmed_at = null, totp_last_step = 0, failures = 0, locked_until = null, \
     changed_at = excluded.changed_at",
);
const SET_PASSWORD_HASH: Statement = Statement::new(
    "staff.set_password_hash",
    "update staff_logins set password_hash = ?2, changed_at = ?3 where staff_id = ?1",
);
const SET_FAILURES: Statement = Statement::new(
    "staff.set_failures",
    "update staff_logins set failures = ?2, locked_until = ?3 where staff_id = ?1",
);
const OFFER_FACTOR: Statement = Statement::new(
    "staff.offer_factor",
    "update staff_logins set totp_sealed = ?2, totp_confirmed_at = null, totp_last_step = 0, failures = 0, \
     locked_until = null, changed_at = ?3 where staff_id = ?1",
);
const SIGNED_IN: Statement = Statement::new(
    "staff.signed_in",
    "update staff_logins set failures = 0, locked_until = null, totp_last_step = ?2, \
     totp_confirmed_at = coalesce(totp_confirmed_at, ?3) where staff_id = ?1",
);
/// Whether somebody still works here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffStatus {
    Active,
    Left,
}

impl StaffStatus {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Left => "left",
        }
    }

    fn parse(code: &str) -> Result<Self, ()> {
        [Self::Active, Self::Left].into_iter().find(|status| status.code() == code).ok_or(())
    }
}

/// A member of staff without their scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: StaffId,
    /// As tills send it.
    pub code: String,
    pub name_sealed: Vec<u8>,
    pub role: Role,
    /// Where they usually work.
    pub outlet: Option<OutletId>,
    /// That outlet's code; not written.
    pub outlet_code: Option<String>,
    pub status: StaffStatus,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// Not written here: see [`set_login`].
    pub login: Option<String>,
    /// Whether a second factor is proven.
    pub enrolled: bool,
}

/// A login as the sign-in needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub staff: StaffId,
    pub role: Role,
    pub status: StaffStatus,
    pub password_hash: String,
    /// Offered or proven.
    pub totp_sealed: Option<Vec<u8>>,
    pub totp_confirmed: bool,
    pub totp_last_step: i64,
    /// Failed sign-ins in a row.
    pub failures: i64,
    pub locked_until: Option<Timestamp>,
}

/// The person with this id.
///
/// # Errors
/// A failure of storage.
pub fn load(sql: &dyn Sql, id: StaffId) -> Result<Option<Person>, StoreError> {
    BY_ID.query_one(sql, &[id.raw().into()])?.map(|mut row| read(&mut row)).transpose()
}

/// The person with this code.
///
/// # Errors
/// A failure of storage.
pub fn load_by_code(sql: &dyn Sql, code: &str) -> Result<Option<Person>, StoreError> {
    BY_CODE.query_one(sql, &[code.into()])?.map(|mut row| read(&mut row)).transpose()
}

/// People after `after`, in the order of their ids.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, after: StaffId, limit: i64) -> Result<Vec<Person>, StoreError> {
    LIST.query(sql, &[after.raw().into(), limit.into()])?.iter_mut().map(read).collect()
}

/// Records a new person.
///
/// # Errors
/// A failure of storage; a unique violation when the code exists.
pub fn insert(sql: &dyn Sql, person: &Person) -> Result<(), StoreError> {
    INSERT.run(
        sql,
        &[
            person.id.raw().into(),
            person.code.as_str().into(),
            person.name_sealed.as_slice().into(),
            person.role.code().into(),
            person.outlet.map(OutletId::raw).into(),
            person.status.code().into(),
            person.created_at.millis().into(),
        ],
    )
}

/// Writes everything about a person but their code.
///
/// # Errors
/// A failure of storage.
pub fn update(sql: &dyn Sql, person: &Person) -> Result<(), StoreError> {
    UPDATE.run(
        sql,
        &[
            person.id.raw().into(),
            person.name_sealed.as_slice().into(),
            person.role.code().into(),
            person.outlet.map(OutletId::raw).into(),
            person.status.code().into(),
            person.changed_at.millis().into(),
        ],
    )
}

/// Where a person's role holds; `None` when nothing is recorded.
///
/// # Errors
/// A failure of storage; rows that make no scope together.
pub fn load_scope(sql: &dyn Sql, staff: StaffId) -> Result<Option<Scope>, StoreError> {
    let mut scope = None;
    for mut row in SCOPES.query(sql, &[staff.raw().into()])? {
        let (kind, target) = (row.text()?, row.integer()?);
        scope = Some(match (kind.as_str(), scope) {
            ("all", None) => Scope::Everything,
            ("franchisee", None) => Scope::Franchisee(FranchiseeId::from_raw(target)),
            ("outlet", None) => Scope::Outlets([OutletId::from_raw(target)].into()),
            ("outlet", Some(Scope::Outlets(mut outlets))) => {
                outlets.insert(OutletId::from_raw(target));
                Scope::Outlets(outlets)
            }
            _ => return Err(row.inconsistent("scopes of several kinds")),
        });
    }
    Ok(scope)
}

/// Replaces where a person's role holds.
///
/// # Errors
/// A failure of storage.
pub fn replace_scope(sql: &dyn Sql, staff: StaffId, scope: &Scope) -> Result<(), StoreError> {
    DELETE_SCOPES.run(sql, &[staff.raw().into()])?;
    let row = |kind: &str, target: i64| -> [Value; 3] { [staff.raw().into(), kind.into(), target.into()] };
    let rows: Vec<Value> = match scope {
        Scope::Everything => row("all", 0).to_vec(),
        Scope::Franchisee(franchisee) => row("franchisee", franchisee.raw()).to_vec(),
        Scope::Outlets(outlets) => outlets.iter().flat_map(|outlet| row("outlet", outlet.raw())).collect(),
    };
    INSERT_SCOPES.run(sql, &rows)
}

/// The login with this name.
///
/// # Errors
/// A failure of storage.
pub fn load_login(sql: &dyn Sql, login: &str) -> Result<Option<Login>, StoreError> {
    let Some(mut row) = LOGIN.query_one(sql, &[login.into()])? else { return Ok(None) };
    Ok(Some(Login {
        staff: StaffId::from_raw(row.integer()?),
        role: row.parsed(Role::parse)?,
        status: row.parsed(StaffStatus::parse)?,
        password_hash: row.text()?,
        totp_sealed: row.blob_or_null()?,
        totp_confirmed: row.integer_or_null()?.is_some(),
        totp_last_step: row.integer()?,
        failures: row.integer()?,
        locked_until: row.integer_or_null()?.map(Timestamp::from_millis),
    }))
}

/// Gives a person a login and password; whatever second factor there was is gone.
///
/// # Errors
/// A failure of storage; a unique violation when the login is somebody else's.
pub fn set_login(
    sql: &dyn Sql,
    staff: StaffId,
    login: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    SET_LOGIN.run(sql, &[staff.raw().into(), login.into(), password_hash.into(), now.millis().into()])
}

/// Stores another hash of the same password; everything else about the login stays.
///
/// # Errors
/// A failure of storage.
pub fn set_password_hash(sql: &dyn Sql, id: StaffId, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    SET_PASSWORD_HASH.run(sql, &[id.raw().into(), hash.into(), now.millis().into()])
}

/// Counts failed sign-ins.
///
/// # Errors
/// A failure of storage.
pub fn set_failures(
    sql: &dyn Sql,
    staff: StaffId,
    failures: i64,
    locked_until: Option<Timestamp>,
) -> Result<(), StoreError> {
    SET_FAILURES.run(sql, &[staff.raw().into(), failures.into(), locked_until.map(Timestamp::millis).into()])
}

/// Keeps the secret of a second factor that its owner has yet to prove.
///
/// # Errors
/// A failure of storage.
pub fn offer_second_factor(
    sql: &dyn Sql,
    staff: StaffId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    OFFER_FACTOR.run(sql, &[staff.raw().into(), sealed.into(), now.millis().into()])
}

/// Notes a successful sign-in with the code of `step`; the first one proves the second factor.
///
/// # Errors
/// A failure of storage.
pub fn signed_in(sql: &dyn Sql, staff: StaffId, step: i64, now: Timestamp) -> Result<(), StoreError> {
    SIGNED_IN.run(sql, &[staff.raw().into(), step.into(), now.millis().into()])
}

fn read(row: &mut Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: StaffId::from_raw(row.integer()?),
        code: row.text()?,
        name_sealed: row.blob()?,
        role: row.parsed(Role::parse)?,
        outlet: row.integer_or_null()?.map(OutletId::from_raw),
        outlet_code: row.text_or_null()?,
        status: row.parsed(StaffStatus::parse)?,
        created_at: Timestamp::from_millis(row.integer()?),
        changed_at: Timestamp::from_millis(row.integer()?),
        login: row.text_or_null()?,
        enrolled: row.integer_or_null()?.is_some(),
    })
}

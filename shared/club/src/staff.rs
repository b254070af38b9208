//! Staff: who works for the chain, with what role, where, and how they sign in.

use kernel::{OutletId, StaffId, Timestamp};
use membership::profile::DisplayName;
use membership::secrets::{NONCE_LEN, Place, Vault, VaultError};
use membership::staff_auth::{Grant, GrantError, PasswordHash, Role, Scope};
use store::sessions::{self, Subject};
use store::staff::{self as people, Person, StaffStatus};
use store::{Sql, StoreError, directory};

use crate::Moment;

pub mod sign_in;

/// Most sessions of one person that are looked through when all are ended: sign-ins of eight hours.
const SESSIONS_MAX: i64 = 200;

/// Why a use case of this module did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed field does not open: damaged, or its key is missing.
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("no such member of staff")]
    UnknownStaff,
    #[error("the code is taken")]
    CodeTaken,
    #[error("the login is taken")]
    LoginTaken,
    #[error("guests and tills are not staff")]
    NotAStaffRole,
    #[error("no outlet {0}")]
    UnknownOutlet(String),
    #[error("no franchisee {0}")]
    UnknownFranchisee(String),
    /// Role and scope do not go together.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// Administrators do not lock themselves out: somebody else does.
    #[error("another administrator must change this account")]
    OwnAccount,
    #[error("somebody who has left has no login")]
    HasLeft,
}

/// Where a role holds, by the codes that people use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Everything,
    Franchisee(String),
    /// Sorted.
    Outlets(Vec<String>),
}

/// What can be changed about a person.
#[derive(Debug, Clone)]
pub struct Details {
    pub name: DisplayName,
    pub role: Role,
    /// Code of the outlet where they usually work.
    pub outlet: Option<String>,
    pub reach: Reach,
}

/// A member of staff, with the name in clear.
#[derive(Debug, Clone)]
pub struct Member {
    pub person: Person,
    pub name: String,
    pub reach: Option<Reach>,
}

impl Member {
    /// Whether everything that can be changed is as `details` say.
    #[must_use]
    pub fn is(&self, details: &Details) -> bool {
        self.name == details.name.expose()
            && self.person.role == details.role
            && self.person.outlet_code == details.outlet
            && self.reach.as_ref() == Some(&details.reach)
    }
}

/// What sealing a name takes.
pub struct Sealing<'a> {
    pub vault: &'a Vault,
    /// From a cryptographic random source.
    pub nonce: [u8; NONCE_LEN],
}

/// Takes somebody on. Repeated with the same details it answers with who is there; true when they are new.
///
/// # Errors
/// See [`Refused`].
pub fn create(
    tx: &dyn Sql,
    code: &str,
    details: &Details,
    sealing: &Sealing<'_>,
    moment: &mut Moment<'_>,
) -> Result<(Member, bool), Refused> {
    if let Some(known) = people::load_by_code(tx, code)? {
        let known = open(tx, known, sealing.vault)?;
        return if known.is(details) { Ok((known, false)) } else { Err(Refused::CodeTaken) };
    }
    let grant = grant(tx, details)?;
    let id = StaffId::new(moment.ids, moment.now);
    let person = Person {
        id,
        code: code.to_owned(),
        name_sealed: seal(sealing, id, &details.name),
        role: details.role,
        outlet: usual_outlet(tx, details)?,
        outlet_code: details.outlet.clone(),
        status: StaffStatus::Active,
        created_at: moment.now,
        changed_at: moment.now,
        login: None,
        enrolled: false,
    };
    people::insert(tx, &person)?;
    people::replace_scope(tx, id, grant.scope())?;
    let name = details.name.expose().to_owned();
    Ok((Member { person, name, reach: Some(details.reach.clone()) }, true))
}

/// Changes a person. Whoever gets another role, another scope or leaves is signed out everywhere: returned are the
/// keys of access tokens to delete.
///
/// # Errors
/// See [`Refused`].
pub fn change(
    tx: &dyn Sql,
    by: StaffId,
    id: StaffId,
    details: &Details,
    status: StaffStatus,
    sealing: &Sealing<'_>,
    now: Timestamp,
) -> Result<(Member, Vec<String>), Refused> {
    let mut person = people::load(tx, id)?.ok_or(Refused::UnknownStaff)?;
    let grant = grant(tx, details)?;
    let before = people::load_scope(tx, id)?;
    let same_rights = person.role == details.role && before.as_ref() == Some(grant.scope());
    if by == id && !(same_rights && status == person.status) {
        return Err(Refused::OwnAccount);
    }
    let keys = if same_rights && status == StaffStatus::Active { Vec::new() } else { sign_out(tx, id, now)? };
    person.name_sealed = seal(sealing, id, &details.name);
    person.role = details.role;
    person.outlet = usual_outlet(tx, details)?;
    person.outlet_code.clone_from(&details.outlet);
    person.status = status;
    person.changed_at = now;
    people::update(tx, &person)?;
    people::replace_scope(tx, id, grant.scope())?;
    let member =
        Member { person, name: details.name.expose().to_owned(), reach: Some(details.reach.clone()) };
    Ok((member, keys))
}

/// Gives a person a login and a password. Their second factor is enrolled anew at the next sign-in, and they are
/// signed out: returned are the keys of access tokens to delete.
///
/// # Errors
/// See [`Refused`].
pub fn set_login(
    tx: &dyn Sql,
    id: StaffId,
    login: &str,
    password: &PasswordHash,
    now: Timestamp,
) -> Result<Vec<String>, Refused> {
    let person = people::load(tx, id)?.ok_or(Refused::UnknownStaff)?;
    if person.status == StaffStatus::Left {
        return Err(Refused::HasLeft);
    }
    people::set_login(tx, id, login, &password.expose(), now)
        .map_err(|error| if error.is_unique() { Refused::LoginTaken } else { error.into() })?;
    sign_out(tx, id, now)
}

/// A person with their name and reach.
///
/// # Errors
/// [`Refused::UnknownStaff`]; a failure of storage.
pub fn read(sql: &dyn Sql, id: StaffId, vault: &Vault) -> Result<Member, Refused> {
    let person = people::load(sql, id)?.ok_or(Refused::UnknownStaff)?;
    open(sql, person, vault)
}

/// A page of people after `after`.
///
/// # Errors
/// A failure of storage.
pub fn list(sql: &dyn Sql, after: StaffId, limit: i64, vault: &Vault) -> Result<Vec<Member>, Refused> {
    people::list(sql, after, limit)?.into_iter().map(|person| open(sql, person, vault)).collect()
}

/// Ends every session of a person; returns the keys of access tokens that may be alive. Sessions ended before are
/// among them: deleting a key twice does no harm, and a deletion that failed is made good by repeating the request.
fn sign_out(tx: &dyn Sql, id: StaffId, now: Timestamp) -> Result<Vec<String>, Refused> {
    let known = sessions::list(tx, Subject::Staff, id.raw(), SESSIONS_MAX)?;
    for session in known.iter().filter(|session| session.ended_at.is_none()) {
        sessions::end(tx, session.id, now)?;
    }
    let alive = known.into_iter().filter(|session| session.expires_at > now);
    Ok(alive.map(|session| session.access_key).collect())
}

/// The role and where it holds, checked.
pub(crate) fn grant(sql: &dyn Sql, details: &Details) -> Result<Grant, Refused> {
    if !details.role.is_staff() {
        return Err(Refused::NotAStaffRole);
    }
    let scope = match &details.reach {
        Reach::Everything => Scope::Everything,
        Reach::Franchisee(code) => {
            let known = directory::load_franchisee(sql, code)?;
            let (id, _) = known.ok_or_else(|| Refused::UnknownFranchisee(code.clone()))?;
            Scope::Franchisee(id)
        }
        Reach::Outlets(codes) => {
            let ids = codes.iter().map(|code| outlet_id(sql, code)).collect::<Result<_, _>>()?;
            Scope::Outlets(ids)
        }
    };
    Ok(Grant::new(details.role, scope)?)
}

fn outlet_id(sql: &dyn Sql, code: &str) -> Result<OutletId, Refused> {
    let known = directory::load(sql, code)?;
    known.map(|outlet| outlet.id).ok_or_else(|| Refused::UnknownOutlet(code.to_owned()))
}

fn usual_outlet(sql: &dyn Sql, details: &Details) -> Result<Option<OutletId>, Refused> {
    details.outlet.as_deref().map(|code| outlet_id(sql, code)).transpose()
}

const fn name_of(id: StaffId) -> Place<'static> {
    Place { table: "staff", field: "name", row: id.raw() }
}

fn seal(sealing: &Sealing<'_>, id: StaffId, name: &DisplayName) -> Vec<u8> {
    sealing.vault.seal(name_of(id), name.expose(), sealing.nonce)
}

fn open(sql: &dyn Sql, person: Person, vault: &Vault) -> Result<Member, Refused> {
    let name = vault.open(name_of(person.id), &person.name_sealed)?.as_str().to_owned();
    let reach = match people::load_scope(sql, person.id)? {
        None => None,
        Some(Scope::Everything) => Some(Reach::Everything),
        Some(Scope::Franchisee(id)) => directory::load_franchisee_code(sql, id)?.map(Reach::Franchisee),
        Some(Scope::Outlets(ids)) => {
            let codes = ids.into_iter().filter_map(|id| directory::load_outlet_code(sql, id).transpose());
            let mut codes = codes.collect::<Result<Vec<_>, _>>()?;
            codes.sort_unstable();
            Some(Reach::Outlets(codes))
        }
    };
    Ok(Member { person, name, reach })
}

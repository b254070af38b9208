//! Who makes the call.

use api::Access;
use kernel::{FranchiseeId, MemberId, OutletId, SessionId, StaffId, TillKeyId};
use membership::secrets::{Token, TokenKind};
use membership::staff_auth::{Grant, Permission, Role, Scope};
use sha2::{Digest, Sha256};

use crate::call::Call;
use crate::problem::Problem;
use crate::session::{self, ScopeV1, SessionV1, SubjectV1};

/// The caller, once known.
#[derive(Debug, Clone)]
pub enum Principal {
    Public,
    Guest(Guest),
    Till(Till),
    Staff(Staff),
}

/// A signed-in guest.
#[derive(Debug, Clone)]
pub struct Guest {
    pub member: MemberId,
    pub brand: String,
    pub session: SessionId,
}

/// A till, by its API key, with what receipts need to know of its outlet.
#[derive(Debug, Clone)]
pub struct Till {
    pub key: TillKeyId,
    pub outlet: store::outlets::Outlet,
}

/// A signed-in member of staff.
#[derive(Debug, Clone)]
pub struct Staff {
    pub id: StaffId,
    pub grant: Grant,
    pub session: SessionId,
}

/// The form in which a token is stored and looked up. Tokens are 256 random bits, so a plain hash is enough: there
/// is nothing to guess that salt or key would protect.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Finds out who calls, for an operation with this access. A missing token is a public caller; one that this service
/// never made is refused without a look-up, and so is one of another kind of caller: a function asks only the stores
/// that it was granted.
///
/// # Errors
/// 401 for a token that is not valid, 403 for another kind of caller's; a failure of storage.
pub async fn identify(call: &Call<'_>) -> Result<Principal, Problem> {
    let Some(text) = bearer(call)? else { return Ok(Principal::Public) };
    let token = Token::parse(text).map_err(|_| unauthenticated())?;
    let hash = token_hash(text);
    match (call.operation.access, token.kind()) {
        (Access::Till, TokenKind::Till) => {
            let till = store::tills::load_by_key(call.sql, &hash)?.ok_or_else(unauthenticated)?;
            Ok(Principal::Till(Till { key: till.key, outlet: till.outlet }))
        }
        (Access::Guest | Access::Visitor, TokenKind::Guest) | (Access::Staff(_), TokenKind::Staff) => {
            let stored = session::load(call.kv, &session::key(&hash)).await?;
            let live = stored.filter(|session| session.expires_at > call.now.millis());
            live.as_ref().and_then(principal_of).ok_or_else(unauthenticated)
        }
        _ => Err(Problem::of(&api::problem::FORBIDDEN)),
    }
}

fn unauthenticated() -> Problem {
    Problem::of(&api::problem::UNAUTHENTICATED)
}

fn bearer<'c>(call: &'c Call<'_>) -> Result<Option<&'c str>, Problem> {
    if !call.request.headers.contains_key(http::header::AUTHORIZATION) {
        return Ok(None);
    }
    let header = call.request.header("authorization").unwrap_or_default();
    header.strip_prefix("Bearer ").map(str::trim).map(Some).ok_or_else(unauthenticated)
}

pub(crate) fn principal_of(session: &SessionV1) -> Option<Principal> {
    let id = SessionId::parse(&session.session).ok()?;
    match &session.subject {
        SubjectV1::Member { id: member, brand } => Some(Principal::Guest(Guest {
            member: MemberId::parse(member).ok()?,
            brand: brand.clone(),
            session: id,
        })),
        SubjectV1::Staff { id: staff, role, scope } => Some(Principal::Staff(Staff {
            id: StaffId::parse(staff).ok()?,
            grant: Grant::new(Role::parse(role).ok()?, scope_of(scope)?).ok()?,
            session: id,
        })),
    }
}

fn scope_of(stored: &ScopeV1) -> Option<Scope> {
    match stored {
        ScopeV1::Everything {} => Some(Scope::Everything),
        ScopeV1::Franchisee { id } => FranchiseeId::parse(id).ok().map(Scope::Franchisee),
        ScopeV1::Outlets { ids } => {
            ids.iter().map(|id| OutletId::parse(id).ok()).collect::<Option<_>>().map(Scope::Outlets)
        }
    }
}

impl Call<'_> {
    /// The signed-in guest.
    ///
    /// # Errors
    /// 401 or 403 when the caller is somebody else; dispatch has checked that before.
    pub fn guest(&self) -> Result<&Guest, Problem> {
        match &self.principal {
            Principal::Guest(guest) => Ok(guest),
            other => Err(refuse(other)),
        }
    }

    /// The calling till.
    ///
    /// # Errors
    /// As [`Call::guest`].
    pub fn till(&self) -> Result<&Till, Problem> {
        match &self.principal {
            Principal::Till(till) => Ok(till),
            other => Err(refuse(other)),
        }
    }

    /// The signed-in member of staff, who has `permission`.
    ///
    /// # Errors
    /// As [`Call::guest`].
    pub fn staff(&self, permission: Permission) -> Result<&Staff, Problem> {
        match &self.principal {
            Principal::Staff(staff) if staff.grant.may(permission) => Ok(staff),
            other => Err(refuse(other)),
        }
    }
}

/// 401 for a caller without a token, 403 for one of the wrong kind.
pub(crate) fn refuse(principal: &Principal) -> Problem {
    match principal {
        Principal::Public => unauthenticated(),
        Principal::Guest(_) | Principal::Till(_) | Principal::Staff(_) => {
            Problem::of(&api::problem::FORBIDDEN)
        }
    }
}

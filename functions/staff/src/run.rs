//! Parse, change, sign out, reply.

use api::wire::staff::{
    LoginBody, NewStaffBody, RoleBody, ScopeBody, StaffBody, StaffPage, StaffReply, StaffStatusBody,
};
use club::Moment;
use club::directory::CODE_LEN_MAX;
use club::staff::{self, Details, Member, Reach, Sealing};
use kernel::{ParseError, StaffId};
use membership::profile::DisplayName;
use membership::secrets::{NONCE_LEN, Vault};
use membership::staff_auth::password::SALT_LEN;
use membership::staff_auth::{PasswordHash, Permission, Role};
use store::StoreError;
use store::staff::StaffStatus;
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, paging, till};

/// People on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;
/// Characters of a login.
const LOGIN_LEN: std::ops::RangeInclusive<usize> = 3..=64;

/// Serves the operations on staff.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let vault = till::secrets(call.settings)()?.vault();
    match call.operation.id {
        "list_staff" => list(call, &vault),
        "create_staff" => create(call, &vault),
        "read_staff" => {
            let id = call.parameter("id", StaffId::parse)?;
            Reply::json(200, &reply(&staff::read(call.sql, id, &vault)?))
        }
        "change_staff" => change(call, &vault).await,
        "set_staff_login" => set_login(call, &vault).await,
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>, vault: &Vault) -> Result<Reply, Problem> {
    let after = call.query("cursor", StaffId::parse)?.unwrap_or(StaffId::from_raw(0));
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    // One more than asked for tells whether there is another page.
    let mut members = staff::list(call.sql, after, limit + 1, vault)?;
    let more = paging::cut(&mut members, limit);
    let next_cursor = members.last().filter(|_| more).map(|last| last.person.id.to_string());
    Reply::json(200, &StaffPage { items: members.iter().map(reply).collect(), next_cursor })
}

fn create(call: &mut Call<'_>, vault: &Vault) -> Result<Reply, Problem> {
    let body: NewStaffBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/code", &body.code, CODE_LEN_MAX);
    let details = details(fields, &body.name, body.role, body.outlet, body.scope)?;
    let sealing = Sealing { vault, nonce: nonce(call) };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let (member, is_new) =
        transaction(call.sql, |tx| staff::create(tx, &body.code, &details, &sealing, &mut moment))?;
    Reply::json(if is_new { 201 } else { 200 }, &reply(&member))
}

async fn change(call: &mut Call<'_>, vault: &Vault) -> Result<Reply, Problem> {
    let id = call.parameter("id", StaffId::parse)?;
    let by = call.staff(Permission::ManageStaff)?.id;
    let body: StaffBody = body::json(&call.request)?;
    let details = details(Fields::new(), &body.name, body.role, body.outlet, body.scope)?;
    let status = match body.status {
        StaffStatusBody::Active => StaffStatus::Active,
        StaffStatusBody::Left => StaffStatus::Left,
    };
    let sealing = Sealing { vault, nonce: nonce(call) };
    let (member, keys) =
        transaction(call.sql, |tx| staff::change(tx, by, id, &details, status, &sealing, call.now))?;
    close(call, keys).await?;
    Reply::json(200, &reply(&member))
}

async fn set_login(call: &mut Call<'_>, vault: &Vault) -> Result<Reply, Problem> {
    let id = call.parameter("id", StaffId::parse)?;
    let body: LoginBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.read("/login", check_login(&body.login));
    fields.finish()?;
    // Argon2 takes tens of milliseconds: before the transaction, in which nobody else could write.
    let salt: [u8; SALT_LEN] = bytes(call);
    let password = PasswordHash::new(&body.password, salt)
        .map_err(|refused| Problem::of(&api::problem::INVALID_FIELD).at("/password", refused.to_string()))?;
    let keys = transaction(call.sql, |tx| staff::set_login(tx, id, &body.login, &password, call.now))?;
    close(call, keys).await?;
    Reply::json(200, &reply(&staff::read(call.sql, id, vault)?))
}

/// Deletes access tokens. When it fails, the request is repeated and finds the same keys.
async fn close(call: &Call<'_>, keys: Vec<String>) -> Result<(), Problem> {
    for key in keys {
        call.kv.delete(&key).await.map_err(StoreError::from)?;
    }
    Ok(())
}

fn check_login(login: &str) -> Result<(), ParseError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte);
    let lawful = LOGIN_LEN.contains(&login.len()) && login.bytes().all(fits);
    lawful
        .then_some(())
        .ok_or(ParseError("3 to 64 small Latin letters, digits, dots, hyphens, underscores or @"))
}

fn details(
    mut fields: Fields,
    name: &str,
    role: RoleBody,
    outlet: Option<String>,
    scope: ScopeBody,
) -> Result<Details, Problem> {
    let name = fields.read("/name", DisplayName::parse(name));
    if let Some(outlet) = &outlet {
        fields.length("/outlet", outlet, CODE_LEN_MAX);
    }
    let reach = match scope {
        ScopeBody::Everything {} => Reach::Everything,
        ScopeBody::Franchisee { franchisee } => {
            fields.length("/scope/franchisee", &franchisee, CODE_LEN_MAX);
            Reach::Franchisee(franchisee)
        }
        ScopeBody::Outlets { mut outlets } => {
            outlets.sort_unstable();
            outlets.dedup();
            Reach::Outlets(outlets)
        }
    };
    fields.finish()?;
    let name = name.ok_or_else(|| Problem::internal("a name without a value passed the check"))?;
    Ok(Details { name, role: role_of(role), outlet, reach })
}

const fn role_of(body: RoleBody) -> Role {
    match body {
        RoleBody::Barista => Role::Barista,
        RoleBody::OutletManager => Role::OutletManager,
        RoleBody::Franchisee => Role::Franchisee,
        RoleBody::Marketer => Role::Marketer,
        RoleBody::Finance => Role::Finance,
        RoleBody::Support => Role::Support,
        RoleBody::Administrator => Role::Administrator,
    }
}

fn reply(member: &Member) -> StaffReply {
    let person = &member.person;
    StaffReply {
        id: person.id.to_string(),
        code: person.code.clone(),
        name: member.name.clone(),
        role: person.role.code().to_owned(),
        outlet: person.outlet_code.clone(),
        scope: member.reach.as_ref().map(|reach| match reach {
            Reach::Everything => ScopeBody::Everything {},
            Reach::Franchisee(code) => ScopeBody::Franchisee { franchisee: code.clone() },
            Reach::Outlets(codes) => ScopeBody::Outlets { outlets: codes.clone() },
        }),
        status: match person.status {
            StaffStatus::Active => StaffStatusBody::Active,
            StaffStatus::Left => StaffStatusBody::Left,
        },
        login: person.login.clone(),
        second_factor: person.enrolled,
        created_at: person.created_at.to_string(),
        changed_at: person.changed_at.to_string(),
    }
}

fn nonce(call: &Call<'_>) -> [u8; NONCE_LEN] {
    bytes(call)
}

fn bytes<const N: usize>(call: &Call<'_>) -> [u8; N] {
    (call.random)(N).try_into().expect("a random source gives as many bytes as it is asked for")
}

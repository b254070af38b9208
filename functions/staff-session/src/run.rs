//! Judge, count, sign in.

use api::problem as p;
use api::wire::staff::{ScopeBody, SignInBody, SignInReply};
use club::Moment;
use club::staff::sign_in::{self, Attempt, Fresh, Outcome, SESSION_MS};
use kernel::{SessionId, StaffId};
use membership::secrets::{Indexed, Secrets, Token, TokenKind};
use membership::staff_auth::password::PASSWORD_LEN_MAX;
use membership::staff_auth::{Grant, Permission, Scope};
use store::transaction::transaction;
use store::{StoreError, directory};
use web::fields::Fields;
use web::session::{self, ScopeV1, SessionV1, SubjectV1};
use web::{Call, Problem, Reply, auth, body, till};

/// Most characters of a login.
const LOGIN_LEN_MAX: usize = 64;
/// Most characters of a code; it has six digits, and spaces are no code.
const CODE_LEN_MAX: usize = 16;

/// Serves signing in and out.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "sign_in_staff" => sign_in(call).await,
        "sign_out_staff" => sign_out(call).await,
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

async fn sign_in(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: SignInBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/login", &body.login, LOGIN_LEN_MAX);
    fields.length("/password", &body.password, PASSWORD_LEN_MAX);
    if let Some(code) = &body.totp_code {
        fields.length("/totp_code", code, CODE_LEN_MAX);
    }
    fields.finish()?;
    let secrets = till::secrets(call.settings)()?;
    admit(call, &secrets)?;
    let attempt = Attempt { login: &body.login, password: &body.password, code: body.totp_code.as_deref() };
    let judged = sign_in::judge(call.sql, &attempt, bytes(call))?;
    let token = Token::new(TokenKind::Staff, bytes(call)).expose();
    let access_key = session::key(&auth::token_hash(&token));
    let fresh = Fresh {
        vault: &secrets.vault(),
        nonce: bytes(call),
        factor: bytes(call),
        no_refresh: bytes(call),
        access_key: access_key.clone(),
    };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let outcome = transaction(call.sql, |tx| sign_in::conclude(tx, &attempt, &judged, &fresh, &mut moment))?;
    match outcome {
        Outcome::Refused => Err(Problem::of(&p::SIGN_IN_REFUSED)),
        Outcome::Enrol { url, secret } => {
            Reply::json(200, &SignInReply::SecondFactorNeeded { otpauth_url: url, secret })
        }
        Outcome::Welcome { staff, session: id, grant } => {
            let reply = welcome(call, &token, staff, &grant)?;
            session::save(call.kv, &access_key, &record(call, id, staff, &grant)).await?;
            Ok(reply)
        }
    }
}

/// Counts the attempt against its network address before any work is done for it.
fn admit(call: &Call<'_>, secrets: &Secrets) -> Result<(), Problem> {
    let address = secrets.blind_indexer().index(Indexed::Address, &call.request.client_address);
    let wait = transaction(call.sql, |tx| sign_in::admit(tx, &address, call.now))?;
    wait.map_or(Ok(()), |seconds| Err(Problem::of(&p::RATE_LIMITED).retry_after(seconds)))
}

fn record(call: &Call<'_>, id: SessionId, staff: StaffId, grant: &Grant) -> SessionV1 {
    let scope = match grant.scope() {
        Scope::Everything => ScopeV1::Everything {},
        Scope::Franchisee(id) => ScopeV1::Franchisee { id: id.to_string() },
        Scope::Outlets(ids) => ScopeV1::Outlets { ids: ids.iter().map(ToString::to_string).collect() },
    };
    SessionV1 {
        subject: SubjectV1::Staff { id: staff.to_string(), role: grant.role().code().to_owned(), scope },
        session: id.to_string(),
        expires_at: call.now.plus_millis(SESSION_MS).millis(),
    }
}

fn welcome(call: &Call<'_>, token: &str, staff: StaffId, grant: &Grant) -> Result<Reply, Problem> {
    let scope = match grant.scope() {
        Scope::Everything => ScopeBody::Everything {},
        Scope::Franchisee(id) => {
            let code = directory::load_franchisee_code(call.sql, *id)?.unwrap_or_default();
            ScopeBody::Franchisee { franchisee: code }
        }
        Scope::Outlets(ids) => {
            let codes = ids.iter().filter_map(|id| directory::load_outlet_code(call.sql, *id).transpose());
            ScopeBody::Outlets { outlets: codes.collect::<Result<_, StoreError>>()? }
        }
    };
    Reply::json(
        200,
        &SignInReply::SignedIn {
            access_token: token.to_owned(),
            expires_at: call.now.plus_millis(SESSION_MS).to_string(),
            staff: staff.to_string(),
            role: grant.role().code().to_owned(),
            scope,
        },
    )
}

async fn sign_out(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ReadOutlets)?.clone();
    let moment = Moment { now: call.now, ids: &mut call.ids };
    let key = transaction(call.sql, |tx| sign_in::sign_out(tx, staff.id, staff.session, &moment))?;
    if let Some(key) = key {
        call.kv.delete(&key).await.map_err(StoreError::from)?;
    }
    Ok(Reply::empty(204))
}

fn bytes<const N: usize>(call: &Call<'_>) -> [u8; N] {
    (call.random)(N).try_into().expect("a random source gives as many bytes as it is asked for")
}

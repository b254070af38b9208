//! Make, list, revoke.

use api::wire::tills::{NewTillKeyBody, NewTillKeyReply, TillKeyPage, TillKeyReply};
use club::Moment;
use club::directory::CODE_LEN_MAX;
use club::till_key::{self, NewKey};
use kernel::TillKeyId;
use membership::secrets::{Token, TokenKind};
use membership::staff_auth::Permission;
use store::tills::{self, TillKey};
use store::transaction::transaction;
use web::fields::Fields;
use web::{Call, Problem, Reply, auth, body, paging};

/// Keys on a page unless `limit` says otherwise, and at most.
const PAGE_DEFAULT: i64 = 50;
const PAGE_MAX: i64 = 200;
/// Most characters of a label.
const LABEL_LEN_MAX: usize = 64;

/// Serves the operations on till keys.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_till_keys" => list(call),
        "create_till_key" => create(call),
        "revoke_till_key" => revoke(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let after = call.query("cursor", TillKeyId::parse)?.unwrap_or(TillKeyId::from_raw(0));
    let limit = paging::limit::<PAGE_MAX>(call, PAGE_DEFAULT)?;
    let outlet = call.request.query("outlet");
    // One more than asked for tells whether there is another page.
    let mut keys = tills::list(call.sql, outlet.as_deref(), after, limit + 1)?;
    let more = paging::cut(&mut keys, limit);
    let next_cursor = keys.last().filter(|_| more).map(|last| last.id.to_string());
    Reply::json(200, &TillKeyPage { items: keys.iter().map(reply).collect(), next_cursor })
}

fn create(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ManageTillKeys)?.clone();
    let body: NewTillKeyBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    fields.length("/outlet", &body.outlet, CODE_LEN_MAX);
    fields.length("/label", &body.label, LABEL_LEN_MAX);
    fields.finish()?;
    let random =
        (call.random)(32).try_into().expect("a random source gives as many bytes as it is asked for");
    let key = Token::new(TokenKind::Till, random).expose();
    let new =
        NewKey { outlet: &body.outlet, label: &body.label, hash: &auth::token_hash(&key), by: staff.id };
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let made = transaction(call.sql, |tx| till_key::create(tx, &new, &staff.grant, &mut moment))?;
    Reply::json(
        201,
        &NewTillKeyReply {
            id: made.id.to_string(),
            outlet: made.outlet_code,
            label: made.label,
            key,
            created_at: made.created_at.to_string(),
        },
    )
}

fn revoke(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let staff = call.staff(Permission::ManageTillKeys)?.clone();
    let id = call.parameter("id", TillKeyId::parse)?;
    let moment = Moment { now: call.now, ids: &mut call.ids };
    transaction(call.sql, |tx| till_key::revoke(tx, id, &staff.grant, &moment))?;
    Ok(Reply::empty(204))
}

fn reply(key: &TillKey) -> TillKeyReply {
    TillKeyReply {
        id: key.id.to_string(),
        outlet: key.outlet_code.clone(),
        label: key.label.clone(),
        created_at: key.created_at.to_string(),
        revoked_at: key.revoked_at.map(|at| at.to_string()),
    }
}

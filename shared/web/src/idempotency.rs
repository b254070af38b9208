//! `Idempotency-Key`: the same key and request get the stored reply, another request under the key is refused.

use api::{Idempotency, problem};
use sha2::{Digest, Sha256};
use store::{Sql, idempotency, transaction::transaction};

use crate::auth::Principal;
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::Reply;

/// Longest key accepted; a UUID has 36 characters.
const KEY_LEN_MAX: usize = 128;

/// Runs `work` in one transaction, at most once per caller and key. The reply is stored in the same transaction as
/// the work's effects, so there is no moment at which one exists without the other. Only success is stored: what was
/// refused left nothing behind, and is judged anew.
///
/// # Errors
/// What `work` refuses; 409 when the key was used with another request; 400 when a required key is missing.
pub fn once(
    call: &mut Call<'_>,
    work: impl FnOnce(&mut Call<'_>, &dyn Sql) -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let key = key(call)?;
    let sql = call.sql;
    let Some(key) = key else { return transaction(sql, |tx| work(call, tx)) };
    let scope = scope(call);
    let hash = request_hash(call);
    transaction(sql, |tx| {
        if let Some(stored) = idempotency::load(tx, &scope, &key)? {
            if stored.operation != call.operation.id || stored.request_hash != hash {
                return Err(Problem::of(&problem::IDEMPOTENCY_MISMATCH));
            }
            let reply = Reply::stored_json(stored.status, stored.reply.into_bytes());
            return Ok(reply.header("idempotency-replayed", "true"));
        }
        let now = call.now;
        let operation = call.operation.id;
        let reply = work(call, tx)?;
        let text = std::str::from_utf8(&reply.body)
            .map_err(|_| Problem::internal("a reply to store is not text"))?;
        idempotency::insert(
            tx,
            &idempotency::Stored {
                scope,
                key,
                operation: operation.to_owned(),
                request_hash: hash,
                status: reply.status,
                reply: text.to_owned(),
            },
            now,
        )?;
        Ok(reply)
    })
}

/// Runs `work` in one transaction without any key.
///
/// # Errors
/// What `work` refuses, or a failure of storage.
pub fn in_transaction<T>(
    call: &mut Call<'_>,
    work: impl FnOnce(&mut Call<'_>, &dyn Sql) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let sql = call.sql;
    transaction(sql, |tx| work(call, tx))
}

fn key(call: &Call<'_>) -> Result<Option<String>, Problem> {
    let policy = call.operation.idempotency;
    if matches!(policy, Idempotency::None | Idempotency::Natural) {
        return Ok(None);
    }
    match call.request.header("idempotency-key") {
        Some(key) if (1..=KEY_LEN_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        Some(_) => Err(Problem::of(&problem::INVALID_FIELD)
            .at("Idempotency-Key", format!("must have 1 to {KEY_LEN_MAX} characters"))),
        None if policy == Idempotency::Required => Err(Problem::of(&problem::IDEMPOTENCY_KEY_REQUIRED)
            .because("send an Idempotency-Key header with a new UUID for every intent, and the same one on a retry")),
        None => Ok(None),
    }
}

/// Whose key it is: one caller's keys never meet another's.
fn scope(call: &Call<'_>) -> String {
    match &call.principal {
        Principal::Public => format!("public:{}", call.operation.id),
        Principal::Guest(guest) => format!("member:{}", guest.member.raw()),
        Principal::Till(till) => format!("till:{}", till.outlet.id.raw()),
        Principal::Staff(staff) => format!("staff:{}", staff.id.raw()),
    }
}

fn request_hash(call: &Call<'_>) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(call.request.path.as_bytes());
    hash.update([0]);
    hash.update(call.request.query.as_bytes());
    hash.update([0]);
    hash.update(&call.request.body);
    hash.finalize().to_vec()
}

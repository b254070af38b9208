//! `Idempotency-Key`: the same key and request get the stored reply, another request under the key is refused.

use api::{Idempotency, problem};
use kernel::Timestamp;
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
/// A known key is answered without a turn to write. Two requests with a new one may both come to theirs: the second
/// cannot store its reply or meets what the first has done, leaves nothing behind either way, and gets the first one's
/// reply.
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
    let asked = Asked { scope: scope(call), key, operation: call.operation.id, hash: request_hash(call) };
    if let Some(reply) = asked.stored(sql)? {
        return Ok(reply);
    }
    let now = call.now;
    let result = transaction(sql, |tx| {
        let reply = work(call, tx)?;
        asked.store(tx, &reply, now)?;
        Ok(reply)
    });
    result.or_else(|problem| asked.stored(sql)?.ok_or(problem))
}

/// The reply to the same request under the same key, if there was one: for work that has to ask others before its
/// transaction, and must not ask them twice. [`once`] then does the rest.
///
/// # Errors
/// As [`once`].
pub fn replayed(call: &Call<'_>) -> Result<Option<Reply>, Problem> {
    let Some(key) = key(call)? else { return Ok(None) };
    let asked = Asked { scope: scope(call), key, operation: call.operation.id, hash: request_hash(call) };
    asked.stored(call.sql)
}

/// A request under a key.
struct Asked {
    scope: String,
    key: String,
    operation: &'static str,
    hash: Vec<u8>,
}

impl Asked {
    /// The reply to the same request under this key, if there is one.
    fn stored(&self, sql: &dyn Sql) -> Result<Option<Reply>, Problem> {
        let Some(stored) = idempotency::load(sql, &self.scope, &self.key)? else { return Ok(None) };
        if stored.operation != self.operation || stored.request_hash != self.hash {
            return Err(Problem::of(&problem::IDEMPOTENCY_MISMATCH));
        }
        let reply = Reply::stored_json(stored.status, stored.reply.into_bytes());
        Ok(Some(reply.header("idempotency-replayed", "true")))
    }

    fn store(&self, tx: &dyn Sql, reply: &Reply, now: Timestamp) -> Result<(), Problem> {
        let text = std::str::from_utf8(&reply.body)
            .map_err(|_| Problem::internal("a reply to store is not text"))?;
        let stored = idempotency::Stored {
            scope: self.scope.clone(),
            key: self.key.clone(),
            operation: self.operation.to_owned(),
            request_hash: self.hash.clone(),
            status: reply.status,
            reply: text.to_owned(),
        };
        Ok(idempotency::insert(tx, &stored, now)?)
    }
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

//! Parse, record, reply.

use api::wire::returns::ReturnBody;
use club::returning::{self, Recorded};
use club::{Moment, Refusal};
use store::transaction::transaction;
use web::{Call, Problem, Reply, body, till, till_reply};

/// Records one return.
///
/// # Errors
/// What the return is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = call.till()?.outlet.clone();
    let body: ReturnBody = body::json(&call.request)?;
    let new = till::return_of(body, &outlet)?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let recorded = transaction(call.sql, |tx| {
        returning::record(tx, &outlet, &new, &mut moment, |outcome| {
            till_reply::text(&till_reply::returned(outcome, &new, &outlet))
        })
    });
    match recorded {
        Ok(Recorded::New { reply, .. }) => Ok(Reply::stored_json(201, reply.into_bytes())),
        Ok(Recorded::Replayed { reply, .. }) => {
            Ok(Reply::stored_json(200, reply.into_bytes()).header("idempotency-replayed", "true"))
        }
        Err(Refusal::Conflict { id }) => Err(till_reply::return_conflict(id)),
        Err(refusal) => Err(refusal.into()),
    }
}

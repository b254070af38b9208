//! Check, erase, reply.

use api::problem as p;
use api::wire::member::{EraseBody, EraseReply};
use club::Moment;
use club::member::erase::{self, Through};
use kernel::MemberId;
use membership::staff_auth::Permission;
use web::{Call, Problem, Reply, body, guest, idempotency};

/// Erases a member.
///
/// # Errors
/// 404 for an unknown member; 409 for one erased before.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    call.staff(Permission::EditMember)?;
    let member = call.parameter("id", MemberId::parse)?;
    let body: EraseBody = body::json(&call.request)?;
    if !body.confirm {
        return Err(
            Problem::of(&p::INVALID_FIELD).at("/confirm", "must be true: nothing brings the account back")
        );
    }
    let keys = idempotency::in_transaction(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        Ok(erase::erase(tx, member, Through::Support, &mut moment)?)
    })?;
    // The account is erased; a token that outlives it for minutes finds nobody.
    if let Err(problem) = guest::revoke(call.kv, &keys).await {
        eprintln!("member.erase tokens not removed member={member} cause={:?}", problem.cause());
    }
    Reply::json(200, &EraseReply { member: member.to_string(), erased_at: call.now.to_string() })
}

//! Cancel, reply.

use club::Moment;
use ordering::model::CancelReason;
use shop::order::desk;
use store::transaction::transaction;
use web::orders::{own, refused, reply};
use web::problem::lang;
use web::{Call, Problem, Reply};

/// Cancels the caller's order. Repeated, it answers the same.
///
/// # Errors
/// 409 when it is being made or over.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = own(call)?.order.id;
    let refused = refused(call);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let stored = transaction(call.sql, |tx| desk::cancel(tx, id, CancelReason::Guest, &mut moment));
    let stored = stored.map_err(refused)?;
    Reply::json(200, &reply(call.sql, &stored, lang(call.language), call.now)?)
}

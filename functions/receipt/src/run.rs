//! Parse, prepare, record, reply.

use api::wire::receipts::ReceiptBody;
use club::Moment;
use club::receipt::{self, Recorded};
use store::transaction::transaction;
use web::problem::lang;
use web::{Call, Problem, Reply, body, orders, till, till_reply, traces};

/// Records one sale.
///
/// # Errors
/// What the sale is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = call.till()?.outlet.clone();
    let mut body: ReceiptBody = body::json(&call.request)?;
    let order = body.order.clone();
    let secrets = till::secrets(call.settings);
    let traces = traces::of_receipt(&mut body, &secrets)?;
    let sale = till::sale(body, &outlet, &mut till::Catalogue::new(call.sql, &outlet))?;
    let language = lang(call.language);
    if let Some(order) = &order {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let joined = transaction(call.sql, |tx| orders::join(tx, &outlet, order, &sale, &mut moment))?;
        if let Some((_, reply)) = joined {
            return Ok(Reply::json(200, &reply)?.header("idempotency-replayed", "true"));
        }
    }
    let prepared = receipt::prepare(call.sql, &outlet, &sale, &secrets, call.now).traced(traces);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let recorded = till::in_transaction(call.sql, &outlet, call.now, |tx| {
        receipt::record(tx, &outlet, &sale, prepared, &secrets, &mut moment, |outcome| {
            till_reply::text(&till_reply::receipt(outcome, &sale, &outlet, language))
        })
    })?;
    Ok(match recorded {
        Recorded::New { reply, .. } => Reply::stored_json(201, reply.into_bytes()),
        Recorded::Replayed { reply, .. } => {
            Reply::stored_json(200, reply.into_bytes()).header("idempotency-replayed", "true")
        }
    })
}

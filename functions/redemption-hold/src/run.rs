//! Parse, authorise or release, reply.

use api::wire::holds::HoldBody;
use club::hold::{self, NewHold};
use club::{Moment, Refusal};
use kernel::{HoldId, Points};
use store::outlets::Outlet;
use store::transaction::transaction;
use web::fields::Fields;
use web::problem::lang;
use web::{Call, Problem, Reply, body, idempotency, till, till_reply};

/// Serves the operations on holds.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "authorise_hold" => authorise(call),
        "read_hold" => read(call),
        "release_hold" => release(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

fn authorise(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = call.till()?.outlet.clone();
    let new = new_hold(body::json(&call.request)?, &outlet)?;
    let (sql, now) = (call.sql, call.now);
    let secrets = till::secrets(call.settings);
    let prepared = hold::prepare(sql, &outlet, &new, &secrets, now);
    let mut refused = None;
    let reply = idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let standing = hold::authorise(tx, &outlet, &new, prepared, &secrets, &mut moment)
            .inspect_err(|refusal| refused = Some(refusal.clone()))?;
        Reply::json(201, &till_reply::hold(&standing, &outlet, lang(call.language)))
    });
    if let Some(refusal) = refused {
        till::count_wrong_code(sql, &outlet, now, &refusal);
    }
    reply
}

fn read(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = &call.till()?.outlet;
    let standing = hold::read(call.sql, outlet.id, call.parameter("id", HoldId::parse)?, call.now)?;
    Reply::json(200, &till_reply::hold(&standing, outlet, lang(call.language)))
}

fn release(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let outlet = call.till()?.outlet.clone();
    let id = call.parameter("id", HoldId::parse)?;
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let standing = transaction(call.sql, |tx| hold::release(tx, &outlet, id, &mut moment))
        .map_err(|refusal: Refusal| Problem::from(refusal))?;
    Reply::json(200, &till_reply::hold(&standing, &outlet, lang(call.language)))
}

fn new_hold(body: HoldBody, outlet: &Outlet) -> Result<NewHold, Problem> {
    let mut fields = Fields::new();
    till::own_outlet(&mut fields, &body.outlet, outlet);
    let receipt_total = fields.money("/receipt_total", &body.receipt_total, outlet.currency);
    if receipt_total.is_some_and(kernel::Money::is_negative) {
        fields.fault(&api::problem::INVALID_FIELD, "/receipt_total/amount", "must not be below zero");
    }
    let points = body.points.as_deref().and_then(|text| fields.read("/points", Points::parse(text)));
    fields.finish()?;
    let receipt_total =
        receipt_total.ok_or_else(|| Problem::internal("a total without a value passed the check"))?;
    Ok(NewHold { named: till::named(body.guest), points, receipt_total })
}

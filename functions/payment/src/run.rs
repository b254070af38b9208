//! Open another attempt, reply.

use club::Moment;
use ordering::StepKind;
use shop::order::desk;
use shop::order::run::{self as outbox, Scope};
use web::orders::{ground, own, refused, reply, urls};
use web::problem::lang;
use web::{Call, Problem, Reply, guest, idempotency};

/// Opens one more attempt to pay.
///
/// # Errors
/// 409 when one is under way, or it is too late.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = own(call)?.order.id;
    let secrets = guest::secrets(call.settings)?;
    let (urls, random) = (urls(call.settings)?, call.random);
    let random = move |count| random(count);
    let (mut opened, refused) = (false, refused(call));
    let answer = idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let stored = desk::pay_again(tx, id, &mut moment).map_err(&refused)?;
        opened = true;
        Reply::json(200, &reply(tx, &stored, lang(call.language), call.now)?)
    })?;
    if !opened {
        return Ok(answer);
    }
    let ground = ground(call, &secrets, &urls, &random);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let scope = Scope { order: Some(id), kinds: &[StepKind::OpenPayment], steps_max: 1 };
    // The attempt is recorded: if this fails, the timer opens it.
    if let Err(refusal) = outbox::run(&ground, &mut moment, scope) {
        eprintln!("order.open_payment failed order={id} cause={refusal}");
    }
    let stored = shop::order::load(call.sql, id).map_err(&refused)?;
    Reply::json(200, &reply(call.sql, &stored, lang(call.language), call.now)?)
}

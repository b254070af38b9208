//! Parse, place, open the payment, reply.

use api::wire::orders::{OrderBody, OrdersReply};
use club::{Moment, watching};
use kernel::{OrderId, OutletId, QuoteId};
use ordering::StepKind;
use shop::order::place::{self, Placing};
use shop::order::run::{self as outbox, Scope};
use shop::order::stock;
use shop::quote::keep;
use store::orders::{self, desk};
use web::auth::Guest;
use web::fields::Fields;
use web::orders::{ground, own, refused, reply, urls};
use web::problem::lang;
use web::{Call, Problem, Reply, body, guest, idempotency, paging, refusal_order};

/// Characters of the words to the barista.
const COMMENT_LEN_MAX: usize = 200;
/// Orders on a page.
const PAGE_MAX: i64 = 50;
const PAGE: i64 = 20;
/// The payment's opening, and nothing else: the reply waits for it.
const OPENING: Scope<'static> = Scope { order: None, kinds: &[StepKind::OpenPayment], steps_max: 1 };

/// Serves the operations on the caller's orders.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "place_order" => place(call).await,
        "list_orders" => list(call),
        "read_order" => {
            let stored = own(call)?;
            Reply::json(200, &reply(call.sql, &stored, lang(call.language), call.now)?)
        }
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

async fn place(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let &Guest { member, session, .. } = call.guest()?;
    let body: OrderBody = body::json(&call.request)?;
    let mut fields = Fields::new();
    let quote_id = fields.read("/quote", QuoteId::parse(&body.quote));
    if let Some(comment) = &body.comment {
        fields.length("/comment", comment, COMMENT_LEN_MAX);
    }
    fields.finish()?;
    let quote_id = quote_id.ok_or_else(|| Problem::internal("a quote without an id passed the check"))?;
    if let Some(known) = idempotency::replayed(call)? {
        return Ok(known);
    }
    let secrets = guest::secrets(call.settings)?;
    if let Some(order) = orders::load_by_quote(call.sql, quote_id)? {
        return Err(refused(call)(shop::order::Refusal::Ordered { order }));
    }
    let quote = keep::open(call.kv, &keep::sealer(&secrets), member, quote_id, call.now).await?;
    let outlet = OutletId::parse(&quote.outlet).map_err(|error| Problem::internal(error.0))?;
    let menu = shop::menu::current(call.sql, call.kv, outlet, call.now).await?;
    let menu = menu.ok_or_else(|| Problem::of(&api::problem::OUTLET_UNAVAILABLE))?;
    let missing = stock::missing(&menu, &quote);
    if !missing.is_empty() {
        return Err(refusal_order::missing(&missing));
    }
    let device = watching::device_of(call.sql, session)?;
    let (urls, random) = (urls(call.settings)?, call.random);
    let random = move |count| random(count);
    let (mut placed, refused) = (None, refused(call));
    let answer = idempotency::once(call, |call, tx| {
        let ground = ground(call, &secrets, &urls, &random);
        let placing = Placing { quote: &quote, member, comment: body.comment.as_deref(), device };
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let stored = place::place(tx, &ground, placing, &mut moment).map_err(&refused)?;
        placed = Some(stored.order.id);
        Reply::json(201, &reply(tx, &stored, lang(call.language), call.now)?)
    })?;
    let Some(id) = placed else { return Ok(answer) };
    let ground = ground(call, &secrets, &urls, &random);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    // The order is made: if this fails, the timer opens the payment.
    if let Err(refusal) = outbox::run(&ground, &mut moment, Scope { order: Some(id), ..OPENING }) {
        eprintln!("order.open_payment failed order={id} cause={refusal}");
    }
    let stored = shop::order::load(call.sql, id).map_err(&refused)?;
    Reply::json(201, &reply(call.sql, &stored, lang(call.language), call.now)?)
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let member = call.guest()?.member;
    let limit = paging::limit::<PAGE_MAX>(call, PAGE)?;
    let before = call.query("cursor", OrderId::parse)?;
    let mut ids = desk::list_of_member(call.sql, member, before, limit + 1)?;
    let more = paging::cut(&mut ids, limit);
    let mut items = Vec::with_capacity(ids.len());
    for id in &ids {
        let stored = shop::order::load(call.sql, *id).map_err(refused(call))?;
        items.push(reply(call.sql, &stored, lang(call.language), call.now)?);
    }
    let next_cursor = ids.last().filter(|_| more).map(ToString::to_string);
    Reply::json(200, &OrdersReply { items, next_cursor })
}

//! Look, decide, reply.

use api::problem as p;
use api::wire::orders::{OrderRefundBody, ResolutionBody, ResolveBody, StuckOrdersReply};
use club::Moment;
use kernel::{FranchiseeId, OrderId, Timestamp};
use membership::staff_auth::Permission;
use ordering::model::CancelReason;
use ordering::outcome::Resolution;
use shop::order::{desk, goods};
use store::orders::{StoredOrder, desk as lists};
use store::outlets;
use store::transaction::transaction;
use web::orders::{desk_reply, refused};
use web::problem::lang;
use web::{Call, Problem, Reply, body, idempotency, paging};

/// Orders on a page.
const PAGE_MAX: i64 = 50;
const PAGE: i64 = 20;
/// Stuck orders looked through for a page: those of other outlets are passed over.
const LOOKED_AT_MAX: i64 = 1_000;

/// Serves the office's operations on orders.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    match call.operation.id {
        "list_stuck_orders" => list(call),
        "inspect_order" => {
            let stored = within_scope(call)?;
            answer(call, &stored)
        }
        "resolve_order" => resolve(call),
        "cancel_order_by_office" => {
            let id = within_scope(call)?.order.id;
            decide(call, |tx, moment| desk::cancel(tx, id, CancelReason::Office, moment))
        }
        "refund_order" => refund(call),
        other => Err(Problem::internal(format!("operation {other} is not served here"))),
    }
}

/// The order, if the caller's scope reaches its outlet.
fn within_scope(call: &Call<'_>) -> Result<StoredOrder, Problem> {
    let not_found = || Problem::of(&p::NOT_FOUND);
    let grant = &call.staff(Permission::ManageOrders)?.grant;
    let id = call.parameter("id", OrderId::parse)?;
    let stored = store::orders::load(call.sql, id)?.ok_or_else(not_found)?;
    let outlet = outlets::load(call.sql, stored.facts.outlet)?.ok_or_else(not_found)?;
    if grant.may_at(Permission::ManageOrders, outlet.id, outlet.franchisee) {
        Ok(stored)
    } else {
        Err(not_found())
    }
}

fn answer(call: &Call<'_>, stored: &StoredOrder) -> Result<Reply, Problem> {
    Reply::json(200, &desk_reply(call.sql, stored, lang(call.language), call.now)?)
}

fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let grant = &call.staff(Permission::ManageOrders)?.grant;
    let limit = paging::limit::<PAGE_MAX>(call, PAGE)?;
    let stuck = lists::list_stuck(call.sql, Timestamp::from_millis(0), LOOKED_AT_MAX)?;
    let may_see = |stuck: &lists::Stuck| {
        grant.may_at(Permission::ManageOrders, stuck.outlet, FranchiseeId::from_raw(stuck.franchisee))
    };
    let mut seen: Vec<lists::Stuck> = stuck.into_iter().filter(may_see).collect();
    let more = paging::cut(&mut seen, limit);
    let mut items = Vec::with_capacity(seen.len());
    for one in seen {
        let stored = shop::order::load(call.sql, one.id).map_err(refused(call))?;
        items.push(desk_reply(call.sql, &stored, lang(call.language), call.now)?);
    }
    Reply::json(200, &StuckOrdersReply { items, more })
}

fn resolve(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = within_scope(call)?.order.id;
    let body: ResolveBody = body::json(&call.request)?;
    let resolution = match body.resolution {
        ResolutionBody::Retry => Resolution::Retry,
        ResolutionBody::TillHasIt => Resolution::TillHasIt,
        ResolutionBody::TillHasNot => Resolution::TillHasNot,
        ResolutionBody::HandedOver => Resolution::HandedOver,
        ResolutionBody::RefundedByHand => Resolution::RefundedByHand,
    };
    decide(call, |tx, moment| desk::resolve(tx, id, resolution, moment))
}

fn decide(
    call: &mut Call<'_>,
    work: impl FnOnce(&dyn store::Sql, &mut Moment<'_>) -> Result<StoredOrder, shop::order::Refusal>,
) -> Result<Reply, Problem> {
    let refused = refused(call);
    let mut moment = Moment { now: call.now, ids: &mut call.ids };
    let stored = transaction(call.sql, |tx| work(tx, &mut moment)).map_err(refused)?;
    answer(call, &stored)
}

fn refund(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let id = within_scope(call)?.order.id;
    let body: OrderRefundBody = body::json(&call.request)?;
    let lines =
        body.lines.map(|lines| lines.iter().map(|line| (line.line_no, line.quantity)).collect::<Vec<_>>());
    if lines.as_ref().is_some_and(|lines| lines.is_empty() || lines.len() > goods::LINES_MAX) {
        let words = format!("name 1 to {} lines, or leave lines out to return everything", goods::LINES_MAX);
        return Err(Problem::of(&p::INVALID_LINES).at("/lines", words));
    }
    let refused = refused(call);
    idempotency::once(call, |call, tx| {
        let mut moment = Moment { now: call.now, ids: &mut call.ids };
        let stored = goods::give_back(tx, id, lines.as_deref(), &mut moment).map_err(&refused)?;
        Reply::json(200, &desk_reply(tx, &stored, lang(call.language), call.now)?)
    })
}

//! Parse, price, reply.

use api::problem as p;
use api::wire::quotes::{QuoteBody, QuoteLineBody, QuoteModifierBody};
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{Points, Timestamp};
use menu::Choice;
use menu::select::{MODIFIERS_MAX, ModifierChoice};
use shop::quote::wish::{COUPONS_MAX, LINES_MAX, PIECES_MAX};
use shop::quote::{PointsWish, Wish, WishLine, load};
use web::auth::Principal;
use web::fields::Fields;
use web::{Call, Problem, Reply, body, guest};

use crate::reply::reply;

/// Characters of a code of an item, a size, a modifier or a coupon.
const CODE_LEN_MAX: usize = 64;
/// How far ahead an order may be wished for.
const PICKUP_DAYS_MAX: i64 = 7;
/// How far back a wish for now may lie, by a clock that is behind.
const PICKUP_LATE_MINUTES_MAX: i64 = 5;
/// As many points as the programme allows.
const MOST: &str = "max";

/// Prices the cart in the body.
///
/// # Errors
/// What the operation is refused for.
pub async fn run(call: &mut Call<'_>) -> Result<Reply, Problem> {
    let body: QuoteBody = body::json(&call.request)?;
    let wish = wish(&body, call.now)?;
    let secrets = guest::secrets(call.settings)?;
    let caller = match &call.principal {
        Principal::Guest(guest) => Some(load::Caller { member: guest.member, brand: &guest.brand }),
        _ => None,
    };
    let ask = load::Ask {
        sql: call.sql,
        kv: call.kv,
        secrets: &secrets,
        now: call.now,
        outlet: &body.outlet,
        caller,
        wish: &wish,
    };
    let answer = load::quote(ask, &mut call.ids).await?;
    Reply::json(200, &reply(&answer, web::problem::lang(call.language))?)
}

fn wish(body: &QuoteBody, now: Timestamp) -> Result<Wish, Problem> {
    let mut fields = Fields::new();
    fields.length("/outlet", &body.outlet, club::directory::CODE_LEN_MAX);
    // What is too long is not looked at further.
    if body.lines.is_empty() || body.lines.len() > LINES_MAX {
        return Err(Problem::of(&p::INVALID_FIELD).at("/lines", format!("must have 1 to {LINES_MAX} lines")));
    }
    if body.coupons.len() > COUPONS_MAX {
        return Err(Problem::of(&p::INVALID_FIELD).at("/coupons", format!("at most {COUPONS_MAX}")));
    }
    for (index, line) in body.lines.iter().enumerate() {
        check_line(&mut fields, index, line);
    }
    for (index, coupon) in body.coupons.iter().enumerate() {
        fields.length(&format!("/coupons/{index}"), coupon, CODE_LEN_MAX);
    }
    let points = match body.points.as_deref() {
        None => Some(PointsWish::None),
        Some(MOST) => Some(PointsWish::Most),
        Some(text) => fields.read("/points", Points::parse(text)).map(PointsWish::Exactly),
    };
    if let Some(PointsWish::Exactly(points)) = points
        && !points.is_positive()
    {
        fields.fault(&p::INVALID_FIELD, "/points", format!("must be above zero, or {MOST:?}"));
    }
    let pickup_at = match body.pickup_at.as_deref() {
        None => None,
        Some(text) => fields.read("/pickup_at", Timestamp::parse(text)),
    };
    let (earliest, latest) =
        (now.plus_millis(-PICKUP_LATE_MINUTES_MAX * MINUTE_MS), now.plus_millis(PICKUP_DAYS_MAX * DAY_MS));
    if pickup_at.is_some_and(|at| at < earliest || at > latest) {
        let words = format!("must be from now to {PICKUP_DAYS_MAX} days ahead");
        fields.fault(&p::INVALID_FIELD, "/pickup_at", words);
    }
    fields.finish()?;
    Ok(Wish {
        lines: body.lines.iter().map(wish_line).collect(),
        coupons: body.coupons.clone(),
        points: points.unwrap_or(PointsWish::None),
        channel: body.channel.code(),
        payment: body.payment.map(|payment| payment.code()),
        pickup_at,
    })
}

fn check_line(fields: &mut Fields, index: usize, line: &QuoteLineBody) {
    let at = |field: &str| format!("/lines/{index}/{field}");
    fields.length(&at("item"), &line.item, CODE_LEN_MAX);
    if let Some(size) = &line.size {
        fields.length(&at("size"), size, CODE_LEN_MAX);
    }
    if !(1..=PIECES_MAX).contains(&line.quantity) {
        fields.fault(&p::INVALID_FIELD, at("quantity"), format!("must be 1 to {PIECES_MAX}"));
    }
    if line.for_points > line.quantity {
        fields.fault(&p::INVALID_FIELD, at("for_points"), "more than there are pieces".to_owned());
    }
    if line.modifiers.len() > MODIFIERS_MAX as usize {
        fields.fault(&p::INVALID_FIELD, at("modifiers"), format!("at most {MODIFIERS_MAX}"));
        return;
    }
    for (number, modifier) in line.modifiers.iter().enumerate() {
        let QuoteModifierBody { code, group, amount } = modifier;
        fields.length(&at(&format!("modifiers/{number}/code")), code, CODE_LEN_MAX);
        if let Some(group) = group {
            fields.length(&at(&format!("modifiers/{number}/group")), group, CODE_LEN_MAX);
        }
        if *amount > MODIFIERS_MAX {
            let words = format!("must be 0 to {MODIFIERS_MAX}");
            fields.fault(&p::INVALID_FIELD, at(&format!("modifiers/{number}/amount")), words);
        }
    }
}

fn wish_line(line: &QuoteLineBody) -> WishLine {
    let modifiers = line.modifiers.iter().map(|modifier| ModifierChoice {
        code: modifier.code.clone(),
        group: modifier.group.clone(),
        amount: modifier.amount,
    });
    WishLine {
        choice: Choice { item: line.item.clone(), size: line.size.clone(), modifiers: modifiers.collect() },
        pieces: line.quantity,
        pieces_for_points: line.for_points,
    }
}

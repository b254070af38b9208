//! Over a real database: a menu, promotions, a guest with points.

mod world;

use kernel::QuoteId;
use serde_json::{Value as Json, json};
use shop::quote::keep;
use world::{GUEST, World};

fn line(item: &str, quantity: u32) -> Json {
    json!({ "item": item, "quantity": quantity })
}

fn cart(lines: &[Json]) -> Json {
    json!({ "outlet": "D-1", "lines": lines })
}

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    json.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("{pointer} in {json:#}"))
}

#[test]
fn a_cart_is_priced_line_by_line_with_reasons() {
    let world = World::new();
    let body = cart(&[
        json!({ "item": "cappuccino", "size": "l", "modifiers": [{ "code": "oat", "amount": 1 }], "quantity": 1 }),
        line("croissant", 1),
    ]);
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!(status, 200, "{reply:#}");
    // 900 + 150, and a tenth off pastry.
    assert_eq!(text(&reply, "/lines/0/unit_price/amount"), "1050.00");
    assert_eq!(text(&reply, "/lines/0/list/amount"), "1050.00");
    assert_eq!(text(&reply, "/lines/0/modifiers/0/price/amount"), "150.00");
    assert_eq!(text(&reply, "/lines/1/discounts/0/amount/amount"), "50.00");
    assert_eq!(text(&reply, "/lines/1/discounts/0/title"), "Pastry morning");
    assert_eq!(text(&reply, "/lines/1/total/amount"), "450.00");
    assert_eq!(text(&reply, "/totals/list/amount"), "1550.00");
    assert_eq!(text(&reply, "/totals/discount/amount"), "50.00");
    assert_eq!(text(&reply, "/totals/payable/amount"), "1500.00");
    // Five percent of what is paid, in whole points.
    assert_eq!(text(&reply, "/totals/points_earned"), "75.00");
    assert_eq!(text(&reply, "/points/reasons/0/code"), "tier_rate");
    assert_eq!(text(&reply, "/applied/0/title"), "Pastry morning");
    assert!(text(&reply, "/id").starts_with("quo_"));
    assert_eq!(text(&reply, "/expires_at"), "2026-11-22T10:15:00+05:00");
    assert_eq!(text(&reply, "/lines/0/tax_rate"), "12");
}

#[test]
fn goods_wanted_while_the_outlet_is_closed_are_refused_with_the_time_it_opens() {
    let world = World::new();
    let mut body = cart(&[line("espresso", 1)]);
    body["pickup_at"] = json!("2026-11-28T12:00:00+05:00");
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!((status, text(&reply, "/type")), (409, "/problems/outlet-closed"));
    assert_eq!(text(&reply, "/opens_at"), "2026-11-29T00:00:00+05:00");
    assert_eq!(text(&reply, "/detail"), "opens on 29.11 at 00:00");
}

#[test]
fn sums_agree_whatever_is_wished() {
    let world = World::new();
    for points in [None, Some("max"), Some("7.00"), Some("333.00")] {
        let mut body = cart(&[line("cappuccino", 3), line("croissant", 2), line("espresso", 1)]);
        if let Some(points) = points {
            body["points"] = json!(points);
        }
        let (status, reply) = world.quote(Some(GUEST), &body);
        assert_eq!(status, 200, "{reply:#}");
        let quote = world.open(&reply).expect("kept");
        let sum = |of: fn(&basket::Line) -> i64| quote.lines.iter().map(of).sum::<i64>();
        assert_eq!(sum(|line| line.final_minor), quote.totals.payable_minor);
        assert_eq!(sum(|line| line.points_spent), quote.totals.points_spent);
        assert_eq!(sum(|line| line.points_spent_minor), quote.totals.points_spent_minor);
        assert_eq!(
            quote.totals.list_minor - quote.totals.discount_minor - quote.totals.points_spent_minor,
            quote.totals.payable_minor
        );
        for line in &quote.lines {
            let fiscal: i64 = line.fiscal.iter().map(|line| line.unit_minor * i64::from(line.quantity)).sum();
            assert_eq!(fiscal, line.final_minor);
            let off: i64 = line.discounts.iter().map(|discount| discount.amount_minor).sum();
            assert_eq!(line.list_minor - off - line.points_spent_minor, line.final_minor);
            for discount in &line.discounts {
                let borne: i64 = discount.funding.iter().map(|share| share.amount_minor).sum();
                assert_eq!(borne, discount.amount_minor);
            }
        }
        if let Some(wished) = points.and_then(|points| kernel::Points::parse(points).ok()) {
            assert_eq!(quote.totals.points_spent, wished.hundredths());
        }
    }
}

#[test]
fn points_are_refused_as_the_programme_says() {
    let world = World::new();
    let mut body = cart(&[line("espresso", 1)]);
    body["points"] = json!("100000.00");
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!((status, text(&reply, "/type")), (409, "/problems/insufficient-points"));
    // Points pay half of a receipt, and the espresso costs 500.
    body["points"] = json!("251.00");
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!((status, text(&reply, "/type")), (422, "/problems/redemption-limit"));
    assert_eq!(text(&reply, "/max"), "250.00");
    let (status, _) = world.quote(None, &body);
    assert_eq!(status, 401, "points belong to a guest");
    for wrong in ["0", "-5", "many"] {
        body["points"] = json!(wrong);
        assert_eq!(world.quote(Some(GUEST), &body).0, 422, "{wrong}");
    }
}

#[test]
fn what_cannot_be_had_is_named_with_what_there_is_instead() {
    let world = World::new();
    let body = cart(&[
        line("espresso", 1),
        line("flat-white", 1),
        json!({ "item": "cappuccino", "modifiers": [{ "code": "soy", "amount": 1 }], "quantity": 1 }),
        line("unicorn", 1),
        line("croissant", 9),
    ]);
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!((status, text(&reply, "/type")), (409, "/problems/cart-unavailable"));
    let pointers: Vec<&str> = reply["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["pointer"].as_str())
        .collect();
    assert_eq!(pointers, ["/lines/1", "/lines/2", "/lines/3", "/lines"], "all at once");
    assert_eq!(text(&reply, "/unavailable/0/reason"), "out_of_stock");
    assert_eq!(text(&reply, "/unavailable/0/alternatives/0/code"), "cappuccino");
    assert_eq!(text(&reply, "/unavailable/1/alternatives/0/code"), "oat");
    assert_eq!(reply.pointer("/unavailable/3/left"), Some(&json!(8)));
}

#[test]
fn near_misses_and_gifts_and_suggestions_are_told() {
    let world = World::new();
    let (_, reply) = world.quote(Some(GUEST), &cart(&[line("cappuccino", 1), line("espresso", 1)]));
    assert_eq!(text(&reply, "/near_misses/0/title"), "From two thousand");
    assert!(text(&reply, "/near_misses/0/text").contains("750.00"), "{reply:#}");
    world.bought_together("CAPP-M", "CROIS", 10);
    world.bought_together("CAPP-M", "FLAT", 20);
    world.bought_together("ESP", "CAPP-M", 30);
    let (_, reply) = world.quote(Some(GUEST), &cart(&[line("cappuccino", 1), line("espresso", 1)]));
    let suggested: Vec<&str> = reply["suggestions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["item"].as_str())
        .collect();
    assert_eq!(suggested, ["croissant"], "not what is out of stock, not what is in the cart");
    let (_, reply) = world.quote(Some(GUEST), &cart(&[line("cappuccino", 3)]));
    assert_eq!(text(&reply, "/gifts/0/items/0/code"), "croissant", "{reply:#}");
}

#[test]
fn what_recent_receipts_have_together_is_counted() {
    let world = World::new();
    for receipt in 1..=5 {
        world.sold(receipt, &["ESP", "CROIS", "CAPP-M"]);
    }
    world.sold(6, &["ESP", "FLAT"]);
    world.sold(7, &["ESP", "FLAT", "ESP"]);
    world.bought_together("ESP", "OLD", 99);
    assert_eq!(world.recount(), 6, "three products with two companions each; twice is chance");
    assert_eq!(world.recount(), 6, "counted anew, not added");
    let (_, reply) = world.quote(Some(GUEST), &cart(&[line("espresso", 1)]));
    let suggested: Vec<&str> = reply["suggestions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["item"].as_str())
        .collect();
    assert_eq!(suggested, ["cappuccino", "croissant"]);
}

#[test]
fn whoever_is_not_signed_in_sees_prices_and_keeps_nothing() {
    let world = World::new();
    let (status, reply) = world.quote(None, &cart(&[line("croissant", 1)]));
    assert_eq!(status, 200, "{reply:#}");
    assert_eq!(reply["id"], Json::Null);
    assert_eq!(reply["points"], Json::Null);
    assert_eq!(text(&reply, "/totals/payable/amount"), "450.00");
    assert_eq!(text(&reply, "/totals/points_earned"), "0.00");
}

#[test]
fn a_quote_is_opened_by_its_guest_as_it_was_made_and_in_time() {
    let world = World::new();
    let (_, reply) = world.quote(Some(GUEST), &cart(&[line("croissant", 1)]));
    let id = QuoteId::parse(text(&reply, "/id")).expect("an id");
    assert!(world.open(&reply).is_ok());
    assert_eq!(world.open_at(id, GUEST + 1, 0), Err(shop::quote::Refusal::Unknown), "another guest's");
    assert!(world.open_at(id, GUEST, 15 * 60_000 - 1).is_ok());
    assert_eq!(world.open_at(id, GUEST, 15 * 60_000), Err(shop::quote::Refusal::Expired));
    world.tamper(|bytes| bytes.len() - 40);
    assert_eq!(world.open(&reply), Err(shop::quote::Refusal::Unknown), "changed");
}

#[test]
fn the_same_cart_costs_the_same_and_a_split_line_too() {
    let world = World::new();
    let whole = world.quote(Some(GUEST), &cart(&[line("croissant", 3), line("espresso", 2)])).1;
    let again = world.quote(Some(GUEST), &cart(&[line("croissant", 3), line("espresso", 2)])).1;
    assert_eq!(whole["totals"], again["totals"]);
    assert_eq!(whole["lines"], again["lines"]);
    let split = [line("croissant", 1), line("espresso", 2), line("croissant", 2)];
    assert_eq!(world.quote(Some(GUEST), &cart(&split)).1["totals"], whole["totals"]);
}

#[test]
fn bodies_that_make_no_sense_are_refused_field_by_field() {
    let world = World::new();
    let long = "x".repeat(65);
    for (body, pointer) in [
        (cart(&[]), "/lines"),
        (cart(&[line("", 1)]), "/lines/0/item"),
        (cart(&[line(&long, 1)]), "/lines/0/item"),
        (cart(&[line("espresso", 0)]), "/lines/0/quantity"),
        (cart(&[line("espresso", 100)]), "/lines/0/quantity"),
        (cart(&[json!({ "item": "espresso", "quantity": 1, "for_points": 2 })]), "/lines/0/for_points"),
        (cart(&vec![line("espresso", 1); 51]), "/lines"),
    ] {
        let (status, reply) = world.quote(Some(GUEST), &body);
        assert_eq!((status, text(&reply, "/errors/0/pointer")), (422, pointer), "{reply:#}");
    }
    let mut body = cart(&[line("espresso", 1)]);
    body["outlet"] = json!("nowhere");
    assert_eq!(world.quote(Some(GUEST), &body).0, 422);
    body = cart(&[line("espresso", 1)]);
    body["pickup_at"] = json!("2026-12-22T10:00:00+05:00");
    assert_eq!(world.quote(Some(GUEST), &body).0, 422);
    body["coupons"] = json!(["NOPE-1234"]);
    body["pickup_at"] = json!("2026-11-22T18:00:00+05:00");
    let (status, reply) = world.quote(Some(GUEST), &body);
    assert_eq!(status, 200, "a coupon that is of no use stops nobody: {reply:#}");
    assert_eq!(text(&reply, "/coupons_refused/0/reason/code"), "unknown");
}

#[test]
fn quotes_of_a_guest_take_few_places() {
    let world = World::new();
    for _ in 0..40 {
        assert_eq!(world.quote(Some(GUEST), &cart(&[line("espresso", 1)])).0, 200);
    }
    let kept = world.keys().into_iter().filter(|key| key.starts_with("quote/")).count();
    assert!((1..=4).contains(&kept), "{kept}");
    let sealed = keep::sealer(&world.secrets()).open("quote/v1/elsewhere", b"short");
    assert_eq!(sealed, None);
}

//! Replays over stored receipts.

use club::member::Field;
use club::personal::Personal;
use kernel::SimulationId;
use membership::secrets::Secrets;
use serde_json::json;
use shop::simulation::{self, NewSimulation, Refused};
use store::promotions::replayed;
use store::promotions::simulations::{self, Simulation, Sums};

use crate::fixture::{BRAND, GUEST, Shop, at, kzt, now, rules};

/// Ten receipts a day apart: a latte for 1000.00 and a cake for 500.00, by turns at the two outlets, guests 1 and 2.
fn receipts(shop: &Shop) {
    let sql = shop.sql.connection();
    for number in 1..=10_i64 {
        let sold_at = at("2026-10-01T12:00:00+05:00").millis() + number * 86_400_000;
        sql.execute(
            "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
             identified_by, channel, currency, list_minor, total_minor, points_paid_minor, points_paid, points_earned, \
             reply) values (?1, 1 + ?1 % 2, ?2, ?1, x'00', ?3, ?3, case when ?1 = 10 then null else 1 + ?1 % 2 end, \
             'none', 'till', 'KZT', 150000, 150000, 0, 0, 0, '{}')",
            rusqlite::params![number, format!("2026-10-{:02}", number + 1), sold_at],
        )
        .expect("a receipt");
        sql.execute(
            "insert into receipt_lines (receipt_id, line_no, product_code, name, category, quantity, unit_price_minor, \
             discount_minor, amount_minor, points_paid_minor, points_paid, points_earned, fractional) \
             values (?1, 1, 'latte', 'Latte', 'drinks', 1000, 100000, 0, 100000, 0, 0, 0, 0), \
                    (?1, 2, 'cake', 'Cake', 'food', 1000, 50000, 0, 50000, 0, 0, 0, 0)",
            [number],
        )
        .expect("lines");
    }
}

fn begin(shop: &mut Shop, rules_of: serde_json::Value) -> Simulation {
    let rules = rules(rules_of);
    let drafted = shop.write(now(), |tx, moment| {
        shop::promotion::administration::create(tx, &rules, "draft", None, moment)
    });
    let new = NewSimulation {
        promotion: drafted.expect("a draft").0.id,
        version: None,
        sold_from: at("2026-10-01T00:00:00+05:00"),
        sold_until: at("2026-11-01T00:00:00+05:00"),
        assume_coupon: false,
    };
    shop.write(now(), |tx, moment| simulation::begin(tx, &new, None, moment)).expect("a replay")
}

/// Runs to the end in slices; returns how many it took.
fn run(shop: &Shop, id: SimulationId, slice: i64) -> usize {
    (1..100)
        .find(|_| simulation::run(&shop.sql, id, slice, None, now()).expect("a slice").done)
        .expect("an end")
}

fn sums(shop: &Shop, id: SimulationId) -> Vec<(String, Sums)> {
    let parts = simulations::list_parts(&shop.sql, id).expect("parts");
    parts.into_iter().map(|part| (part.code, part.sums)).collect()
}

#[test]
fn a_replay_reports_cost_guests_franchisees_margin_and_overlap() {
    let mut shop = Shop::new();
    receipts(&shop);
    let running = shop.live(json!({ "priority": 1, "effects": [{ "kind": "amount_off", "on": { "products": ["cake"] }, "amount": kzt("100") }] }));
    let costs = [("latte".to_owned(), kernel::Currency::Kzt, 40_000)];
    shop.write(now(), |tx, _| store::promotions::costs::set_costs(tx, BRAND, &costs, now())).expect("costs");
    let draft = begin(&mut shop, json!({ "effects": [{ "kind": "percent_off", "percent": "0.1" }] }));
    assert_eq!(run(&shop, draft.id, 3), 4, "ten receipts in slices of three");
    let found = sums(&shop, draft.id);
    let (code, north) = &found[0];
    // Receipts 2, 4, … are at outlet 1 of North. The cake's 100.00 come off first; 10 % of 1400.00 is 140.00.
    assert_eq!((code.as_str(), north.receipts, north.touched, north.overlapping), ("north", 5, 5, 5));
    assert_eq!((north.list_minor, north.discount_minor, north.added_minor), (750_000, 70_000, 70_000));
    assert_eq!((north.brand_minor, north.franchisee_minor, north.partner_minor), (35_000, 35_000, 0));
    assert_eq!(
        (north.costed_minor, north.cost_minor, north.costed_discount_minor),
        (500_000, 200_000, 50_000)
    );
    let done = simulation::load(&shop.sql, draft.id).expect("a replay");
    let guests = simulations::count_guests(&shop.sql, draft.id);
    assert_eq!((done.done, guests), (true, Ok(2)), "nine receipts of two guests");
    assert_eq!(simulations::list_overlaps(&shop.sql, draft.id, 10), Ok(vec![(running, 10)]));
}

/// However it is cut, and whatever is run twice, the sums are the same.
#[test]
fn slices_add_up_and_repeat_without_harm() {
    let mut shop = Shop::new();
    receipts(&shop);
    let rules = || json!({ "condition": { "kind": "outlet", "any_of": ["001"] } });
    let (whole, parts) = (begin(&mut shop, rules()), begin(&mut shop, rules()));
    run(&shop, whole.id, 5_000);
    run(&shop, parts.id, 1);
    simulation::run(&shop.sql, parts.id, 1, None, now()).expect("nothing more to do");
    assert_eq!(sums(&shop, whole.id), sums(&shop, parts.id));
    // A run that was overtaken writes nothing.
    let stale = Simulation { cursor: 3, ..parts };
    assert_eq!(simulations::advance(&shop.sql, &stale, 5, now()), Ok(false));
}

/// Facts are those of the sale: visits before it, its hour at the outlet.
#[test]
fn facts_are_those_of_the_sale() {
    let mut shop = Shop::new();
    receipts(&shop);
    let touched = |shop: &mut Shop, condition| -> i64 {
        let draft = begin(shop, json!({ "condition": condition }));
        run(shop, draft.id, 100);
        sums(shop, draft.id).iter().map(|(_, sums)| sums.touched).sum()
    };
    assert_eq!(touched(&mut shop, json!({ "kind": "first_purchase" })), 2);
    assert_eq!(touched(&mut shop, json!({ "kind": "member" })), 9);
    assert_eq!(touched(&mut shop, json!({ "kind": "time_of_day", "from": "12:00", "until": "12:01" })), 10);
    assert_eq!(touched(&mut shop, json!({ "kind": "coupon" })), 0);
    let again = begin(&mut shop, json!({}));
    let new = NewSimulation {
        promotion: again.promotion,
        version: None,
        sold_from: again.sold_until,
        sold_until: again.sold_from,
        assume_coupon: true,
    };
    let refused = shop.write(now(), |tx, moment| simulation::begin(tx, &new, None, moment));
    assert_eq!(refused, Err(Refused::Span));
}

/// How many receipts a draft with this condition would touch, with everybody's birthday known.
fn touched_with(shop: &mut Shop, rules_of: serde_json::Value, secrets: Option<&Secrets>) -> i64 {
    let draft = begin(shop, rules_of);
    let mut moment = club::Moment { now: now(), ids: &mut shop.ids };
    simulation::tick(&shop.sql, simulation::TICK_MAX, secrets, &mut moment).expect("a run");
    assert!(simulation::load(&shop.sql, draft.id).expect("a replay").done);
    sums(shop, draft.id).iter().map(|(_, sums)| sums.touched).sum()
}

/// What is not known of the past is taken as it is today: segments, tags, birthdays, sizes and tags of goods.
#[test]
fn guests_and_goods_are_known_as_they_are_today() {
    let mut shop = Shop::new();
    receipts(&shop);
    let secrets = Secrets::parse("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        .expect("secrets");
    let random = |count: usize| vec![3; count];
    let personal = Personal { secrets: &secrets, random: &random };
    let sealed = personal.seal(club::member::place(GUEST, Field::Birthday), "--10-05");
    let sql = shop.sql.connection();
    sql.execute("update members set birthday_sealed = ?1 where id = 1", [sealed]).expect("a birthday");
    sql.execute_batch(
        "insert into member_segments values (2, 'press', 0); insert into member_tags values (1, 'vegan', 0);
         insert into receipt_payments values (3, 1, 'transfer', 150000), (4, 1, 'cash', 150000);
         insert into receipt_modifiers values (5, 1, 1, 'oat', 1, 6000);",
    )
    .expect("rows");
    let item = json!({
        "code": "latte", "names": { "ru": "Латте", "kk": "Латте", "en": "Latte" }, "category": "hot",
        "tags": ["milk"],
        "sizes": [{ "code": "m", "names": { "ru": "M", "kk": "M", "en": "M" }, "product_code": "latte" }],
    });
    sql.execute("insert into brand_items values ('bean', 'latte', ?1, null, 0)", [item.to_string()])
        .expect("an item");
    // Guest 1 has the even receipts but the tenth, guest 2 the odd ones.
    let mut touched = |condition: serde_json::Value| {
        touched_with(&mut shop, json!({ "condition": condition }), Some(&secrets))
    };
    assert_eq!(touched(json!({ "kind": "segment", "any_of": ["press"] })), 5);
    assert_eq!(touched(json!({ "kind": "tag", "any_of": ["vegan"] })), 4);
    // Receipts of guest 1 are of 3, 5, 7 and 9 October; the birthday is the 5th.
    assert_eq!(touched(json!({ "kind": "birthday", "days_before": 2, "days_after": 1 })), 2);
    assert_eq!(touched(json!({ "kind": "payment", "any_of": ["sbp"] })), 1);
    let goods = |of: serde_json::Value| json!({ "kind": "pieces", "of": of, "at_least": 1 });
    assert_eq!(touched(goods(json!({ "sizes": ["m"] }))), 10);
    assert_eq!(touched(goods(json!({ "tags": ["milk"] }))), 10);
    assert_eq!(
        touched(goods(json!({ "categories": ["hot"] }))),
        10,
        "the brand's category, where it has one"
    );
    assert_eq!(touched(goods(json!({ "modifiers": ["oat"] }))), 1);
    let birthday = json!({ "condition": { "kind": "birthday", "days_before": 2, "days_after": 1 } });
    assert_eq!(touched_with(&mut shop, birthday, None), 0, "without keys nobody's birthday is known");
}

/// The timer goes on with what was begun, one run after another, and an ended replay is left alone.
#[test]
fn the_timer_goes_on_with_replays() {
    let mut shop = Shop::new();
    receipts(&shop);
    let (first, second) = (begin(&mut shop, json!({})), begin(&mut shop, json!({})));
    assert_eq!(simulation::due_at(&shop.sql, now()), Ok(Some(now())));
    let mut looked_at = Vec::new();
    while simulation::due_at(&shop.sql, now()).expect("storage").is_some() {
        let mut moment = club::Moment { now: now(), ids: &mut shop.ids };
        looked_at.extend(simulation::tick(&shop.sql, 7, None, &mut moment).expect("a run"));
        assert!(looked_at.len() < 10, "it ends");
    }
    assert_eq!(looked_at.iter().sum::<i64>(), 20, "{looked_at:?}");
    assert_eq!(sums(&shop, first.id), sums(&shop, second.id));
    let mut moment = club::Moment { now: now(), ids: &mut shop.ids };
    assert_eq!(simulation::tick(&shop.sql, 7, None, &mut moment), Ok(Some(0)));
}

/// What was recorded before the span is not read at all.
#[test]
fn receipts_before_the_span_are_passed_over() {
    let mut shop = Shop::new();
    receipts(&shop);
    assert_eq!(replayed::seek(&shop.sql, at("2026-01-01T00:00:00Z")), Ok(0));
    // Receipt 4 was recorded at noon of the 5th.
    assert_eq!(replayed::seek(&shop.sql, at("2026-10-05T00:00:00+05:00")), Ok(3));
    assert_eq!(replayed::seek(&shop.sql, at("2026-10-05T13:00:00+05:00")), Ok(4));
    assert_eq!(replayed::seek(&shop.sql, at("2027-01-01T00:00:00Z")), Ok(10));
    let rules = rules(json!({}));
    let drafted = shop.write(now(), |tx, moment| {
        shop::promotion::administration::create(tx, &rules, "draft", None, moment)
    });
    let new = NewSimulation {
        promotion: drafted.expect("a draft").0.id,
        version: None,
        sold_from: at("2026-10-07T00:00:00+05:00"),
        sold_until: at("2026-10-09T00:00:00+05:00"),
        assume_coupon: false,
    };
    let begun = shop.write(now(), |tx, moment| simulation::begin(tx, &new, None, moment)).expect("a replay");
    assert_eq!(
        (begun.cursor, begun.end),
        (4, 10),
        "a day for clocks; the receipts of today may still be late"
    );
    run(&shop, begun.id, 100);
    let receipts: i64 = sums(&shop, begun.id).iter().map(|(_, sums)| sums.receipts).sum();
    assert_eq!(receipts, 2);
}

//! What the guest is told of an order that was undone: once, with what becomes of money and points.

use club::gift;
use kernel::{OrderId, Points};
use ordering::Outcome;
use ordering::model::CancelReason;
use serde_json::{Value, json};
use shop::order::{self, desk};

use crate::world::{GUEST, PRICE, World};

/// What the guest is told of an order.
fn told(world: &World, id: OrderId) -> Vec<Value> {
    let query =
        "select data from notifications where topic = 'order.cancelled' and dedupe = ?1 and member_id = ?2";
    let mut rows = world.sql.connection().prepare(query).expect("a query");
    let values = rusqlite::params![format!("order.cancelled:{id}"), GUEST.raw()];
    let texts = rows.query_map(values, |row| row.get::<_, String>(0)).expect("rows");
    texts.map(|text| serde_json::from_str(&text.expect("a text")).expect("JSON")).collect()
}

fn cancel(world: &mut World, id: OrderId) {
    world.write(|tx, moment| desk::cancel(tx, id, CancelReason::Guest, moment)).expect("cancelled");
}

#[test]
fn what_was_paid_is_named_and_however_often_it_is_undone_it_is_told_once() {
    let mut world = World::new();
    world.give_phone();
    let quote = world.quote(None, 0);
    let placed = world.place(&quote).expect("an order");
    let (id, payment) = (placed.order.id, placed.order.payments[0].id);
    world.tell(id, &Outcome::PaymentSucceeded { payment });
    assert_eq!(told(&world, id), Vec::<Value>::new(), "nothing to tell yet");
    cancel(&mut world, id);
    let expected = json!({
        "order": placed.facts.number, "reason": "guest", "money": { "amount": "1000.00", "currency": "RUB" },
    });
    assert_eq!(told(&world, id), std::slice::from_ref(&expected));
    cancel(&mut world, id);
    let refund = order::load(&world.sql, id).expect("the order").order.refunds[0].id;
    world.tell(id, &Outcome::RefundOpened { refund });
    world.tell(id, &Outcome::RefundSucceeded { refund });
    assert_eq!(told(&world, id), [expected]);
}

#[test]
fn money_that_comes_too_late_is_in_the_words_that_were_told() {
    let mut world = World::new();
    let quote = world.quote(None, 0);
    let placed = world.place(&quote).expect("an order");
    let (id, payment) = (placed.order.id, placed.order.payments[0].id);
    world.tell(id, &Outcome::PaymentOpened { payment });
    world.now = placed.order.pay_until.plus_millis(3_600_000);
    world.tell(id, &Outcome::PayTimeUp);
    let expected = json!({ "order": placed.facts.number, "reason": "not_paid" });
    assert_eq!(told(&world, id), std::slice::from_ref(&expected));
    world.tell(id, &Outcome::PaymentSucceeded { payment });
    let over = order::load(&world.sql, id).expect("the order");
    assert_eq!(over.order.refunds.iter().map(|refund| refund.amount_minor).sum::<i64>(), PRICE);
    assert_eq!(told(&world, id), [expected], "once for an order");
}

#[test]
fn points_that_were_held_are_named() {
    let mut world = World::new();
    world.programme(&json!({}));
    let given = gift::Gift {
        member: GUEST,
        points: Points::from_hundredths(50_000),
        giver: gift::Giver::Person,
        event: "test:gift".to_owned(),
        outlet: None,
        note: None,
        good_days: 100,
    };
    world.write(|tx, moment| gift::give(tx, &given, moment)).expect("points");
    let mut quote = world.quote(None, 0);
    quote.totals.points_spent = 20_000;
    quote.totals.points_spent_minor = 20_000;
    quote.totals.payable_minor = PRICE - 20_000;
    let placed = world.place(&quote).expect("an order");
    assert!(placed.facts.hold.is_some());
    let (id, payment) = (placed.order.id, placed.order.payments[0].id);
    world.tell(id, &Outcome::PaymentCancelled { payment, reason: "declined".to_owned() });
    assert_eq!(told(&world, id), Vec::<Value>::new(), "another payment is possible");
    cancel(&mut world, id);
    let expected = json!({ "order": placed.facts.number, "reason": "guest", "points": "200.00" });
    assert_eq!(told(&world, id), [expected]);
    let available = "select available from balances where member_id = 1";
    assert_eq!(world.count(available), 50_000, "and they are there");
}

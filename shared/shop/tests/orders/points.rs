use kernel::{Date, Points};
use loyalty::accrual::DaySoFar;
use ordering::model::CancelReason;
use serde_json::json;
use shop::order::{Refusal, desk, quote_of, sale};
use shop::{day, order};

use crate::world::{GUEST, World, at};

/// Hundredths of points: five percent of the price.
const PROMISED: i64 = 5_000;

fn today() -> Date {
    Date::parse("2026-11-23").expect("a date")
}

fn so_far(world: &World) -> DaySoFar {
    day::so_far(&world.sql, GUEST, today(), world.now).expect("storage")
}

#[test]
fn two_orders_are_not_promised_the_same_points_of_a_day() {
    let mut world = World::new();
    world.programme(&json!({ "points_per_day": "60.00" }));
    let (first, second) = (world.quote(None, PROMISED), world.quote(None, PROMISED));
    let placed = world.place(&first).expect("the day has room");
    assert_eq!(so_far(&world), DaySoFar { points: Points::from_hundredths(PROMISED), receipts: 1 });
    assert_eq!(world.place(&second).map(|_| ()), Err(Refusal::DayFull));
    let other_day = world.quote(Some(at("2026-11-24T09:00:00+05:00")), PROMISED);
    assert_eq!(world.place(&other_day).map(|_| ()), Ok(()), "it counts for the day on which it is fetched");
    world
        .write(|tx, moment| desk::cancel(tx, placed.order.id, CancelReason::Guest, moment))
        .expect("cancelled");
    assert_eq!(so_far(&world), DaySoFar::default(), "what is undone promises nothing");
    assert_eq!(world.place(&second).map(|_| ()), Ok(()));
}

#[test]
fn receipts_a_day_are_counted_with_orders() {
    let mut world = World::new();
    world.programme(&json!({ "receipts_per_day": 1 }));
    let (first, second) = (world.quote(None, PROMISED), world.quote(None, PROMISED));
    world.place(&first).expect("the day has room");
    assert_eq!(world.place(&second).map(|_| ()), Err(Refusal::DayFull));
    let nothing = world.quote(None, 0);
    assert_eq!(world.place(&nothing).map(|_| ()), Ok(()), "an order that earns nothing is none of the day's");
}

#[test]
fn what_was_promised_is_granted_whatever_the_day_brought_and_once() {
    let mut world = World::new();
    world.programme(&json!({ "points_per_day": "60.00" }));
    let quote = world.quote(None, PROMISED);
    let placed = world.place(&quote).expect("an order");
    // In the meantime a till granted what the day allowed.
    world.execute(
        "insert into receipts (id, outlet_id, business_date, number, request_hash, sold_at, recorded_at, member_id, \
         identified_by, channel, currency, list_minor, total_minor, points_paid, points_paid_minor, points_earned, reply) \
         values (1, 1, '2026-11-23', '1', x'00', 0, 0, 1, 'member', 'counter', 'RUB', 0, 0, 0, 0, 3000, '{}')",
    );
    for _ in 0..2 {
        let stored = order::load(&world.sql, placed.order.id).expect("the order");
        let quote = quote_of(&stored).expect("the quote");
        world.write(|tx, moment| sale::record(tx, &stored, &quote, moment)).expect("recorded");
    }
    assert_eq!(world.count("select pending + available from balances where member_id = 1"), PROMISED);
    assert_eq!(world.count("select count(*) from receipts"), 2);
}

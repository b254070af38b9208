//! Orders for later: paid now, kept, and told to the till in time.

use std::time::Duration;

use jiff::Timestamp;
use rig::counter::OUTLET;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::shop::Shop;

/// How long before an order is wanted its till is told, where the outlet says nothing else.
const LEAD: Duration = Duration::from_secs(15 * 60);

/// An order that is wanted in so many minutes, paid.
fn paid_for(shop: &Shop, minutes: i64) -> String {
    let at = Timestamp::from_second(Timestamp::now().as_second() + minutes * 60).expect("a time");
    let quote = shop.quote_for("50", Some(&at.to_string()));
    let order = shop.order(&quote).expect("an answer").ok()["id"].as_str().expect("an id").to_owned();
    shop.pay(&order);
    let kept = shop.await_order(&order, "kept", |found| found["status"]["code"] == "scheduled");
    assert_eq!((&kept["stage"], &kept["can_cancel"]), (&json!("dispatching"), &json!(true)));
    let time =
        |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).expect("a time");
    let lead = time(&kept["pickup_at"]).as_second() - time(&kept["to_till_at"]).as_second();
    assert_eq!(u64::try_from(lead), Ok(LEAD.as_secs()));
    order
}

/// Long enough for the timer to have run a few times.
fn wait_for_timers(shop: &Shop, order: &str) {
    std::thread::sleep(Duration::from_secs(5));
    assert!(shop.at_till(order).is_empty(), "the till knows nothing of it yet");
}

/// Waits until the stop list was read: the event sets it off, and the timer comes once a minute.
fn await_stops(shop: &Shop) {
    let started = std::time::Instant::now();
    while shop.count("select count(*) from chain_stops") == 0 {
        assert!(started.elapsed() < Duration::from_secs(180), "the stop list is read");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn an_order_for_later_is_kept_and_told_in_time() {
    let mut shop = Shop::open("later_told");
    let order = paid_for(&shop, 60);
    wait_for_timers(&shop, &order);
    shop.reboot_after(Duration::from_secs(44 * 60));
    wait_for_timers(&shop, &order);
    shop.reboot_after(Duration::from_secs(2 * 60));
    shop.await_stage(&order, "accepted");
    let at_till = shop.at_till(&order);
    assert_eq!(at_till.len(), 1);
    assert!(at_till[0].request["completeBefore"].is_string(), "the till is told when it is wanted");
    shop.hand_over(&order);
    shop.assert_order_in_books();
}

#[test]
fn cancelled_while_it_is_kept_it_costs_nothing() {
    let shop = Shop::open("later_cancelled");
    let order = paid_for(&shop, 60);
    let path = format!("/v1/orders/{order}/cancel");
    let cancelled = shop.guest_sends("POST", &path, None, None).expect("an answer").ok();
    assert_eq!((&cancelled["stage"], &cancelled["cancel_reason"]), (&json!("cancelled"), &json!("guest")));
    shop.await_order(&order, "the money back", |found| found["refunds"][0]["status"] == "succeeded");
    assert_eq!(shop.kept(&order), Decimal::ZERO);
    let (available, held, _) = shop.points(shop.buyer());
    assert_eq!((available.as_str(), held.as_str()), ("200.00", "0.00"));
    assert!(shop.at_till(&order).is_empty(), "nobody made anything");
    shop.assert_order_in_books();
}

#[test]
fn what_is_gone_when_its_time_comes_means_the_money_back() {
    for (name, reason) in [("later_sold_out", "out_of_stock"), ("later_closed", "outlet_closed")] {
        let mut shop = Shop::open(name);
        let order = paid_for(&shop, 60);
        match reason {
            "out_of_stock" => {
                shop.partners.iiko.stop(OUTLET, "00013", 1);
                await_stops(&shop);
            }
            _ => {
                shop.kill();
                let database =
                    rusqlite::Connection::open(rig::state::database_path(&shop.dir)).expect("a database");
                let closed =
                    database.execute("update outlets set status = 'closed' where code = ?1", [OUTLET]);
                assert_eq!(closed.expect("an outlet"), 1);
            }
        }
        shop.reboot_after(Duration::from_secs(46 * 60));
        let over = shop.await_order(&order, "the money back", |found| {
            found["stage"] == "cancelled" && found["refunds"][0]["status"] == "succeeded"
        });
        assert_eq!(over["cancel_reason"], reason);
        assert_eq!(over["status"]["code"], "refunded");
        assert!(shop.at_till(&order).is_empty(), "the till is not told of what cannot be");
        assert_eq!(shop.kept(&order), Decimal::ZERO);
        shop.assert_order_in_books();
    }
}

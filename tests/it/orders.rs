//! An order from the quote to the counter, and what becomes of it when a partner fails.
//!
//! Two middle cappuccinos at 209 with oat milk at 60 are 538 roubles; 50 points pay 50 of it, and 5 % of the rest come
//! back as points.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use partners::fault::Effect;
use partners::yookassa::Payment;
use rig::counter::OUTLET;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::shop::Shop;

/// What is left to pay.
const PAYABLE: Decimal = Decimal::from_parts(488, 0, 0, false, 0);
/// Points before, during and after an order that is handed over: available, held.
const BEFORE: (&str, &str) = ("200.00", "0.00");
const DURING: (&str, &str) = ("150.00", "50.00");
const AFTER: (&str, &str) = ("174.40", "0.00");
/// A paid order looks for its till for ten minutes.
const OUT_OF_PATIENCE: Duration = Duration::from_secs(11 * 60);

/// Longest life of an order that is followed.
const FOLLOWED: Duration = Duration::from_secs(120);

fn assert_points(shop: &Shop, (available, held): (&str, &str)) {
    assert_eq!(shop.points(shop.buyer()), (available.to_owned(), held.to_owned(), "0.00".to_owned()));
}

/// Sold once: one order at the till, one charge, one receipt, points once.
fn assert_sold(shop: &Shop, order: &str) {
    let statuses: Vec<String> = shop.at_till(order).into_iter().map(|found| found.status).collect();
    assert_eq!(statuses, ["Closed"]);
    assert_eq!(shop.kept(order), PAYABLE);
    assert_eq!(shop.count("select count(*) from receipts"), 1);
    assert_points(shop, AFTER);
    shop.assert_order_in_books();
}

fn statuses(payments: &[Payment]) -> Vec<&str> {
    payments.iter().map(|payment| payment.status.as_str()).collect()
}

#[test]
fn an_order_is_paid_made_and_handed_over() {
    let shop = Shop::open("order_handed_over");
    let quote = shop.quote("50");
    assert_eq!(quote["totals"]["payable"]["amount"], "488.00");
    assert_eq!(quote["totals"]["points_earned"], "24.40");
    let placed = shop.order(&quote).expect("an answer");
    assert_eq!(placed.status, 201, "{}", placed.body);
    let again = shop.order(&quote).expect("an answer");
    assert!(
        again.replayed && again.body["id"] == placed.body["id"],
        "one quote is one order: {}",
        again.body
    );
    let order = placed.body["id"].as_str().expect("an id");
    assert_points(&shop, DURING);
    assert!(shop.at_till(order).is_empty(), "nothing goes to the till before it is paid");
    shop.pay(order);
    let accepted = shop.await_stage(order, "accepted");
    assert_eq!(accepted["payment"]["status"], "succeeded");
    let handed_over = shop.hand_over(order);
    assert!(handed_over["receipt"].is_string(), "{handed_over}");
    assert_sold(&shop, order);
}

#[test]
fn a_declined_payment_is_tried_again_and_charged_once() {
    let shop = Shop::open("order_declined");
    let order = shop.place("50");
    let first = shop.await_link(&order);
    assert!(shop.partners.yookassa.decline(&first.id, "insufficient_funds"));
    let declined = shop.await_order(&order, "declined", |found| found["payment"]["status"] == "cancelled");
    assert_eq!(declined["stage"], "awaiting_payment");
    assert_eq!(declined["status"]["code"], "payment_failed");
    assert_eq!(declined["can_pay_again"], true);
    assert!(shop.at_till(&order).is_empty());
    assert_points(&shop, DURING);
    let path = format!("/v1/orders/{order}/payment");
    let second = shop.guest_sends("POST", &path, Some("second"), None).expect("an answer").ok();
    assert_ne!(second["payment"]["id"], declined["payment"]["id"]);
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    shop.hand_over(&order);
    let mut payments = shop.payments(&order);
    payments.sort_by(|one, other| one.status.cmp(&other.status));
    assert_eq!(statuses(&payments), ["canceled", "succeeded"]);
    assert_sold(&shop, &order);
}

#[test]
fn a_till_that_is_offline_means_the_money_and_the_points_back() {
    let mut shop = Shop::open("order_offline");
    shop.partners.iiko.till(OUTLET, false);
    let order = shop.place("50");
    shop.pay(&order);
    shop.await_stage(&order, "dispatching");
    let tried = |found: &Value| found["status"]["code"] == "sending_slow";
    let told = |shop: &Shop| shop.count("select max(sends) from orders") >= 1;
    shop.await_order(&order, "sent in vain", |found| tried(found) || told(&shop));
    assert_eq!(shop.kept(&order), PAYABLE);
    shop.reboot_after(OUT_OF_PATIENCE);
    let refunded = shop.await_order(&order, "the money back", |found| {
        found["stage"] == "cancelled" && found["refunds"][0]["status"] == "succeeded"
    });
    assert_eq!(refunded["refunds"][0]["amount"]["amount"], "488.00");
    assert_eq!(refunded["refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(shop.kept(&order), Decimal::ZERO);
    // A till that wakes up has nothing to make.
    shop.partners.iiko.till(OUTLET, true);
    assert!(shop.at_till(&order).iter().all(|found| found.creation != "Success"));
    assert_eq!(shop.count("select count(*) from receipts"), 0);
    assert_points(&shop, BEFORE);
    shop.assert_order_in_books();
}

#[test]
fn lost_replies_make_neither_a_second_charge_nor_a_second_coffee() {
    let shop = Shop::open("order_lost_replies");
    shop.partners.yookassa_desk().faults.next("/payments", 1, Effect::LoseAnswer);
    shop.partners.iiko_desk().faults.next("/deliveries/create", 1, Effect::LoseAnswer);
    let order = shop.place("50");
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    shop.hand_over(&order);
    assert_eq!(statuses(&shop.payments(&order)), ["succeeded"], "{}", shop.journals());
    for (desk, path) in
        [(shop.partners.yookassa_desk(), "/payments"), (shop.partners.iiko_desk(), "/deliveries/create")]
    {
        let lost =
            desk.journal.about(path).into_iter().filter(|entry| entry.applied && entry.status.is_none());
        assert_eq!(lost.count(), 1, "a reply of {path} was lost");
    }
    assert_sold(&shop, &order);
}

#[test]
fn a_refund_whose_reply_is_lost_goes_back_once() {
    let shop = Shop::open("order_lost_refund");
    let order = shop.place("50");
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    shop.partners.yookassa_desk().faults.next("/refunds", 1, Effect::LoseAnswer);
    let path = format!("/v1/orders/{order}/cancel");
    shop.guest_sends("POST", &path, None, None).expect("an answer").ok();
    shop.await_order(&order, "the money back", |found| {
        found["stage"] == "cancelled" && found["refunds"][0]["status"] == "succeeded"
    });
    let refunded: Vec<Decimal> = shop.payments(&order).iter().map(|payment| payment.refunded).collect();
    assert_eq!(refunded, [PAYABLE]);
    let asked = shop.partners.yookassa_desk().journal.about("/refunds");
    assert!(asked.iter().filter(|entry| entry.method == "POST").count() >= 2, "it was asked for again");
    let at_till: Vec<String> = shop.at_till(&order).into_iter().map(|found| found.status).collect();
    assert_eq!(at_till, ["Cancelled"]);
    assert_points(&shop, BEFORE);
    shop.assert_order_in_books();
}

#[test]
fn an_order_is_followed_by_server_sent_events() {
    let shop = Shop::open("order_events");
    let order = shop.place("50");
    let (told, news) = mpsc::channel();
    let seen = std::thread::scope(|scope| {
        let follower = scope.spawn(|| follow(&shop, &order, &told));
        await_news(&news, "pay");
        shop.pay(&order);
        for code in ["received", "cooking", "ready"] {
            await_news(&news, code);
            shop.cook(&order);
        }
        await_news(&news, "handed_over");
        follower.join().expect("no panic")
    });
    assert_eq!(seen[0].1["stage"], "awaiting_payment");
    for pair in seen.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "nothing is told twice in a row");
    }
    let (_, last) = seen.last().expect("an event");
    assert_eq!(*last, shop.read(&order), "an event brings what reading brings");
    shop.assert_order_in_books();
}

/// Waits until the guest is told that the order is at `code`.
fn await_news(news: &mpsc::Receiver<String>, code: &str) {
    while news.recv_timeout(FOLLOWED).unwrap_or_else(|_| panic!("{code} is told")) != code {}
}

/// Follows an order as a browser does, coming back with the last id it saw, until it has ended; ids and data.
fn follow(shop: &Shop, order: &str, told: &mpsc::Sender<String>) -> Vec<(String, Value)> {
    let started = Instant::now();
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(FOLLOWED)).build().into();
    let mut seen: Vec<(String, Value)> = Vec::new();
    while seen.last().is_none_or(|(_, data)| data["stage"] != "completed") {
        assert!(started.elapsed() < FOLLOWED, "the feed does not end: {seen:?}");
        let mut request = agent
            .get(shop.url(&format!("/v1/orders/{order}/events")))
            .header("accept", "text/event-stream")
            .header("accept-language", "en")
            .header("authorization", format!("Bearer {}", shop.buyer().token));
        if let Some((id, _)) = seen.last() {
            request = request.header("last-event-id", id);
        }
        let answer = request.call().expect("a feed");
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        let mut id = String::new();
        for line in BufReader::new(answer.into_body().into_reader()).lines() {
            let line = line.expect("a feed that ends as it should");
            if let Some(found) = line.strip_prefix("id: ") {
                found.clone_into(&mut id);
            } else if let Some(name) = line.strip_prefix("event: ") {
                assert_eq!(name, "order");
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data: Value = serde_json::from_str(data).expect("JSON");
                // Whoever listens may have heard enough.
                told.send(data["status"]["code"].as_str().unwrap_or_default().to_owned()).ok();
                seen.push((id.clone(), data));
            }
        }
    }
    seen
}

/// The receipt that a till writes of `order` by itself.
fn receipt_of(shop: &Shop, order: &str) -> Value {
    let mut sale = shop.sale(shop.own_till(), None, "538.00");
    sale["order"] = json!(order);
    let sold_at = shop.read(order)["created_at"].clone();
    sale["business_date"] = json!(sold_at.as_str().and_then(|at| at.get(..10)).expect("a date"));
    sale["sold_at"] = sold_at;
    sale
}

#[test]
fn a_tills_receipt_of_an_order_is_counted_once() {
    let shop = Shop::open("order_receipt_after");
    let order = shop.place("50");
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    let handed_over = shop.hand_over(&order);
    let joined = shop.post(shop.own_till(), "/v1/receipts", &receipt_of(&shop, &order)).ok();
    assert_eq!(joined["id"], handed_over["receipt"], "{joined}");
    assert_sold(&shop, &order);
}

#[test]
fn a_tills_receipt_that_comes_first_is_the_orders() {
    let shop = Shop::open("order_receipt_before");
    let order = shop.place("50");
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    let receipt = receipt_of(&shop, &order);
    let joined = shop.post(shop.own_till(), "/v1/receipts", &receipt).ok();
    let completed = shop.await_stage(&order, "completed");
    assert_eq!(completed["receipt"], joined["id"], "{joined}");
    // The till's events, and its receipt again, come after that.
    for _ in 0..3 {
        shop.cook(&order);
    }
    let again = shop.post(shop.own_till(), "/v1/receipts", &receipt).ok();
    assert_eq!(again["id"], joined["id"], "{again}");
    assert_sold(&shop, &order);
}

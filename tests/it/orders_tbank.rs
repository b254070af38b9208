//! Orders paid through the second acquirer, which keeps no keys, signs what it tells and calls everything a success.
//!
//! Two middle cappuccinos with oat milk, 538 roubles, fifty of them paid with points.

use std::time::Duration;

use kernel::PaymentId;
use partners::fault::Effect;
use partners::hooks::Manner;
use partners::tbank::Payment;
use rig::counter::Bank;
use serde_json::json;

use crate::shop::Shop;

/// Kopecks.
const PAYABLE: i64 = 48_800;

/// The order's payments at the bank, by the keys that our database has; the oldest first.
fn at_bank(shop: &Shop) -> Vec<Payment> {
    let database = shop.database();
    let mut find = database.prepare("select id from order_payments order by id").expect("a statement");
    let keys = find.query_map([], |row| row.get::<_, i64>(0)).expect("rows");
    let keys: Vec<String> = keys.map(|id| PaymentId::from_raw(id.expect("a number")).to_string()).collect();
    let mut payments = shop.partners.tbank.payments();
    payments.retain(|payment| keys.contains(&payment.order));
    payments
}

fn statuses(shop: &Shop) -> Vec<(&'static str, i64)> {
    at_bank(shop).iter().map(|payment| (payment.status, payment.returned)).collect()
}

/// The guest opens the link and pays.
fn pay(shop: &Shop, order: &str) {
    shop.await_order(order, "a code to pay by", |found| found["payment"]["confirmation"]["kind"] == "qr");
    let open = at_bank(shop).into_iter().find(|payment| payment.status == "FORM_SHOWED").expect("one to pay");
    assert!(shop.partners.tbank.pay(open.id));
}

#[test]
fn an_order_is_paid_handed_over_and_returned_in_part() {
    let shop = Shop::open_with("tbank_story", Bank::TBank);
    let order = shop.place("50");
    assert!(shop.at_till(&order).is_empty(), "nothing goes to the till before it is paid");
    pay(&shop, &order);
    let accepted = shop.await_stage(&order, "accepted");
    assert_eq!(accepted["payment"]["status"], "succeeded");
    shop.hand_over(&order);
    assert_eq!(statuses(&shop), [("CONFIRMED", 0)]);
    // One of the two comes back; its reply is lost, and what is asked again is not given twice.
    shop.partners.tbank_desk().faults.next("/v2/Cancel", 1, Effect::LoseAnswer);
    let path = format!("/v1/order-desk/{order}/refunds");
    let body = json!({ "lines": [{ "line_no": 1, "quantity": 1 }] });
    shop.office_sends(&path, Some("one-back"), &body);
    shop.await_order(&order, "a part back", |found| found["refunds"][0]["status"] == "succeeded");
    shop.office_sends(&path, Some("one-back"), &body);
    assert_eq!(statuses(&shop), [("PARTIAL_REFUNDED", PAYABLE / 2)], "{}", shop.journals());
    let cancels = shop.partners.tbank_desk().journal.about("/v2/Cancel");
    assert!(cancels.len() >= 2, "it was asked for again");
    // The rest comes back as well, and then there is nothing more to give.
    shop.office_sends(&path, Some("the-rest"), &json!({}));
    shop.await_order(&order, "all back", |found| found["refunds"][1]["status"] == "succeeded");
    assert_eq!(statuses(&shop), [("REFUNDED", PAYABLE)]);
    shop.assert_order_in_books();
}

#[test]
fn a_declined_payment_is_tried_again_and_charged_once() {
    let shop = Shop::open_with("tbank_declined", Bank::TBank);
    let order = shop.place("50");
    shop.await_order(&order, "a code", |found| found["payment"]["confirmation"]["data"].is_string());
    assert!(shop.partners.tbank.decline(at_bank(&shop)[0].id));
    let declined = shop.await_order(&order, "declined", |found| found["payment"]["status"] == "cancelled");
    assert_eq!(
        (&declined["status"]["code"], &declined["can_pay_again"]),
        (&json!("payment_failed"), &json!(true))
    );
    let path = format!("/v1/orders/{order}/payment");
    shop.guest_sends("POST", &path, Some("second"), None).expect("an answer").ok();
    pay(&shop, &order);
    shop.await_stage(&order, "accepted");
    shop.hand_over(&order);
    assert_eq!(statuses(&shop), [("REJECTED", 0), ("CONFIRMED", 0)]);
    shop.assert_order_in_books();
}

#[test]
fn a_lost_reply_to_init_makes_one_payment() {
    let shop = Shop::open_with("tbank_lost_init", Bank::TBank);
    shop.partners.tbank_desk().faults.next("/v2/Init", 1, Effect::LoseAnswer);
    let order = shop.place("50");
    pay(&shop, &order);
    shop.await_stage(&order, "accepted");
    shop.hand_over(&order);
    assert_eq!(statuses(&shop), [("CONFIRMED", 0)], "{}", shop.journals());
    let journal = &shop.partners.tbank_desk().journal;
    assert_eq!(journal.about("/v2/Init").len(), 1, "it was looked up, not asked for again");
    assert!(!journal.about("/v2/CheckOrder").is_empty());
    shop.assert_order_in_books();
}

#[test]
fn notifications_may_come_twice_late_and_from_strangers() {
    let mut shop = Shop::open_with("tbank_hooks", Bank::TBank);
    let manner = Manner { copies: 3, delay: Duration::from_millis(300), ..Manner::default() };
    shop.partners.tbank.hooks.manner(manner);
    let order = shop.place("50");
    shop.await_order(&order, "a code", |found| found["payment"]["confirmation"]["data"].is_string());
    let payment = at_bank(&shop)[0].clone();
    // Whoever does not know the password is not believed, and neither is a signed word that the bank does not confirm.
    let mut told = json!({
        "TerminalKey": partners::world::World::small().terminal.key, "OrderId": payment.order, "Success": true,
        "Status": "CONFIRMED", "PaymentId": payment.id, "ErrorCode": "0", "Amount": PAYABLE, "Token": "0".repeat(64),
    });
    let forged = shop.send("POST", "/v1/hooks/tbank", None, None, Some(&told)).expect("an answer");
    assert_eq!(forged.status, 403, "{}", forged.body);
    told["Token"] =
        json!(partners::tbank::token::of(&told, &partners::world::World::small().terminal.password));
    let early = shop.send("POST", "/v1/hooks/tbank", None, None, Some(&told)).expect("an answer");
    assert_eq!(early.status, 200, "{}", early.body);
    assert_eq!(shop.read(&order)["stage"], "awaiting_payment", "the payment was read, and it is not paid");
    shop.partners.tbank.hooks.hold();
    pay(&shop, &order);
    shop.await_stage(&order, "accepted");
    shop.hand_over(&order);
    // What the bank tells now is long known.
    shop.partners.tbank.hooks.release(true);
    let posted = || shop.partners.tbank.hooks.attempts();
    shop.await_order(&order, "notifications", |_| posted().len() >= 3);
    assert!(posted().iter().all(|attempt| attempt.taken), "{:?}", posted());
    assert_eq!(statuses(&shop), [("CONFIRMED", 0)]);
    assert_eq!(shop.count("select count(*) from receipts"), 1);
    shop.assert_order_in_books();
    // An order that nobody pays: the bank stops taking money for it when we do.
    let unpaid = shop.place("50");
    shop.await_order(&unpaid, "a code", |found| found["payment"]["confirmation"]["data"].is_string());
    shop.partners.clock.advance(15 * 60_000);
    shop.reboot_after(Duration::from_secs(15 * 60));
    let ended = shop.await_order(&unpaid, "the end of it", |found| {
        found["stage"] == "cancelled" && found["payment"]["status"] == "cancelled"
    });
    assert_eq!(ended["cancel_reason"], "not_paid");
    assert_eq!(statuses(&shop), [("CONFIRMED", 0), ("DEADLINE_EXPIRED", 0)]);
    shop.assert_order_in_books();
}

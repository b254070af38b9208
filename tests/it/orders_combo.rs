//! A combo: an item to the guest, its parts to the till.

use serde_json::{Value, json};

use rig::counter::OUTLET;

use crate::shop::Shop;

fn quote(shop: &Shop, parts: &[&str]) -> Result<Value, Value> {
    let chosen: Vec<Value> = parts.iter().map(|code| json!({ "code": code })).collect();
    let cart = json!({
        "outlet": OUTLET, "lines": [{ "item": "90001", "quantity": 2, "modifiers": chosen }],
    });
    let answer = shop.guest_sends("POST", "/v1/quotes", None, Some(&cart)).expect("an answer");
    if answer.status < 300 { Ok(answer.body) } else { Err(answer.body) }
}

#[test]
fn a_combo_is_chosen_paid_and_made() {
    let shop = Shop::open("order_combo");
    let menu =
        shop.send("GET", &format!("/v1/outlets/{OUTLET}/menu"), None, None, None).expect("an answer").ok();
    assert!(menu.to_string().contains("Завтрак"), "it is on the menu");
    for unlawful in [&["00041"][..], &["00041", "00042", "00013-M"], &["00013-M", "00011"]] {
        if let Ok(answer) = quote(&shop, unlawful) {
            assert!(answer["id"].is_null(), "{unlawful:?} cannot be ordered: {answer}");
        }
    }
    // 299, 30 more for the large latte, 40 more for almonds.
    let quote = quote(&shop, &["00042", "00014-L"]).expect("a price");
    assert_eq!(quote["totals"]["payable"]["amount"], "738.00", "{quote}");
    let order = shop.order(&quote).expect("an answer").ok()["id"].as_str().expect("an id").to_owned();
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    let at_till = shop.at_till(&order);
    let request = &at_till[0].request;
    assert_eq!(request["combos"].as_array().map(Vec::len), Some(1), "{request}");
    assert_eq!(
        (&request["combos"][0]["amount"], request["combos"][0]["price"].to_string()),
        (&json!(2), "369".to_owned())
    );
    let parts = request["items"].as_array().expect("items");
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|part| part["comboInformation"]["comboId"] == request["combos"][0]["id"]));
    shop.hand_over(&order);
    shop.assert_order_in_books();
}

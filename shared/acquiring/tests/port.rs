//! Both acquirers behind the port: what is asked, and what their answers mean.

use acquiring::port::Unsupported;
use acquiring::tbank::Terminal;
use acquiring::yookassa::{Shop, Subject, notification};
use acquiring::{Acquirer, Confirmation, Item, NewPayment, NewRefund, PaymentMode, Reading, Receipt, State};
use kernel::{Currency, Money};
use partner::{Answer, Fault, Request};
use serde_json::{Value, json};

fn yookassa() -> Acquirer {
    Acquirer::YooKassa(Shop {
        base_url: "https://yookassa.example".into(),
        shop_id: "100500".into(),
        secret_key: "key".into(),
    })
}

fn tbank() -> Acquirer {
    Acquirer::TBank(Terminal {
        base_url: "https://tbank.example".into(),
        terminal_key: "1700000000001DEMO".into(),
        password: "demo-password".into(),
    })
}

fn receipt(mode: PaymentMode) -> Receipt {
    let item = |name: &str, quantity, unit_minor, tax_rate| Item {
        description: name.into(),
        quantity,
        unit_minor,
        tax_rate,
    };
    Receipt {
        phone: "+79120000001".into(),
        // 290.00 for three of 100.00, as a cash register takes it.
        items: vec![
            item("Капучино", 2, 9_667, Some(500)),
            item("Капучино", 1, 9_666, Some(500)),
            item("Вода", 1, 1_800, None),
        ],
        mode,
        tax_system: Some(2),
    }
}

fn open(acquirer: &Acquirer, amount: Money, receipt: &Receipt) -> Result<Request, Unsupported> {
    acquirer.open(&NewPayment {
        key: "pay_0000000000001",
        order: "ord_0000000000001",
        amount,
        description: &"д".repeat(500),
        return_url: "https://app.example/o/1",
        pay_until: None,
        notification_url: None,
        receipt: Some(receipt),
    })
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn a_payment_has_a_key_and_a_receipt_to_the_kopeck() {
    let receipt = receipt(PaymentMode::Full);
    let amount = Money::new(receipt.total_minor(), Currency::Rub);
    assert_eq!(amount.minor(), 30_800);
    let request = open(&yookassa(), amount, &receipt).expect("a request");
    assert!(request.headers.contains(&("idempotence-key", "pay_0000000000001".to_owned())));
    assert!(
        request
            .headers
            .iter()
            .any(|(name, value)| *name == "authorization" && value == "Basic MTAwNTAwOmtleQ==")
    );
    let sent = body(&request);
    assert_eq!(sent["amount"], json!({ "value": "308.00", "currency": "RUB" }));
    assert_eq!((&sent["capture"], &sent["payment_method_data"]["type"]), (&json!(true), &json!("sbp")));
    assert_eq!(sent["metadata"]["payment_id"], "pay_0000000000001");
    assert_eq!(sent["description"].as_str().map(|text| text.chars().count()), Some(128));
    assert_eq!(sent["receipt"]["customer"]["phone"], "79120000001", "without the plus");
    let items = sent["receipt"]["items"].as_array().expect("items");
    assert_eq!(items[0]["amount"]["value"], "96.67");
    assert_eq!((&items[0]["vat_code"], &items[2]["vat_code"]), (&json!(7), &json!(1)));

    let request = open(&tbank(), amount, &receipt).expect("a request");
    let sent = body(&request);
    assert_eq!((&sent["Amount"], &sent["OrderId"]), (&json!(30_800), &json!("pay_0000000000001")));
    let items = sent["Receipt"]["Items"].as_array().expect("items");
    let sum: i64 = items.iter().filter_map(|item| item["Amount"].as_i64()).sum();
    assert_eq!((sum, &items[0]["Tax"], &items[2]["Tax"]), (30_800, &json!("vat5"), &json!("none")));
    assert_eq!(sent["Receipt"]["Taxation"], "usn_income");
}

#[test]
fn what_is_prepaid_is_taxed_by_the_share_in_the_price() {
    let receipt = receipt(PaymentMode::Prepaid);
    let amount = Money::new(receipt.total_minor(), Currency::Rub);
    let sent = body(&open(&yookassa(), amount, &receipt).expect("a request"));
    let item = &sent["receipt"]["items"][0];
    assert_eq!((&item["vat_code"], &item["payment_mode"]), (&json!(9), &json!("full_prepayment")));
}

#[test]
fn what_cannot_be_taken_is_refused_before_anything_is_sent() {
    let receipt = receipt(PaymentMode::Full);
    let rows = [
        (Money::new(99, Currency::Rub), Unsupported::Amount),
        (Money::new(70_000_001, Currency::Rub), Unsupported::Amount),
        (Money::new(30_800, Currency::Kzt), Unsupported::Currency),
    ];
    for (amount, why) in rows {
        assert_eq!(open(&yookassa(), amount, &receipt).err(), Some(why), "{amount}");
        assert_eq!(tbank().check(amount), Err(why), "{amount}");
    }
    let amount = Money::new(30_800, Currency::Rub);
    let mut odd = receipt.clone();
    odd.items[0].tax_rate = Some(1_234);
    assert_eq!(open(&yookassa(), amount, &odd).err(), Some(Unsupported::Tax));
    odd.items.clear();
    assert_eq!(open(&yookassa(), amount, &odd).err(), Some(Unsupported::Lines));
}

fn answered(status: u16, body: &Value) -> Result<Answer, Fault> {
    Ok(Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

#[test]
fn answers_are_known_pending_or_not_yet() {
    let payment = |status: &str| {
        json!({
            "id": "30f7c0a1-000f-5000-9000-1b2c3d4e5f60", "status": status,
            "amount": { "value": "308.00", "currency": "RUB" },
            "confirmation": { "type": "redirect", "confirmation_url": "https://pay.example" },
            "cancellation_details": { "party": "yoo_money", "reason": "expired_on_confirmation" },
        })
    };
    for (status, state) in [
        ("pending", State::Pending),
        ("waiting_for_capture", State::Pending),
        ("succeeded", State::Succeeded),
        ("canceled", State::Cancelled { reason: "expired_on_confirmation".into() }),
    ] {
        let Reading::Known(read) = yookassa().payment(&answered(200, &payment(status))) else {
            panic!("{status}")
        };
        assert_eq!((read.state, read.amount), (state, Money::new(30_800, Currency::Rub)));
        assert_eq!(read.confirmation, Some(Confirmation::Redirect("https://pay.example".into())));
    }
    let error = |code: &str, parameter: Value| json!({ "type": "error", "id": "x", "code": code, "parameter": parameter, "retry_after": 1500 });
    let again = Reading::Again { after_ms: Some(1_500) };
    for status in [202, 429, 500, 503] {
        assert_eq!(yookassa().payment(&answered(status, &error("x", Value::Null))), again, "{status}");
    }
    assert_eq!(yookassa().payment(&Err(Fault::NoAnswer("lost".into()))), Reading::Again { after_ms: None });
    let refused = yookassa().payment(&answered(400, &error("invalid_request", json!("amount"))));
    assert_eq!(refused, Reading::Refused { reason: "invalid_request".into() });
    // The key was used with another body: what was asked under it may have happened, so it has not failed.
    let key = yookassa().read_refund(&answered(400, &error("invalid_request", json!("Idempotence-Key"))));
    assert!(matches!(key, Reading::Misconfigured { .. }), "{key:?}");
    assert!(matches!(
        yookassa().payment(&answered(401, &error("x", Value::Null))),
        Reading::Misconfigured { .. }
    ));
}

#[test]
fn the_second_acquirer_says_errors_with_success() {
    let state = |status: &str| {
        json!({
            "Success": true, "ErrorCode": "0", "TerminalKey": "t", "Status": status, "PaymentId": "7", "OrderId": "o",
            "Amount": 30_800, "PaymentURL": "https://pay.example",
        })
    };
    for (status, expected) in [
        ("NEW", State::Pending),
        ("AUTHORIZED", State::Pending),
        ("CONFIRMED", State::Succeeded),
        ("PARTIAL_REFUNDED", State::Succeeded),
        ("DEADLINE_EXPIRED", State::Cancelled { reason: "deadline_expired".into() }),
    ] {
        let Reading::Known(read) = tbank().payment(&answered(200, &state(status))) else {
            panic!("{status}")
        };
        assert_eq!(read.state, expected, "{status}");
    }
    let failed = |code: &str| json!({ "Success": false, "ErrorCode": code, "Message": "words" });
    assert!(matches!(tbank().payment(&answered(200, &failed("7"))), Reading::Refused { .. }));
    assert!(matches!(tbank().payment(&answered(200, &failed("204"))), Reading::Misconfigured { .. }));
    assert!(matches!(tbank().payment(&answered(200, &failed("9999"))), Reading::Again { .. }));
    let Reading::Known(read) = tbank().read_refund(&answered(200, &state("PARTIAL_REFUNDED"))) else {
        panic!()
    };
    assert_eq!(read.state, State::Succeeded);
}

#[test]
fn a_refund_has_a_key_of_its_own() {
    let new = NewRefund {
        key: "rfd_0000000000001",
        payment: "30f7c0a1",
        amount: Money::new(8_900, Currency::Rub),
        description: "Заказ 0007",
        receipt: None,
    };
    let request = yookassa().refund(&new).expect("a request");
    assert!(request.headers.contains(&("idempotence-key", "rfd_0000000000001".to_owned())));
    assert_eq!(body(&request)["payment_id"], "30f7c0a1");
    let sent = body(&tbank().refund(&new).expect("a request"));
    assert_eq!((&sent["ExternalRequestId"], &sent["Amount"]), (&json!("rfd_0000000000001"), &json!(8_900)));
}

#[test]
fn a_notification_is_a_hint_and_nothing_more() {
    let read = |event: &str, object: Value| {
        notification(
            json!({ "type": "notification", "event": event, "object": object }).to_string().as_bytes(),
        )
    };
    assert_eq!(read("payment.succeeded", json!({ "id": "p" })), Some(Subject::Payment("p".into())));
    let refund = Subject::Refund { id: "r".into(), payment: "p".into() };
    assert_eq!(read("refund.succeeded", json!({ "id": "r", "payment_id": "p" })), Some(refund));
    assert_eq!(read("deal.closed", json!({ "id": "d" })), Some(Subject::Other));
    assert_eq!(read("nonsense", json!({ "id": "d" })), None);
    assert_eq!(notification(b"[]"), None);
}

#[test]
fn what_may_be_there_is_looked_up_where_keys_are_not_remembered() {
    assert_eq!(yookassa().lookup("pay_1"), None, "a repetition under the key is the first payment");
    let request = tbank().lookup("pay_1").expect("a request");
    assert!(request.url.ends_with("/v2/CheckOrder"), "{}", request.url);
    assert_eq!(body(&request)["OrderId"], "pay_1");
    let of = |statuses: &[&str]| {
        let payments: Vec<Value> = statuses
            .iter()
            .enumerate()
            .map(|(at, status)| json!({ "PaymentId": at.to_string(), "Amount": 30_800, "Status": status }))
            .collect();
        let found = json!({ "TerminalKey": "t", "OrderId": "pay_1", "Success": true, "ErrorCode": "0", "Payments": payments });
        tbank().read_lookup(&answered(200, &found))
    };
    let found = |statuses: &[&str]| match of(statuses) {
        Reading::Known(Some(found)) => (found.id, found.state),
        other => panic!("{statuses:?}: {other:?}"),
    };
    assert_eq!(of(&[]), Reading::Known(None));
    assert_eq!(found(&["FORM_SHOWED"]), ("0".into(), State::Pending));
    assert_eq!(found(&["REJECTED", "NEW"]), ("1".into(), State::Pending), "one that can be paid counts");
    assert_eq!(
        found(&["NEW", "CONFIRMED"]),
        ("1".into(), State::Succeeded),
        "one that was paid counts first"
    );
    assert!(matches!(of(&["CONFIRMED", "CONFIRMED"]), Reading::Misconfigured { .. }), "a person has to look");
    let failed = |code: &str| json!({ "Success": false, "ErrorCode": code, "Message": "words" });
    let read = |status, code| tbank().read_lookup(&answered(status, &failed(code)));
    assert_eq!(read(200, "255"), Reading::Known(None), "it knows none");
    assert!(matches!(read(200, "9999"), Reading::Again { .. }), "nobody knows");
    assert!(matches!(read(200, "204"), Reading::Misconfigured { .. }));
    assert!(matches!(read(502, "0"), Reading::Again { .. }));
    let lost = tbank().read_lookup(&Err(Fault::NoAnswer("lost".into())));
    assert_eq!(lost, Reading::Again { after_ms: None });
}

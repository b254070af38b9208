//! What is refused, and that nothing of it remains.

use serde_json::{Value, json};

use crate::suite::Suite;

#[test]
fn bad_receipts_have_problems_of_their_own() {
    let suite = Suite::start("bad_receipts");
    let till = suite.till(1);
    let edit = |path: &str, value: Value| {
        let mut body = suite.sale(till, Some(suite.guest(0)), "100.00");
        *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
        body
    };
    let with = |field: &str, value: Value| {
        let mut body = suite.sale(till, Some(suite.guest(0)), "100.00");
        body[field] = value;
        body
    };
    let line = |line: Value| with("lines", json!([line]));
    let rub = |amount: &str| json!({"amount": amount, "currency": "RUB"});
    let long = "x".repeat(10_000);
    let rows = [
        (with("colour", json!("red")), 400, "malformed"),
        (with("lines", json!("none")), 400, "malformed"),
        (with("lines", json!([])), 422, "invalid-lines"),
        (with("number", json!(long)), 422, "invalid-field"),
        (with("number", json!("")), 422, "invalid-field"),
        (with("outlet", json!("ala-1")), 422, "unknown-outlet"),
        (with("business_date", json!("2026-02-30")), 422, "invalid-field"),
        (with("business_date", json!("2026-11-25")), 422, "implausible-time"),
        (with("sold_at", json!("2027-11-21T09:00:00Z")), 422, "implausible-time"),
        (with("sold_at", json!("1970-01-01T00:00:00Z")), 422, "implausible-time"),
        (with("sold_at", json!("yesterday")), 422, "invalid-field"),
        (edit("/lines/0/amount/currency", json!("KZT")), 422, "wrong-currency"),
        (edit("/lines/0/amount/amount", json!("100.001")), 422, "invalid-field"),
        (edit("/lines/0/amount/amount", json!("99.00")), 422, "sums-differ"),
        (edit("/lines/0/quantity", json!("-1")), 422, "invalid-quantity"),
        (edit("/lines/0/quantity", json!("0.5")), 422, "invalid-quantity"),
        (edit("/lines/0/line_no", json!(-1)), 400, "malformed"),
        (edit("/payments/0/amount/amount", json!("1.00")), 422, "sums-differ"),
        (edit("/guest/card", json!("no such card")), 422, "unknown-guest"),
        (with("guest", json!({"card": "G0000000", "phone": "+77010000000"})), 400, "malformed"),
        (
            line(
                json!({"line_no": 1, "product": "espresso", "quantity": "1", "unit_price": rub("9e3"), "amount": rub("100.00")}),
            ),
            422,
            "invalid-field",
        ),
        (edit("/payments/0/method", json!("points")), 422, "invalid-field"),
    ];
    for (body, status, slug) in rows {
        let reply = suite.post(till, "/v1/receipts", &body);
        assert_eq!((reply.status, reply.problem()), (status, slug), "{body}\n{}", reply.body);
    }
    assert_eq!(suite.count("select count(*) from receipts"), 0);
    assert_eq!(suite.count("select count(*) from entries"), 0);
    suite.assert_ledger_holds();
}

#[test]
fn callers_reach_only_what_is_theirs() {
    let suite = Suite::start("callers");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let sale = suite.sale(till, None, "1.00");
    let post = |token: Option<&str>| {
        suite.send("POST", "/v1/receipts", token, None, Some(&sale)).expect("an answer")
    };
    assert_eq!(post(None).problem(), "unauthenticated");
    assert_eq!(post(Some("crm_till_guess")).problem(), "unauthenticated");
    assert_eq!(post(Some(&guest.token)).problem(), "forbidden");
    let get = |token: &str| suite.send("GET", "/v1/balance", Some(token), None, None).expect("an answer");
    assert_eq!(get(&till.key).problem(), "forbidden");
    let other = suite.send("PUT", "/v1/receipts", Some(&till.key), None, Some(&sale)).expect("an answer");
    assert_eq!((other.status, other.problem()), (405, "method-not-allowed"));
    suite.sell(till, Some(guest), "1000.00");
    let hold = suite.hold(till, guest, Some("1.00"), "100.00").ok();
    let path = format!("/v1/holds/{}", hold["id"].as_str().expect("an id"));
    let foreign = suite.send("GET", &path, Some(&suite.till(0).key), None, None).expect("an answer");
    assert_eq!(foreign.problem(), "unknown-hold", "another outlet's hold");
}

#[test]
fn an_idempotency_key_means_one_intent() {
    let suite = Suite::start("an_idempotency_key");
    let (till, guest) = (suite.till(1), suite.guest(0));
    suite.sell(till, Some(guest), "1000.00");
    let body = |points: &str| {
        json!({"outlet": till.code, "guest": {"card": guest.card}, "points": points,
               "receipt_total": {"amount": "100.00", "currency": "RUB"}})
    };
    let hold = |key: Option<&str>, points: &str| {
        suite.send("POST", "/v1/holds", Some(&till.key), key, Some(&body(points))).expect("an answer")
    };
    assert_eq!(hold(None, "5.00").problem(), "idempotency-key-required");
    let first = hold(Some("k"), "5.00");
    let again = hold(Some("k"), "5.00");
    assert!(!first.replayed && again.replayed);
    assert_eq!(first.body, again.body);
    assert_eq!(hold(Some("k"), "6.00").problem(), "idempotency-mismatch");
    assert_eq!(suite.points(guest).1, "5.00");
}

#[test]
fn codes_cannot_be_tried_out() {
    let suite = Suite::start("codes_tried_out");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let attempt = |digits: u32| {
        let mut sale = suite.sale(till, None, "100.00");
        // 2026-11-21T09:30:00Z, the suite's clock.
        sale["guest"] = json!({"code": format!("L1.{}.1795253400.{digits:08}", guest.card)});
        suite.post(till, "/v1/receipts", &sale)
    };
    for digits in 0..5 {
        assert_eq!(attempt(digits).problem(), "code-refused", "{digits}");
    }
    assert_eq!((attempt(6).status, attempt(7).problem()), (429, "rate-limited"));
    assert_eq!(suite.count("select count(*) from receipts"), 0);
}

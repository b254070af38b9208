//! Receipts, holds and returns as a till and a guest see them.

use serde_json::json;

use crate::suite::Suite;

#[test]
fn a_sale_earns_with_reasons_and_is_taken_once() {
    let suite = Suite::start("a_sale_earns");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let mut sale = suite.sale(till, Some(guest), "210.00");
    let first = suite.post(till, "/v1/receipts", &sale);
    assert_eq!((first.status, first.replayed), (201, false), "{}", first.body);
    assert_eq!(first.body["accrual"]["points"], "10.50");
    assert_eq!(first.body["accrual"]["reasons"][0]["code"], "tier_rate");
    assert_eq!(first.body["balance"]["available"], "10.50");
    let again = suite.post(till, "/v1/receipts", &sale);
    assert_eq!((again.status, again.replayed), (200, true));
    assert_eq!(again.body, first.body);
    sale["lines"][0]["product"] = json!("espresso");
    assert_eq!(suite.post(till, "/v1/receipts", &sale).problem(), "receipt-conflict");
    let balance = suite.balance(guest);
    assert_eq!(balance["available"], "10.50");
    assert_eq!(balance["tier"]["progress"]["left"]["amount"], "4790.00");
    let history = suite.send("GET", "/v1/history", Some(&guest.token), None, None).expect("an answer").ok();
    assert_eq!(history["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(history["items"][0]["available"], "+10.50");
    assert_eq!(history["items"][0]["receipt"]["outlet"], "msk-1");
    suite.assert_ledger_holds();
}

#[test]
fn points_pay_and_a_partial_return_undoes_exactly() {
    let suite = Suite::start("points_pay");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let first = suite.sell(till, Some(guest), "1000.00");
    assert_eq!(first["accrual"]["points"], "50.00");
    let hold = suite.hold(till, guest, Some("30.00"), "90.00").ok();
    assert_eq!(hold["value"]["amount"], "30.00");
    assert_eq!(suite.points(guest), ("20.00".into(), "30.00".into(), "0.00".into()));
    let mut second = suite.sale(till, Some(guest), "30.00");
    second["lines"][0]["quantity"] = json!("3");
    second["lines"][0]["amount"]["amount"] = json!("90.00");
    second["payments"] = json!([
        {"method": "points", "amount": {"amount": "30.00", "currency": "RUB"}, "hold": hold["id"]},
        {"method": "cash", "amount": {"amount": "60.00", "currency": "RUB"}},
    ]);
    let paid = suite.post(till, "/v1/receipts", &second).ok();
    assert_eq!(paid["redemption"]["points"], "30.00");
    assert_eq!(paid["accrual"]["points"], "3.00");
    assert_eq!(suite.points(guest), ("23.00".into(), "0.00".into(), "0.00".into()));
    for (part, refund) in [("1", "20.00"), ("2", "40.00")] {
        let body = json!({
            "outlet": till.code, "business_date": "2026-11-21", "number": format!("R{part}"),
            "returned_at": "2026-11-21T09:10:00Z",
            "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": second["number"]},
            "lines": [{"line_no": 1, "quantity": part}],
        });
        let returned = suite.post(till, "/v1/returns", &body);
        assert_eq!(returned.status, 201, "{}", returned.body);
        assert_eq!(returned.body["refund"]["amount"], refund);
        let again = suite.post(till, "/v1/returns", &body);
        assert!(again.replayed && again.body == returned.body);
    }
    assert_eq!(suite.points(guest), ("50.00".into(), "0.00".into(), "0.00".into()), "L7");
    let more = json!({
        "outlet": till.code, "business_date": "2026-11-21", "number": "R9", "returned_at": "2026-11-21T09:11:00Z",
        "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": second["number"]},
    });
    assert_eq!(suite.post(till, "/v1/returns", &more).problem(), "return-exceeds-receipt");
    suite.assert_ledger_holds();
}

#[test]
fn a_released_hold_gives_back_and_cannot_be_captured() {
    let suite = Suite::start("a_released_hold");
    let (till, guest) = (suite.till(1), suite.guest(0));
    suite.sell(till, Some(guest), "1000.00");
    let hold = suite.hold(till, guest, None, "60.00").ok();
    assert_eq!(hold["points"], "30.00", "half of the receipt");
    assert_eq!(hold["limit"]["code"], "share");
    let path = format!("/v1/holds/{}/release", hold["id"].as_str().expect("an id"));
    for _ in 0..2 {
        let released = suite.send("POST", &path, Some(&till.key), None, None).expect("an answer").ok();
        assert_eq!(released["status"], "released");
    }
    let mut sale = suite.sale(till, Some(guest), "60.00");
    sale["payments"] = json!([
        {"method": "points", "amount": {"amount": "30.00", "currency": "RUB"}, "hold": hold["id"]},
        {"method": "cash", "amount": {"amount": "30.00", "currency": "RUB"}},
    ]);
    assert_eq!(suite.post(till, "/v1/receipts", &sale).problem(), "hold-ended");
    assert_eq!(suite.points(guest), ("50.00".into(), "0.00".into(), "0.00".into()));
    suite.assert_ledger_holds();
}

#[test]
fn a_return_of_spent_points_leaves_a_debt_that_is_repaid_first() {
    let suite = Suite::start("a_debt");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let earned = suite.sell(till, Some(guest), "1000.00");
    let hold = suite.hold(till, guest, Some("50.00"), "100.00").ok();
    let mut spend = suite.sale(till, Some(guest), "100.00");
    spend["payments"] = json!([
        {"method": "points", "amount": {"amount": "50.00", "currency": "RUB"}, "hold": hold["id"]},
        {"method": "cash", "amount": {"amount": "50.00", "currency": "RUB"}},
    ]);
    suite.post(till, "/v1/receipts", &spend).ok();
    let body = json!({
        "outlet": till.code, "business_date": "2026-11-21", "number": "R1", "returned_at": "2026-11-21T09:10:00Z",
        "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": earned["number"]},
    });
    assert_eq!(suite.post(till, "/v1/returns", &body).ok()["points_clawed"], "50.00");
    assert_eq!(suite.points(guest).0, "-47.50");
    assert_eq!(suite.hold(till, guest, Some("1.00"), "100.00").problem(), "insufficient-points");
    suite.sell(till, Some(guest), "1000.00");
    assert_eq!(suite.points(guest).0, "2.50", "L9: repaid before anything is spent");
    suite.assert_ledger_holds();
}

#[test]
fn a_batch_judges_each_line_alone() {
    let suite = Suite::start("a_batch");
    let (till, guest) = (suite.till(1), suite.guest(0));
    let good = suite.sale(till, Some(guest), "100.00");
    let mut bad = suite.sale(till, Some(guest), "100.00");
    bad["payments"][0]["amount"]["amount"] = json!("99.00");
    let back = json!({
        "outlet": till.code, "business_date": "2026-11-21", "number": "R1", "returned_at": "2026-11-21T09:10:00Z",
        "receipt": {"outlet": till.code, "business_date": "2026-11-21", "number": good["number"]},
    });
    let lines =
        [json!({"receipt": good}), json!({"receipt": bad}), json!({"return": back}), json!({"what": 1})];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let outcomes = |suite: &Suite| {
        let response = ureq::post(suite.url("/v1/receipts/batch"))
            .header("authorization", format!("Bearer {}", till.key))
            .header("content-type", "application/x-ndjson")
            .header("crema-test-clock", suite.clock.expect("a set clock"))
            .send(text.as_str());
        let text = response.expect("an answer").body_mut().read_to_string().expect("a body");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        lines.iter().map(|line| line["outcome"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&suite), ["recorded", "refused", "recorded", "refused"]);
    assert_eq!(outcomes(&suite), ["replayed", "refused", "replayed", "refused"]);
    assert_eq!(suite.points(guest).0, "0.00");
    suite.assert_ledger_holds();
}

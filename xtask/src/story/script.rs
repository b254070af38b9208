//! The script: what a person can do with the service, with the figures that must come out.
//!
//! The figures, by the rules in `xtask/demo/daily.json` (a point is worth 5 tenge, 5 % come back, 50 points for
//! signing up, at most half a receipt paid with points):
//!
//! | What | Tenge | Points | Balance |
//! |---|---|---|---|
//! | sign-up | | +50 | 50 |
//! | two cappuccinos at 1,200 and a croissant at 900 | 3,300 | +33 (5 % = 165) | 83 |
//! | hold for a latte at 1,500 | 300 | −60 held | 23 |
//! | the latte, 300 paid with points | 1,200 | +12 (5 % = 60) | 35 |
//! | one cappuccino comes back | −1,200 | −12 (its share of 33) | 23 |

use anyhow::Result;
use kernel::{Timestamp, Zone};
use serde_json::{Value, json};

use super::{Request, Step};
use crate::chain::Credentials;

/// Where the API description is served.
pub const DESCRIPTION: &str = "/v1/openapi.json";
/// The outlet of the story.
const OUTLET: &str = "ALA-1";
const CURRENCY: &str = "KZT";

/// Steps and the values that are known before the first.
pub struct Script {
    pub steps: Vec<Step>,
    pub known: Vec<(&'static str, String)>,
}

/// What changes from one telling to the next.
struct Telling {
    business_date: String,
    now: String,
    /// Receipt numbers begin with it.
    run: String,
    phone: String,
}

/// The story as it would be told at `now`.
///
/// # Errors
/// When the demo chain lacks the story's outlet.
pub fn script(credentials: &Credentials, now: Timestamp) -> Result<Script> {
    let till = credentials.till(OUTLET)?;
    let zone = Zone::parse(&till.zone).map_err(|error| anyhow::anyhow!("zone {}: {}", till.zone, error.0))?;
    // A number of the block 701 000 00 00 to 701 000 99 99, another each time: signing up twice is signing in.
    let telling = Telling {
        business_date: now.date_in(&zone).to_string(),
        now: now.rfc3339_in(&zone),
        run: format!("T{}", now.seconds()),
        phone: format!("+7701000{:04}", now.seconds().rem_euclid(10_000)),
    };
    let known = vec![("TILL", till.key.clone()), ("RUN", telling.run.clone())];
    let steps = [joining(&telling), first_receipt(&telling), spending(&telling), returning(&telling)];
    Ok(Script { steps: steps.into_iter().flatten().collect(), known })
}

/// Sign-up by phone and one-time code, and a virtual card.
fn joining(telling: &Telling) -> Vec<Step> {
    let phone = &telling.phone;
    vec![
        Step::new(
            "A guest asks for a one-time code",
            Request::post("/v1/signup", json!({ "brand": "daily", "phone": phone, "language": "en" })),
        )
        .capture("CHALLENGE", "id"),
        Step::new(
            "The code arrives by text message",
            Request::inbox(&format!("/messages?to=%2B{}", &phone[1..])),
        )
        .capture_code("CODE", "text"),
        Step::new(
            "With the code the guest is a member and signed in",
            Request::post("/v1/signup/verify", json!({ "challenge": "${CHALLENGE}", "code": "${CODE}" })),
        )
        .capture("GUEST", "access_token"),
        Step::new("A virtual card", Request::post("/v1/cards", json!({})).bearer("GUEST").keyed())
            .status(201)
            .capture("CARD", "number"),
    ]
}

/// A receipt with the card; balance; history.
fn first_receipt(telling: &Telling) -> Vec<Step> {
    let lines = json!([
        line(1, "cappuccino", "2", "1200.00", "2400.00"),
        line(2, "croissant", "1", "900.00", "900.00"),
    ]);
    let receipt = receipt(telling, 1, lines, json!([payment("card", "3300.00")]));
    vec![
        Step::new(
            "The till posts a receipt with that card",
            Request::post("/v1/receipts", receipt.clone()).bearer("TILL"),
        )
        .status(201)
        .check("/accrual/points", "33.00")
        .check("/balance/available", "83.00"),
        Step::new(
            "Sent again, it answers the same and changes nothing",
            Request::post("/v1/receipts", receipt).bearer("TILL"),
        )
        .check("/balance/available", "83.00"),
        balance("83.00", "0.00"),
        Step::new("The history, with reasons", Request::get("/v1/history").bearer("GUEST"))
            .check("/items/0/available", "33.00")
            .check("/items/1/available", "50.00"),
    ]
}

/// Points held and spent on a second receipt.
fn spending(telling: &Telling) -> Vec<Step> {
    let hold = json!({
        "outlet": OUTLET, "guest": { "card": "${CARD}" }, "points": "60", "receipt_total": money("1500.00"),
    });
    let mut points = payment("points", "300.00");
    points["hold"] = json!("${HOLD}");
    let lines = json!([line(1, "latte", "1", "1500.00", "1500.00")]);
    let receipt = receipt(telling, 2, lines, json!([points, payment("card", "1200.00")]));
    vec![
        Step::new(
            "The till holds 60 points for a second receipt",
            Request::post("/v1/holds", hold).bearer("TILL").keyed(),
        )
        .status(201)
        .capture("HOLD", "id")
        .check("/value/amount", "300.00")
        .check("/balance/available", "23.00")
        .check("/balance/held", "60.00"),
        Step::new("The receipt spends them", Request::post("/v1/receipts", receipt).bearer("TILL"))
            .status(201)
            .check("/redemption/points", "60.00")
            .check("/accrual/points", "12.00")
            .check("/balance/available", "35.00")
            .check("/balance/held", "0.00"),
    ]
}

/// A part of the first receipt comes back.
fn returning(telling: &Telling) -> Vec<Step> {
    let body = json!({
        "outlet": OUTLET,
        "business_date": telling.business_date,
        "number": format!("{}-R", telling.run),
        "returned_at": telling.now,
        "receipt": { "outlet": OUTLET, "business_date": telling.business_date, "number": number(telling, 1) },
        "lines": [{ "line_no": 1, "quantity": "1" }],
    });
    vec![
        Step::new(
            "One cappuccino of the first receipt comes back",
            Request::post("/v1/returns", body).bearer("TILL"),
        )
        .status(201)
        .check("/refund/amount", "1200.00")
        .check("/points_clawed", "12.00")
        .check("/balance/available", "23.00"),
        balance("23.00", "0.00"),
        Step::new("The whole history", Request::get("/v1/history").bearer("GUEST")),
    ]
}

fn balance(available: &str, held: &str) -> Step {
    Step::new("The balance", Request::get("/v1/balance").bearer("GUEST"))
        .check("/available", available)
        .check("/held", held)
        .check("/pending", "0.00")
}

fn receipt(telling: &Telling, index: u32, lines: Value, payments: Value) -> Value {
    json!({
        "outlet": OUTLET,
        "business_date": telling.business_date,
        "number": number(telling, index),
        "sold_at": telling.now,
        "staff": "B-1",
        "guest": { "card": "${CARD}" },
        "lines": lines,
        "payments": payments,
    })
}

fn number(telling: &Telling, index: u32) -> String {
    format!("{}-{index}", telling.run)
}

fn line(line_no: u32, product: &str, quantity: &str, price: &str, amount: &str) -> Value {
    json!({
        "line_no": line_no, "product": product, "quantity": quantity, "unit_price": money(price), "amount": money(amount),
    })
}

fn payment(method: &str, amount: &str) -> Value {
    json!({ "method": method, "amount": money(amount) })
}

fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": CURRENCY })
}

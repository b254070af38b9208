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

use super::{Known, Request, Step};
use crate::chain::Credentials;

/// Where the API description is served.
pub const DESCRIPTION: &str = "/v1/openapi.json";
/// The outlet of the story.
pub const OUTLET: &str = "ALA-1";
const CURRENCY: &str = "KZT";

/// Hours that the outlet's clock is ahead of UTC; it has no daylight saving time.
const OFFSET_HOURS: i64 = 5;

/// Steps and the values that are known before the first.
pub struct Script {
    pub steps: Vec<Step>,
    pub known: Vec<Known>,
}

/// The story as it would be told at `now`.
///
/// # Errors
/// When the demo chain lacks the story's outlet.
pub fn script(credentials: &Credentials, now: Timestamp) -> Result<Script> {
    let till = credentials.till(OUTLET)?;
    let zone = Zone::parse(&till.zone).map_err(|error| anyhow::anyhow!("zone {}: {}", till.zone, error.0))?;
    let seconds = now.seconds();
    let known = vec![
        Known::fixed("TILL", &till.key),
        // Receipt numbers begin with it, so that the story can be told again.
        Known { name: "RUN", value: format!("T{seconds}"), shell: "T$(date +%s)".to_owned() },
        // A number of the block 701 000 00 00 to 701 000 99 99, another each time: who is known only signs in.
        Known {
            name: "PHONE",
            value: format!("7701000{:04}", seconds.rem_euclid(10_000)),
            shell: "7701000$(date +%s | tail -c 5)".to_owned(),
        },
        Known {
            name: "DATE",
            value: now.date_in(&zone).to_string(),
            // POSIX counts zones westwards.
            shell: format!("$(TZ=UTC-{OFFSET_HOURS} date +%F)"),
        },
    ];
    let steps = [joining(), first_receipt(), spending(), returning()];
    Ok(Script { steps: steps.into_iter().flatten().collect(), known })
}

/// Sign-up by phone and one-time code, and a virtual card.
pub(super) fn joining() -> Vec<Step> {
    let consent = |kind| json!({ "kind": kind, "text_version": "2026-01", "granted": true });
    let asks = json!({
        "brand": "daily", "phone": "+${PHONE}", "language": "en",
        "consents": [consent("terms"), consent("personal_data")],
    });
    vec![
        Step::new("A guest asks for a one-time code", Request::post("/v1/signup", asks))
            .status(202)
            .capture("CHALLENGE", "challenge"),
        Step::new("The code arrives by text message", Request::inbox("/messages?to=%2B${PHONE}"))
            .capture_code("CODE", "text"),
        Step::new(
            "With the code the guest is a member and signed in",
            Request::post("/v1/signup/${CHALLENGE}/verify", json!({ "code": "${CODE}" })),
        )
        .status(201)
        .capture("GUEST", "access_token")
        .check("/is_new", true),
        Step::new("A virtual card", Request::post_empty("/v1/cards").bearer("GUEST").keyed())
            .status(201)
            .capture("CARD", "number"),
    ]
}

/// A receipt with the card; balance; history.
fn first_receipt() -> Vec<Step> {
    let lines = json!([
        line(1, "cappuccino", "2", "1200.00", "2400.00"),
        line(2, "croissant", "1", "900.00", "900.00"),
    ]);
    let receipt = receipt(1, lines, json!([payment("card", "3300.00")]));
    vec![
        Step::new(
            "The till posts a receipt with that card",
            Request::post("/v1/receipts", receipt.clone()).bearer("TILL"),
        )
        .stamp("SOLD1")
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
            .check("/items/0/available", "+33.00")
            .check("/items/1/available", "+50.00"),
    ]
}

/// Points held and spent on a second receipt.
fn spending() -> Vec<Step> {
    let hold = json!({
        "outlet": OUTLET, "guest": { "code": "${ROTATING}" }, "points": "60", "receipt_total": money("1500.00"),
    });
    let mut points = payment("points", "300.00");
    points["hold"] = json!("${HOLD}");
    let lines = json!([line(1, "latte", "1", "1500.00", "1500.00")]);
    let receipt = receipt(2, lines, json!([points, payment("card", "1200.00")]));
    vec![
        Step::new(
            "The app shows a code that changes every 30 seconds",
            Request::get("/v1/cards/${CARD}/code").bearer("GUEST"),
        )
        .capture("ROTATING", "rich"),
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
            .stamp("SOLD2")
            .status(201)
            .check("/redemption/points", "60.00")
            .check("/accrual/points", "12.00")
            .check("/balance/available", "35.00")
            .check("/balance/held", "0.00"),
    ]
}

/// A part of the first receipt comes back.
fn returning() -> Vec<Step> {
    let body = json!({
        "outlet": OUTLET,
        "business_date": "${DATE}",
        "number": "${RUN}-R",
        "returned_at": "${BACK}",
        "receipt": { "outlet": OUTLET, "business_date": "${DATE}", "number": number(1) },
        "lines": [{ "line_no": 1, "quantity": "1" }],
    });
    vec![
        Step::new(
            "One cappuccino of the first receipt comes back",
            Request::post("/v1/returns", body).bearer("TILL"),
        )
        .stamp("BACK")
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

fn receipt(index: u32, lines: Value, payments: Value) -> Value {
    json!({
        "outlet": OUTLET,
        "business_date": "${DATE}",
        "number": number(index),
        "sold_at": format!("${{SOLD{index}}}"),
        "staff": "B-1",
        "guest": { "card": "${CARD}" },
        "lines": lines,
        "payments": payments,
    })
}

fn number(index: u32) -> String {
    format!("${{RUN}}-{index}")
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

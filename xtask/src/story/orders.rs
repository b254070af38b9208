//! The script of orders: a chain's menu becomes the brand's, a guest orders from the app, the till makes it, money and
//! points come and go. Told against the simulators of iiko and YooKassa.
//!
//! The figures, at KZN-1 (a point is worth a rouble, 5 % come back, 50 points for signing up, at most half of it paid
//! with points):
//!
//! | What | Roubles | Points |
//! |---|---|---|
//! | two middle cappuccinos at 209 with oat milk at 60 | 538 | |
//! | a croissant | 149 | |
//! | paid with points | −50 | −50 |
//! | paid by SBP | 637 | +31 (5 % of it, whole points) |

use anyhow::Result;
use kernel::Timestamp;
use serde_json::json;

use super::{Known, Request, Step, To, script};
use crate::chain::Credentials;
use crate::totp;
use partners::Partners;
use partners::world::World;

use script::Script;

/// The outlet of the story, who sells there, and whose iiko it is in.
const OUTLET: &str = "KZN-1";
const FRANCHISEE: &str = "F-RU-1";
const BRAND: &str = "daily";
/// Articles of that chain.
const CAPPUCCINO: &str = "00013";
const CROISSANT: &str = "00041";
/// Likeness, in thousandths, from which proposals are taken as they are.
const ALIKE: u32 = 900;

/// The story as it would be told at `now`.
///
/// # Errors
/// When the demo chain lacks the administrator.
pub fn script(credentials: &Credentials, partners: &Partners, api: &str, now: Timestamp) -> Result<Script> {
    let mut known = script::script(credentials, now)?.known;
    let administrator = credentials.login("administrator")?;
    let shell = "$(cargo xtask code administrator)".to_owned();
    known.push(Known { name: "FACTOR", value: totp::code(&administrator.totp_secret, now)?, shell });
    known.push(Known::fixed("PASSWORD", &administrator.password));
    let steps = [office(partners, api), first(), undone(), refused()];
    let end = Step::new(
        "Every request that the partners got was one that they would take",
        Request { to: To::Iiko, ..Request::get("/_control/violations") },
    )
    .check("/violations", json!([]));
    Ok(Script { steps: steps.into_iter().flatten().chain([end]).collect(), known })
}

/// The office connects an iiko account and an acquirer, and makes the chain's menu the brand's.
fn office(partners: &Partners, api: &str) -> Vec<Step> {
    let world = World::demo();
    let account = &world.accounts[0];
    let (name, organization, terminal) = partners.iiko.outlet_ids(OUTLET).unwrap_or_default();
    let id = |kind, code| partners.iiko.id(&name, kind, code);
    let connects = json!({
        "name": "volga ${RUN}", "base_url": partners.roots()[0],
        "credentials": { "kind": "api_login", "api_login": account.api_login },
        "source": { "kind": "external", "menu": account.book.menu_id.to_string(), "format": 2 },
        "active": true, "webhook_token": "iiko-events-${RUN}",
    });
    let till = json!({
        "account": "${ACCOUNT}", "organization": organization, "terminal_group": terminal, "mode": "delivery",
        "payment_type": id("payment_type", "APP"), "discount_type": id("discount", "APP-DISCOUNT"),
        "points_payment_type": id("payment_type", "BONUS"),
    });
    let shop = json!({
        "kind": "yookassa", "account": world.shop.id, "secret": world.shop.secret, "tax_system": 2,
        "prepaid": false, "receipts": true,
    });
    let signs_in = json!({ "login": "administrator", "password": "${PASSWORD}", "totp_code": "${FACTOR}" });
    let staff = |title, request: Request| Step::new(title, request.bearer("STAFF"));
    let brand = |path: &str| format!("/v1/brands/{BRAND}/iiko-accounts{path}");
    let hook =
        json!({ "outlet": OUTLET, "uri": format!("{api}/v1/hooks/iiko"), "token": "iiko-events-${RUN}" });
    vec![
        Step::new("An administrator signs in", Request::post("/v1/staff/session", signs_in))
            .capture("STAFF", "access_token"),
        staff("A franchisee's iiko is connected", Request::post(&brand(""), connects))
            .status(201)
            .capture("ACCOUNT", "id"),
        staff("Its organisations and tills are read", Request::post_empty("/v1/jobs/menu-sync/run")),
        staff(
            "The outlet's orders go to this till",
            Request::put(&format!("/v1/outlets/{OUTLET}/till"), till),
        )
        .status(200),
        staff("Its menu and stop list are read", Request::post_empty("/v1/jobs/menu-sync/run")),
        staff("What the brand has not yet, it takes over", Request::post_empty(&brand("/${ACCOUNT}/adopt"))),
        staff(
            "What is alike beyond doubt is confirmed",
            Request::post(&brand("/${ACCOUNT}/matches/confirm"), json!({ "score_min": ALIKE })),
        ),
        staff("The outlets' menus are made", Request::post_empty("/v1/jobs/menu-sync/run")),
        staff(
            "YooKassa takes the franchisee's money",
            Request::put(&format!("/v1/franchisees/{FRANCHISEE}/acquirer"), shop),
        )
        .check("/kind", "yookassa"),
        Step::new("iiko is told where its events go", Request::control(To::Iiko, "hooks", hook)),
        Step::new(
            "YooKassa is told where its notifications go",
            Request::control(To::YooKassa, "hook", json!({ "url": format!("{api}/v1/hooks/yookassa") })),
        ),
    ]
}

/// An order from the menu to the counter.
fn first() -> Vec<Step> {
    let cart = json!({
        "outlet": OUTLET,
        "lines": [
            { "item": CAPPUCCINO, "size": "M", "quantity": 2, "modifiers": [{ "code": "M-OAT" }] },
            { "item": CROISSANT, "quantity": 1 },
        ],
        "points": "50", "payment": "sbp",
    });
    let mut steps = script::joining();
    steps.extend([
        Step::new("The outlet's menu", Request::get(&format!("/v1/outlets/{OUTLET}/menu"))),
        Step::new("What the cart costs, and why", Request::post("/v1/quotes", cart).bearer("GUEST"))
            .capture("QUOTE", "id")
            .check("/totals/list/amount", "687.00")
            .check("/totals/points_spent", "50.00")
            .check("/totals/payable/amount", "637.00")
            .check("/totals/points_earned", "31.00"),
    ]);
    steps.extend(ordered());
    steps.extend([
        Step::new("The barista makes it, and the app says so", order())
            .awaited()
            .check("/status/code", "ready"),
        Step::new("It is handed over and the bill is closed", closed()),
        Step::new("The order is a receipt, and the points are there", order())
            .awaited()
            .check("/stage", "completed")
            .check("/points_spent", "50.00"),
        Step::new("The balance", Request::get("/v1/balance").bearer("GUEST"))
            .check("/available", "31.00")
            .check("/held", "0.00"),
    ]);
    steps
}

/// An order made, paid and taken by the till.
fn ordered() -> Vec<Step> {
    vec![
        Step::new(
            "The guest orders: points are held, a payment is opened",
            Request::post("/v1/orders", json!({ "quote": "${QUOTE}" })).bearer("GUEST").keyed(),
        )
        .status(201)
        .capture("ORDER", "id")
        .check("/stage", "awaiting_payment"),
        Step::new("The link to pay by", order()).awaited().capture("LINK", "data"),
        Step::new("The guest's bank pays", Request::web("${LINK}")).check("/paid", true),
        Step::new("The payment is confirmed, and the till has the order", order())
            .awaited()
            .check("/payment/status", "succeeded")
            .check("/stage", "accepted"),
    ]
}

/// An order that the guest cancels.
fn undone() -> Vec<Step> {
    let mut steps = vec![quote("The same once more, without points")];
    steps.extend(ordered());
    steps.extend([
        Step::new("The guest cancels", Request::post_empty("/v1/orders/${ORDER}/cancel").bearer("GUEST")),
        Step::new("The till has cancelled it, and the money is back", order())
            .awaited()
            .check("/stage", "cancelled")
            .check("/cancel_reason", "guest")
            .check("/refunds/0/status", "succeeded")
            .check("/refunds/0/amount/amount", "209.00"),
    ]);
    steps
}

/// An order that the till refuses, because its price has changed.
fn refused() -> Vec<Step> {
    let price = |price: u32| json!({ "outlet": OUTLET, "sku": CAPPUCCINO, "size": "M", "price": price });
    vec![
        quote("One more cappuccino"),
        Step::new(
            "The till's price changes after the quote",
            Request::control(To::Iiko, "price", price(219)),
        ),
        Step::new(
            "The guest orders at the price that was quoted",
            Request::post("/v1/orders", json!({ "quote": "${QUOTE}" })).bearer("GUEST").keyed(),
        )
        .status(201)
        .capture("ORDER", "id"),
        Step::new("The link to pay by", order()).awaited().capture("LINK", "data"),
        Step::new("The guest's bank pays", Request::web("${LINK}")).check("/paid", true),
        Step::new("The till refuses, the guest is told why, and the money is back", order())
            .awaited()
            .check("/stage", "cancelled")
            .check("/cancel_reason", "menu_changed")
            .check("/refunds/0/status", "succeeded"),
        Step::new("The old price again", Request::control(To::Iiko, "price", price(209))),
    ]
}

fn quote(title: &'static str) -> Step {
    let cart = json!({ "outlet": OUTLET, "lines": [{ "item": CAPPUCCINO, "size": "M", "quantity": 1 }] });
    Step::new(title, Request::post("/v1/quotes", cart).bearer("GUEST"))
        .capture("QUOTE", "id")
        .check("/totals/payable/amount", "209.00")
}

fn order() -> Request {
    Request::get("/v1/orders/${ORDER}").bearer("GUEST")
}

fn closed() -> Request {
    Request::control(To::Iiko, "advance", json!({ "external_number": "${ORDER}", "status": "Closed" }))
}

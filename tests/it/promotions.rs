//! Segments by file and by rule, and a promotion from the marketer's draft to the books of who pays for it.

use rig::counter::OUTLET;
use rig::small::NORTH;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::suite::{Reply, Suite};

/// Roubles that a friend brings, in points.
const REWARD: &str = "100";

/// A marketer, an administrator and somebody of support, signed in before the host runs.
struct People {
    marketer: String,
    administrator: String,
    support: String,
}

fn people(suite: &Suite) -> People {
    let sign_in =
        |seed, role| rig::staff::sign_in(&suite.dir, seed, role, &[]).expect("somebody signed in").1;
    People {
        marketer: sign_in(71, "marketer"),
        administrator: sign_in(72, "administrator"),
        support: sign_in(73, "support"),
    }
}

fn send(suite: &Suite, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
    suite.send(method, path, Some(token), None, body).expect("an answer")
}

/// Sends a file of members and where they belong.
fn import(suite: &Suite, token: &str, kind: &str, file: &str) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent
        .post(suite.url(&format!("/v1/imports?kind={kind}&brand={NORTH}")))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/csv")
        .send(file)
        .expect("an answer");
    serde_json::from_str(&response.body_mut().read_to_string().expect("a body")).expect("JSON")
}

#[test]
fn segments_are_lists_and_rules_and_nobody_else_s_business() {
    let mut suite = Suite::prepare("segments", 3);
    let people = people(&suite);
    suite.clock = Some("2026-11-21T09:30:00Z");
    suite.boot();
    let (path, list) = (format!("/v1/segments/{NORTH}/press"), json!({ "name": "Press" }));
    // The forbidden side: nobody, a guest, and whoever is not asked.
    assert_eq!(suite.send("PUT", &path, None, None, Some(&list)).expect("an answer").status, 401);
    assert_eq!(send(&suite, &suite.guest(0).token, "PUT", &path, Some(&list)).status, 403);
    assert_eq!(send(&suite, &people.support, "PUT", &path, Some(&list)).status, 403);
    let member = suite.count("select min(id) from members");
    let member = kernel::MemberId::from_raw(member).to_string();
    let (groups, tags) = (format!("/v1/members/{member}/segments"), format!("/v1/members/{member}/tags"));
    assert_eq!(send(&suite, &people.marketer, "GET", &groups, None).status, 403, "not the guest base");

    assert_eq!(send(&suite, &people.marketer, "PUT", &path, Some(&list)).ok()["members"], 0);
    let file = format!("member,segment\n{member},press\nmbr_0000000000000,press\n");
    let report = import(&suite, &people.administrator, "segments", &file);
    assert_eq!((&report["applied"], &report["refused"]), (&json!(1), &json!(1)), "{report}");
    let again = import(&suite, &people.administrator, "segments", &file);
    assert_eq!((&again["applied"], &again["unchanged"]), (&json!(0), &json!(1)), "{again}");
    assert_eq!(send(&suite, &people.marketer, "GET", &path, None).ok()["members"], 1);
    let vegan = json!({ "tags": ["vegan", "early"] });
    assert_eq!(
        send(&suite, &people.support, "PUT", &tags, Some(&vegan)).ok()["tags"],
        json!(["early", "vegan"])
    );
    let found = send(&suite, &people.support, "GET", &groups, None).ok();
    assert_eq!(found, json!({ "segments": ["press"], "tags": ["early", "vegan"] }));

    let rule = json!({ "name": "All", "rule": { "purchases": { "days": 30, "at_least": 1 } } });
    let all = format!("/v1/segments/{NORTH}/buyers");
    let empty = json!({ "name": "All", "rule": {} });
    assert_eq!(send(&suite, &people.marketer, "PUT", &all, Some(&empty)).problem(), "invalid-field");
    send(&suite, &people.marketer, "PUT", &all, Some(&rule)).ok();
    suite.sell(suite.till(0), Some(suite.guest(1)), "500.00");
    let run = "/v1/jobs/segment-refresh/run";
    assert_eq!(send(&suite, &people.marketer, "POST", run, None).status, 403);
    send(&suite, &people.administrator, "POST", run, None).ok();
    let found = send(&suite, &people.marketer, "GET", &all, None).ok();
    assert!(found["refreshed_at"].is_string() || found["members"] == 1, "{found}");
}

/// The rules of a promotion that a friend's code opens, paid for by two.
fn rules() -> Value {
    json!({
        "brand": NORTH,
        "title": { "ru": "Для друзей", "kk": "Достарға", "en": "For friends" },
        "condition": { "kind": "coupon" },
        "effects": [{ "kind": "percent_off", "percent": "0.1" }, { "kind": "points_bonus", "points": "10.01" }],
        "funding": [
            { "funder": { "kind": "brand" }, "weight": 2 },
            { "funder": { "kind": "franchisee" }, "weight": 1 },
        ],
    })
}

/// A member who gives a code to friends.
fn referrer(shop: &Shop, batch: &str) -> &'static str {
    let batch = kernel::CouponBatchId::parse(batch).expect("a batch").raw();
    let database = Connection::open(rig::state::database_path(&shop.dir)).expect("the database");
    database.busy_timeout(std::time::Duration::from_secs(30)).expect("patience");
    database
        .execute_batch(&format!(
            "begin immediate; insert into members (id, brand, language, status, tier, joined_at, changed_at) \
             select 4242, brand, 'ru', 'active', tier, 0, 0 from members limit 1; \
             insert into balances (member_id, pending, available, held) values (4242, 0, 0, 0); \
             insert into coupons (id, batch_id, brand, code, member_id, uses_max, created_at) \
             values (4242, {batch}, '{NORTH}', 'FRIENDSOFMINE', 4242, null, 0); commit;"
        ))
        .expect("a member with a code");
    "friends-of-mine"
}

#[test]
fn a_promotion_s_line_leads_to_who_pays_and_its_code_to_who_brought_the_guest() {
    let mut shop = Shop::open("promotion_funding");
    shop.kill();
    let people = people(&shop);
    shop.boot();
    let by = |token: &str, method: &str, path: &str, body: &Value| {
        let key = format!("{method}{path}").replace('/', "-");
        shop.send(method, path, Some(token), Some(&key), Some(body)).expect("an answer")
    };
    let draft = json!({ "rules": rules(), "note": "friends" });
    assert_eq!(by(&people.support, "POST", "/v1/promotions", &draft).status, 403);
    let made = by(&people.marketer, "POST", "/v1/promotions", &draft).ok();
    let id = made["id"].as_str().expect("an id").to_owned();
    by(&people.marketer, "POST", &format!("/v1/promotions/{id}/schedule"), &json!({})).ok();
    let batch = json!({
        "promotion": id, "kind": "referral", "label": "friends", "uses_per_guest": 1,
        "reward": {
            "points": REWARD, "purchase_min": [{ "amount": "300", "currency": "RUB" }],
            "rewards_max": 3, "within_days": 30,
        },
    });
    let batch = by(&people.marketer, "POST", "/v1/coupon-batches", &batch).ok();
    assert_eq!(batch["reward"]["points"], "100.00");
    let code = referrer(&shop, batch["id"].as_str().expect("an id"));
    let cart = json!({
        "outlet": OUTLET, "coupons": [code],
        "lines": [{ "item": "00013", "size": "M", "quantity": 2, "modifiers": [{ "code": "M-OAT" }] }],
    });
    let quote = shop.guest_sends("POST", "/v1/quotes", None, Some(&cart)).expect("an answer").ok();
    assert_eq!(quote["totals"]["discount"]["amount"], "53.80", "{quote:#}");
    let order = shop.order(&quote).expect("an answer").ok()["id"].as_str().expect("an id").to_owned();
    shop.pay(&order);
    shop.await_stage(&order, "accepted");
    assert_eq!(shop.count("select count(*) from referrals"), 0, "an order is no purchase yet");
    shop.hand_over(&order);
    // 53.80 and 10.01 points by two thirds and one: 35.87 and 17.93, 6.67 and 3.34.
    let borne = |funder: &str, what: &str| {
        shop.count(&format!("select sum({what}) from receipt_funding where funder = '{funder}'"))
    };
    assert_eq!((borne("brand", "amount_minor"), borne("franchisee", "amount_minor")), (3_587, 1_793));
    assert_eq!((borne("brand", "points"), borne("franchisee", "points")), (667, 334));
    let whole = "select count(*) from receipt_lines l where l.discount_minor <> \
                 (select sum(d.amount_minor) from receipt_discounts d where d.receipt_id = l.receipt_id and d.line_no = l.line_no)";
    assert_eq!(shop.count(whole), 0, "what promotions took is what the line has less");
    let rule = "select count(*) from receipt_discounts d join promotion_versions v \
                on v.promotion_id = d.promotion_id and v.version = d.version";
    assert_eq!(shop.count(rule), 1);
    assert_eq!(shop.count("select available from balances where member_id = 4242"), 10_000);
    assert_eq!(shop.count("select count(*) from notifications where topic = 'referral.rewarded'"), 1);
    // The coffee comes back: the reward goes with it.
    let path = format!("/v1/order-desk/{order}/refunds");
    let returned = by(&people.administrator, "POST", &path, &json!({}));
    assert!((200..300).contains(&returned.status), "{} {}", returned.status, returned.body);
    assert_eq!(shop.count("select available from balances where member_id = 4242"), 0);
    assert_eq!(shop.count("select count(*) from referrals where status = 'taken_back'"), 1);
    shop.assert_ledger_holds();
}

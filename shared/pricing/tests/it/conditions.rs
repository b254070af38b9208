//! Every condition, met and not met, with the reason.

use kernel::{Date, Timestamp};
use pricing::evaluate::Detail;
use pricing::facts::CouponFact;
use pricing::priced::Missing;
use pricing::verdict::{Failure, Outcome};
use pricing::{Facts, evaluate_with};
use serde_json::{Value, json};

use crate::samples::{cart, checked, facts, index, live, rub};

/// The failure of a condition on a cart of two lattes and a cake for 590.00; `None` when it holds.
fn judged(condition: Value, facts: &Facts) -> Option<Failure> {
    let cart = cart(&["latte 2 × 250.00 drinks", "cake 1 × 90.00 food"]);
    let index = index(&[json!({ "condition": condition })]);
    let priced = evaluate_with(&cart, facts, &index, Detail::Full).expect("a price");
    match &priced.trace[0].outcome {
        Outcome::Applied => None,
        Outcome::Failed(failure) => Some(failure.clone()),
    }
}

#[test]
fn conditions_hold_or_say_what_failed() {
    let held = [
        json!({ "kind": "amount", "at_least": rub("590") }),
        json!({ "kind": "amount", "of": { "categories": ["drinks"] }, "at_least": rub("500") }),
        json!({ "kind": "pieces", "of": { "products": ["latte"] }, "at_least": 2 }),
        json!({ "kind": "pieces", "at_least": 0, "at_most": 3 }),
        json!({ "kind": "member" }),
        json!({ "kind": "tier", "any_of": ["gold", "base"] }),
        json!({ "kind": "segment", "any_of": ["regular"] }),
        json!({ "kind": "tag", "any_of": ["vegan"] }),
        json!({ "kind": "birthday", "days_before": 4, "days_after": 0 }),
        json!({ "kind": "visits", "within": "days30", "at_least": 4, "at_most": 4 }),
        json!({ "kind": "every_visit", "every": 10 }),
        json!({ "kind": "outlet", "any_of": ["001", "002"] }),
        json!({ "kind": "city", "any_of": ["Almaty"] }),
        json!({ "kind": "franchisee", "any_of": ["north"] }),
        json!({ "kind": "country", "any_of": ["KZ"] }),
        json!({ "kind": "channel", "any_of": ["app"] }),
        json!({ "kind": "time_of_day", "from": "10:30", "until": "11:00" }),
        json!({ "kind": "time_of_day", "from": "22:00", "until": "10:31" }),
        json!({ "kind": "weekday", "any_of": [6, 7] }),
        json!({ "kind": "days", "from": "2026-11-21", "through": "2026-11-21" }),
        json!({ "kind": "payment", "any_of": ["sbp"] }),
        json!({ "kind": "not", "condition": { "kind": "coupon" } }),
        json!({ "kind": "any", "of": [{ "kind": "coupon" }, { "kind": "member" }] }),
        json!({ "kind": "all", "of": [{ "kind": "member" }, { "kind": "channel", "any_of": ["app"] }] }),
    ];
    for condition in held {
        assert_eq!(judged(condition.clone(), &facts()), None, "{condition}");
    }
    let failed = [
        (
            json!({ "kind": "pieces", "of": { "products": ["latte"] }, "at_least": 3 }),
            "TooFewPieces { needed: 3, have: 2 }",
        ),
        (json!({ "kind": "pieces", "at_least": 1, "at_most": 2 }), "TooManyPieces { most: 2, have: 3 }"),
        (json!({ "kind": "amount", "at_least": [{ "amount": "1", "currency": "KZT" }] }), "Currency"),
        (json!({ "kind": "birthday", "days_before": 3, "days_after": 9 }), "Birthday"),
        (json!({ "kind": "first_purchase" }), "NotFirstPurchase"),
        (
            json!({ "kind": "visits", "within": "ever", "at_least": 10 }),
            "TooFewVisits { needed: 10, have: 9 }",
        ),
        (json!({ "kind": "every_visit", "every": 8 }), "VisitsToGo { left: 6 }"),
        (json!({ "kind": "outlet", "any_of": ["002"] }), "Outlet"),
        (
            json!({ "kind": "time_of_day", "from": "11:00", "until": "10:30" }),
            "TimeOfDay { from: \"11:00\", until: \"10:30\" }",
        ),
        (json!({ "kind": "weekday", "any_of": [1] }), "Weekday { any_of: [1] }"),
        (json!({ "kind": "coupon" }), "NoCoupon"),
        (json!({ "kind": "not", "condition": { "kind": "member" } }), "Unless(Holds(\"member\"))"),
        (
            json!({ "kind": "any", "of": [{ "kind": "coupon" }, { "kind": "first_purchase" }] }),
            "NoneOf([NoCoupon, NotFirstPurchase])",
        ),
    ];
    for (condition, expected) in failed {
        let failure = judged(condition.clone(), &facts()).expect("a failure");
        assert_eq!(format!("{failure:?}"), expected, "{condition}");
    }
}

#[test]
fn whoever_is_not_signed_in_meets_no_condition_on_guests() {
    let nobody = Facts { guest: None, ..facts() };
    for condition in [
        json!({ "kind": "member" }),
        json!({ "kind": "first_purchase" }),
        json!({ "kind": "visits", "within": "ever", "at_least": 0, "at_most": 1 }),
        json!({ "kind": "tier", "any_of": ["base"] }),
    ] {
        assert_eq!(judged(condition, &nobody), Some(Failure::NotSignedIn));
    }
}

#[test]
fn birthdays_cross_the_year_and_leap_days() {
    let near = json!({ "kind": "birthday", "days_before": 3, "days_after": 3 });
    let on = |day: &str, birthday| {
        let mut facts = facts();
        facts.day = Date::parse(day).expect("a date");
        facts.guest.as_mut().expect("a guest").birthday = Some(birthday);
        judged(near.clone(), &facts).is_none()
    };
    assert!(on("2026-12-30", (1, 1)) && on("2027-01-02", (12, 31)));
    assert!(on("2027-02-28", (2, 29)) && on("2028-02-29", (2, 29)));
    assert!(!on("2026-06-01", (12, 1)));
}

#[test]
fn a_coupon_opens_its_own_promotion_only() {
    let with = |promotion: i64| {
        let promotion = kernel::PromotionId::from_raw(promotion);
        let facts = Facts { coupons: vec![CouponFact { code: "SPRING".into(), promotion }], ..facts() };
        let index = index(&[json!({ "condition": { "kind": "coupon" } })]);
        checked(&cart(&["latte 1 × 100.00 drinks"]), &facts, &index)
    };
    assert_eq!(with(1).applied[0].coupon.as_deref(), Some("SPRING"));
    assert_eq!(with(2).applied, []);
}

#[test]
fn promotions_run_between_their_times() {
    let mut one = live(1, json!({}));
    one.starts_at = Timestamp::parse("2026-11-21T05:30:00Z").expect("a time");
    one.ends_at = Some(Timestamp::parse("2026-11-21T06:00:00Z").expect("a time"));
    let index = pricing::Index::new(vec![one]);
    let at = |now: &str| {
        let facts = Facts { now: Timestamp::parse(now).expect("a time"), ..facts() };
        checked(&cart(&["latte 1 × 100.00 drinks"]), &facts, &index).discount_minor
    };
    assert_eq!(at("2026-11-21T05:29:59Z"), 0);
    assert_eq!(at("2026-11-21T05:30:00Z"), 1_000);
    assert_eq!(at("2026-11-21T06:00:00Z"), 0);
}

#[test]
fn near_misses_say_what_is_missing() {
    let over = json!({ "hinted": true, "condition": { "kind": "amount", "at_least": rub("268") } });
    let second = json!({ "hinted": true, "effects": [{ "kind": "nth_item", "on": { "products": ["latte"] }, "nth": 2, "percent": "0.5" }] });
    let quiet = json!({ "condition": { "kind": "amount", "at_least": rub("260") } });
    let far = json!({ "hinted": true, "condition": { "kind": "amount", "at_least": rub("2000") } });
    let other = json!({ "hinted": true, "condition": { "kind": "all", "of": [
        { "kind": "amount", "at_least": rub("260") }, { "kind": "channel", "any_of": ["kiosk"] }] } });
    let held = json!({ "hinted": true, "holdout_percent": 90, "condition": { "kind": "amount", "at_least": rub("260") } });
    let mut facts = facts();
    // A guest whom the last one's holdout has.
    let sixth = kernel::PromotionId::from_raw(6);
    let held_out = |member: &i64| pricing::judge::held_out(sixth, kernel::MemberId::from_raw(*member), 90);
    let member = (0..).find(held_out).expect("nine of ten");
    facts.guest.as_mut().expect("a guest").member = kernel::MemberId::from_raw(member);
    let priced = checked(
        &cart(&["latte 1 × 250.00 drinks"]),
        &facts,
        &index(&[over, second, quiet, far, other, held]),
    );
    let found: Vec<(i64, &Missing)> =
        priced.near_misses.iter().map(|miss| (miss.promotion.raw(), &miss.missing)).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(matches!(found[0], (1, Missing::Amount { minor: 1_800, .. })));
    assert!(matches!(found[1], (2, Missing::Pieces { count: 1, .. })));
}

#[test]
fn sets_that_are_not_complete_say_so() {
    let reason = |effect: Value, lines: &[&str]| {
        let priced =
            evaluate_with(&cart(lines), &facts(), &index(&[json!({ "effects": [effect] })]), Detail::Full);
        format!("{:?}", priced.expect("a price").trace[0].outcome)
    };
    let third = || json!({ "kind": "nth_item", "on": { "products": ["latte"] }, "nth": 3, "percent": "1" });
    assert_eq!(reason(third(), &["latte 1 × 250.00 drinks"]), "Failed(IncompleteSet { missing: 2 })");
    assert_eq!(reason(third(), &["cake 1 × 90.00 food"]), "Failed(NoGoods)");
    let combo = json!({ "kind": "bundle", "price": rub("1"), "parts": [
        { "of": { "products": ["latte"] }, "pieces": 1 }, { "of": { "products": ["cake"] }, "pieces": 1 }] });
    assert_eq!(reason(combo, &["cake 1 × 90.00 food"]), "Failed(IncompleteSet { missing: 1 })");
    let free = json!({ "kind": "fixed_price", "price": rub("500") });
    assert_eq!(reason(free, &["cake 1 × 90.00 food"]), "Failed(NothingLeft)");
}

/// The index leaves out only what could do nothing: a full look finds the same prices.
#[test]
fn the_index_loses_nothing() {
    let promotions = [
        json!({ "condition": { "kind": "pieces", "of": { "tags": ["new"] }, "at_least": 1 } }),
        json!({ "effects": [{ "kind": "percent_off", "on": { "products": ["tea"] }, "percent": "0.5" }] }),
        json!({ "effects": [{ "kind": "percent_off", "on": { "categories": ["drinks"] }, "percent": "0.3" }] }),
        json!({ "effects": [{ "kind": "percent_off", "on": { "sizes": ["l"] }, "percent": "0.3" }] }),
    ];
    let index = index(&promotions);
    let plain = cart(&["latte 1 × 100.00 drinks"]);
    assert_eq!(
        index.about(&plain).len(),
        2,
        "the third by its category, the fourth needs no goods in particular"
    );
    let mut tagged = plain.clone();
    tagged.lines[0].tags.push("new".into());
    tagged.lines[0].size = Some("l".into());
    for cart in [plain, tagged] {
        let brief = checked(&cart, &facts(), &index);
        let full = evaluate_with(&cart, &facts(), &index, Detail::Full).expect("a price");
        assert_eq!(brief.lines, full.lines);
        assert_eq!(full.trace.len(), 4);
    }
}

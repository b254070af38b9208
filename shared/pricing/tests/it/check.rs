//! What is wrong with a promotion is said with its place.

use kernel::Lang;
use pricing::Promotion;
use serde_json::{Value, json};

use crate::samples::rub;

fn problems(particulars: Value) -> Vec<String> {
    let mut rules = json!({
        "brand": "bean",
        "title": { "ru": "Акция", "kk": "Акция", "en": "Promotion" },
        "effects": [{ "kind": "percent_off", "percent": "0.1" }],
        "funding": [{ "funder": { "kind": "brand" }, "weight": 1 }],
    });
    for (name, value) in particulars.as_object().expect("an object") {
        rules[name] = value.clone();
    }
    let rules: Promotion = serde_json::from_value(rules).expect("rules");
    rules.check().into_iter().map(|problem| format!("{} {:?}", problem.pointer, problem.fault)).collect()
}

#[test]
fn every_fault_has_its_place() {
    let rows: Vec<(Value, &[&str])> = vec![
        (json!({}), &[]),
        (json!({ "title": { "ru": " ", "kk": "a", "en": "a" } }), &["/title/ru Empty"]),
        (json!({ "effects": [] }), &["/effects Empty"]),
        (
            json!({ "effects": [{ "kind": "percent_off", "percent": "1.1" }] }),
            &["/effects/0/percent RateOutOfRange"],
        ),
        (json!({ "effects": [{ "kind": "gift", "of": {}, "pieces": 1 }] }), &["/effects/0/of Empty"]),
        (
            json!({ "effects": [{ "kind": "points_multiplier", "factor": "1" }] }),
            &["/effects/0/factor FactorOutOfRange { max: Rate(20000000) }"],
        ),
        (
            json!({ "effects": [{ "kind": "bundle", "price": rub("1"), "parts": [{ "of": {}, "pieces": 1 }] }] }),
            &["/effects/0/parts OutOfRange { min: 2, max: 20 }"],
        ),
        (json!({ "effects": [{ "kind": "amount_off", "amount": [] }] }), &["/effects/0/amount Empty"]),
        (
            json!({ "effects": [{ "kind": "amount_off", "amount": rub("1") }],
                 "limits": { "discount_per_cart": [{ "amount": "1", "currency": "KZT" }] } }),
            &["/limits/discount_per_cart OtherCurrencies"],
        ),
        (
            json!({ "effects": [{ "kind": "points_price", "on": {}, "points": "10" }], "limits": { "discount_per_cart": rub("1") } }),
            &["/limits/discount_per_cart PointsPriceCapped"],
        ),
        (
            json!({ "limits": { "budgets": [{ "scope": "guest", "period": "day" }] } }),
            &["/limits/budgets/0 Empty"],
        ),
        (
            json!({ "limits": { "budgets": [{ "scope": "guest", "period": "day", "uses": 1 }, { "scope": "guest", "period": "day", "uses": 2 }] } }),
            &["/limits/budgets/1 Duplicate"],
        ),
        (json!({ "condition": { "kind": "all", "of": [] } }), &["/condition/of Empty"]),
        (
            json!({ "condition": { "kind": "not", "condition": { "kind": "weekday", "any_of": [8] } } }),
            &["/condition/condition/any_of/0 OutOfRange { min: 1, max: 7 }"],
        ),
        (
            json!({ "condition": { "kind": "tier", "any_of": ["a", "a"] } }),
            &["/condition/any_of/1 Duplicate"],
        ),
        (json!({ "condition": { "kind": "pieces", "at_least": 0 } }), &["/condition/at_least Everything"]),
        (
            json!({ "condition": { "kind": "pieces", "at_least": 2, "at_most": 1 } }),
            &["/condition/at_most Nothing"],
        ),
        (
            json!({ "condition": { "kind": "days", "from": "2026-02-02", "through": "2026-02-01" } }),
            &["/condition/through Nothing"],
        ),
        (
            json!({ "funding": [{ "funder": { "kind": "brand" }, "weight": 0 }, { "funder": { "kind": "brand" }, "weight": 1 }] }),
            &["/funding/0/weight OutOfRange { min: 1, max: 100 }", "/funding/1/funder Duplicate"],
        ),
        (json!({ "holdout_percent": 91 }), &["/holdout_percent OutOfRange { min: 0, max: 90 }"]),
        (json!({ "price_floor": "1.01" }), &["/price_floor RateOutOfRange"]),
    ];
    for (particulars, expected) in rows {
        assert_eq!(problems(particulars.clone()), expected, "{particulars}");
    }
}

#[test]
fn trees_are_bounded() {
    let mut deep = json!({ "kind": "member" });
    for _ in 0..6 {
        deep = json!({ "kind": "not", "condition": deep });
    }
    let found = problems(json!({ "condition": deep }));
    assert!(found[0].ends_with("TooDeep { max: 6 }"), "{found:?}");
    let leaves: Vec<Value> = (0..64).map(|_| json!({ "kind": "member" })).collect();
    let found = problems(json!({ "condition": { "kind": "any", "of": leaves } }));
    assert!(found[0].ends_with("TooMany { max: 64 }"), "{found:?}");
}

#[test]
fn unknown_fields_are_refused() {
    let text = r#"{"kind":"percent_off","percent":"0.1","colour":"red"}"#;
    let refused = serde_json::from_str::<pricing::effect::Effect>(text).expect_err("an unknown field");
    assert!(refused.to_string().contains("colour"), "{refused}");
}

#[test]
fn faults_have_words() {
    for lang in Lang::ALL {
        let rules: Promotion = serde_json::from_value(json!({
            "brand": "", "title": { "ru": "", "kk": "", "en": "" }, "effects": [], "funding": [], "holdout_percent": 99,
        }))
        .expect("rules");
        assert!(rules.check().iter().all(|problem| !problem.fault.text(lang).is_empty()));
    }
}

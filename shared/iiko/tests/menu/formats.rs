//! What the formats differ in, and what iiko leaves out or sends otherwise than documented.

use iiko::call::{Access, Failure};
use iiko::menu::external::{self, Wanted};
use menu::chain::Kind;
use menu::schedule::Span;
use menu::select;
use partner::Answer;
use serde_json::{Value, json};

use crate::support::{NOON, choice, menu_of, ok};

const HERE: &str = "5f1a7c1e-0b7d-4d6b-9a53-2f0f7a9f1c01";

/// A menu of format 3: dictionaries beside the items.
fn third(format: i64, price: Value, over: Value) -> Value {
    json!({
        "formatVersion": format, "revision": 7, "id": 66534, "name": "App",
        "taxCategories": [
            {"id": "t5", "name": "5%", "percentage": 5.0},
            {"id": "t7", "name": "7%", "percentage": 7.0}
        ],
        "allergenGroups": [{"id": "a1", "code": "7", "name": "Milk"}],
        "overrideTaxCategories": over,
        "itemGroups": [{
            "id": "g", "name": "Coffee", "isHidden": false,
            "schedules": [{"begin": "22:00", "end": "02:00", "daysOfWeek": ["friday", "saturday"]}],
            "items": [{
                "id": "p1", "sku": "00656", "name": "Raf", "type": "DISH", "orderItemType": "Product",
                "taxCategoryId": "t5", "allergenGroupIds": ["a1"], "labels": [{"name": "hit"}], "tags": null,
                "isHidden": false, "modifierSchemaId": null,
                "itemSizes": [{
                    "id": null, "sku": "00656", "sizeCode": null, "sizeName": "", "isDefault": true,
                    "weight": 120.0, "nutritions": [], "itemModifierGroups": null,
                    "prices": [{"organizations": [HERE], "price": price, "taxCategoryId": null}]
                }]
            }]
        }],
        "comboCategories": []
    })
}

#[test]
fn formats_three_and_four_give_the_same_shape() {
    for format in [3, 4] {
        let body = third(format, json!(279.000000000), json!([])).to_string();
        let assortment = external::read(&ok(body)).expect("a menu").assortment(HERE);
        let raf = &assortment.products[0];
        assert_eq!((raf.id.as_str(), raf.tax_rate, raf.kind), ("p1", Some(500), Kind::Dish));
        assert_eq!(raf.sizes[0].price_minor, Some(27_900));
        assert_eq!(raf.sizes[0].weight_grams, Some(120));
        assert_eq!((raf.allergens[0].code.as_str(), raf.tags.as_slice()), ("7", &["hit".to_owned()][..]));
        assert_eq!(raf.schedule, vec![Span { days: vec![5, 6], begin: 1_320, end: 120 }]);
        assert_eq!(assortment.revision, 7);
    }
}

#[test]
fn an_organisations_own_tax_goes_before_the_dishs() {
    let over = json!({HERE: [{"baseTaxCategoryId": "t5", "newTaxCategoryId": "t7", "orderTypeId": null}]});
    let body = third(3, json!(1), over).to_string();
    let menu = external::read(&ok(body)).expect("a menu");
    assert_eq!(menu.assortment(HERE).products[0].tax_rate, Some(700));
    assert_eq!(menu.assortment("another").products[0].tax_rate, Some(500));
}

#[test]
fn zero_is_sold_for_nothing_and_null_is_not_sold() {
    for (price, sold) in [(json!(0), Some(0)), (json!(0.0), Some(0)), (Value::Null, None), (json!(-1), None)]
    {
        let body = third(3, price.clone(), json!([])).to_string();
        let mut assortment = external::read(&ok(body)).expect("a menu").assortment(HERE);
        assortment.products[0].schedule.clear();
        let outlet = menu_of(&assortment, &[]);
        let got = select(&outlet, &choice("00656", None, &[]), NOON);
        assert_eq!(got.ok().map(|selected| selected.unit_minor), sold, "{price}");
    }
}

#[test]
fn modifiers_that_stand_alone_have_their_own_limits_only() {
    let mut body = third(2, json!(100), json!(null));
    let modifiers = json!([{
        "itemGroupId": null, "name": "", "childModifiersHaveMinMaxRestrictions": false,
        "restrictions": {"minQuantity": 5, "maxQuantity": 5, "freeQuantity": 5, "byDefault": 0},
        "items": [
            {"itemId": "m1", "id": "x1", "sku": "m1", "name": "Sugar", "position": 2, "prices": [
                {"organizationId": HERE, "price": 5}],
             "restrictions": {"minQuantity": 0, "maxQuantity": 2, "freeQuantity": 1, "byDefault": 0}},
            {"itemId": "m2", "id": "x2", "sku": "m2", "name": "Lid", "position": 1, "restrictions": null, "prices": [
                {"organizationId": HERE, "price": 7}]},
            {"itemId": "m3", "sku": "m3", "name": "Hidden", "isHidden": true, "prices": []}
        ]
    }]);
    body["itemGroups"][0]["items"][0]["itemSizes"][0]["itemModifierGroups"] = modifiers;
    body["itemGroups"][0]["schedules"] = json!([]);
    let assortment = external::read(&ok(body.to_string())).expect("a menu").assortment(HERE);
    let group = &assortment.products[0].sizes[0].groups[0];
    assert_eq!((group.min, group.max, group.free, group.own_limits), (0, 0, 0, true));
    assert_eq!(group.modifiers.len(), 2, "what is hidden is not offered");
    assert_eq!(group.modifiers[0].product_id, "m2", "by position");
    let outlet = menu_of(&assortment, &[]);
    let price = |modifiers: &[(&str, u32)]| {
        select(&outlet, &choice("00656", None, modifiers), NOON).map(|selected| selected.unit_minor)
    };
    assert_eq!(price(&[]), Ok(10_000));
    assert_eq!(price(&[("m1", 2)]), Ok(10_500), "one is free");
    assert_eq!(price(&[("m1", 1), ("m2", 3)]), Ok(12_100));
    assert!(price(&[("m1", 3)]).is_err());
}

#[test]
fn requests_have_the_documented_keys() {
    let access = Access { base_url: "https://till.example/", token: "tok" };
    let request = external::request(
        &access,
        &Wanted { menu: "10234", organizations: &[HERE], price_category: None, format: 2, since: 0 },
    );
    assert_eq!(request.url, "https://till.example/api/2/menu/by_id");
    assert!(request.headers.contains(&("authorization", "Bearer tok".to_owned())));
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body, json!({"externalMenuId": "10234", "organizationIds": [HERE], "version": 2}));
}

#[test]
fn an_unknown_format_and_a_refusal_are_told_apart() {
    let body = third(9, json!(1), json!([])).to_string();
    assert!(matches!(external::read(&ok(body)), Err(Failure::Unreadable(_))));
    let refused = br#"{"correlationId":"48fb4cd3-2ef6-4479-bea1-7c92721b988c","errorDescription":"Token has expired or is invalid","error":"INVALID_TOKEN"}"#;
    for (status, expected) in
        [(401, "not authorised"), (400, "refused"), (500, "unavailable"), (408, "terminal")]
    {
        let answer = Answer { status, headers: Vec::new(), body: refused.to_vec() };
        let words = external::read(&answer).map(|_| ()).expect_err("a failure").to_string();
        assert!(words.contains(expected) && words.contains("expired"), "{words}");
    }
    let headers = vec![("retry-after".to_owned(), "7".to_owned())];
    let busy = Answer { status: 429, headers, body: br#"{"message":"slow down"}"#.to_vec() };
    assert!(matches!(external::read(&busy), Err(Failure::TooMany { retry_after_seconds: 7 })));
}

#[test]
fn a_menu_that_has_not_changed_is_left_out() {
    let access = Access { base_url: "https://till.example", token: "tok" };
    let wanted = Wanted { menu: "1", organizations: &[HERE], price_category: None, format: 2, since: 7 };
    let body: Value = serde_json::from_slice(&external::request(&access, &wanted).body).expect("JSON");
    assert_eq!(body["startRevision"], 7);
    let answer = |revision: Value, categories: Value| {
        let menu = json!({ "id": 1, "name": "M", "formatVersion": 2, "revision": revision, "itemCategories": categories });
        external::read(&ok(menu.to_string())).unwrap_or_else(|failure| panic!("{failure}")).is_unchanged(7)
    };
    assert!(answer(json!(7), json!([])) && answer(Value::Null, json!([])));
    assert!(!answer(json!(8), json!([])), "nothing is sold any more");
    assert!(!answer(json!(7), json!([{ "name": "All", "items": [] }])), "what is there counts");
}

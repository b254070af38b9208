//! Combos, from both kinds of menu, down to what a guest pays for a choice.

use iiko::menu::{external, plain};
use menu::chain::{Assortment, Kind, Product};
use menu::{Choice, ModifierChoice, Refusal, select};
use serde_json::{Value, json};

use crate::support::{NOON, menu_of, ok};

const HERE: &str = "o-1";

fn price(price: &Value) -> Value {
    json!([{ "organizations": [HERE], "price": price }])
}

/// A latte in two sizes, a croissant, a tea that asks for milk; and combos of them.
fn second(combos: &Value) -> Assortment {
    let size = |id: Option<&str>, name: &str, sku: &str, amount: i64| {
        json!({ "sizeId": id, "sizeName": name, "sizeCode": name, "sku": sku, "isDefault": name == "M",
            "prices": price(&json!(amount)), "itemModifierGroups": [] })
    };
    let milk = json!({ "itemGroupId": "g-milk", "name": "Milk", "restrictions": { "minQuantity": 1, "maxQuantity": 1 },
        "items": [{ "itemId": "m-1", "sku": "M-1", "name": "Milk", "prices": price(&json!(0)) }] });
    let mut tea = size(None, "", "T-1", 150);
    tea["itemModifierGroups"] = json!([milk]);
    let item = |id: &str, sku: &str, name: &str, tax: &str, sizes: &Value| {
        json!({ "itemId": id, "sku": sku, "name": name, "type": "DISH", "itemSizes": sizes,
            "taxCategory": { "id": tax, "percentage": if tax == "t-5" { 5 } else { 20 } } })
    };
    let menu = json!({
        "id": 1, "name": "Menu", "revision": 9, "formatVersion": 2,
        "itemCategories": [{ "id": "c-1", "name": "All", "items": [
            item("latte", "L-1", "Latte", "t-5", &json!([size(Some("s-m"), "M", "L-M", 190), size(Some("s-l"), "L", "L-L", 230)])),
            item("croissant", "C-1", "Croissant", "t-5", &json!([size(None, "", "C-1", 120)])),
            item("tea", "T-1", "Tea", "t-5", &json!([tea])),
            item("mug", "G-1", "Mug", "t-20", &json!([size(None, "", "G-1", 900)])),
        ] }],
        "comboCategories": [{ "id": "cc-1", "name": "Combos", "combos": combos }],
    });
    let read = external::read(&ok(menu.to_string())).unwrap_or_else(|failure| panic!("{failure}"));
    read.assortment(HERE)
}

fn part(id: &str, size: Option<&str>, more: &Value) -> Value {
    json!({ "itemId": id, "sizeId": size, "priceModificationAmount": more, "forbiddenModifiers": [] })
}

fn breakfast(strategy: &str, price: &Value) -> Value {
    json!({ "id": "combo-1", "sku": "B-1", "name": "Breakfast", "price": price, "priceStrategy": strategy, "groups": [
        { "id": "g-food", "name": "Food", "isMainGroup": false, "items": [part("croissant", None, &json!(0))] },
        { "id": "g-drink", "name": "Drink", "isMainGroup": true, "items": [
            part("latte", Some("s-m"), &json!(-20)), part("latte", Some("s-l"), &json!(10)), part("tea", None, &json!(0)),
        ] },
    ] })
}

fn combos(assortment: &Assortment) -> Vec<&Product> {
    assortment.products.iter().filter(|product| product.kind == Kind::Combo).collect()
}

fn choose(
    assortment: &Assortment,
    item: &str,
    size: Option<&str>,
    parts: &[&str],
) -> Result<i64, Box<Refusal>> {
    let modifiers = parts
        .iter()
        .map(|code| ModifierChoice { group: None, code: (*code).to_owned(), amount: 1 })
        .collect();
    let choice = Choice { item: item.to_owned(), size: size.map(str::to_owned), modifiers };
    select(&menu_of(assortment, &[]), &choice, NOON).map(|selected| selected.unit_minor)
}

#[test]
fn a_combo_at_a_fixed_price_is_an_item_to_choose_from() {
    let assortment = second(&json!([breakfast("FIXED", &json!(290))]));
    let found = combos(&assortment);
    assert_eq!((found.len(), found[0].id.as_str(), found[0].tax_rate), (1, "combo:combo-1", Some(500)));
    let groups = &found[0].sizes[0].groups;
    assert_eq!(
        groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(),
        ["Drink", "Food"],
        "the main one first"
    );
    let drinks: Vec<(&str, &str)> =
        groups[0].modifiers.iter().map(|part| (part.product_id.as_str(), part.name.as_str())).collect();
    // The tea asks for milk, so it cannot be a part of anything.
    assert_eq!(drinks, [("latte/s-m", "Latte M"), ("latte/s-l", "Latte L")]);
    assert_eq!(choose(&assortment, "B-1", None, &["L-M", "C-1"]), Ok(27_000), "20 off for the middle one");
    assert_eq!(choose(&assortment, "B-1", None, &["L-L", "C-1"]), Ok(30_000), "10 more for the large one");
    assert!(
        matches!(choose(&assortment, "B-1", None, &["L-L"]), Err(refusal)
        if matches!(*refusal, Refusal::TooFewInGroup { .. })),
        "food is a part of it"
    );
    assert!(choose(&assortment, "B-1", None, &["L-L", "L-M", "C-1"]).is_err(), "one drink");
}

#[test]
fn a_combo_by_components_costs_what_they_cost() {
    let assortment = second(&json!([breakfast("BY_COMPONENT", &Value::Null)]));
    assert_eq!(choose(&assortment, "B-1", None, &["L-M", "C-1"]), Ok(29_000));
    assert_eq!(choose(&assortment, "B-1", None, &["L-L", "C-1"]), Ok(36_000));
}

#[test]
fn what_only_the_till_can_price_or_tax_is_not_sold() {
    let calculated = second(&json!([breakfast("CALCULATE", &json!(290))]));
    assert_eq!(combos(&calculated).len(), 0);
    let unpriced = second(&json!([breakfast("FIXED", &Value::Null)]));
    assert_eq!(combos(&unpriced).len(), 0);
    let mixed = json!({ "id": "combo-2", "sku": "X", "name": "Mug and latte", "price": 900, "priceStrategy": "FIXED",
        "groups": [
            { "id": "a", "name": "A", "items": [part("mug", None, &json!(0))] },
            { "id": "b", "name": "B", "items": [part("latte", Some("s-m"), &json!(0))] },
        ] });
    assert_eq!(combos(&second(&json!([mixed]))).len(), 0, "one line of a receipt has one rate of tax");
    let hollow = json!({ "id": "combo-3", "sku": "Y", "name": "Tea", "price": 100, "priceStrategy": "FIXED",
        "groups": [
            { "id": "a", "name": "A", "items": [part("tea", None, &json!(0))] },
            { "id": "b", "name": "B", "items": [part("croissant", None, &json!(0))] },
        ] });
    let hollow = second(&json!([hollow]));
    assert!(combos(&hollow).iter().all(|combo| !combo.is_for_sale()), "a group without any component left");
}

/// The newer call's menu: dictionaries, and items that refer to them.
fn third() -> Value {
    let size = |id: Value, name: &str, sku: &str, price: i64| {
        json!({ "sizeId": id, "sizeName": name, "sizeCode": name, "sku": sku, "isDefault": name == "M", "price": price,
            "weight": 250, "measureUnitType": "GRAM", "image": { "url": "https://cdn.example/1.webp" } })
    };
    json!({
        "id": "m", "name": "Menu",
        "products": [
            { "id": "latte", "sku": "L-1", "orderItemType": "Compound", "taxCategoryId": "t-1", "isMarked": false },
            { "id": "croissant", "sku": "C-1", "taxCategoryId": "t-1" },
        ],
        "modifiers": [
            { "id": "oat", "sku": "M-OAT", "name": "Oat milk", "isHidden": false,
                "restrictions": { "minQuantity": 0, "maxQuantity": 2, "freeQuantity": 0, "defaultQuantity": 0 },
                "sizePrices": [{ "sizeId": null, "price": 60 }, { "sizeId": "s-l", "price": 80 }] },
            { "id": "old", "sku": "M-OLD", "name": "Old", "isHidden": true, "sizePrices": [{ "price": 1 }] },
        ],
        "combos": [{ "id": "combo-1", "sku": "B-1", "priceStrategy": "BY_COMPONENT", "componentGroups": [
            { "id": "g-drink", "name": "Drink", "isMainGroup": true, "products": [{ "productId": "latte", "sizePrices": [
                { "comboSizeId": "k-s", "productSizeId": "s-m", "price": 150 },
                { "comboSizeId": "k-l", "productSizeId": "s-l", "price": 180 },
            ] }] },
            { "id": "g-food", "name": "Food", "products": [{ "productId": "croissant", "sizePrices": [
                { "comboSizeId": "k-s", "productSizeId": null, "price": 90 },
                { "comboSizeId": "k-l", "productSizeId": null, "price": 0 },
            ] }] },
        ] }],
        "taxCategories": [{ "id": "t-1", "name": "20", "percentage": 20 }, { "id": "t-2", "name": "5", "percentage": 5 }],
        "allergenGroups": [{ "id": "a-1", "name": "Milk", "code": "MILK" }],
        "schedules": [{ "id": "sch", "name": "Morning", "periods": [
            { "from": "08:00:00", "to": "12:00:00", "weekDays": ["saturday", "sunday"] }] }],
        "overrideTaxCategories": [
            { "orderTypeId": "x", "baseTaxCategoryId": "t-1", "newTaxCategoryId": "t-1" },
            { "orderTypeId": null, "baseTaxCategoryId": "t-1", "newTaxCategoryId": "t-2" },
        ],
        "itemsGroups": [
            { "id": "ig-1", "name": "Coffee", "items": [{
                "productId": "latte", "name": "Latte", "description": " ", "allergenGroupIds": ["a-1"], "tags": ["hot"],
                "sizePrices": [size(json!("s-m"), "M", "L-M", 190), size(json!("s-l"), "L", "L-L", 230)],
                "modifierGroups": [{ "id": "g-milk", "name": "Milk", "restrictions": { "minQuantity": 0, "maxQuantity": 1 },
                    "items": [{ "id": "oat", "name": "Oat" }, { "id": "old" }] }],
            }] },
            { "id": "ig-2", "name": "Breakfast", "scheduleId": "sch", "items": [
                { "itemType": "COMBO", "comboId": "combo-1", "name": "Breakfast",
                    "sizes": [{ "sizeId": "k-s", "name": "S" }, { "sizeId": "k-l", "name": "L" }] },
                { "productId": "croissant", "name": "Croissant", "sizePrices": [size(Value::Null, "", "C-1", 120)] },
            ] },
            { "id": "ig-3", "name": "Hidden", "isHidden": true, "items": [{ "productId": "none", "name": "None" }] },
        ],
    })
}

#[test]
fn the_newer_menu_is_read_with_its_dictionaries() {
    let assortment = plain::read(&ok(third().to_string())).expect("a menu");
    let latte = &assortment.products[0];
    assert_eq!(
        (latte.id.as_str(), latte.sku.as_str(), latte.compound, latte.tax_rate),
        ("latte", "L-1", true, Some(500))
    );
    assert_eq!((latte.category.as_deref(), latte.description.as_deref()), (Some("Coffee"), None));
    assert_eq!((latte.allergens[0].code.as_str(), latte.tags.as_slice()), ("MILK", &["hot".to_owned()][..]));
    assert_eq!(latte.image.as_deref(), Some("https://cdn.example/1.webp"));
    let milk: Vec<_> = latte.sizes.iter().map(|size| &size.groups[0].modifiers).collect();
    assert!(
        milk.iter().all(|milk| milk.len() == 1 && milk[0].name == "Oat"),
        "what is hidden is not offered"
    );
    assert_eq!(
        [milk[0][0].price_minor, milk[1][0].price_minor],
        [Some(6_000), Some(8_000)],
        "the size's price, else any"
    );
    assert_eq!((milk[0][0].max, latte.sizes[0].weight_grams), (2, Some(250)));
    assert_eq!(choose(&assortment, "L-1", Some("L"), &["M-OAT"]), Ok(31_000));
}

#[test]
fn combos_of_the_newer_menu_come_in_sizes() {
    let assortment = plain::read(&ok(third().to_string())).expect("a menu");
    let combo = combos(&assortment)[0];
    assert_eq!(
        (combo.id.as_str(), combo.name.as_str(), combo.schedule.len()),
        ("combo:combo-1", "Breakfast", 1)
    );
    let sizes: Vec<_> = combo.sizes.iter().map(|size| (size.id.as_deref(), size.price_minor)).collect();
    assert_eq!(sizes, [(Some("k-s"), Some(0)), (Some("k-l"), Some(0))]);
    assert_eq!(combo.sizes[1].groups[0].modifiers[0].product_id, "latte/s-l");
    // At noon breakfast is over.
    assert!(choose(&assortment, "B-1", Some("S"), &["L-M", "C-1"]).is_err());
    let mut always = assortment.clone();
    always.products.iter_mut().for_each(|product| product.schedule.clear());
    assert_eq!(choose(&always, "B-1", Some("S"), &["L-M", "C-1"]), Ok(24_000));
    assert_eq!(
        choose(&always, "B-1", Some("L"), &["L-L", "C-1"]),
        Ok(18_000),
        "a component may cost nothing"
    );
}

#[test]
fn the_newer_menu_is_asked_for_one_organisation() {
    let access = iiko::call::Access { base_url: "https://iiko.example/", token: "t" };
    let request = plain::request(&access, "12", HERE, None);
    assert_eq!(request.url, "https://iiko.example/api/menu/v3/by_id");
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body, json!({ "externalMenuId": "12", "organizationId": HERE }));
}

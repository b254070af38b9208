//! An outlet's menu made from its parts.

use std::collections::BTreeMap;

use menu::brand::{BrandCategory, adopt, same_names};
use menu::build::{Input, outlet_menu};
use menu::chain::{Group, Kind, Modifier, Product, Size, Stop};
use menu::mapping::{Mapping, pair};
use menu::{OutletMenu, select};

use crate::samples::{NOON, choice};

fn latte() -> Product {
    let modifier = Modifier {
        product_id: "m1".to_owned(),
        sku: "oat".to_owned(),
        name: "Oat".to_owned(),
        price_minor: Some(500),
        min: 0,
        max: 0,
        free: 0,
        by_default: 0,
        allergens: Vec::new(),
    };
    let group = Group {
        id: Some("g1".to_owned()),
        name: "Milk".to_owned(),
        min: 0,
        max: 1,
        free: 0,
        own_limits: false,
        modifiers: vec![modifier],
    };
    let size = |code: &str, price| Size {
        id: Some(format!("size-{code}")),
        code: code.to_owned(),
        name: code.to_owned(),
        sku: format!("lat-{code}"),
        default: code == "S",
        price_minor: price,
        weight_grams: Some(300),
        nutrition: None,
        image: None,
        groups: vec![group.clone()],
    };
    Product {
        id: "p1".to_owned(),
        sku: "lat".to_owned(),
        name: "Latte".to_owned(),
        kind: Kind::Dish,
        compound: true,
        description: None,
        category: None,
        schedule: Vec::new(),
        tax_rate: Some(1_200),
        marked: false,
        tags: Vec::new(),
        allergens: Vec::new(),
        image: None,
        sizes: vec![size("S", Some(10_000)), size("L", None)],
    }
}

fn build(products: &[Product], matches: &BTreeMap<String, Mapping>, stops: &[Stop]) -> OutletMenu {
    let category = BrandCategory { code: "c".to_owned(), names: same_names("Coffee"), position: 0 };
    let item = adopt(&latte(), "c").expect("an item");
    outlet_menu(&Input {
        brand: "b",
        outlet: "out_1",
        outlet_code: "1",
        currency: "RUB",
        zone: "Europe/Moscow",
        categories: &[category],
        items: &[item],
        matches,
        products,
        stops,
    })
}

fn matched() -> BTreeMap<String, Mapping> {
    let item = adopt(&latte(), "c").expect("an item");
    BTreeMap::from([(item.code.clone(), pair(&item, &latte()))])
}

#[test]
fn a_matched_product_is_sold_with_the_tills_ids() {
    let menu = build(&[latte()], &matched(), &[]);
    assert_eq!(menu.groups.len(), 1, "sizes share a group");
    let selected = select(&menu, &choice("lat", None, &[("oat", 1)]), NOON).expect("a latte");
    assert_eq!(selected.unit_minor, 10_500);
    assert_eq!((selected.till.product_id.as_str(), selected.till.size_id.as_deref()), ("p1", Some("size-S")));
    assert!(selected.till.compound);
    assert_eq!(selected.modifiers[0].till.group_id.as_deref(), Some("g1"));
    assert_eq!((selected.product_code.as_str(), selected.tax_rate), ("lat-S", Some(1_200)));
    let refusal = select(&menu, &choice("lat", Some("L"), &[]), NOON).expect_err("no price");
    assert_eq!(refusal.code(), "size_unavailable");
}

#[test]
fn what_is_not_matched_or_not_priced_is_absent() {
    assert_eq!(build(&[latte()], &BTreeMap::new(), &[]).absent.len(), 1);
    assert_eq!(build(&[], &matched(), &[]).absent.len(), 1);
    let mut unpriced = latte();
    unpriced.sizes[0].price_minor = None;
    let menu = build(&[unpriced], &matched(), &[]);
    assert_eq!((menu.items.len(), menu.categories.len(), menu.absent[0].code.as_str()), (0, 0, "lat"));
}

#[test]
fn the_stop_list_reaches_sizes_and_modifiers() {
    let stop = |product: &str, size: Option<&str>, left| Stop {
        product_id: product.to_owned(),
        size_id: size.map(str::to_owned),
        left,
    };
    let menu = build(&[latte()], &matched(), &[stop("p1", Some("size-L"), 0), stop("m1", None, 0)]);
    assert_eq!(menu.items[0].sizes[0].left, None);
    assert_eq!(menu.items[0].sizes[1].left, Some(0));
    assert_eq!(menu.groups[0].modifiers[0].left, Some(0));
    let menu = build(&[latte()], &matched(), &[stop("p1", None, 2), stop("p1", Some("size-S"), 1)]);
    assert_eq!(menu.items[0].sizes[0].left, Some(1), "the least that is said");
    assert_eq!(menu.items[0].sizes[1].left, Some(2));
}

#[test]
fn a_snapshot_reads_back() {
    let menu = build(&[latte()], &matched(), &[]);
    let text = serde_json::to_string(&menu).expect("JSON");
    assert_eq!(serde_json::from_str::<OutletMenu>(&text).expect("a menu"), menu);
}

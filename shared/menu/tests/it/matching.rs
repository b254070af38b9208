//! Which product is which item.

use std::collections::BTreeSet;

use menu::brand::{BrandGroup, BrandItem, BrandModifier, BrandSize, same_names};
use menu::chain::{Group, Kind, Modifier, Product, Size};
use menu::mapping::{Mapping, SizePair, pair};
use menu::matching::{Conflict, NAME_POINTS, Reason, find, score};

fn item(code: &str, name: &str, skus: &[&str]) -> BrandItem {
    BrandItem {
        code: code.to_owned(),
        names: same_names(name),
        description: None,
        category: "coffee".to_owned(),
        position: 0,
        tags: Vec::new(),
        image: None,
        aliases: Vec::new(),
        sizes: skus
            .iter()
            .zip(["S", "M", "L"])
            .map(|(sku, size)| BrandSize {
                code: size.to_owned(),
                names: same_names(size),
                product_code: (*sku).to_owned(),
            })
            .collect(),
        product_code: None,
        groups: Vec::new(),
    }
}

fn product(id: &str, sku: &str, name: &str, sizes: &[&str]) -> Product {
    let size = |code: &&str| Size {
        id: (!code.is_empty()).then(|| format!("{id}-{code}")),
        code: (*code).to_owned(),
        name: (*code).to_owned(),
        sku: sku.to_owned(),
        default: false,
        price_minor: Some(10_000),
        weight_grams: None,
        nutrition: None,
        image: None,
        groups: Vec::new(),
    };
    Product {
        id: id.to_owned(),
        sku: sku.to_owned(),
        name: name.to_owned(),
        kind: Kind::Dish,
        compound: false,
        description: None,
        category: None,
        schedule: Vec::new(),
        tax_rate: None,
        marked: false,
        tags: Vec::new(),
        allergens: Vec::new(),
        image: None,
        sizes: sizes.iter().map(size).collect(),
    }
}

#[test]
fn codes_and_names_propose_with_their_reasons() {
    let items = [item("cappuccino", "Капучино", &["00064"]), item("latte", "Латте", &["77"])];
    let products = [
        product("p1", "64", "Капучино классический", &["S"]),
        product("p2", "100", "ЛАТТЕ", &["S"]),
        product("p3", "200", "Борщ", &[""]),
    ];
    let found = find(&items, &products, &[], &BTreeSet::new());
    let pairs: Vec<(&str, &str)> = found
        .proposals
        .iter()
        .map(|(candidate, _)| (candidate.item.as_str(), candidate.product_id.as_str()))
        .collect();
    assert_eq!(pairs, vec![("cappuccino", "p1"), ("latte", "p2")]);
    assert_eq!(found.unmatched_products, vec!["p3"]);
    assert!(found.conflicts.is_empty() && found.unmatched_items.is_empty());
    let (cappuccino, _) = &found.proposals[0];
    assert!(matches!(&cappuccino.reasons[0], Reason::Code { code, .. } if code == "00064"));
    let (latte, mapping) = &found.proposals[1];
    assert!(matches!(latte.reasons[0], Reason::Name { likeness: 1_000, points: NAME_POINTS }));
    assert_eq!(mapping.sizes, vec![SizePair { size: "S".to_owned(), size_id: Some("p2-S".to_owned()) }]);
}

#[test]
fn what_could_be_two_things_is_for_a_person() {
    // Two products alike.
    let items = [item("latte", "Латте", &[])];
    let products = [product("p1", "1", "Латте", &[""]), product("p2", "2", "Латте", &[""])];
    let found = find(&items, &products, &[], &BTreeSet::new());
    assert!(found.proposals.is_empty());
    assert!(
        matches!(&found.conflicts[..], [Conflict::Ambiguous { candidates, .. }] if candidates.len() == 2)
    );
    // Two items want one product.
    let items = [item("latte", "Латте", &[]), item("latte2", "Латте", &[])];
    let found = find(&items, &products[..1], &[], &BTreeSet::new());
    assert!(found.proposals.is_empty());
    assert!(matches!(&found.conflicts[..], [Conflict::Contested { product_id, candidates }]
        if product_id == "p1" && candidates.len() == 2));
    // The number is the same by chance.
    let found = find(
        &[item("latte", "Латте", &["64"])],
        &[product("p1", "00064", "Борщ", &[""])],
        &[],
        &BTreeSet::new(),
    );
    assert!(
        matches!(&found.conflicts[..], [Conflict::CodeDisagrees { candidate }] if candidate.product_id == "p1")
    );
}

#[test]
fn what_is_confirmed_stays_and_what_is_gone_is_named() {
    let items = [item("latte", "Латте", &[]), item("raf", "Раф", &[])];
    let wrong = Mapping {
        product_id: "p2".to_owned(),
        sizes: vec![SizePair { size: String::new(), size_id: Some("p2-XL".to_owned()) }],
        modifiers: Vec::new(),
    };
    let gone = Mapping { product_id: "p9".to_owned(), sizes: Vec::new(), modifiers: Vec::new() };
    let confirmed = [("latte".to_owned(), wrong), ("raf".to_owned(), gone)];
    let products = [product("p1", "1", "Латте", &[""]), product("p2", "2", "Раф", &[""])];
    let found = find(&items, &products, &confirmed, &BTreeSet::new());
    assert!(found.proposals.is_empty(), "better names do not move a confirmed match");
    assert_eq!(found.unmatched_products, vec!["p1"]);
    assert_eq!(
        found.conflicts,
        vec![
            Conflict::SizeGone { item: "latte".to_owned(), product_id: "p2".to_owned(), size: String::new() },
            Conflict::ProductGone { item: "raf".to_owned(), product_id: "p9".to_owned() },
        ]
    );
}

#[test]
fn a_rejected_pair_is_not_proposed_again() {
    let items = [item("latte", "Латте", &[])];
    let products = [product("p1", "1", "Латте", &[""])];
    let rejected = BTreeSet::from([("latte".to_owned(), "p1".to_owned())]);
    let found = find(&items, &products, &[], &rejected);
    assert!(found.proposals.is_empty());
    assert_eq!(
        (found.unmatched_items, found.unmatched_products),
        (vec!["latte".to_owned()], vec!["p1".to_owned()])
    );
}

#[test]
fn sizes_and_modifiers_pair_by_code_name_and_order() {
    let mut brand = item("latte", "Латте", &["1", "2", "3"]);
    brand.groups = vec![BrandGroup {
        code: "milk".to_owned(),
        names: same_names("Молоко"),
        modifiers: vec![
            BrandModifier { code: "oat".to_owned(), names: same_names("Овсяное молоко") },
            BrandModifier { code: "00060".to_owned(), names: same_names("Кокосовое") },
        ],
    }];
    let mut theirs = product("p1", "9", "Латте", &["300 мл", "M", "500 мл"]);
    let modifier = |id: &str, sku: &str, name: &str| Modifier {
        product_id: id.to_owned(),
        sku: sku.to_owned(),
        name: name.to_owned(),
        price_minor: Some(0),
        min: 0,
        max: 0,
        free: 0,
        by_default: 0,
        allergens: Vec::new(),
    };
    theirs.sizes[0].groups = vec![Group {
        id: Some("g".to_owned()),
        name: "Milk".to_owned(),
        min: 0,
        max: 1,
        free: 0,
        own_limits: false,
        modifiers: vec![
            modifier("m1", "60", "На кокосе"),
            modifier("m2", "5", "Молоко овсяное"),
            modifier("m3", "6", "Сахар"),
        ],
    }];
    let mapping = pair(&brand, &theirs);
    let sizes: Vec<(&str, Option<&str>)> =
        mapping.sizes.iter().map(|pair| (pair.size.as_str(), pair.size_id.as_deref())).collect();
    assert_eq!(sizes, vec![("S", Some("p1-300 мл")), ("M", Some("p1-M")), ("L", Some("p1-500 мл"))]);
    let modifiers: Vec<(&str, &str)> =
        mapping.modifiers.iter().map(|pair| (pair.modifier.as_str(), pair.product_id.as_str())).collect();
    assert_eq!(modifiers, vec![("oat", "m2"), ("00060", "m1")]);
    let reasons = score(&brand, &theirs).reasons;
    assert!(reasons.iter().any(|reason| matches!(reason, Reason::Modifiers { paired: 2, of: 3, .. })));
}

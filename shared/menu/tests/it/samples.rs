//! A small menu, and choices from it.

use menu::brand::same_names;
use menu::outlet::{Absent, Category, Group, Item, Modifier, OutletMenu, Size, TillModifier, TillProduct};
use menu::{Choice, LocalTime, ModifierChoice};

/// A Saturday at noon.
pub const NOON: LocalTime = LocalTime { weekday: 6, minute: 720 };

pub fn modifier(code: &str, price_minor: i64) -> Modifier {
    Modifier {
        code: code.to_owned(),
        names: same_names(code),
        price_minor: Some(price_minor),
        min: 0,
        max: 0,
        free: 0,
        by_default: 0,
        left: None,
        allergens: Vec::new(),
        till: TillModifier { product_id: format!("p-{code}"), group_id: Some("g".to_owned()) },
    }
}

pub fn group(code: &str, min: u32, max: u32, modifiers: Vec<Modifier>) -> Group {
    Group { code: code.to_owned(), names: same_names(code), min, max, free: 0, own_limits: false, modifiers }
}

pub fn size(code: &str, price_minor: Option<i64>, groups: &[u32]) -> Size {
    Size {
        code: code.to_owned(),
        names: (!code.is_empty()).then(|| same_names(code)),
        product_code: format!("sku-{code}"),
        default: false,
        price_minor,
        left: None,
        weight_grams: None,
        nutrition: None,
        image: None,
        till: TillProduct { product_id: "p".to_owned(), size_id: Some(code.to_owned()), compound: false },
        groups: groups.to_vec(),
    }
}

pub fn item(code: &str, sizes: Vec<Size>) -> Item {
    Item {
        code: code.to_owned(),
        names: same_names(code),
        description: None,
        category: "coffee".to_owned(),
        tags: Vec::new(),
        allergens: Vec::new(),
        image: None,
        tax_rate: Some(500),
        marked: false,
        schedule: Vec::new(),
        sizes,
    }
}

/// Coffee in two sizes with required milk and optional syrups; tea in one; a cake that is not sold here.
pub fn menu() -> OutletMenu {
    let milk = group("milk", 1, 1, vec![modifier("cow", 0), modifier("oat", 4_000)]);
    let syrup = group(
        "syrup",
        0,
        3,
        vec![modifier("vanilla", 2_000), modifier("caramel", 2_500), modifier("mint", 2_000)],
    );
    let mut large = size("L", Some(25_000), &[0, 1]);
    large.default = true;
    OutletMenu {
        brand: "b".to_owned(),
        outlet: "out_1".to_owned(),
        outlet_code: "1".to_owned(),
        currency: "RUB".to_owned(),
        zone: "Europe/Moscow".to_owned(),
        revision: "r".to_owned(),
        categories: vec![Category { code: "coffee".to_owned(), names: same_names("coffee") }],
        items: vec![
            item("latte", vec![size("S", Some(20_000), &[0, 1]), large]),
            item("tea", vec![size("", Some(10_000), &[])]),
            item("espresso", vec![size("", Some(12_000), &[])]),
        ],
        groups: vec![milk, syrup],
        absent: vec![Absent {
            code: "cake".to_owned(),
            names: same_names("cake"),
            category: "coffee".to_owned(),
        }],
    }
}

/// A choice with modifiers by code and amount.
pub fn choice(item: &str, size: Option<&str>, modifiers: &[(&str, u32)]) -> Choice {
    let one = |(code, amount): &(&str, u32)| ModifierChoice {
        code: (*code).to_owned(),
        group: None,
        amount: *amount,
    };
    Choice {
        item: item.to_owned(),
        size: size.map(str::to_owned),
        modifiers: modifiers.iter().map(one).collect(),
    }
}

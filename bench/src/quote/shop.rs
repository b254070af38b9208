//! A menu and promotions of a real size, put into a generated database.

use std::path::Path;

use anyhow::{Context as _, Result};
use kernel::OutletId;
use menu::outlet::{Category, Group, Item, Modifier, OutletMenu, Size, TillModifier, TillProduct};
use notation::Names;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::load::fixture::Fixture;
use crate::state;

/// Outlets that get the menu.
pub const OUTLETS: usize = 4;
/// Items that every menu has, and that carts are made of.
pub const ITEMS_ALWAYS: usize = 100;
/// Codes of the sizes that every item has.
pub const SIZES: [&str; 3] = ["s", "m", "l"];
/// Modifiers of one group.
pub const MODIFIERS: usize = 8;
/// Groups that every item has.
const GROUPS: usize = 5;
/// Items of one category.
const ITEMS_PER_CATEGORY: usize = 25;
const REVISION: &str = "bench";

/// Puts both into the database and the key-value file of a state directory.
///
/// # Errors
/// When either refuses.
pub fn furnish(dir: &Path, fixture: &Fixture, items: usize, promotions: usize) -> Result<()> {
    let path = state::database_path(dir);
    let mut database = Connection::open(&path).with_context(|| path.display().to_string())?;
    let kv = state::key_value(dir)?;
    let tx = database.transaction()?;
    for till in &fixture.tills {
        let id: i64 =
            tx.query_row("select id from outlets where code = ?1", [&till.outlet], |row| row.get(0))?;
        tx.execute("insert into outlet_menus values (?1, 1, 1, ?2, 0)", params![id, REVISION])?;
        let menu = menu(OutletId::from_raw(id), &till.outlet, &till.brand, &till.currency, &till.zone, items);
        let key = format!("menu/v1/{}/{REVISION}", OutletId::from_raw(id));
        state::set_key(&kv, &key, &serde_json::to_vec(&menu)?)?;
    }
    let till = fixture.tills.first().context("the fixture has no till")?;
    for number in 0..promotions {
        let rules = promotion(number, &till.brand, &till.currency).to_string();
        let id = i64::try_from(number)? + 1;
        tx.execute(
            "insert into promotions values (?1, ?2, 'live', 1, 1, null, null, 0, 0)",
            params![id, till.brand],
        )?;
        tx.execute("insert into promotion_versions values (?1, 1, ?2, '', null, 0)", params![id, rules])?;
    }
    tx.execute("insert into promotion_revisions values (?1, 1)", [&till.brand])?;
    tx.commit()?;
    Ok(())
}

fn names(text: &str) -> Names {
    Names {
        ru: format!("{text} по-русски"), kk: format!("{text} қазақша"), en: text.to_owned()
    }
}

fn menu(id: OutletId, code: &str, brand: &str, currency: &str, zone: &str, items: usize) -> OutletMenu {
    let category = |item: usize| format!("c{}", item / ITEMS_PER_CATEGORY);
    let categories = (0..items.div_ceil(ITEMS_PER_CATEGORY))
        .map(|number| Category { code: format!("c{number}"), names: names(&format!("Category {number}")) });
    OutletMenu {
        brand: brand.to_owned(),
        outlet: id.to_string(),
        outlet_code: code.to_owned(),
        currency: currency.to_owned(),
        zone: zone.to_owned(),
        revision: REVISION.to_owned(),
        categories: categories.collect(),
        items: (0..items).map(|number| item(number, category(number))).collect(),
        groups: (0..GROUPS).map(group).collect(),
        absent: Vec::new(),
    }
}

fn item(number: usize, category: String) -> Item {
    let price = 15_000 + (number as i64 % 40) * 500;
    let sizes = SIZES.iter().zip(0_i64..).map(|(size, step)| Size {
        code: (*size).to_owned(),
        names: Some(names(size)),
        product_code: format!("p{number}{size}"),
        default: *size == "m",
        price_minor: Some(price + step * 4_000),
        left: None,
        weight_grams: Some(250),
        nutrition: None,
        image: Some(format!("https://img.example/{number}-{size}.webp")),
        till: TillProduct { product_id: uuid(number), size_id: Some(uuid(number + 1)), compound: false },
        groups: (0..GROUPS as u32).collect(),
    });
    Item {
        code: format!("i{number}"),
        names: names(&format!("Item {number}")),
        description: Some(names("Espresso, steamed milk and a little patience")),
        category,
        tags: vec![format!("t{}", number % 10)],
        allergens: Vec::new(),
        image: Some(format!("https://img.example/{number}.webp")),
        tax_rate: Some(2_000),
        marked: false,
        schedule: Vec::new(),
        sizes: sizes.collect(),
    }
}

fn group(number: usize) -> Group {
    let modifiers = (0..MODIFIERS).map(|modifier| Modifier {
        code: format!("g{number}m{modifier}"),
        names: names(&format!("Addition {modifier}")),
        price_minor: Some(3_000 + modifier as i64 * 500),
        min: 0,
        max: 3,
        free: 0,
        by_default: 0,
        left: None,
        allergens: Vec::new(),
        till: TillModifier { product_id: uuid(modifier), group_id: Some(uuid(number)) },
    });
    Group {
        code: format!("g{number}"),
        names: names(&format!("Group {number}")),
        min: 0,
        max: 4,
        free: u32::from(number == 0),
        own_limits: true,
        modifiers: modifiers.collect(),
    }
}

fn uuid(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Promotions of every kind in turn; what they are about differs, so that a cart meets some of them.
fn promotion(number: usize, brand: &str, currency: &str) -> Value {
    let sum = |amount: &str| json!([{ "amount": amount, "currency": currency }]);
    let category = json!({ "categories": [format!("c{}", number % 12)] });
    let products: Vec<String> =
        (0..5).flat_map(|at| SIZES.map(|size| format!("p{}{size}", (number * 7 + at) % 300))).collect();
    let products = json!({ "products": products });
    let (condition, effect) = match number % 8 {
        0 => (Value::Null, json!({ "kind": "percent_off", "on": products, "percent": "0.1" })),
        1 => (
            json!({ "kind": "amount", "of": category, "at_least": sum("900.00") }),
            json!({ "kind": "amount_off", "on": category, "amount": sum("50.00") }),
        ),
        2 => (Value::Null, json!({ "kind": "nth_item", "on": products, "nth": 2, "percent": "0.5" })),
        3 => (
            json!({ "kind": "tier", "any_of": ["silver", "gold"] }),
            json!({ "kind": "percent_off", "on": category, "percent": "0.05" }),
        ),
        4 => (
            json!({ "kind": "time_of_day", "from": "07:00", "until": "10:00" }),
            json!({ "kind": "percent_off", "on": category, "percent": "0.2" }),
        ),
        5 => (Value::Null, json!({ "kind": "points_multiplier", "on": products, "factor": "2" })),
        6 => (json!({ "kind": "coupon" }), json!({ "kind": "amount_off", "amount": sum("100.00") })),
        _ => (
            json!({ "kind": "pieces", "of": products, "at_least": 2 }),
            json!({ "kind": "free_modifier", "on": products, "modifiers": ["g1m1", "g1m2"], "amount": 1 }),
        ),
    };
    json!({
        "brand": brand, "title": names(&format!("Promotion {number}")), "condition": condition, "effects": [effect],
        "hinted": number % 4 == 1, "priority": number % 5,
        "stacking": { "groups": if number.is_multiple_of(3) { vec![format!("x{}", number % 9)] } else { Vec::new() } },
        "funding": [{ "funder": { "kind": "brand" }, "weight": 60 }, { "funder": { "kind": "franchisee" }, "weight": 40 }]
    })
}

//! The external menus from outside, whole.

use iiko::menu::external;
use menu::{Refusal, select};

use crate::support::{NOON, choice, menu_of, ok, outside};

const FIRST: &str = "7eb96c48-c234-46d2-86bb-42034aa113c7";
const SECOND: &str = "9fab92f9-774c-4b10-a6b5-876346815092";
const CAPPUCCINO: &str = "00064";
const ALMOND_MILK: &str = "00059";
const VANILLA: &str = "00093";
const BANANA: &str = "00096";

#[test]
fn the_documented_coffee_costs_what_the_vendor_says() {
    let Some(body) = outside("external_menu_v2_coffee_vendor_docs.json") else { return };
    let menu = external::read(&ok(body)).expect("a menu");
    let rows = [(FIRST, "S", 17_000, 21_000), (SECOND, "S", 15_000, 19_000)];
    for (organization, size, base, with_two_syrups) in rows {
        let sold = menu_of(&menu.assortment(organization), &[]);
        let one = choice(CAPPUCCINO, Some(size), &[(ALMOND_MILK, 1), (VANILLA, 2)]);
        let selected = select(&sold, &one, NOON).expect("a lawful choice");
        assert_eq!((selected.base_minor, selected.unit_minor), (base, with_two_syrups), "{organization}");
        // Two different syrups cost as much as two of one.
        let mixed = choice(CAPPUCCINO, Some(size), &[(VANILLA, 1), (ALMOND_MILK, 1), (BANANA, 1)]);
        assert_eq!(select(&sold, &mixed, NOON).expect("a lawful choice").unit_minor, with_two_syrups);
        let large = choice(CAPPUCCINO, Some("L"), &[(ALMOND_MILK, 1), (BANANA, 1)]);
        assert_eq!(select(&sold, &large, NOON).expect("a lawful choice").unit_minor, 26_000);
    }
}

#[test]
fn milk_is_required_and_never_added_unasked() {
    let Some(body) = outside("external_menu_v2_coffee_vendor_docs.json") else { return };
    let sold = menu_of(&external::read(&ok(body)).expect("a menu").assortment(FIRST), &[]);
    for modifiers in [&[][..], &[(VANILLA, 2)][..]] {
        let refused = select(&sold, &choice(CAPPUCCINO, Some("S"), modifiers), NOON).expect_err("no milk");
        let Refusal::TooFewInGroup { min: 1, chosen: 0, alternatives, .. } = *refused else {
            panic!("{refused:?}");
        };
        assert_eq!(alternatives.len(), 3);
    }
    let two = choice(CAPPUCCINO, Some("S"), &[(ALMOND_MILK, 2)]);
    assert!(matches!(
        *select(&sold, &two, NOON).expect_err("two milks"),
        Refusal::TooManyInGroup { max: 1, .. }
    ));
    let syrup = choice(CAPPUCCINO, Some("S"), &[(ALMOND_MILK, 1), (VANILLA, 10)]);
    assert!(matches!(*select(&sold, &syrup, NOON).expect_err("ten"), Refusal::TooManyInGroup { max: 9, .. }));
}

#[test]
fn a_modifier_is_its_product_in_every_size() {
    let Some(body) = outside("external_menu_v2_coffee_vendor_docs.json") else { return };
    let assortment = external::read(&ok(body)).expect("a menu").assortment(FIRST);
    let cappuccino = &assortment.products[0];
    assert_eq!(cappuccino.modifiers().len(), 8, "16 ids, 8 products");
    assert_eq!(cappuccino.allergens[0].code, "7");
    let pizza = &assortment.products[1];
    assert_eq!(
        (pizza.sizes.len(), pizza.sizes[0].id.as_deref(), pizza.sizes[0].price_minor),
        (1, None, Some(48_000))
    );
    let sold = menu_of(&assortment, &[]);
    assert_eq!(sold.item("00017").expect("the pizza").sizes[0].names, None, "an item without sizes");
    assert_eq!(select(&sold, &choice("00017", None, &[]), NOON).expect("a pizza").unit_minor, 48_000);
}

#[test]
fn a_real_restaurant_is_read_whole() {
    let Some(body) = outside("external_menu_v2_restaurant.json.gz") else { return };
    let organization = "815bb8fd-b393-477a-8abc-fb962ab408d6";
    let menu = external::read(&ok(body)).expect("a menu");
    let assortment = menu.assortment(organization);
    assert_eq!(assortment.products.len(), 106);
    assert!(assortment.products.iter().all(menu::chain::Product::is_for_sale));
    assert_eq!(assortment.products.iter().filter(|product| !product.modifiers().is_empty()).count(), 11);
    assert_eq!(assortment.products.iter().filter(|product| product.tax_rate.is_some()).count(), 95);
    assert!(menu.assortment("another").products.iter().all(|product| !product.is_for_sale()));
    let sold = menu_of(&assortment, &[]);
    assert_eq!(sold.items.len(), 106);
    // Each dish can be had, with what its required groups ask for.
    for item in &sold.items {
        let size = &item.sizes[0];
        let needed: Vec<(&str, u32)> = sold
            .groups_of(size)
            .filter(|group| group.min > 0)
            .map(|group| (group.modifiers[0].code.as_str(), group.min))
            .collect();
        let selected = select(&sold, &choice(&item.code, None, &needed), NOON).expect("a lawful choice");
        assert_eq!(Some(selected.unit_minor), size.price_minor, "modifiers there cost nothing");
        assert_eq!(needed.is_empty(), select(&sold, &choice(&item.code, None, &[]), NOON).is_ok());
    }
}

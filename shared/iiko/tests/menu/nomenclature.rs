//! Nomenclature: the file from outside, and what a revision means.

use iiko::menu::nomenclature;
use menu::chain::Kind;
use menu::select;

use crate::support::{NOON, choice, menu_of, ok, outside};

#[test]
fn the_pizza_catalogue_is_read_whole() {
    let Some(body) = outside("nomenclature_pizza_test_fixture.json") else { return };
    let assortment = nomenclature::read(&ok(body), 0).expect("a catalogue").expect("something");
    assert_eq!(assortment.revision, 1_637_664_530_796);
    let kinds = |kind| assortment.products.iter().filter(|product| product.kind == kind).count();
    assert_eq!((kinds(Kind::Dish), kinds(Kind::Modifier)), (2, 2));
    let outlet = menu_of(&assortment, &[]);
    let price = |item: &str, modifiers: &[(&str, u32)]| {
        select(&outlet, &choice(item, None, modifiers), NOON).map(|selected| selected.unit_minor)
    };
    assert_eq!(price("00130", &[]), Ok(27_900));
    assert_eq!(price("00312", &[]), Ok(75_900), "the group is not required");
    assert_eq!(
        price("00312", &[("00784", 2), ("08643", 1)]),
        Ok(98_400),
        "a modifier costs what its product costs"
    );
    let carbonara = assortment.products.iter().find(|product| product.sku == "00312").expect("a pizza");
    assert_eq!(carbonara.category.as_deref(), Some("Тонкое 30 см."));
    assert_eq!(carbonara.sizes[0].weight_grams, Some(564));
}

#[test]
fn empty_lists_mean_unchanged_only_after_a_revision() {
    let body =
        r#"{"correlationId":"c","groups":[],"productCategories":[],"products":[],"sizes":[],"revision":12}"#;
    assert_eq!(nomenclature::read(&ok(body), 12), Ok(None));
    let first = nomenclature::read(&ok(body), 0).expect("a catalogue").expect("an empty one");
    assert!(first.products.is_empty());
}

//! What a choice costs, and why it is refused: a table per rule.

use kernel::Lang;
use menu::schedule::Span;
use menu::stock::shortages;
use menu::{LocalTime, OutletMenu, select};

use crate::samples::{NOON, choice, menu};

/// The price, or the code of the refusal.
fn price(
    menu: &OutletMenu,
    item: &str,
    size: Option<&str>,
    modifiers: &[(&str, u32)],
) -> Result<i64, &'static str> {
    let selected = select(menu, &choice(item, size, modifiers), NOON);
    selected.map(|selected| selected.unit_minor).map_err(|refusal| refusal.code())
}

/// Modifiers, and the price or the code of the refusal.
type Wanted<'a> = (&'a [(&'a str, u32)], Result<i64, &'static str>);
type Row<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, u32)], Result<i64, &'static str>);

#[test]
fn m2_m3_m5_limits_of_groups() {
    let rows: [Row<'_>; 13] = [
        ("latte", Some("S"), &[("cow", 1)], Ok(20_000)),
        ("latte", None, &[("cow", 1)], Ok(25_000)),
        ("latte", Some("S"), &[("oat", 1), ("vanilla", 2)], Ok(28_000)),
        ("latte", Some("S"), &[("vanilla", 1), ("oat", 1), ("vanilla", 1)], Ok(28_000)),
        ("latte", Some("S"), &[("oat", 1), ("mint", 0)], Ok(24_000)),
        ("latte", Some("S"), &[], Err("too_few_in_group")),
        ("latte", Some("S"), &[("cow", 1), ("oat", 1)], Err("too_many_in_group")),
        ("latte", Some("S"), &[("cow", 1), ("vanilla", 4)], Err("too_many_in_group")),
        ("latte", Some("S"), &[("cow", 1), ("salt", 1)], Err("unknown_modifier")),
        ("latte", Some("XL"), &[("cow", 1)], Err("unknown_size")),
        ("latte", Some("S"), &[("cow", 51)], Err("too_many_modifiers")),
        ("cake", None, &[], Err("not_sold_here")),
        ("beer", None, &[], Err("unknown_item")),
    ];
    for (item, size, modifiers, expected) in rows {
        assert_eq!(price(&menu(), item, size, modifiers), expected, "{item} {size:?} {modifiers:?}");
    }
}

#[test]
fn m1_zero_is_sold_and_no_price_is_not() {
    let mut sold = menu();
    sold.items[1].sizes[0].price_minor = Some(0);
    assert_eq!(price(&sold, "tea", None, &[]), Ok(0));
    sold.items[1].sizes[0].price_minor = None;
    assert_eq!(price(&sold, "tea", None, &[]), Err("not_sold_here"));
    sold.items[0].sizes[0].price_minor = None;
    assert_eq!(price(&sold, "latte", Some("S"), &[("cow", 1)]), Err("size_unavailable"));
    sold.groups[0].modifiers[0].price_minor = None;
    assert_eq!(price(&sold, "latte", None, &[("cow", 1)]), Err("modifier_unavailable"));
}

#[test]
fn m3_own_limits_hold_beside_the_groups() {
    let mut sold = menu();
    let syrup = &mut sold.groups[1];
    syrup.modifiers[0].max = 1;
    syrup.modifiers[1].min = 1;
    // The group rules: the modifiers' own limits mean nothing.
    assert_eq!(price(&sold, "latte", Some("S"), &[("cow", 1), ("vanilla", 2)]), Ok(24_000));
    sold.groups[1].own_limits = true;
    let rows: [Wanted<'_>; 5] = [
        (&[("cow", 1)], Err("too_few_of_modifier")),
        (&[("cow", 1), ("caramel", 1), ("vanilla", 2)], Err("too_many_of_modifier")),
        (&[("cow", 1), ("caramel", 1), ("vanilla", 1)], Ok(24_500)),
        // No maximum of its own, and the group's three.
        (&[("cow", 1), ("caramel", 3)], Ok(27_500)),
        (&[("cow", 1), ("caramel", 4)], Err("too_many_in_group")),
    ];
    for (modifiers, expected) in rows {
        assert_eq!(price(&sold, "latte", Some("S"), modifiers), expected, "{modifiers:?}");
    }
}

#[test]
fn m4_what_is_free_does_not_depend_on_the_order() {
    let mut sold = menu();
    sold.groups[1].free = 1;
    for modifiers in
        [&[("cow", 1), ("vanilla", 1), ("caramel", 1)][..], &[("caramel", 1), ("vanilla", 1), ("cow", 1)]]
    {
        let selected = select(&sold, &choice("latte", Some("S"), modifiers), NOON).expect("a lawful choice");
        assert_eq!(selected.unit_minor, 22_000, "the dearer one is free");
        let charged: u32 = selected.modifiers.iter().map(|modifier| modifier.charged).sum();
        assert_eq!(charged, 2, "the milk counts, at no price");
    }
    sold.groups[1].own_limits = true;
    sold.groups[1].modifiers[0].free = 2;
    assert_eq!(
        price(&sold, "latte", Some("S"), &[("cow", 1), ("vanilla", 3)]),
        Ok(20_000),
        "its own two, then the group's"
    );
}

#[test]
fn what_is_out_of_stock_is_named_with_what_is_not() {
    let mut sold = menu();
    sold.items[1].sizes[0].left = Some(0);
    let refusal = select(&sold, &choice("tea", None, &[]), NOON).expect_err("no tea");
    assert_eq!(refusal.code(), "out_of_stock");
    let codes: Vec<&str> = refusal.alternatives().iter().map(|named| named.code.as_str()).collect();
    assert_eq!(codes, vec!["espresso", "latte"], "the nearest in price first");
    assert_eq!(refusal.text(Lang::En), "“tea” is out of stock. You can choose: espresso, latte.");
    // Without milk there is no latte to offer.
    for modifier in &mut sold.groups[0].modifiers {
        modifier.left = Some(0);
    }
    let refusal = select(&sold, &choice("tea", None, &[]), NOON).expect_err("no tea");
    assert_eq!(refusal.alternatives().len(), 1);
    let refusal = select(&sold, &choice("latte", None, &[("oat", 1)]), NOON).expect_err("no milk");
    assert_eq!((refusal.code(), refusal.alternatives().len()), ("modifier_unavailable", 0));
}

#[test]
fn lines_share_what_is_left() {
    let mut sold = menu();
    sold.groups[0].modifiers[1].left = Some(3);
    let with_oat = select(&sold, &choice("latte", Some("S"), &[("oat", 1)]), NOON).expect("a latte");
    let large = select(&sold, &choice("latte", Some("L"), &[("oat", 1)]), NOON).expect("a latte");
    assert_eq!(shortages(&[(&with_oat, 2), (&large, 1)]), Vec::new());
    let short = shortages(&[(&with_oat, 2), (&large, 2)]);
    assert_eq!((short.len(), short[0].code.as_str(), short[0].left, short[0].needed), (1, "oat", 3, 4));
}

#[test]
fn breakfast_is_served_in_the_morning_and_night_passes_midnight() {
    let mut sold = menu();
    let at = |weekday, minute| LocalTime { weekday, minute };
    sold.items[1].schedule = vec![Span { days: vec![5], begin: 1_320, end: 120 }];
    let rows = [
        (at(5, 1_319), false),
        (at(5, 1_320), true),
        (at(6, 0), true),
        (at(6, 119), true),
        (at(6, 120), false),
        (at(6, 1_320), false),
        (at(5, 60), false),
    ];
    for (time, served) in rows {
        let selected = select(&sold, &choice("tea", None, &[]), time);
        assert_eq!(selected.is_ok(), served, "{time:?}");
        if let Err(refusal) = selected {
            assert_eq!(refusal.code(), "not_served_now");
        }
    }
}

#[test]
fn a_modifier_in_two_groups_needs_its_group() {
    let mut sold = menu();
    let cow = sold.groups[0].modifiers[0].clone();
    sold.groups[1].modifiers.push(cow);
    assert_eq!(price(&sold, "latte", Some("S"), &[("cow", 1)]), Err("group_needed"));
    let mut chosen = choice("latte", Some("S"), &[("cow", 1)]);
    chosen.modifiers[0].group = Some("milk".to_owned());
    assert_eq!(select(&sold, &chosen, NOON).map(|selected| selected.unit_minor), Ok(20_000));
}

#[test]
fn every_refusal_has_words_in_every_language() {
    let sold = menu();
    let choices = [
        choice("beer", None, &[]),
        choice("cake", None, &[]),
        choice("latte", Some("XL"), &[]),
        choice("latte", Some("S"), &[("salt", 1)]),
        choice("latte", Some("S"), &[]),
        choice("latte", Some("S"), &[("cow", 2)]),
    ];
    for wanted in choices {
        let refusal = select(&sold, &wanted, NOON).expect_err("a refusal");
        let texts: Vec<String> = Lang::ALL.iter().map(|lang| refusal.text(*lang)).collect();
        assert!(texts.iter().all(|text| text.ends_with('.')), "{texts:?}");
        assert!(texts[0] != texts[1] && texts[1] != texts[2], "{texts:?}");
    }
}

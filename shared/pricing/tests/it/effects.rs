//! Every effect, as a table: rules, cart, final amounts.

use kernel::Points;
use serde_json::{Value, json};

use crate::samples::{cart, checked, facts, finals, index, line, price, rub, with_modifier};

#[test]
fn effects_take_off_what_they_say() {
    let food = || json!({ "categories": ["food"] });
    let drinks = || json!({ "categories": ["drinks"] });
    let rows: Vec<(&str, Value, &[&str], &[i64])> = vec![
        (
            "percent",
            json!({ "kind": "percent_off", "on": food(), "percent": "0.2" }),
            &["cake 1 × 100.00 food", "tea 1 × 100.00 drinks"],
            &[8_000, 10_000],
        ),
        (
            "tier",
            json!({ "kind": "tier_benefit", "tiers": [{ "tier": "gold", "percent": "0.5" }, { "tier": "base", "percent": "0.05" }] }),
            &["tea 1 × 100.00 drinks"],
            &[9_500],
        ),
        (
            "sum per cart",
            json!({ "kind": "amount_off", "amount": rub("30") }),
            &["cake 1 × 100.00 food", "tea 1 × 200.00 drinks"],
            &[9_000, 18_000],
        ),
        (
            "sum larger than the goods",
            json!({ "kind": "amount_off", "on": food(), "amount": rub("300") }),
            &["cake 1 × 100.00 food", "tea 1 × 200.00 drinks"],
            &[0, 20_000],
        ),
        (
            "sum per piece",
            json!({ "kind": "amount_off", "amount": rub("30"), "per": "piece" }),
            &["cake 2 × 100.00 food", "gum 1 × 20.00 sweets"],
            &[14_000, 0],
        ),
        (
            "fixed price",
            json!({ "kind": "fixed_price", "on": drinks(), "price": rub("99") }),
            &["latte 2 × 250.00 drinks", "water 1 × 50.00 drinks"],
            &[19_800, 5_000],
        ),
    ];
    for (name, effect, lines, expected) in rows {
        let priced = price(&cart(lines), &[json!({ "effects": [effect] })]);
        assert_eq!(finals(&priced), expected, "{name}");
    }
}

#[test]
fn sets_take_off_what_they_say() {
    let food = || json!({ "categories": ["food"] });
    let drinks = || json!({ "categories": ["drinks"] });
    let rows: Vec<(&str, Value, &[&str], &[i64])> = vec![
        (
            "third free",
            json!({ "kind": "nth_item", "on": drinks(), "nth": 3, "percent": "1" }),
            &["latte 2 × 250.00 drinks", "tea 1 × 100.00 drinks", "cake 1 × 10.00 food"],
            &[50_000, 0, 1_000],
        ),
        (
            "second half price, twice",
            json!({ "kind": "nth_item", "on": drinks(), "nth": 2, "percent": "0.5" }),
            &["latte 2 × 200.00 drinks", "tea 3 × 100.00 drinks"],
            &[30_000, 25_000],
        ),
        (
            "second half price, once",
            json!({ "kind": "nth_item", "on": drinks(), "nth": 2, "percent": "0.5", "times_max": 1 }),
            &["latte 2 × 200.00 drinks", "tea 3 × 100.00 drinks"],
            &[30_000, 30_000],
        ),
        (
            "buy two get one",
            json!({ "kind": "buy_get", "buy": drinks(), "buy_pieces": 2, "get": food(), "get_pieces": 1, "percent": "1" }),
            &["latte 2 × 200.00 drinks", "cake 2 × 90.00 food"],
            &[40_000, 9_000],
        ),
        (
            "buy one get one, of the same",
            json!({ "kind": "buy_get", "buy": drinks(), "buy_pieces": 1, "get": drinks(), "get_pieces": 1, "percent": "1" }),
            &["latte 1 × 200.00 drinks", "tea 2 × 100.00 drinks"],
            &[20_000, 10_000],
        ),
        (
            "too few to buy",
            json!({ "kind": "buy_get", "buy": drinks(), "buy_pieces": 3, "get": food(), "get_pieces": 1, "percent": "1" }),
            &["latte 2 × 200.00 drinks", "cake 2 × 90.00 food"],
            &[40_000, 18_000],
        ),
        (
            "combo",
            json!({ "kind": "bundle", "price": rub("299"), "parts": [{ "of": drinks(), "pieces": 1 }, { "of": food(), "pieces": 1 }] }),
            &["latte 1 × 250.00 drinks", "cake 1 × 150.00 food", "tea 1 × 100.00 drinks"],
            &[18_688, 11_212, 10_000],
        ),
        (
            "combo dearer than its parts",
            json!({ "kind": "bundle", "price": rub("500"), "parts": [{ "of": drinks(), "pieces": 1 }, { "of": food(), "pieces": 1 }] }),
            &["latte 1 × 250.00 drinks", "cake 1 × 150.00 food"],
            &[25_000, 15_000],
        ),
        (
            "gift in the cart",
            json!({ "kind": "gift", "of": { "products": ["cookie"] }, "pieces": 1 }),
            &["latte 1 × 250.00 drinks", "cookie 2 × 60.00 food"],
            &[25_000, 6_000],
        ),
    ];
    for (name, effect, lines, expected) in rows {
        let priced = price(&cart(lines), &[json!({ "effects": [effect] })]);
        assert_eq!(finals(&priced), expected, "{name}");
    }
}

/// A bundle fills its slots from the dearest goods even where one piece fits several: the slots are matched, not
/// filled from the left.
#[test]
fn a_bundle_finds_its_pieces_where_they_overlap() {
    let bundle = json!({ "effects": [{ "kind": "bundle", "price": rub("100"), "parts": [
        { "of": { "categories": ["drinks"] }, "pieces": 1 }, { "of": { "products": ["latte"] }, "pieces": 1 }] }] });
    let priced = price(&cart(&["latte 1 × 250.00 drinks", "tea 1 × 50.00 drinks"]), &[bundle]);
    assert_eq!(priced.payable_minor, 10_000);
}

#[test]
fn a_gift_that_is_not_in_the_cart_is_offered() {
    let gift = json!({ "effects": [{ "kind": "gift", "of": { "products": ["cookie"] }, "pieces": 2 }] });
    let priced = price(&cart(&["latte 1 × 250.00 drinks", "cookie 1 × 60.00 food"]), &[gift]);
    assert_eq!(finals(&priced), [25_000, 0]);
    assert_eq!(
        (priced.gifts[0].pieces, priced.gifts[0].of.products.as_slice()),
        (1, &["cookie".to_owned()][..])
    );
}

#[test]
fn a_free_modifier_costs_nothing_in_every_piece() {
    let free =
        json!({ "effects": [{ "kind": "free_modifier", "modifiers": ["syrup", "oat"], "amount": 1 }] });
    let mut cart = cart(&["latte 2 × 200.00 drinks"]);
    let plain = cart.lines.remove(0);
    cart.lines.push(with_modifier(with_modifier(plain, "syrup", 2, 4_000), "oat", 1, 6_000));
    let priced = price(&cart, &[free]);
    assert_eq!(priced.list_minor, 68_000);
    assert_eq!(priced.payable_minor, 56_000, "the dearest one of each piece");
}

#[test]
fn points_are_given_on_final_prices() {
    let promotions = [
        json!({ "priority": 1, "effects": [{ "kind": "percent_off", "percent": "0.5" }] }),
        json!({ "effects": [{ "kind": "points_multiplier", "on": { "categories": ["drinks"] }, "factor": "3" }] }),
        json!({ "effects": [{ "kind": "points_bonus", "points": "5", "per": { "kind": "piece", "of": { "products": ["cake"] } } }] }),
        json!({ "effects": [{ "kind": "points_bonus", "points": "7.5" }] }),
    ];
    let mut cart = cart(&["latte 1 × 200.00 drinks", "cake 2 × 100.00 food"]);
    cart.lines.push(pricing::cart::CartLine { earns: false, ..line(3, "beer 1 × 100.00 drinks") });
    let priced = price(&cart, &promotions);
    let of = |place: usize| priced.applied[place].points_bonus.to_string();
    // 5 % of 100.00 is 5 points at a ruble each, twice again: 10.
    assert_eq!([of(1), of(2), of(3)], ["10.00", "10.00", "7.50"]);
    assert_eq!(priced.points_bonus, Points::parse("27.5").expect("points"));
    let lines: Vec<String> = priced.lines.iter().map(|line| line.points_bonus.to_string()).collect();
    // What is for the cart is shared by final prices, 100, 100 and 50, so that the sale grants and a return takes it.
    assert_eq!(lines, ["13.00", "13.00", "1.50"]);
    let nothing = json!({ "effects": [{ "kind": "percent_off", "percent": "1" }, { "kind": "points_bonus", "points": "3" }] });
    let priced = price(&samples_cart(), &[nothing]);
    let lines: Vec<i64> = priced.lines.iter().map(|line| line.points_bonus.hundredths()).collect();
    assert_eq!(lines, [100, 200], "a cart that costs nothing shares by pieces");
}

fn samples_cart() -> pricing::Cart {
    cart(&["latte 1 × 200.00 drinks", "cake 2 × 100.00 food"])
}

#[test]
fn limits_cap_one_cart() {
    let capped = json!({
        "effects": [{ "kind": "percent_off", "percent": "0.5" }, { "kind": "points_bonus", "points": "100" }],
        "limits": { "discount_per_cart": rub("50"), "points_per_cart": "30" },
    });
    let priced = price(&cart(&["latte 3 × 100.00 drinks"]), &[capped]);
    assert_eq!((priced.discount_minor, priced.points_bonus.hundredths()), (5_000, 3_000));
    assert_eq!(priced.applied[0].wanted_minor, Some(15_000));
}

#[test]
fn excluded_goods_are_neither_discounted_nor_counted() {
    let rules = json!({
        "condition": { "kind": "amount", "at_least": rub("300") },
        "excluded": { "categories": ["gift-cards"] },
    });
    let both = ["card 1 × 200.00 gift-cards", "latte 1 × 200.00 drinks"];
    assert_eq!(price(&cart(&both), std::slice::from_ref(&rules)).discount_minor, 0);
    let more = ["card 1 × 200.00 gift-cards", "latte 2 × 200.00 drinks"];
    assert_eq!(finals(&price(&cart(&more), &[rules])), [20_000, 36_000]);
}

/// A piece works for one set only, and shared pieces are given up where a promotion wants them for itself.
#[test]
fn pieces_are_used_once() {
    let second = |priority: i32| json!({ "priority": priority, "effects": [{ "kind": "nth_item", "on": { "products": ["latte"] }, "nth": 2, "percent": "0.5" }] });
    let priced = price(&cart(&["latte 2 × 200.00 drinks"]), &[second(1), second(0)]);
    assert_eq!(priced.payable_minor, 30_000, "not the same second cup twice");
    let own = |percent: &str, on: Value| json!({ "stacking": { "with_others": "not_on_same_pieces" }, "effects": [{ "kind": "percent_off", "on": on, "percent": percent }] });
    let promotions = [own("0.1", json!({})), own("0.3", json!({ "products": ["cake"] }))];
    let priced = price(&cart(&["latte 1 × 100.00 drinks", "cake 1 × 100.00 food"]), &promotions);
    assert_eq!(priced.payable_minor, 17_000, "30 % off the cake alone is better than 10 % off both");
    let alone = json!({ "stacking": { "with_others": "never" }, "effects": [{ "kind": "amount_off", "amount": rub("25") }] });
    let ten = json!({});
    let priced =
        price(&cart(&["latte 1 × 100.00 drinks", "cake 1 × 100.00 food"]), &[ten.clone(), alone.clone()]);
    assert_eq!(priced.payable_minor, 17_500);
    let priced = price(&cart(&["latte 2 × 100.00 drinks", "cake 1 × 100.00 food"]), &[ten, alone]);
    assert_eq!(priced.payable_minor, 27_000);
}

#[test]
fn sums_hold_in_the_currencies_they_are_given_in() {
    let kzt =
        json!({ "effects": [{ "kind": "amount_off", "amount": [{ "amount": "100", "currency": "KZT" }] }] });
    let priced = checked(&cart(&["latte 1 × 100.00 drinks"]), &facts(), &index(&[kzt]));
    assert_eq!(priced.discount_minor, 0);
}

//! What holds for any cart and any promotions.

use kernel::Currency;
use pricing::cart::CartLine;
use pricing::funding::{Funder, Part, shares};
use pricing::{Cart, Index, Priced};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{checked, facts, index, rub};

fn effect() -> impl Strategy<Value = Value> {
    let on =
        prop::sample::select(vec![json!({}), json!({ "products": ["a"] }), json!({ "categories": ["y"] })]);
    let percent = prop::sample::select(vec!["0.1", "0.333333", "0.5", "1"]);
    let money = (1..40_000_i64).prop_map(|minor| rub(&format!("{}.{:02}", minor / 100, minor % 100)));
    prop_oneof![
        (on.clone(), percent.clone(), any::<bool>()).prop_map(|(on, percent, initial)| {
            let base = if initial { "initial" } else { "reduced" };
            json!({ "kind": "percent_off", "on": on, "percent": percent, "base": base })
        }),
        (on.clone(), money.clone(), any::<bool>()).prop_map(|(on, amount, each)| {
            json!({ "kind": "amount_off", "on": on, "amount": amount, "per": if each { "piece" } else { "cart" } })
        }),
        (on.clone(), money.clone()).prop_map(|(on, price)| json!({ "kind": "fixed_price", "on": on, "price": price })),
        (on.clone(), 1..4_u32, percent.clone())
            .prop_map(|(on, nth, percent)| json!({ "kind": "nth_item", "on": on, "nth": nth, "percent": percent })),
        (on.clone(), on.clone(), 1..3_u32, percent).prop_map(|(buy, get, pieces, percent)| {
            json!({ "kind": "buy_get", "buy": buy, "buy_pieces": pieces, "get": get, "get_pieces": 1, "percent": percent })
        }),
        (on.clone(), on.clone(), money).prop_map(|(a, b, price)| {
            json!({ "kind": "bundle", "price": price, "parts": [{ "of": a, "pieces": 1 }, { "of": b, "pieces": 1 }] })
        }),
        on.prop_map(|on| json!({ "kind": "points_multiplier", "on": on, "factor": "2" })),
    ]
}

fn promotions() -> impl Strategy<Value = Vec<Value>> {
    let with_others = prop::sample::select(vec!["freely", "freely", "not_on_same_pieces", "never"]);
    let floor = prop::sample::select(vec!["0", "0", "0.5"]);
    let one = (prop::collection::vec(effect(), 1..3), with_others, floor, 1..4_u32, -1..2_i32).prop_map(
        |(effects, with_others, floor, weight, priority)| {
            json!({
                "effects": effects,
                "stacking": { "with_others": with_others },
                "price_floor": floor,
                "priority": priority,
                "funding": [
                    { "funder": { "kind": "brand" }, "weight": weight },
                    { "funder": { "kind": "franchisee" }, "weight": 2 },
                ],
            })
        },
    );
    prop::collection::vec(one, 0..6)
}

fn any_cart() -> impl Strategy<Value = Cart> {
    let line = (0..3_usize, 1..6_u32, 1..50_000_i64, prop::bool::weighted(0.2));
    prop::collection::vec(line, 1..6).prop_map(|lines| Cart {
        currency: Currency::Rub,
        lines: (1..)
            .zip(lines)
            .map(|(line_no, (product, quantity, price, fixed))| CartLine {
                line_no,
                product: ["a", "b", "c"][product].into(),
                size: None,
                category: ["x", "y", "y"][product].into(),
                tags: Vec::new(),
                modifiers: Vec::new(),
                quantity,
                unit_list_minor: price,
                floor_minor: if fixed { price } else { 0 },
                tax_rate: None,
                earns: true,
                pieces_for_points: 0,
            })
            .collect(),
    })
}

/// Every line with more than one piece as two, the halves far apart.
fn split(cart: &Cart) -> Cart {
    let half = |line: &CartLine, quantity: u32| CartLine { quantity, ..line.clone() };
    let first = cart.lines.iter().filter(|line| line.quantity > 1).map(|line| half(line, line.quantity / 2));
    let second = cart.lines.iter().rev().map(|line| half(line, line.quantity - line.quantity / 2));
    Cart { lines: first.chain(second).collect(), ..cart.clone() }
}

fn sums(priced: &Priced) -> Vec<(i64, i64, i64, Vec<i64>)> {
    let applied = priced.applied.iter().map(|applied| {
        let funding = applied.funding.iter().map(|share| share.amount_minor).collect();
        (applied.promotion.raw(), applied.discount_minor, applied.points_bonus.hundredths(), funding)
    });
    applied.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_exact_and_answers_repeat(promotions in promotions(), cart in any_cart()) {
        let index: Index = index(&promotions);
        let priced = checked(&cart, &facts(), &index);
        prop_assert_eq!(&checked(&cart, &facts(), &index), &priced);
        prop_assert!(priced.exact);
    }

    #[test]
    fn splitting_and_moving_lines_changes_nothing(promotions in promotions(), cart in any_cart()) {
        let index = index(&promotions);
        let (whole, parts) = (checked(&cart, &facts(), &index), checked(&split(&cart), &facts(), &index));
        prop_assert_eq!(whole.payable_minor, parts.payable_minor);
        prop_assert_eq!(whole.points_bonus, parts.points_bonus);
        prop_assert_eq!(sums(&whole), sums(&parts));
    }

    /// One more promotion never makes the cart dearer.
    #[test]
    fn a_further_promotion_costs_the_guest_nothing(promotions in promotions(), cart in any_cart()) {
        let fewer = &promotions[..promotions.len().saturating_sub(1)];
        let (all, fewer) = (checked(&cart, &facts(), &index(&promotions)), checked(&cart, &facts(), &index(fewer)));
        prop_assert!(all.payable_minor <= fewer.payable_minor);
    }

    /// Funders' shares of consecutive parts are those of the whole, and nobody is more than a kopeck or two off.
    #[test]
    fn funding_is_exact_however_it_is_divided(weights in prop::collection::vec(1..=100_u32, 1..5), cuts in prop::collection::vec(0..300_i64, 1..8)) {
        let parts: Vec<Part> = weights.iter().enumerate().map(|(index, &weight)| Part {
            funder: Funder::Partner { code: index.to_string() },
            weight,
        }).collect();
        let total: i64 = cuts.iter().sum();
        let mut summed = vec![0_i64; parts.len()];
        let mut from = 0;
        for cut in cuts {
            let dealt = shares(&parts, from, from + cut);
            prop_assert_eq!(dealt.iter().map(|share| share.amount_minor).sum::<i64>(), cut);
            for share in dealt {
                prop_assert!(share.amount_minor > 0);
                let Funder::Partner { code } = share.funder else { unreachable!("only partners fund this") };
                summed[code.parse::<usize>().expect("an index")] += share.amount_minor;
            }
            from += cut;
        }
        let whole: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
        for (sum, &weight) in summed.iter().zip(&weights) {
            prop_assert!((sum * whole - total * i64::from(weight)).abs() < 2 * whole, "{sum} of {total} by {weight}/{whole}");
        }
    }
}

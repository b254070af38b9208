//! The traps that loyalty systems are known to have fallen into, by name.

use kernel::{Points, PromotionId};
use pricing::facts::Allowance;
use pricing::fiscal;
use pricing::funding::{Funder, Share};
use pricing::limit::Scope;
use pricing::verdict::{Failure, Outcome};
use serde_json::json;

use crate::samples::{applied, cart, checked, facts, finals, index, line, price, rub};

/// 25 % off 19.99 is 14.99, not 15.00 (the share is rounded, not the price down), and 100 % leaves nothing.
#[test]
fn rounding_of_a_share_is_half_up() {
    let quarter = json!({ "effects": [{ "kind": "percent_off", "percent": "0.25" }] });
    assert_eq!(finals(&price(&cart(&["tea 1 × 19.99 drinks"]), &[quarter])), [1_499]);
    let all = json!({ "effects": [{ "kind": "percent_off", "percent": "1" }] });
    assert_eq!(price(&cart(&["tea 2 × 11.50 drinks"]), &[all]).payable_minor, 0);
}

/// Three pieces of 0.33 with 10 % off are 0.89 together; rounding each line's share would give 0.90.
#[test]
fn rounding_per_line_against_total() {
    let tenth = json!({ "effects": [{ "kind": "percent_off", "percent": "0.1" }] });
    let together = price(&cart(&["gum 3 × 0.33 sweets"]), std::slice::from_ref(&tenth));
    let apart =
        price(&cart(&["gum 1 × 0.33 sweets", "gum 1 × 0.33 sweets", "gum 1 × 0.33 sweets"]), &[tenth]);
    assert_eq!((together.payable_minor, apart.payable_minor), (89, 89));
    assert_eq!(finals(&apart).iter().sum::<i64>(), 89);
}

#[test]
fn splitting_a_line_in_two_changes_nothing() {
    let promotions = [
        json!({ "effects": [{ "kind": "bundle", "price": rub("300"), "parts": [
            { "of": { "products": ["latte"] }, "pieces": 1 }, { "of": { "products": ["cake"] }, "pieces": 1 }] }] }),
        json!({ "effects": [{ "kind": "amount_off", "amount": rub("10.01") }] }),
        json!({ "effects": [{ "kind": "nth_item", "on": { "products": ["latte"] }, "nth": 3, "percent": "0.5" }] }),
    ];
    let whole = price(&cart(&["latte 4 × 249.99 drinks", "cake 2 × 180.00 food"]), &promotions);
    let split = price(
        &cart(&[
            "cake 1 × 180.00 food",
            "latte 1 × 249.99 drinks",
            "cake 1 × 180.00 food",
            "latte 3 × 249.99 drinks",
        ]),
        &promotions,
    );
    assert_eq!(whole.payable_minor, split.payable_minor);
    let sums = |priced: &pricing::Priced| -> Vec<(i64, i64, Vec<Share>)> {
        let applied = priced.applied.iter();
        applied.map(|one| (one.promotion.raw(), one.discount_minor, one.funding.clone())).collect()
    };
    assert_eq!(sums(&whole), sums(&split));
    let latte: i64 = finals(&split)[1] + finals(&split)[3];
    assert_eq!(latte, finals(&whole)[0]);
}

/// 3 × 100.00 less 10.00 is 2 × 96.67 and 96.66: allocated to the kopeck by largest remainder.
#[test]
fn discount_is_allocated_to_the_kopeck_by_largest_remainder() {
    let ten = json!({ "effects": [{ "kind": "amount_off", "amount": rub("10") }] });
    let priced = price(&cart(&["a 1 × 100.00 x", "b 1 × 100.00 x", "c 1 × 100.00 x"]), &[ten]);
    assert_eq!(finals(&priced), [9_666, 9_667, 9_667]);
    assert_eq!(priced.payable_minor, 29_000);
}

/// What was taken off a line stays with it: the other lines' prices are what the sale says, whatever comes back.
#[test]
fn partial_return_leaves_the_other_lines_prices_alone() {
    let ten = json!({ "effects": [{ "kind": "amount_off", "amount": rub("10") }] });
    let priced = price(&cart(&["set 1 × 50.00 x", "cup 1 × 10.00 x"]), &[ten]);
    // The report of the trap: after the 50 came back, the 10 was computed anew and cost nothing.
    assert_eq!(finals(&priced), [4_167, 833]);
    let stored: Vec<i64> = priced.lines[1].discounts.iter().map(|discount| discount.amount_minor).collect();
    assert_eq!(stored, [167], "the line's own part is in the answer, to be stored with the sale");
}

/// 70 % over 40 % is not 110 %: a share of the reduced price is of what is left, one of the list price stops at nothing.
#[test]
fn percent_of_a_discounted_base() {
    let off = |percent: &str, base: &str, priority: i32| json!({ "priority": priority, "effects": [{ "kind": "percent_off", "percent": percent, "base": base }] });
    let cart = cart(&["coat 1 × 100.00 x"]);
    let reduced = price(&cart, &[off("0.4", "initial", 1), off("0.7", "reduced", 0)]);
    assert_eq!(finals(&reduced), [1_800]);
    let initial = price(&cart, &[off("0.4", "initial", 1), off("0.5", "initial", 0)]);
    assert_eq!(finals(&initial), [1_000]);
    let both = price(&cart, &[off("0.4", "initial", 1), off("0.7", "initial", 0)]);
    assert_eq!(finals(&both), [0]);
}

/// Each line at its final price, equal items split into two prices, the line's sum exact: 54-FZ.
#[test]
fn russian_fiscal_lines() {
    let ten = json!({ "effects": [{ "kind": "amount_off", "amount": rub("10") }] });
    let priced = price(&cart(&["latte 3 × 100.00 drinks"]), &[ten]);
    let lines = fiscal::pieces(3, priced.lines[0].final_minor);
    let shown: Vec<(u32, i64)> = lines.iter().map(|line| (line.quantity, line.unit_minor)).collect();
    assert_eq!(shown, [(2, 9_667), (1, 9_666)]);
}

/// Points reduce prices line by line, to the kopeck: 54-FZ knows no payment with points.
#[test]
fn points_are_a_price_reduction() {
    let lines = [
        pricing::spend::Payable { product: "latte", amount_minor: 20_000 },
        pricing::spend::Payable { product: "cigarettes", amount_minor: 0 },
        pricing::spend::Payable { product: "cake", amount_minor: 10_000 },
    ];
    let paid = pricing::spend::over_lines(10_000, 10_000, &lines).expect("a share");
    let shown: Vec<(i64, i64)> = paid.iter().map(|paid| (paid.points, paid.amount_minor)).collect();
    assert_eq!(shown, [(6_667, 6_667), (0, 0), (3_333, 3_333)]);
}

/// What a budget has left is all that is given, and what was wanted is said.
#[test]
fn a_budget_cuts_a_discount_and_says_so() {
    let ten = json!({
        "effects": [{ "kind": "amount_off", "amount": rub("10") }],
        "limits": { "budgets": [{ "scope": "promotion", "period": "day", "discount": rub("1000") }] },
    });
    let mut facts = facts();
    let left = |discount_minor, exhausted| {
        vec![Allowance { promotion: PromotionId::from_raw(1), exhausted, discount_minor, points: None }]
    };
    facts.allowances = left(Some(301), None);
    let cart = cart(&["a 1 × 100.00 x", "b 1 × 200.00 x"]);
    let priced = checked(&cart, &facts, &index(std::slice::from_ref(&ten)));
    assert_eq!(finals(&priced), [9_900, 19_799]);
    assert_eq!(priced.applied[0].wanted_minor, Some(1_000));
    facts.allowances = left(None, Some(Scope::Promotion));
    let priced = checked(&cart, &facts, &index(&[ten]));
    assert_eq!(priced.discount_minor, 0);
    let spent = Outcome::Failed(Failure::BudgetSpent { scope: Scope::Promotion });
    assert_eq!(priced.trace[0].outcome, spent);
}

/// No discount goes below a floor: of the law, of the goods, of the promotion.
#[test]
fn price_floors_hold() {
    let mut cart = cart(&["cigars 1 × 300.00 tobacco", "wine 1 × 500.00 wine", "cake 1 × 100.00 food"]);
    cart.lines[0].floor_minor = 30_000;
    cart.lines[1].floor_minor = 40_000;
    let half = json!({ "price_floor": "0.7", "effects": [{ "kind": "percent_off", "percent": "0.5" }] });
    assert_eq!(finals(&price(&cart, &[half])), [30_000, 40_000, 7_000]);
    let much = json!({ "effects": [{ "kind": "amount_off", "amount": rub("150") }] });
    // The wine has room for 100.00 of its 125.00; the cake gives the rest.
    assert_eq!(finals(&price(&cart, &[much])), [30_000, 40_000, 5_000]);
}

/// Funders' parts sum to every line and to the whole, and dividing a line changes nobody's.
#[test]
fn funding_is_carried_to_every_discount() {
    let split = json!({
        "effects": [{ "kind": "percent_off", "percent": "0.1" }],
        "funding": [
            { "funder": { "kind": "brand" }, "weight": 70 },
            { "funder": { "kind": "franchisee" }, "weight": 20 },
            { "funder": { "kind": "partner", "code": "bank" }, "weight": 10 },
        ],
    });
    let priced = price(&cart(&["latte 1 × 333.30 drinks", "cake 1 × 100.10 food"]), &[split]);
    let share = |funder, amount_minor| Share { funder, amount_minor };
    let bank = || Funder::Partner { code: "bank".into() };
    assert_eq!(
        priced.applied[0].funding,
        [share(Funder::Brand {}, 3_034), share(Funder::Franchisee {}, 867), share(bank(), 433)]
    );
    assert_eq!(priced.lines[0].discounts[0].amount_minor, 3_333);
}

/// Points that a promotion gives have funders too, to the hundredth, whatever effect gives them.
#[test]
fn funding_is_carried_to_every_bonus() {
    let bonus = json!({
        "effects": [{ "kind": "points_bonus", "points": "10" }],
        "funding": [
            { "funder": { "kind": "brand" }, "weight": 2 },
            { "funder": { "kind": "partner", "code": "bank" }, "weight": 1 },
        ],
    });
    let priced = price(&cart(&["latte 1 × 200.00 drinks", "cake 1 × 100.00 food"]), &[bonus]);
    let dealt: Vec<Vec<i64>> = priced
        .lines
        .iter()
        .map(|line| line.bonuses[0].funding.iter().map(|share| share.points).collect())
        .collect();
    // 1000 hundredths are 667 and 333 by price; of the 1000 the brand bears 667 and the bank 333, over both lines.
    assert_eq!(dealt, [[445, 222], [222, 111]]);
}

/// Pieces for points never take more points than the guest has, and their money comes off in full.
#[test]
fn the_menu_for_points_is_what_the_guest_can_afford() {
    let points =
        json!({ "effects": [{ "kind": "points_price", "on": { "products": ["latte"] }, "points": "120" }] });
    let mut cart = cart(&["latte 4 × 250.00 drinks"]);
    cart.lines[0].pieces_for_points = 3;
    let priced = price(&cart, &[points]);
    assert_eq!(priced.payable_minor, 50_000, "300 points buy two");
    assert_eq!(priced.points_price, Points::parse("240").expect("points"));
    assert_eq!(priced.lines[0].points_price, priced.points_price);
}

/// A holdout is the same for a guest every time, about as large as said, and no part of one promotion's is another's.
#[test]
fn holdouts_are_stable_and_independent() {
    let held = |promotion: i64, percent| -> Vec<bool> {
        let members = (0..20_000).map(|member| kernel::MemberId::from_raw(member * 2_097_152 + 5));
        members
            .map(|member| pricing::judge::held_out(PromotionId::from_raw(promotion), member, percent))
            .collect()
    };
    let count = |held: &[bool]| held.iter().filter(|held| **held).count();
    let (first, again, second) = (held(1, 10), held(1, 10), held(2, 10));
    assert_eq!(first, again);
    assert!((1_800..2_200).contains(&count(&first)), "{}", count(&first));
    let both = first.iter().zip(&second).filter(|(a, b)| **a && **b).count();
    assert!((120..280).contains(&both), "{both} of 20,000 in both, 200 expected");
    assert!(held(1, 20).iter().zip(&first).all(|(wider, held)| *wider || !held), "a wider one contains it");
    assert_eq!(count(&held(1, 0)), 0);
}

/// Two promotions of one group: the better one for the guest, and the other says why not.
#[test]
fn an_exclusivity_group_gives_the_better_one() {
    let group = |percent: &str| json!({ "stacking": { "groups": ["spring"] }, "effects": [{ "kind": "percent_off", "percent": percent }] });
    let priced = price(&cart(&["latte 1 × 200.00 drinks"]), &[group("0.1"), group("0.15")]);
    assert_eq!(applied(&priced), [2]);
    let outdone = Outcome::Failed(Failure::Outdone { by: vec![PromotionId::from_raw(2)] });
    assert_eq!(priced.trace[1].outcome, outdone);
}

/// A cart out of all measure is refused, not computed for minutes.
#[test]
fn the_work_is_bounded() {
    let mut large = cart(&["latte 1 × 200.00 drinks"]);
    large.lines[0].quantity = 501;
    let refused = pricing::evaluate(&large, &facts(), &index(&[]));
    assert_eq!(refused, Err(pricing::evaluate::Refusal::TooLarge));
    let many: Vec<_> = (0..60)
        .map(|off| {
            json!({ "priority": off, "effects": [{ "kind": "percent_off", "percent": format!("0.0{}", 1 + off % 9) }] })
        })
        .collect();
    let priced = price(&cart(&["latte 20 × 200.00 drinks", "cake 7 × 99.00 food"]), &many);
    assert!(!priced.exact, "sixty that interfere are too many to look at every set");
    assert!(priced.discount_minor > priced.list_minor * 9 / 10, "and yet nearly all is taken off");
    let bad = line(3, "latte 1 × 1.00 drinks");
    let mut odd = cart(&["latte 1 × 200.00 drinks"]);
    odd.lines.push(pricing::cart::CartLine { floor_minor: 101, ..bad });
    let refused = pricing::evaluate(&odd, &facts(), &index(&[]));
    assert_eq!(refused, Err(pricing::evaluate::Refusal::BadLine { line_no: 3 }));
}

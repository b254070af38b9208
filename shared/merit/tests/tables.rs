//! Rules as tables and properties.

use std::collections::BTreeMap;

use kernel::{Currency, Date};
use merit::Gap;
use merit::award::{for_team, won};
use merit::check::check;
use merit::facts::{CategoryFacts, Facts, MoneyKind};
use merit::formula::{Fault, Formula};
use merit::goal::{Goal, Prize, Team, Ties};
use merit::metric::Metric;
use merit::number::{Fraction, Number};
use merit::period::Period;
use merit::ranking::{Runner, places, size_class};
use merit::score::{NoScore, standing};
use proptest::prelude::*;

fn fraction(numerator: i128, denominator: i128) -> Fraction {
    Fraction::new(numerator, denominator).expect("a fraction")
}

fn facts() -> Facts {
    let coffee = CategoryFacts { receipts: 3, items: 5_000, revenue_minor: 90_000 };
    Facts {
        receipts: 4,
        items: 7_000,
        revenue_minor: 120_050,
        member_receipts: 3,
        sign_ups: 1,
        ratings: 5,
        stars: 23,
        minutes: 90,
        shifts: 1,
        plan_minor: Some(fraction(100_000, 1)),
        money: MoneyKind::One(Currency::Kzt),
        categories: BTreeMap::from([("coffee".to_owned(), coffee)]),
    }
}

#[test]
fn metrics_are_exact() {
    let coffee = || "coffee".to_owned();
    for (metric, value) in [
        (Metric::Receipts {}, (4, 1)),
        (Metric::Items {}, (7, 1)),
        (Metric::ItemsPerReceipt {}, (7, 4)),
        (Metric::Revenue {}, (120_050, 100)),
        (Metric::MeanReceipt {}, (120_050, 400)),
        (Metric::MemberShare {}, (3, 4)),
        (Metric::AttachRate { category: coffee() }, (3, 4)),
        (Metric::CategoryItems { category: coffee() }, (5, 1)),
        (Metric::CategoryRevenue { category: coffee() }, (900, 1)),
        (Metric::AttachRate { category: "none".to_owned() }, (0, 1)),
        (Metric::RevenueToPlan {}, (120_050, 100_000)),
        (Metric::Rating {}, (23, 5)),
        (Metric::SignUps {}, (1, 1)),
        (Metric::Hours {}, (3, 2)),
    ] {
        assert_eq!(metric.value(&facts()), Ok(fraction(value.0, value.1)), "{metric:?}");
    }
    let nothing = Facts::default();
    assert_eq!(Metric::ItemsPerReceipt {}.value(&nothing), Err(Gap::NothingYet));
    let mut mixed = facts();
    mixed.add(&Facts { money: MoneyKind::One(Currency::Rub), ..Facts::default() }).expect("in range");
    assert_eq!(Metric::MeanReceipt {}.value(&mixed), Err(Gap::Currencies));
    assert_eq!(Metric::ItemsPerReceipt {}.value(&mixed), Ok(fraction(7, 4)), "needs no money");
}

#[test]
fn formulas_know_their_units() {
    let read = |text: &str| serde_json::from_str::<Formula>(text).expect("a formula");
    let metric = |name: &str| format!(r#"{{"op": "metric", "of": {{"metric": "{name}"}}}}"#);
    let per_hour =
        read(&format!(r#"{{"op": "quotient", "of": {}, "by": {}}}"#, metric("revenue"), metric("hours")));
    per_hour.check().expect("lawful");
    assert_eq!(per_hour.value(&facts()), Ok(fraction(240_100, 300)));
    let sum = read(&format!(r#"{{"op": "sum", "of": [{}, {}]}}"#, metric("revenue"), metric("items")));
    assert_eq!(sum.check(), Err(Fault::Units), "money and pieces");
    assert_eq!(read(r#"{"op": "sum", "of": []}"#).check(), Err(Fault::NoParts));
    let mut deep = metric("receipts");
    for _ in 0..6 {
        deep = format!(r#"{{"op": "sum", "of": [{deep}]}}"#);
    }
    assert_eq!(read(&deep).check(), Err(Fault::TooLarge));
    assert!(serde_json::from_str::<Formula>(r#"{"op": "power", "of": []}"#).is_err(), "a closed set");
    let missing =
        read(&format!(r#"{{"op": "quotient", "of": {}, "by": {}}}"#, metric("items"), metric("ratings")));
    assert_eq!(missing.value(&Facts::default()), Err(Gap::NothingYet));
}

fn goal(more: &str) -> Goal {
    let text = format!(
        r#"{{"name": {{"ru": "a", "kk": "a", "en": "a"}}, "subject": "person", "period": "week",
        "components": [
            {{"measure": {{"op": "metric", "of": {{"metric": "items_per_receipt"}}}}, "baseline": "1.25", "target": "2.25", "weight": 3}},
            {{"measure": {{"op": "metric", "of": {{"metric": "member_share"}}}}, "target": "0.5", "cap_percent": 120}}],
        "minimums": [{{"of": {{"metric": "receipts"}}, "at_least": "4"}}] {more}}}"#
    );
    serde_json::from_str(&text).expect("a goal")
}

#[test]
fn a_score_is_the_weighted_mean_of_capped_parts() {
    let goal = goal("");
    assert_eq!(check(&goal), []);
    let standing = standing(&goal, &facts());
    // (1.75 - 1.25) / 1 = 1/2, three times; 0.75 / 0.5 is capped at 6/5, once.
    assert_eq!(standing.parts[0].worth, Ok(fraction(1, 2)));
    assert_eq!(standing.parts[1].worth, Ok(fraction(6, 5)));
    assert_eq!(standing.score, Ok(fraction(27, 40)));
    let few = Facts { receipts: 3, ..facts() };
    assert_eq!(merit::score::standing(&goal, &few).score, Err(NoScore::BelowMinimum { index: 0 }));
    let below = Facts { items: 4_000, ..facts() };
    assert_eq!(
        merit::score::standing(&goal, &below).parts[0].worth,
        Ok(Fraction::ZERO),
        "never below nothing"
    );
}

#[test]
fn faults_are_all_found_with_pointers() {
    let mut broken = goal(
        r#", "levels": [{"at_least_percent": 100, "prizes": []}, {"at_least_percent": 90, "prizes": [{"kind": "points", "hundredths": 0}]}],
        "places": [{"up_to": 3, "prizes": [{"kind": "money", "minor": 5, "currency": "QQQ"}]}], "size_classes": [5, 5]"#,
    );
    broken.components[0].target = Number::parse("1.25").expect("a number");
    broken.components[1].measure = Formula::of(Metric::RevenueToPlan {});
    broken.name.kk.clear();
    let pointers: Vec<String> = check(&broken).into_iter().map(|problem| problem.pointer).collect();
    assert_eq!(
        pointers,
        [
            "/name/kk",
            "/components/0/target",
            "/components/1/measure",
            "/levels/0/prizes",
            "/levels/1/at_least_percent",
            "/levels/1/prizes/0/hundredths",
            "/places/0/prizes/0/currency",
            "/size_classes/1",
        ]
    );
}

#[test]
fn what_is_worth_money_stays_open_for_returns() {
    for (prize, days, is_lawful) in [
        (r#"{"kind": "points", "hundredths": 1}"#, 13, false),
        (r#"{"kind": "points", "hundredths": 1}"#, 14, true),
        (r#"{"kind": "money", "minor": 1, "currency": "KZT"}"#, 0, false),
        (r#"{"kind": "badge", "code": "a"}"#, 0, true),
    ] {
        let more = format!(
            r#", "levels": [{{"at_least_percent": 1, "prizes": [{prize}]}}], "correct_days": {days}"#
        );
        let pointers: Vec<String> = check(&goal(&more)).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(pointers.is_empty(), is_lawful, "{prize} {days}: {pointers:?}");
    }
    assert_eq!(goal("").correct_days, 14);
}

#[test]
fn a_mean_of_few_ratings_is_none() {
    let few = Facts { ratings: 4, ..facts() };
    assert_eq!(Metric::Rating {}.value(&few), Err(Gap::NothingYet));
    assert_eq!(Metric::Ratings {}.value(&few), Ok(Fraction::whole(4)));
}

#[test]
fn equal_scores_are_equal_and_classes_apart() {
    let runner = |class, numerator, volume| Runner { class, score: fraction(numerator, 4), volume };
    let runners = [
        runner(0, 7, 10),
        runner(0, 8, 5),
        runner(1, 1, 1),
        runner(0, 8, 9),
        runner(0, 8, 9),
        runner(1, 2, 1),
    ];
    for (ties, expected) in [
        (Ties::Better, [4, 1, 2, 1, 1, 1]),
        (Ties::Worse, [4, 3, 2, 3, 3, 1]),
        (Ties::Volume, [4, 3, 2, 1, 1, 1]),
    ] {
        assert_eq!(places(&runners, ties), expected, "{ties:?}");
    }
    assert_eq!(places(&[], Ties::Better), [0_u32; 0]);
    for (receipts, days, class) in [
        (0, 1, Some(0)),
        (99, 1, Some(0)),
        (100, 1, Some(1)),
        (499, 2, Some(1)),
        (500, 2, Some(2)),
        (5, 0, None),
    ] {
        assert_eq!(size_class(&[100, 250], receipts, days), class);
    }
}

#[test]
fn prizes_follow_level_and_place() {
    let goal = goal(
        r#", "levels": [{"at_least_percent": 50, "prizes": [{"kind": "badge", "code": "half"}]},
        {"at_least_percent": 100, "prizes": [{"kind": "badge", "code": "whole"}]}],
        "places": [{"up_to": 1, "prizes": [{"kind": "points", "hundredths": 100}]}, {"up_to": 3, "prizes": [{"kind": "points", "hundredths": 50}]}]"#,
    );
    let row = |score, place| {
        let won = won(&goal, score, place, 9).expect("in range");
        (won.level, won.prizes.len())
    };
    assert_eq!(row(fraction(49, 100), 4), (None, 0));
    assert_eq!(row(fraction(1, 2), 4), (Some(50), 1), "exactly half is half");
    assert_eq!(row(Fraction::ONE, 1), (Some(100), 2));
    assert_eq!(row(fraction(1, 10), 3), (None, 1));
    assert_eq!(row(Fraction::ZERO, 1), (None, 0), "nothing achieved, nothing won");
    let alone = won(&goal, Fraction::ONE, 1, 1).expect("in range");
    assert_eq!((alone.level, alone.prizes.len()), (Some(100), 1), "nobody is ahead of nobody");
}

#[test]
fn periods_are_whole() {
    let day = |text: &str| Date::parse(text).expect("a date");
    for (period, from, until) in [
        (Period::Day, "2026-11-25", "2026-11-26"),
        (Period::Week, "2026-11-23", "2026-11-30"),
        (Period::Month, "2026-11-01", "2026-12-01"),
        (Period::Quarter, "2026-10-01", "2027-01-01"),
    ] {
        let days = period.around(day("2026-11-25"));
        assert_eq!((days.from, days.until), (day(from), day(until)));
        assert_eq!(period.before(period.after(days)), days);
    }
}

#[test]
fn fractions_show_at_most_four_digits() {
    for (numerator, denominator, text) in [
        (7, 4, "1.75"),
        (-1, 3, "-0.3333"),
        (2, 3, "0.6667"),
        (99_999, 100_000, "1"),
        (0, 5, "0"),
        (1, 200, "0.005"),
    ] {
        assert_eq!(fraction(numerator, denominator).to_string(), text);
    }
    for text in ["1e3", "+1", "1.2345678", "", "9999999999999", "1,5"] {
        assert!(Number::parse(text).is_err(), "{text}");
    }
    assert_eq!(Number::parse("-1.50").expect("a number").fraction(), fraction(-3, 2));
}

proptest! {
    #[test]
    fn shares_of_a_team_sum_to_the_prize(receipts in prop::collection::vec(1..500_i64, 1..30), hundredths in 1..1_000_000_i64) {
        let shares = for_team(&Prize::Points { hundredths }, &receipts, Team::Shared).expect("shared");
        let sum: i64 = shares.iter().flatten().filter_map(Prize::points).map(kernel::Points::hundredths).sum();
        prop_assert_eq!(sum, hundredths);
    }

    /// However receipts are dealt out over outlets and days, their sums are the same.
    #[test]
    fn facts_add_up(parts in prop::collection::vec((0..100_i64, 0..100_000_i64, 0..1_000_000_i64), 1..20), cut in any::<prop::sample::Index>()) {
        let facts = |part: &(i64, i64, i64)| Facts { receipts: part.0, items: part.1, revenue_minor: part.2, money: MoneyKind::One(Currency::Kzt), ..Facts::default() };
        let sum = |parts: &[(i64, i64, i64)]| {
            let mut sum = Facts::default();
            parts.iter().for_each(|part| sum.add(&facts(part)).expect("in range"));
            sum
        };
        let (left, right) = parts.split_at(cut.index(parts.len()));
        let mut joined = sum(left);
        joined.add(&sum(right)).expect("in range");
        prop_assert_eq!(joined, sum(&parts));
    }

    /// Places are a function of scores alone: dealing the runners otherwise gives each the same place.
    #[test]
    fn places_do_not_depend_on_order(scores in prop::collection::vec((0..3_u8, 0..5_i128, 0..4_i64), 0..12), ties in prop_oneof![Just(Ties::Better), Just(Ties::Worse), Just(Ties::Volume)]) {
        let runners: Vec<Runner> = scores.iter().map(|&(class, score, volume)| Runner { class, score: fraction(score, 3), volume }).collect();
        let mut reversed = runners.clone();
        reversed.reverse();
        let mut back = places(&reversed, ties);
        back.reverse();
        prop_assert_eq!(places(&runners, ties), back);
    }
}

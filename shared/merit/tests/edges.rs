//! The edges of the rules: what is left out, shared, compared and refused.

use std::collections::BTreeSet;

use kernel::{Currency, Date};
use merit::Gap;
use merit::award::{for_team, won};
use merit::check::{Fault, check};
use merit::facts::{Facts, MoneyKind};
use merit::formula::{self, Formula};
use merit::goal::{Goal, Minimum, Place, Prize, Reach, Site, Subject, Team};
use merit::metric::Metric;
use merit::number::{Fraction, Number};
use merit::period::{Days, Period};
use merit::score::{NoScore, standing};
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

fn fraction(numerator: i128, denominator: i128) -> Fraction {
    Fraction::new(numerator, denominator).expect("a fraction")
}

fn metric(of: Metric) -> Formula {
    Formula::of(of)
}

/// Ratings from 3 to 5 stars, by everybody.
fn goal() -> Goal {
    let text = r#"{"name": {"ru": "a", "kk": "a", "en": "a"}, "subject": "person", "period": "week",
        "components": [{"measure": {"op": "metric", "of": {"metric": "rating"}}, "baseline": "3", "target": "5"}]}"#;
    serde_json::from_str(text).expect("a goal")
}

fn facts() -> Facts {
    Facts { receipts: 10, ratings: 10, stars: 40, ..Facts::default() }
}

#[test]
fn what_has_no_value_is_below_every_minimum() {
    let mut goal = goal();
    for at_least in ["-1", "0", "1"] {
        goal.minimums = vec![Minimum { of: Metric::ItemsPerReceipt {}, at_least: number(at_least) }];
        let nothing = Facts { receipts: 0, ..facts() };
        assert_eq!(standing(&goal, &nothing).score, Err(NoScore::BelowMinimum { index: 0 }), "{at_least}");
    }
    goal.minimums[0].at_least = number("0");
    assert_eq!(standing(&goal, &facts()).score, Ok(fraction(1, 2)), "no pieces on ten receipts are a value");
}

#[test]
fn a_part_without_a_value_leaves_no_score() {
    let mut goal = goal();
    goal.components.push(goal.components[0].clone());
    goal.components[1].measure = metric(Metric::Hours {});
    let unrated = Facts { ratings: 0, stars: 0, minutes: 600, ..facts() };
    let standing = standing(&goal, &unrated);
    assert_eq!(standing.score, Err(NoScore::Gap(Gap::NothingYet)));
    assert!(standing.parts[1].worth.is_ok(), "the other part is shown");
}

/// Where less is better the target lies below the baseline.
#[test]
fn less_may_be_better() {
    let mut goal = goal();
    (goal.components[0].baseline, goal.components[0].target) = (number("5"), number("3"));
    for (stars, worth) in
        [(50, fraction(0, 1)), (40, fraction(1, 2)), (30, fraction(1, 1)), (20, fraction(1, 1))]
    {
        let facts = Facts { stars, ..facts() };
        assert_eq!(standing(&goal, &facts).score, Ok(worth), "{stars} stars of ten ratings");
    }
}

#[test]
fn money_is_shared_by_receipts_and_badges_are_everybodys() {
    let money = |minor| Prize::Money { minor, currency: "KZT".to_owned() };
    let badge = Prize::Badge { code: "team".to_owned() };
    let receipts = [2, 0, 1];
    let share = |prize: &Prize, team| for_team(prize, &receipts, team).expect("shared");
    assert_eq!(share(&money(100), Team::Shared), [Some(money(67)), None, Some(money(33))]);
    assert_eq!(share(&money(100), Team::Each), [Some(money(100)), Some(money(100)), Some(money(100))]);
    assert_eq!(share(&badge, Team::Shared), [Some(badge.clone()), Some(badge.clone()), Some(badge.clone())]);
    for_team(&money(100), &[0, 0], Team::Shared).expect_err("nobody has a receipt");
}

proptest! {
    /// Nobody with more receipts has less of the money, and none of it is lost or made.
    #[test]
    fn shares_of_money_follow_receipts(receipts in prop::collection::vec(0..500_i64, 1..30), minor in 1..1_000_000_i64) {
        prop_assume!(receipts.iter().any(|&count| count > 0));
        let prize = Prize::Money { minor, currency: "KZT".to_owned() };
        let shares = for_team(&prize, &receipts, Team::Shared).expect("shared");
        let of = |share: &Option<Prize>| share.as_ref().and_then(Prize::money).map_or(0, |money| money.minor());
        let shares: Vec<i64> = shares.iter().map(of).collect();
        prop_assert_eq!(shares.iter().sum::<i64>(), minor);
        for (mine, my) in receipts.iter().zip(&shares) {
            for (theirs, their) in receipts.iter().zip(&shares) {
                prop_assert!(mine <= theirs || my >= their);
            }
        }
    }

    /// Every day lies in one period, and in neither of its neighbours.
    #[test]
    fn a_day_is_in_one_period(days in 0..20_000_i32, period in prop_oneof![Just(Period::Day), Just(Period::Week), Just(Period::Month), Just(Period::Quarter)]) {
        let day = Date::parse("2000-01-01").expect("a date").plus_days(days);
        let around = period.around(day);
        prop_assert!(around.contain(day));
        prop_assert!(!period.after(around).contain(day) && !period.before(around).contain(day));
        prop_assert!(!around.contain(around.until) && around.contain(around.from));
        prop_assert_eq!(around.until.plus_days(-around.count()), around.from);
    }
}

#[test]
fn the_first_day_after_a_period_is_not_in_it() {
    let day = |text: &str| Date::parse(text).expect("a date");
    let week = Days { from: day("2026-11-23"), until: day("2026-11-30") };
    let rows = [("2026-11-22", false), ("2026-11-23", true), ("2026-11-29", true), ("2026-11-30", false)];
    for (text, inside) in rows {
        assert_eq!(week.contain(day(text)), inside, "{text}");
    }
}

/// Of several lists each must have something of the outlet; an empty one says nothing.
#[test]
fn a_goal_reaches_what_every_list_names() {
    let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<String>>();
    let site = Site {
        code: "o1".to_owned(),
        country: "KZ".to_owned(),
        city: "Almaty".to_owned(),
        franchisee: "f1".to_owned(),
        groups: set(&["mall", "north"]),
    };
    type List = fn(&mut Reach) -> &mut BTreeSet<String>;
    let lists: [(List, &str, &str); 5] = [
        (|reach| &mut reach.countries, "KZ", "RU"),
        (|reach| &mut reach.cities, "Almaty", "Astana"),
        (|reach| &mut reach.franchisees, "f1", "f2"),
        (|reach| &mut reach.groups, "north", "south"),
        (|reach| &mut reach.outlets, "o1", "o2"),
    ];
    assert!(Reach::default().has(&site));
    let mut every = Reach::default();
    for (list, mine, other) in lists {
        *list(&mut every) = set(&[mine, other]);
        let mut one = Reach::default();
        *list(&mut one) = set(&[other]);
        assert!(!one.has(&site), "{other}");
        list(&mut one).insert(mine.to_owned());
        assert!(one.has(&site), "{mine}");
    }
    assert!(every.has(&site));
    for (list, mine, other) in lists {
        let mut but_one = every.clone();
        *list(&mut but_one) = set(&[other]);
        assert!(!but_one.has(&site), "all but {mine}");
    }
    let loose = Site { groups: BTreeSet::new(), ..site };
    assert!(!every.has(&loose), "in no group");
}

#[test]
fn formulas_compare_like_with_like_and_choose() {
    let both = || vec![metric(Metric::Ratings {}), metric(Metric::SignUps {})];
    let facts = Facts { ratings: 2, sign_ups: 5, ..Facts::default() };
    for formula in [
        Formula::Difference {
            of: Box::new(metric(Metric::Ratings {})),
            less: Box::new(metric(Metric::SignUps {})),
        },
        Formula::Least { of: both() },
        Formula::Greatest { of: both() },
    ] {
        assert_eq!(formula.check(), Err(formula::Fault::Units), "{formula:?}");
    }
    assert_eq!(Formula::Least { of: both() }.value(&facts), Ok(fraction(2, 1)));
    assert_eq!(Formula::Greatest { of: both() }.value(&facts), Ok(fraction(5, 1)));
    assert_eq!(Formula::Product { of: both() }.value(&facts), Ok(fraction(10, 1)));
    let less = Formula::Difference {
        of: Box::new(metric(Metric::SignUps {})),
        less: Box::new(metric(Metric::Ratings {})),
    };
    assert_eq!(less.value(&facts), Ok(fraction(3, 1)));
    let by_nothing = Formula::Quotient {
        of: Box::new(metric(Metric::SignUps {})),
        by: Box::new(Formula::Difference {
            of: Box::new(metric(Metric::Ratings {})),
            less: Box::new(metric(Metric::Ratings {})),
        }),
    };
    by_nothing.check().expect("lawful");
    assert_eq!(by_nothing.value(&facts), Err(Gap::NothingYet), "nothing is divided by zero");
}

#[test]
fn what_cannot_be_measured_is_refused() {
    type Edit = fn(&mut Goal);
    let rows: [(Edit, &str, Fault); 7] = [
        (|goal| goal.subject = Subject::Shift, "/period", Fault::ShiftPeriod),
        (
            |goal| {
                (goal.subject, goal.period) = (Subject::Shift, Period::Day);
                goal.components[0].measure = metric(Metric::Hours {});
            },
            "/components/0/measure",
            Fault::ShiftHours,
        ),
        (
            |goal| {
                (goal.subject, goal.period) = (Subject::Shift, Period::Day);
                goal.minimums = vec![Minimum { of: Metric::Shifts {}, at_least: number("1") }];
            },
            "/minimums/0/of",
            Fault::ShiftHours,
        ),
        (
            |goal| goal.minimums = vec![Minimum { of: Metric::RevenueToPlan {}, at_least: number("1") }],
            "/minimums/0/of",
            Fault::NoPlan,
        ),
        (
            |goal| {
                let prizes = vec![Prize::Badge { code: "b".to_owned() }];
                let place = Place { up_to: 3, prizes };
                goal.places = vec![place.clone(), place];
            },
            "/places/1/up_to",
            Fault::NotRising,
        ),
        (
            |goal| {
                goal.subject = Subject::City;
                goal.size_classes = vec![10];
            },
            "/size_classes",
            Fault::ClassSubject,
        ),
        (|goal| goal.components.clear(), "/components", Fault::None),
    ];
    assert_eq!(check(&goal()), []);
    for (edit, pointer, fault) in rows {
        let mut changed = goal();
        edit(&mut changed);
        let found: Vec<_> =
            check(&changed).into_iter().map(|problem| (problem.pointer, problem.fault)).collect();
        assert_eq!(found, [(pointer.to_owned(), fault)]);
    }
}

#[test]
fn fewer_people_than_prizes_leave_prizes_over() {
    let mut goal = goal();
    let prizes = |hundredths| vec![Prize::Points { hundredths }];
    goal.places = vec![Place { up_to: 1, prizes: prizes(300) }, Place { up_to: 3, prizes: prizes(100) }];
    let points = |place| won(&goal, Fraction::ONE, place, 9).expect("in range").prizes;
    assert_eq!(points(1), prizes(300));
    assert_eq!((points(2), points(3)), (prizes(100), prizes(100)));
    assert_eq!(points(4), []);
}

#[test]
fn currencies_are_not_added_up() {
    let kinds =
        [MoneyKind::None, MoneyKind::One(Currency::Kzt), MoneyKind::One(Currency::Rub), MoneyKind::Several];
    use MoneyKind::{None, Several};
    let (kzt, rub) = (kinds[1], kinds[2]);
    let rows = [
        (None, None, None),
        (None, kzt, kzt),
        (kzt, kzt, kzt),
        (kzt, rub, Several),
        (Several, kzt, Several),
        (Several, None, Several),
    ];
    for (one, other, both) in rows {
        assert_eq!((one.with(other), other.with(one)), (both, both));
    }
}

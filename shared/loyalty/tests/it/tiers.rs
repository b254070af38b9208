//! How members move between tiers: windows, requirements, judgements.

use kernel::{Currency, Date, Money, Points};
use loyalty::problem::Fault;
use loyalty::programme::Programme;
use loyalty::tiers::judge::{Standing, Verdict, on_boundary, on_grace_end};
use loyalty::tiers::reach::{Counted, reached, total};
use loyalty::tiers::rules::{Facts, Window};
use serde_json::{Value, json};

use crate::samples::{PROGRAMME, date, points, programme, rub, time, zone};

/// The sample programme with rules of tiers, and with parts of tiers replaced.
fn with(rules: Value, tiers: &[(usize, &str, Value)]) -> Programme {
    let mut body: Value = serde_json::from_str(PROGRAMME).expect("JSON");
    body["tier_rules"] = rules;
    for (index, field, value) in tiers {
        body["tiers"][index][field] = value.clone();
    }
    serde_json::from_value(body).expect("a programme")
}

fn rules(window: Value) -> Value {
    json!({ "window": window, "effective": "next_period", "validity_periods": 1 })
}

fn facts(spend: &str, earned: &str, visits: u32) -> Facts {
    Facts { spend: rub(spend), points: points(earned), visits }
}

#[test]
fn windows_and_periods() {
    let month = Window::CalendarMonth {};
    let quarter = Window::CalendarQuarter {};
    let year = Window::CalendarYear {};
    let rolling = Window::RollingDays { days: 90 };
    let lifetime = Window::Lifetime {};
    // Window, boundary, what is measured there, the boundary after it.
    let rows = [
        (month, "2026-12-01", Some("2026-11-01"), "2027-01-01"),
        (month, "2024-03-01", Some("2024-02-01"), "2024-04-01"),
        (quarter, "2027-01-01", Some("2026-10-01"), "2027-04-01"),
        (quarter, "2026-07-01", Some("2026-04-01"), "2026-10-01"),
        (year, "2027-01-01", Some("2026-01-01"), "2028-01-01"),
        (rolling, "2026-12-01", Some("2026-09-02"), "2027-01-01"),
        (lifetime, "2026-12-01", None, "2027-01-01"),
    ];
    for (window, on, from, next) in rows {
        let span = window.measured(date(on));
        assert_eq!((span.from, span.until), (from.map(date), date(on)), "{window:?} on {on}");
        assert_eq!(window.plus_periods(date(on), 1), date(next), "{window:?} after {on}");
        assert!(window.is_boundary(date(on)));
    }
    assert!(!quarter.is_boundary(date("2026-12-01")) && !month.is_boundary(date("2026-12-02")));
    assert_eq!(quarter.running(date("2026-11-21")).from, Some(date("2026-10-01")));
    assert_eq!(rolling.running(date("2026-11-30")).from, Some(date("2026-09-02")));
    assert_eq!(rolling.running(date("2026-11-30")).until, date("2026-12-01"));
}

#[test]
fn requirements_are_trees() {
    let tree = json!({ "kind": "any", "of": [
        { "kind": "points", "points": "300.00" },
        { "kind": "all", "of": [
            { "kind": "visits", "visits": 8 },
            { "kind": "spend", "amounts": [
                { "amount": "2000.00", "currency": "RUB" }, { "amount": "10000.00", "currency": "KZT" }] }] }] });
    let programme = with(
        rules(json!({ "kind": "calendar_month" })),
        &[(1, "qualification", tree), (1, "monthly_spend", json!([]))],
    );
    assert_eq!(programme.check(), []);
    let rows = [
        (facts("1999.99", "299.99", 99), 0),
        (facts("2000", "0", 7), 0),
        (facts("2000", "0", 8), 1),
        (facts("0", "300", 0), 1),
        (facts("10000", "0", 0), 2),
        (Facts { spend: Money::new(1_000_000, Currency::Kzt), points: Points::ZERO, visits: 8 }, 1),
        (Facts { spend: Money::new(1_000_000, Currency::Usd), points: Points::ZERO, visits: 8 }, 0),
    ];
    for (facts, expected) in rows {
        assert_eq!(programme.earned(&facts), expected, "{facts:?}");
    }
    let least = programme.least();
    assert_eq!(
        (least.spend_minor, least.points, least.visits),
        (Some(200_000), Some(points("300")), Some(8))
    );
}

/// One row per boundary of consecutive months: what is earned there, then tier, verdict and end of validity.
fn check(programme: &Programme, begin: usize, rows: &[(usize, usize, Verdict, &str)]) {
    let mut standing = Standing::unjudged(programme, begin);
    let window = programme.tier_rules().window;
    let mut on = date("2026-12-01");
    for (index, (earned, tier, verdict, until)) in rows.iter().enumerate() {
        let (next, said) = on_boundary(programme, standing, *earned, on);
        let until = (!until.is_empty()).then(|| date(until));
        assert_eq!((next.tier, said, next.valid_until), (*tier, *verdict, until), "row {index}");
        standing = next;
        on = window.plus_periods(on, 1);
    }
}

#[test]
fn a_months_spend_makes_the_next_months_tier() {
    use Verdict::{Earned, Fallen};
    // 50,000 tenge in a calendar month makes silver into platinum here (the sample's third tier) from the first.
    let programme = programme();
    let spent = |minor| Facts { spend: Money::new(minor, Currency::Kzt), points: Points::ZERO, visits: 1 };
    assert_eq!(programme.earned(&spent(4_999_999)), 1);
    assert_eq!(programme.earned(&spent(5_000_000)), 2);
    check(
        &programme,
        0,
        &[
            (2, 2, Earned, "2027-01-01"),
            (2, 2, Earned, "2027-02-01"),
            (0, 0, Fallen, "2027-03-01"),
            (1, 1, Earned, "2027-04-01"),
        ],
    );
}

#[test]
fn validity_steps_and_floors() {
    use Verdict::{Earned, Fallen, Valid};
    let mut body = rules(json!({ "kind": "calendar_month" }));
    body["validity_periods"] = json!(3);
    check(
        &with(body.clone(), &[]),
        0,
        &[
            (2, 2, Earned, "2027-03-01"),
            (0, 2, Valid, "2027-03-01"),
            (1, 2, Valid, "2027-03-01"),
            (0, 0, Fallen, "2027-06-01"),
        ],
    );
    body["validity_periods"] = json!(1);
    body["downgrade"] = json!("one_step");
    check(
        &with(body.clone(), &[]),
        2,
        &[(0, 1, Fallen, "2027-01-01"), (0, 0, Fallen, "2027-02-01"), (0, 0, Earned, "2027-03-01")],
    );
    body["downgrade"] = json!("full");
    check(
        &with(body, &[(1, "floor", json!(true))]),
        0,
        &[
            (0, 0, Earned, "2027-01-01"),
            (2, 2, Earned, "2027-02-01"),
            (0, 1, Fallen, "2027-03-01"),
            (0, 1, Earned, "2027-04-01"),
        ],
    );
}

#[test]
fn grace_gives_time_to_earn_the_tier_again() {
    let mut body = rules(json!({ "kind": "calendar_month" }));
    body["grace_days"] = json!(14);
    let programme = with(body.clone(), &[]);
    let gold = Standing { tier: 1, valid_until: Some(date("2026-12-01")), falls_on: None, floor: 0 };
    let (kept, verdict) = on_boundary(&programme, gold, 0, date("2026-12-01"));
    assert_eq!((kept.tier, kept.falls_on, verdict), (1, Some(date("2026-12-15")), Verdict::Grace));
    let (lost, verdict) = on_grace_end(&programme, kept, 0, date("2026-12-15"));
    assert_eq!((lost.tier, lost.valid_until, verdict), (0, Some(date("2027-01-01")), Verdict::Fallen));
    let (saved, verdict) = on_grace_end(&programme, kept, 1, date("2026-12-15"));
    assert_eq!((saved.tier, saved.valid_until, verdict), (1, Some(date("2027-01-01")), Verdict::Earned));
    // Grace longer than a period ends on the boundary after it, unless the tier was earned there.
    body["grace_days"] = json!(40);
    let programme = with(body, &[]);
    let (kept, _) = on_boundary(&programme, gold, 0, date("2026-12-01"));
    let (again, verdict) = on_boundary(&programme, kept, 1, date("2027-01-01"));
    assert_eq!((again.falls_on, verdict), (None, Verdict::Earned));
    let (still, verdict) = on_boundary(&programme, kept, 0, date("2027-01-01"));
    assert_eq!((still.falls_on, verdict), (Some(date("2027-01-10")), Verdict::Grace));
}

fn counted(day: &str, spend: &str) -> Counted {
    let sold_at = time(&format!("{day}T12:00:00+03:00"));
    let day = sold_at.date_in(&zone("Europe/Moscow"));
    Counted { sold_at, day, business_date: day, spend: rub(spend), points: points("1"), kept: true }
}

#[test]
fn a_rolling_window_remembers_its_best_moment() {
    let mut body = rules(json!({ "kind": "rolling_days", "days": 30 }));
    body["effective"] = json!("at_once");
    let programme = with(body, &[]);
    let receipts = [
        counted("2026-10-20", "3000"),
        counted("2026-11-10", "1999"),
        counted("2026-11-18", "1"),
        counted("2026-11-19", "4000"),
        counted("2026-12-25", "10"),
    ];
    let gold = reached(&programme, &receipts[..3], date("2026-11-01"), Currency::Rub).expect("sums");
    assert_eq!((gold.tier, gold.at, gold.facts.spend), (1, Some(receipts[2].sold_at), rub("5000")));
    // On the 19th the first receipt is 30 days old and no longer counts.
    let best = reached(&programme, &receipts, date("2026-11-01"), Currency::Rub).expect("sums");
    assert_eq!((best.tier, best.at), (1, Some(receipts[2].sold_at)));
    let later = reached(&programme, &receipts, date("2026-12-01"), Currency::Rub).expect("sums");
    assert_eq!((later.tier, later.facts.spend), (0, rub("10")));
    assert_eq!(total(&receipts, Currency::Rub).expect("sums"), facts("9010", "5", 5));
}

#[test]
fn what_makes_no_sense_is_named() {
    let mut body = rules(json!({ "kind": "rolling_days", "days": 0 }));
    body["validity_periods"] = json!(0);
    let deep = json!({ "kind": "all", "of": [{ "kind": "all", "of": [
        { "kind": "all", "of": [{ "kind": "all", "of": [{ "kind": "visits", "visits": 1 }] }] }] }] });
    let programme = with(
        body,
        &[
            (0, "qualification", json!({ "kind": "visits", "visits": 1 })),
            (1, "qualification", deep),
            (1, "monthly_spend", json!([])),
            (
                2,
                "qualification",
                json!({ "kind": "spend", "amounts": [{ "amount": "1.00", "currency": "USD" }] }),
            ),
        ],
    );
    let found = programme.check();
    let faults: Vec<(&str, Fault)> =
        found.iter().map(|problem| (problem.pointer.as_str(), problem.fault)).collect();
    assert_eq!(
        faults,
        [
            ("/tier_rules/window/days", Fault::NotPositive),
            ("/tier_rules/validity_periods", Fault::NotPositive),
            ("/tiers/0/qualification", Fault::EntryTier),
            ("/tiers/1/qualification/of/0/of/0/of/0/of/0", Fault::TooMany { max: 4 }),
            ("/tiers/2/monthly_spend", Fault::Duplicate),
            ("/tiers/2/qualification/amounts/0/currency", Fault::NoPointValue { currency: Currency::Usd }),
            ("/tiers/2/qualification/amounts", Fault::NoThreshold { currency: Currency::Rub }),
            ("/tiers/2/qualification/amounts", Fault::NoThreshold { currency: Currency::Kzt }),
        ]
    );
}

#[test]
fn old_programmes_keep_their_meaning() {
    let rules = programme().tier_rules();
    assert_eq!((rules.window, rules.validity_periods), (Window::CalendarMonth {}, 1));
    let day: Date = rules.window.plus_periods(date("2026-12-01"), 1);
    assert_eq!(day, date("2027-01-01"));
}

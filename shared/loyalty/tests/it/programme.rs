//! The stored form of a programme, and what its check finds.

use kernel::{Currency, Money, Points, Rate};
use loyalty::problem::Fault;
use loyalty::programme::{EXPIRY_DAYS_MAX, Expiry, PendingDelay, Programme};
use serde_json::{Value, json};

use crate::samples::{PROGRAMME, points, programme, programme_with, rub};

#[test]
fn json_round_trips() {
    let programme = programme();
    assert_eq!(programme.check(), []);
    let text = serde_json::to_string(&programme).expect("JSON");
    assert_eq!(serde_json::from_str::<Programme>(&text).expect("a programme"), programme);
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let read: Value = serde_json::from_str(PROGRAMME).expect("JSON");
    assert_eq!(written, read);
}

#[test]
fn json_refuses_what_it_does_not_know() {
    let rows: [(&str, Value); 16] = [
        ("/colour", json!("brown")),
        ("/tiers/0/colour", json!("brown")),
        ("/tiers/0/name/de", json!("Silber")),
        ("/earning/excluded/brands", json!([])),
        ("/earning/pending_delay/hours", json!(1)),
        ("/earning/expiry/months", json!(1)),
        ("/earning/expiry/kind", json!("fortnights")),
        ("/earning/caps/points_per_year", json!("1.00")),
        ("/earning/points_step", json!(1)),
        ("/earning/points_step", json!("0.001")),
        ("/tiers/0/earn_rate", json!("0.0000001")),
        ("/point_values/0/currency", json!("RUR")),
        ("/point_values/0/amount", json!("1.005")),
        ("/welcome_bonus/trigger", json!("birthday")),
        ("/returns/clawback", json!("never")),
        ("/redemption/hold_minutes", json!(-1)),
    ];
    for (pointer, value) in rows {
        let mut body: Value = serde_json::from_str(PROGRAMME).expect("JSON");
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("a parent")[field] = value;
        assert!(serde_json::from_value::<Programme>(body).is_err(), "{pointer}");
    }
}

#[test]
fn what_may_be_left_out_may() {
    let mut body: Value = serde_json::from_str(PROGRAMME).expect("JSON");
    for (parent, field) in
        [("", "welcome_bonus"), ("/earning", "excluded"), ("/earning", "caps"), ("/tiers/0", "monthly_spend")]
    {
        body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(field);
    }
    body["earning"]["caps"] = json!({ "points_per_day": null });
    let programme: Programme = serde_json::from_value(body).expect("a programme");
    assert_eq!(programme.check(), []);
    assert_eq!(programme.welcome_bonus, None);
    assert_eq!(programme.earning.caps.points_per_day, None);
}

/// Every expected problem, and no other.
fn check(change: impl FnOnce(&mut Programme), expected: &[(&str, Fault)]) {
    let problems = programme_with(change).check();
    let found: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.fault)).collect();
    assert_eq!(found, expected);
}

#[test]
fn codes_and_names_are_checked() {
    check(|programme| programme.brand = String::new(), &[("/brand", Fault::Empty)]);
    check(|programme| programme.brand = "Crema!".into(), &[("/brand", Fault::BadCode)]);
    check(|programme| programme.brand = "c".repeat(65), &[("/brand", Fault::TooLong { max: 64 })]);
    check(|programme| programme.zone = "Asia/Alma-Ata".into(), &[("/zone", Fault::UnknownZone)]);
    check(|programme| programme.tiers[0].name.kk = " ".into(), &[("/tiers/0/name/kk", Fault::Empty)]);
    check(
        |programme| programme.earning.excluded.products.push(String::new()),
        &[("/earning/excluded/products/1", Fault::Empty)],
    );
    check(
        |programme| programme.redemption.excluded.categories = vec!["tea".into(); 1_001],
        &[("/redemption/excluded/categories", Fault::TooMany { max: 1_000 })],
    );
}

#[test]
fn point_values_are_checked() {
    check(
        |programme| {
            programme.point_values.clear();
            programme.tiers.truncate(1);
        },
        &[("/point_values", Fault::Empty)],
    );
    check(
        |programme| programme.point_values[0] = rub("0"),
        &[("/point_values/0/amount", Fault::NotPositive)],
    );
    check(
        |programme| programme.point_values.push(rub("2")),
        &[("/point_values/2/currency", Fault::Duplicate)],
    );
}

#[test]
fn tiers_are_checked() {
    let (currency, max) = (Currency::Kzt, Money::new(100_000_000_000, Currency::Rub));
    check(|programme| programme.tiers.clear(), &[("/tiers", Fault::Empty)]);
    check(
        |programme| {
            let entry = programme.tiers[0].clone();
            programme.tiers[1].code = entry.code;
        },
        &[("/tiers/1/code", Fault::Duplicate)],
    );
    for rate in [-1, 1_000_001] {
        check(
            |programme| programme.tiers[2].earn_rate = Rate::from_millionths(rate),
            &[("/tiers/2/earn_rate", Fault::RateOutOfRange)],
        );
    }
    check(
        |programme| programme.tiers[0].monthly_spend.push(rub("1")),
        &[("/tiers/0/monthly_spend", Fault::EntryTier)],
    );
    check(
        |programme| programme.tiers[2].monthly_spend[0] = rub("5000"),
        &[("/tiers/2/monthly_spend/0/amount", Fault::NotIncreasing { currency: Currency::Rub })],
    );
    check(
        |programme| programme.tiers[2].monthly_spend[0] = rub("1000000000.01"),
        &[("/tiers/2/monthly_spend/0/amount", Fault::MoneyAboveMax { max })],
    );
    check(
        |programme| programme.tiers[2].monthly_spend.truncate(1),
        &[("/tiers/2/monthly_spend", Fault::NoThreshold { currency })],
    );
    check(
        |programme| programme.tiers[2].monthly_spend.push(Money::new(1, Currency::Usd)),
        &[("/tiers/2/monthly_spend/2/currency", Fault::NoPointValue { currency: Currency::Usd })],
    );
    check(
        |programme| {
            let top = programme.tiers.pop().expect("a tier");
            for number in 0..9 {
                let mut tier = top.clone();
                tier.code = format!("tier-{number}");
                tier.monthly_spend =
                    vec![rub(&format!("{number}0000")), Money::new(9_000_000 + number, currency)];
                programme.tiers.push(tier);
            }
            programme.tiers[2].monthly_spend[0] = rub("5001");
        },
        &[("/tiers", Fault::TooMany { max: 10 })],
    );
}

#[test]
fn amounts_and_times_are_checked() {
    let max = points("10000000.00");
    check(
        |programme| {
            programme.earning.points_step = Points::ZERO;
            programme.earning.pending_delay = PendingDelay::NextBusinessDay { days: 0 };
            programme.earning.expiry = Expiry::Days { days: 0 };
            programme.earning.caps.points_per_receipt = Some(points("-1"));
            programme.earning.caps.points_per_day = Some(points("10000000.01"));
            programme.earning.caps.receipts_per_day = Some(0);
        },
        &[
            ("/earning/points_step", Fault::NotPositive),
            ("/earning/pending_delay/days", Fault::NotPositive),
            ("/earning/expiry/days", Fault::NotPositive),
            ("/earning/caps/points_per_receipt", Fault::NotPositive),
            ("/earning/caps/points_per_day", Fault::PointsAboveMax { max }),
            ("/earning/caps/receipts_per_day", Fault::NotPositive),
        ],
    );
    check(
        |programme| {
            programme.earning.pending_delay = PendingDelay::Hours { hours: 8_785 };
            programme.welcome_bonus.as_mut().expect("a bonus").points = Points::ZERO;
            programme.welcome_bonus.as_mut().expect("a bonus").expiry =
                Expiry::Days { days: EXPIRY_DAYS_MAX + 1 };
        },
        &[
            ("/earning/pending_delay/hours", Fault::AboveMax { max: 8_784 }),
            ("/welcome_bonus/points", Fault::NotPositive),
            ("/welcome_bonus/expiry/days", Fault::AboveMax { max: EXPIRY_DAYS_MAX }),
        ],
    );
    check(|programme| programme.earning.expiry = Expiry::MonthEnd { months: 0 }, &[]);
    check(
        |programme| {
            programme.redemption.min_points = points("1.50");
            programme.redemption.share_max = Rate::from_millionths(1_000_001);
            programme.redemption.hold_minutes = 0;
            programme.returns.reinstatement_grace_days = 367;
        },
        &[
            ("/redemption/min_points", Fault::NotAStep { step: points("1.00") }),
            ("/redemption/share_max", Fault::RateOutOfRange),
            ("/redemption/hold_minutes", Fault::NotPositive),
            ("/returns/reinstatement_grace_days", Fault::AboveMax { max: 366 }),
        ],
    );
}

//! What returns take back and give back.

use kernel::{Points, Timestamp};
use loyalty::error::Refusal;
use loyalty::returning::{Grace, SoldLine, plan_return, reinstatement};

use crate::samples::{date, points, quantity, rub, time, zone};

/// `quantity returned amount paid-with-points points-paid points-earned`.
fn sold(rows: &[&str]) -> Vec<SoldLine> {
    let line = |(index, row): (usize, &&str)| {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [count, returned, amount, paid, spent, earned, flags @ ..] = &words[..] else {
            panic!("not a line: {row}");
        };
        SoldLine {
            line_no: u32::try_from(index + 1).expect("few lines"),
            quantity: quantity(count),
            returned: quantity(returned),
            is_fractional: flags.contains(&"weighed"),
            amount: rub(amount),
            paid_with_points: rub(paid),
            points_paid: points(spent),
            points_earned: points(earned),
        }
    };
    rows.iter().enumerate().map(line).collect()
}

#[test]
fn l7_three_returns_of_one_piece_are_the_whole_line() {
    let mut line = sold(&["3 0 100.00 10.00 2.00 1.00"])[0];
    let mut shown = Vec::new();
    for _ in 0..3 {
        let plan = plan_return(&[line], &[(1, quantity("1"))]).expect("a plan");
        shown.push([
            plan.refund.amount(),
            plan.paid_with_points.amount(),
            plan.points_back.to_string(),
            plan.clawback.to_string(),
        ]);
        line.returned = quantity(&format!("{}", line.returned.thousandths() / 1_000 + 1));
    }
    assert_eq!(
        shown,
        [
            ["30.00", "3.33", "0.67", "0.33"],
            ["30.00", "3.34", "0.66", "0.34"],
            ["30.00", "3.33", "0.67", "0.33"],
        ]
    );
    let left = quantity("0");
    assert_eq!(
        plan_return(&[line], &[(1, quantity("1"))]),
        Err(Refusal::MoreThanLeft { line_no: 1, left, asked: quantity("1") })
    );
}

#[test]
fn a_return_in_small_steps_keeps_nothing() {
    // One point for 20.00, returned in four parts: judged one by one, each would round to nothing.
    let mut line = sold(&["4 0 20.00 0.00 0.00 0.01"])[0];
    let mut taken = Points::ZERO;
    for step in 1..=4 {
        let plan = plan_return(&[line], &[(1, quantity("1"))]).expect("a plan");
        taken = taken.checked_add(plan.clawback).expect("small");
        line.returned = quantity(&step.to_string());
    }
    assert_eq!(taken, points("0.01"));
}

#[test]
fn no_step_of_a_return_takes_money() {
    // Of two kopecks one was paid with points: the second piece's share of their difference would be -0.01.
    let mut line = sold(&["4 0 0.02 0.01 0.01 0.00"])[0];
    let mut refunds = Vec::new();
    for step in 1..=4 {
        let plan = plan_return(&[line], &[(1, quantity("1"))]).expect("a plan");
        refunds.push((plan.refund.minor(), plan.paid_with_points.minor()));
        line.returned = quantity(&step.to_string());
    }
    assert_eq!(refunds, [(0, 0), (1, 1), (0, 0), (0, 0)]);
}

#[test]
fn totals_are_the_sums_of_the_lines() {
    let lines = sold(&["2 0 500.00 120.00 24.00 11.40", "1.250 0.250 999.99 0.00 0.00 29.99 weighed"]);
    let plan = plan_return(&lines, &[(2, quantity("0.333")), (1, quantity("1"))]).expect("a plan");
    assert_eq!(plan.lines.iter().map(|line| line.line_no).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.lines[1].refund, rub("190"));
    assert_eq!(plan.lines[1].amount, rub("250"));
    assert_eq!(plan.lines[0].refund, rub("266.40"));
    assert_eq!(plan.refund, rub("456.40"));
    assert_eq!(plan.amount, rub("516.40"));
    assert_eq!(plan.paid_with_points, rub("60"));
    assert_eq!((plan.points_back, plan.clawback), (points("12"), points("13.69")));
}

#[test]
fn impossible_returns_are_refused() {
    let lines = sold(&["2 1 500.00 0.00 0.00 0.00", "1.250 0 999.99 0.00 0.00 0.00 weighed"]);
    let one = quantity("1");
    let check = |asked: &[(u32, &str)], refusal| {
        let asked: Vec<_> = asked.iter().map(|&(line_no, text)| (line_no, quantity(text))).collect();
        assert_eq!(plan_return(&lines, &asked), Err(refusal), "{asked:?}");
    };
    check(&[], Refusal::NothingToReturn);
    check(&[(3, "1")], Refusal::UnknownLine { line_no: 3 });
    check(&[(1, "1"), (1, "1")], Refusal::DuplicateLine { line_no: 1 });
    check(&[(1, "0")], Refusal::NotPositive { line_no: 1, asked: quantity("0") });
    check(&[(1, "-1")], Refusal::NotPositive { line_no: 1, asked: quantity("-1") });
    check(&[(1, "0.5")], Refusal::Fractional { line_no: 1, asked: quantity("0.5") });
    check(&[(1, "2")], Refusal::MoreThanLeft { line_no: 1, left: one, asked: quantity("2") });
    check(
        &[(2, "1.251")],
        Refusal::MoreThanLeft { line_no: 2, left: quantity("1.250"), asked: quantity("1.251") },
    );
}

fn grace() -> Grace {
    Grace { on: date("2026-11-21"), zone: zone("Europe/Moscow"), days: 14 }
}

#[test]
fn points_spent_last_come_back_first_with_their_expiry_or_the_grace() {
    let (soon, later) = (time("2026-11-22T00:00:00+03:00"), time("2027-06-01T00:00:00+03:00"));
    let kept = time("2026-12-06T00:00:00+03:00");
    let spent = [(points("10"), Some(soon)), (points("20"), Some(later)), (points("5"), None)];
    type Parts<'a> = &'a [(&'a str, Option<Timestamp>)];
    let rows: [(&str, &str, Parts); 7] = [
        // given back before, given back now, lots
        ("0", "3", &[("3", None)]),
        ("0", "12", &[("5", None), ("7", Some(later))]),
        ("3", "3", &[("2", None), ("1", Some(later))]),
        ("5", "20", &[("20", Some(later))]),
        ("25", "10", &[("10", Some(kept))]),
        ("0", "35", &[("5", None), ("20", Some(later)), ("10", Some(kept))]),
        ("7", "0", &[]),
    ];
    for (already, back, expected) in rows {
        let got = reinstatement(&spent, points(already), points(back), &grace()).expect("lots");
        let expected: Vec<_> = expected.iter().map(|&(text, end)| (points(text), end)).collect();
        assert_eq!(got, expected, "{back} after {already}");
    }
    for (already, back) in [("30", "6"), ("0", "36"), ("-1", "5"), ("0", "-1")] {
        assert!(
            reinstatement(&spent, points(already), points(back), &grace()).is_err(),
            "{back} after {already}"
        );
    }
}

#[test]
fn parts_that_end_together_are_one_lot() {
    let past = |day: &str| Some(time(&format!("2026-11-{day}T00:00:00+03:00")));
    let spent = [
        (points("10"), past("01")),
        (points("20"), past("02")),
        (points("5"), None),
        (points("1"), past("03")),
    ];
    let got = reinstatement(&spent, Points::ZERO, points("36"), &grace()).expect("lots");
    assert_eq!(got, [(points("31"), Some(time("2026-12-06T00:00:00+03:00"))), (points("5"), None)]);
}

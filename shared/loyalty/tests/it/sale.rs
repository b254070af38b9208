//! Sales that add up, and everything that does not.

use kernel::{Currency, Money, OutletId};
use loyalty::problem::Fault;
use loyalty::sale::{Intake, Payment, PaymentMethod, Sale};

use crate::samples::{date, quantity, rub, sale, time};

fn intake() -> Intake {
    Intake { now: time("2026-11-21T09:31:00+03:00"), late_days_max: 30 }
}

fn check(sale: &Sale, expected: &[(&str, Fault)]) {
    let problems = sale.check(intake());
    let found: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.fault)).collect();
    assert_eq!(found, expected);
}

/// Breaks one thing in a sound sale.
fn check_change(change: impl FnOnce(&mut Sale), expected: &[(&str, Fault)]) {
    let mut sale = sale(
        "latte drinks 2 × 250.00 - 0.00 = 500.00
         beans goods 0.350 × 1999.00 - 99.65 = 600.00 weighed",
    );
    check(&sale, &[]);
    change(&mut sale);
    check(&sale, expected);
}

#[test]
fn real_lines_pass() {
    // Markdowns, free items, and a set sold below the list price, as tills report them.
    check(
        &sale(
            "muffin bakery 1 × 3.75 - 2.75 = 1.00 promo
             scone  bakery 3 × 2.65 - 7.95 = 0.00 promo
             scone  bakery 3 × 2.65 - 5.30 = 2.65 promo
             syrup  none   1 × 1.60 - 0.00 = 1.60
             set    food   3 × 100.00 - 10.00 = 290.00
             third  food   3 × 33.33 - 0.00 = 100.00
             gram   goods  0.5 × 0.01 - 0.00 = 0.01 weighed",
        ),
        &[],
    );
}

#[test]
fn a_sale_of_nothing_but_free_items_needs_no_payment() {
    let mut sale = sale("scone bakery 2 × 2.65 - 5.30 = 0.00 promo");
    sale.payments.clear();
    check(&sale, &[]);
}

#[test]
fn lines_are_checked() {
    let above = |minor| Fault::MoneyAboveMax { max: Money::new(minor, Currency::Rub) };
    check_change(|sale| sale.lines[1].line_no = 1, &[("/lines/1/line_no", Fault::Duplicate)]);
    check_change(
        |sale| {
            sale.lines[0].product_code = String::new();
            sale.lines[1].category = Some("c".repeat(65));
        },
        &[("/lines/0/product_code", Fault::Empty), ("/lines/1/category", Fault::TooLong { max: 64 })],
    );
    let quantities = [
        ("0", Fault::NotPositive),
        ("-1", Fault::NotPositive),
        ("1.5", Fault::Fractional),
        ("10001", Fault::QuantityAboveMax { max: 10_000 }),
    ];
    for (text, fault) in quantities {
        check_change(|sale| sale.lines[0].quantity = quantity(text), &[("/lines/0/quantity", fault)]);
    }
    check_change(
        |sale| sale.lines[0].unit_price = Money::new(25_000, Currency::Kzt),
        &[("/lines/0/unit_price", Fault::WrongCurrency { expected: Currency::Rub })],
    );
    check_change(|sale| sale.lines[0].discount = rub("-1"), &[("/lines/0/discount", Fault::Negative)]);
    check_change(
        |sale| sale.lines[0].unit_price = rub("1000000000.01"),
        &[("/lines/0/unit_price", above(100_000_000_000))],
    );
    check_change(
        |sale| sale.lines[0].discount = rub("500.01"),
        &[("/lines/0/discount", Fault::DiscountAboveList { list: rub("500") })],
    );
}

#[test]
fn a_line_may_be_one_kopeck_off_and_no_more() {
    let differs = [("/lines/0/amount", Fault::AmountDiffers { expected: rub("500") })];
    for (amount, expected) in
        [("499.98", &differs[..]), ("499.99", &[]), ("500.01", &[]), ("500.02", &differs[..])]
    {
        check_change(
            |sale| {
                sale.lines[0].amount = rub(amount);
                sale.payments[0].amount = sale.total().expect("a total");
            },
            expected,
        );
    }
}

#[test]
fn payments_must_sum_to_the_lines() {
    let differ = |paid| [("/payments", Fault::PaymentsDiffer { due: rub("1100"), paid: rub(paid) })];
    check_change(|sale| sale.payments[0].amount = rub("1099.99"), &differ("1099.99"));
    check_change(|sale| sale.payments.push(sale.payments[0]), &differ("2200"));
    check_change(|sale| sale.payments.clear(), &differ("0"));
    check_change(|sale| sale.payments[0].amount = rub("-1100"), &[("/payments/0/amount", Fault::Negative)]);
    check_change(
        |sale| {
            sale.rounding = rub("0.99");
            sale.payments[0].amount = rub("1099.01");
        },
        &[],
    );
    check_change(
        |sale| sale.rounding = rub("1.00"),
        &[("/rounding", Fault::MoneyAboveMax { max: rub("0.99") })],
    );
    check_change(|sale| sale.rounding = rub("-0.01"), &[("/rounding", Fault::Negative)]);
}

#[test]
fn lists_are_limited() {
    check_change(|sale| sale.lines.clear(), &[("/lines", Fault::Empty)]);
    check_change(
        |sale| {
            let first = sale.lines[0].clone();
            sale.lines =
                (1..=201).map(|line_no| loyalty::sale::SaleLine { line_no, ..first.clone() }).collect();
        },
        &[("/lines", Fault::TooMany { max: 200 })],
    );
    check_change(
        |sale| sale.payments = vec![sale.payments[0]; 21],
        &[("/payments", Fault::TooMany { max: 20 })],
    );
}

#[test]
fn times_must_be_near() {
    let at = |sale: &mut Sale, text: &str| {
        sale.sold_at = time(text);
        sale.business_date = sale.sold_at.date_in(&sale.outlet.zone);
    };
    check_change(|sale| at(sale, "2026-11-21T09:41:00+03:00"), &[]);
    check_change(|sale| at(sale, "2026-11-21T09:41:00.001+03:00"), &[("/sold_at", Fault::InFuture)]);
    check_change(|sale| at(sale, "2026-10-22T09:31:00+03:00"), &[]);
    check_change(
        |sale| at(sale, "2026-10-22T09:30:59.999+03:00"),
        &[("/sold_at", Fault::TooOld { days: 30 })],
    );
    for (day, expected) in [
        ("2026-11-19", &[("/business_date", Fault::BusinessDateOff)][..]),
        ("2026-11-20", &[]),
        ("2026-11-22", &[]),
        ("2026-11-23", &[("/business_date", Fault::BusinessDateOff)]),
    ] {
        check_change(|sale| sale.business_date = date(day), expected);
    }
}

#[test]
fn every_problem_is_found_at_once() {
    check_change(
        |sale| {
            sale.outlet.id = OutletId::from_raw(2);
            sale.sold_at = time("2027-11-21T09:30:00+03:00");
            sale.lines[0].quantity = quantity("0");
            sale.lines[1].amount = rub("1");
            sale.payments[0].amount = Money::new(1, Currency::Usd);
        },
        &[
            ("/sold_at", Fault::InFuture),
            ("/business_date", Fault::BusinessDateOff),
            ("/lines/0/quantity", Fault::NotPositive),
            ("/lines/1/amount", Fault::AmountDiffers { expected: rub("600") }),
            ("/payments/0/amount", Fault::WrongCurrency { expected: Currency::Rub }),
        ],
    );
}

#[test]
fn the_part_paid_with_points_is_what_the_points_are_worth() {
    let mut sale = sale("latte drinks 2 × 250.00 - 0.00 = 500.00");
    let part = |method, amount| Payment { method, amount: rub(amount) };
    sale.payments = vec![part(PaymentMethod::Card, "380"), part(PaymentMethod::Points, "120")];
    check(&sale, &[]);
    assert_eq!(sale.check_points_payment(rub("120")), None);
    let problem = sale.check_points_payment(rub("119.99")).expect("a problem");
    assert_eq!(problem.fault, Fault::PointsPaymentDiffers { worth: rub("119.99") });
    for method in PaymentMethod::ALL {
        assert_eq!(PaymentMethod::from_code(method.code()), Some(method));
    }
}

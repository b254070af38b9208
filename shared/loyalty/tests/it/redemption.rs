//! How many points may be spent, and what each line is paid with.

use kernel::{Currency, Money, Points, Rate};
use loyalty::error::Refusal;
use loyalty::programme::Programme;
use loyalty::redemption::{
    Allowance, Limit, Payable, Presented, allowance, check_hold, payable, price_capture, worth,
};

use crate::samples::{points, programme, programme_with, rub, sale};

fn half() -> Limit {
    Limit::Share { rate: Rate::from_millionths(500_000) }
}

fn receipt(total: &str, eligible: &str) -> Payable {
    Payable { total: rub(total), eligible: rub(eligible) }
}

#[test]
fn rows_of_balance_receipt_and_limits() {
    let programme = programme();
    let least = Limit::Minimum { min: points("10") };
    let goods = Limit::Eligible { amount: rub("40") };
    let rows = [
        // available, total, eligible, points, limit
        ("500", "300", "300", "150", half()),
        ("500", "301.99", "301.99", "150", half()),
        ("99.90", "300", "300", "99", Limit::Balance),
        ("500", "300", "40", "40", goods),
        ("500", "300", "0", "0", Limit::Eligible { amount: rub("0") }),
        ("9.99", "300", "300", "0", least),
        ("500", "19.98", "19.98", "0", least),
        ("0", "300", "300", "0", Limit::Balance),
        ("-35", "300", "300", "0", Limit::Balance),
        ("10", "20", "20", "10", half()),
    ];
    for (available, total, eligible, max, limit) in rows {
        let got = allowance(&programme, points(available), receipt(total, eligible)).expect("an allowance");
        let worth = rub(max);
        assert_eq!(got, Allowance { max: points(max), worth, limit }, "{available} on {total}");
    }
}

#[test]
fn a_points_worth_never_passes_the_cap() {
    let rows = [("5.00", "150", "30", "150"), ("0.30", "10", "33", "9.90"), ("1000.00", "150", "0", "0")];
    for (value, cap, max, expected) in rows {
        let programme = programme_with(|programme| {
            programme.point_values[0] = rub(value);
            programme.redemption.min_points = points("1");
            programme.redemption.share_max = Rate::ONE;
        });
        let got = allowance(&programme, points("9999"), receipt(cap, cap)).expect("an allowance");
        assert_eq!((got.max, got.worth), (points(max), rub(expected)), "{value} a point");
    }
    assert_eq!(worth(points("0.01"), rub("0.50")), Ok(rub("0")));
    assert_eq!(worth(points("0.03"), rub("0.50")), Ok(rub("0.01")));
}

#[test]
fn a_hold_keeps_to_minimum_step_allowance_and_code() {
    let programme = programme();
    let allowed = Allowance { max: points("150"), worth: rub("150"), limit: half() };
    let check = |asked: &str, presented| check_hold(&programme, points(asked), allowed, presented);
    assert_eq!(check("150", Presented::Rotating), Ok(()));
    assert_eq!(check("10", Presented::Rotating), Ok(()));
    assert_eq!(check("150", Presented::Static), Err(Refusal::StaticCode));
    let refused = [
        ("9", Refusal::BelowMinimum { min: points("10"), asked: points("9") }),
        ("-9", Refusal::BelowMinimum { min: points("10"), asked: points("-9") }),
        ("10.50", Refusal::NotAStep { step: points("1"), asked: points("10.50") }),
        ("151", Refusal::AboveAllowance { max: points("150"), asked: points("151"), limit: half() }),
    ];
    for (asked, refusal) in refused {
        assert_eq!(check(asked, Presented::Rotating), Err(refusal));
    }
    let open = programme_with(|programme| programme.redemption.static_code_may_spend = true);
    assert_eq!(check_hold(&open, points("10"), allowed, Presented::Static), Ok(()));
}

fn capture(programme: &Programme, spent: &str, rows: &str) -> Result<Vec<(String, String)>, Refusal> {
    let sale = sale(rows);
    let price = price_capture(programme, points(spent), &sale.lines, Currency::Rub)?;
    let shown = price.lines.iter().map(|line| (line.amount.amount(), line.points.to_string()));
    Ok(shown.collect())
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(money, points)| (money.to_owned(), points.to_owned())).collect()
}

#[test]
fn points_are_shared_over_the_lines_to_the_kopeck() {
    let programme = programme();
    let thirds = "a none 1 × 100.00 - 0.00 = 100.00
                  b none 1 × 100.00 - 0.00 = 100.00
                  c none 1 × 100.00 - 0.00 = 100.00";
    let expected = pairs(&[("33.34", "33.34"), ("33.33", "33.33"), ("33.33", "33.33")]);
    assert_eq!(capture(&programme, "100", thirds), Ok(expected));
    let mixed = "latte drinks 1 × 250.00 - 0.00 = 250.00
                 card gift-cards 1 × 250.00 - 0.00 = 250.00
                 water drinks 1 × 50.00 - 50.00 = 0.00";
    let expected = pairs(&[("200.00", "200.00"), ("0.00", "0.00"), ("0.00", "0.00")]);
    assert_eq!(capture(&programme, "200", mixed), Ok(expected));
    assert_eq!(
        capture(&programme, "251", mixed),
        Err(Refusal::AboveAllowance { max: points("250"), asked: points("251"), limit: half() })
    );
}

#[test]
fn points_worth_less_than_a_coin_or_less_than_nothing_are_refused() {
    let cheap = programme_with(|programme| programme.point_values[0] = rub("0.10"));
    let line = "latte none 1 × 100.00 - 0.00 = 100.00";
    for asked in ["0.09", "-1"] {
        assert_eq!(capture(&cheap, asked, line), Err(Refusal::WorthNothing { asked: points(asked) }));
    }
    assert_eq!(capture(&cheap, "0.10", line), Ok(pairs(&[("0.01", "0.10")])));
    assert_eq!(capture(&cheap, "0", line), Ok(pairs(&[("0.00", "0.00")])));
}

#[test]
fn what_can_be_paid_with_points_leaves_the_excluded_out() {
    let sale = sale(
        "latte drinks 1 × 250.00 - 0.00 = 250.00
         card gift-cards 1 × 1000.00 - 0.00 = 1000.00",
    );
    let got = payable(&programme(), &sale.lines, Currency::Rub);
    assert_eq!(got, Ok(receipt("1250", "250")));
    assert_eq!(
        payable(&programme(), &sale.lines, Currency::Kzt),
        Err(Refusal::CurrencyDiffers { expected: Currency::Kzt, found: Currency::Rub })
    );
    let none = allowance(
        &programme(),
        Points::ZERO,
        Payable { total: Money::zero(Currency::Usd), eligible: Money::zero(Currency::Usd) },
    );
    assert_eq!(none, Err(Refusal::CurrencyNotInProgramme { currency: Currency::Usd }));
}

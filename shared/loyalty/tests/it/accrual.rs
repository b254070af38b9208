//! What sales earn, line by line, with reasons.

use kernel::{Points, Rate};
use loyalty::accrual::{Accrual, DaySoFar, earn, welcome};
use loyalty::error::Refusal;
use loyalty::programme::{Expiry, PendingDelay, Programme, WelcomeTrigger};
use loyalty::reason::Reason;
use loyalty::redemption::price_capture;
use loyalty::sale::Sale;

use crate::samples::{date, points, programme, programme_with, rub, sale, time, zone};

fn earned(programme: &Programme, tier: usize, sale: &Sale, day: DaySoFar) -> Accrual {
    let accrual = earn(programme, &programme.tiers[tier], sale, &[], day).expect("an accrual");
    let sum: i64 = accrual.lines.iter().map(|line| line.points.hundredths()).sum();
    assert_eq!(sum, accrual.points.hundredths(), "lines sum to the receipt");
    for line in &accrual.lines {
        assert!(line.points.is_positive() || line.reason.is_some(), "a line earned nothing for no reason");
    }
    accrual
}

fn first_day(programme: &Programme, sale: &Sale) -> Accrual {
    earned(programme, 0, sale, DaySoFar::default())
}

fn line_points(accrual: &Accrual) -> Vec<String> {
    accrual.lines.iter().map(|line| line.points.to_string()).collect()
}

#[test]
fn the_rate_is_applied_once_to_the_whole_receipt() {
    // 3% of 3 × 0.33 is 0.0297: one hundredth and a half a line, rounded down once.
    let accrual = first_day(
        &programme(),
        &sale(
            "a none 1 × 0.50 - 0.00 = 0.50
             b none 1 × 0.50 - 0.00 = 0.50
             c none 1 × 0.33 - 0.00 = 0.33",
        ),
    );
    assert_eq!(accrual.points, points("0.03"));
    assert_eq!(line_points(&accrual), ["0.01", "0.01", "0.01"]);
    assert_eq!(
        accrual.reasons,
        [Reason::TierRate { tier: "silver".into(), rate: Rate::from_millionths(30_000), base: rub("1.33") }]
    );
}

#[test]
fn rows_of_rate_value_and_step() {
    let rows = [
        // tier, value of a point, step, paid, points
        (0, "1.00", "0.01", "210.00", "6.30"),
        (1, "1.00", "0.01", "210.00", "10.50"),
        (1, "1.00", "1.00", "210.00", "10.00"),
        (1, "5.00", "0.01", "210.00", "2.10"),
        (1, "0.30", "0.01", "1.00", "0.16"),
        (2, "1.00", "0.50", "21.99", "1.50"),
        (0, "1.00", "0.01", "0.33", "0.00"),
        (0, "1.00", "0.01", "0.34", "0.01"),
    ];
    for (tier, value, step, paid, expected) in rows {
        let programme = programme_with(|programme| {
            programme.point_values[0] = rub(value);
            programme.earning.points_step = points(step);
        });
        let sale = sale(&format!("latte none 1 × {paid} - 0.00 = {paid}"));
        let accrual = earned(&programme, tier, &sale, DaySoFar::default());
        assert_eq!(accrual.points, points(expected), "tier {tier}, {value} a point, step {step}, {paid}");
    }
}

#[test]
fn every_line_that_earns_nothing_says_why() {
    let sale = sale(
        "latte drinks 1 × 250.00 - 50.00 = 200.00
         card gift-cards 1 × 1000.00 - 0.00 = 1000.00
         bag goods 1 × 10.00 - 0.00 = 10.00
         cake food 1 × 180.00 - 80.00 = 100.00 promo
         water drinks 1 × 50.00 - 50.00 = 0.00
         sugar none 1 × 0.01 - 0.00 = 0.01",
    );
    let accrual = first_day(&programme(), &sale);
    assert_eq!(accrual.base, rub("200.01"));
    assert_eq!(accrual.points, points("6"));
    let reasons: Vec<_> = accrual.lines.iter().map(|line| line.reason.clone()).collect();
    assert_eq!(
        reasons,
        [
            None,
            Some(Reason::ExcludedCategory { category: "gift-cards".into() }),
            Some(Reason::ExcludedProduct { product: "bag".into() }),
            Some(Reason::PromoLine {}),
            Some(Reason::ZeroAmount {}),
            Some(Reason::RoundedDown {}),
        ]
    );
    let generous = programme_with(|programme| programme.earning.promo_lines_earn = true);
    assert_eq!(first_day(&generous, &sale).points, points("9"));
}

#[test]
fn the_part_paid_with_points_earns_only_if_the_programme_says_so() {
    let sale = sale(
        "latte drinks 1 × 200.00 - 0.00 = 200.00
         cake food 1 × 100.00 - 0.00 = 100.00",
    );
    let mut programme = programme();
    let paid = price_capture(&programme, points("120"), &sale.lines, sale.outlet.currency).expect("a price");
    let get = |programme: &Programme| {
        earn(programme, &programme.tiers[0], &sale, &paid.lines, DaySoFar::default()).expect("an accrual")
    };
    let accrual = get(&programme);
    assert_eq!((accrual.base, accrual.points), (rub("180"), points("5.40")));
    assert_eq!(accrual.lines[0].reason, Some(Reason::PaidWithPoints { amount: rub("80") }));
    assert_eq!(line_points(&accrual), ["3.60", "1.80"]);
    programme.earning.earn_on_points_paid = true;
    assert_eq!(get(&programme).points, points("9"));
}

#[test]
fn caps_cut_and_say_by_how_much() {
    let sale = sale("latte drinks 4 × 250.00 - 0.00 = 1000.00");
    let day = |so_far: &str, receipts| DaySoFar { points: points(so_far), receipts };
    let caps = |receipt: Option<&str>, daily: Option<&str>, step: &str| {
        programme_with(|programme| {
            programme.earning.points_step = points(step);
            programme.earning.caps.points_per_receipt = receipt.map(points);
            programme.earning.caps.points_per_day = daily.map(points);
            programme.earning.caps.receipts_per_day = Some(3);
        })
    };
    let cut = |wanted, given| (points(wanted), points(given));
    // receipt cap, day cap, step, the day so far, points, cut by the receipt's cap, cut by the day's
    let rows = [
        (None, None, "0.01", day("0", 0), "30", None, None),
        (Some("30"), Some("30"), "0.01", day("0", 0), "30", None, None),
        (Some("25.50"), None, "0.01", day("0", 0), "25.50", Some(cut("30", "25.50")), None),
        (Some("25.50"), None, "1.00", day("0", 0), "25", Some(cut("30", "25")), None),
        (None, Some("40"), "0.01", day("35", 2), "5", None, Some(cut("30", "5"))),
        (None, Some("40"), "0.01", day("45", 2), "0", None, Some(cut("30", "0"))),
        (Some("20"), Some("40"), "0.01", day("25", 2), "15", Some(cut("30", "20")), Some(cut("20", "15"))),
    ];
    for (receipt, daily, step, day, expected, receipt_cut, day_cut) in rows {
        let accrual = earned(&caps(receipt, daily, step), 0, &sale, day);
        assert_eq!(accrual.points, points(expected), "{receipt:?} {daily:?} {day:?}");
        let receipt_cut = receipt_cut.map(|(wanted, given)| Reason::ReceiptCap { wanted, given });
        let day_cut = day_cut.map(|(wanted, given)| Reason::DayCap { wanted, given });
        let reasons: Vec<Reason> = receipt_cut.into_iter().chain(day_cut).collect();
        assert_eq!(accrual.reasons[1..], reasons);
        if accrual.points.is_zero() {
            assert_eq!(accrual.lines[0].reason.as_ref(), reasons.last(), "the line names the cap");
        }
    }
    let accrual = earned(&caps(None, None, "0.01"), 0, &sale, day("0", 3));
    assert_eq!(accrual.points, Points::ZERO);
    assert_eq!(accrual.lines[0].reason, Some(Reason::ReceiptsPerDay { limit: 3 }));
}

#[test]
fn a_crumb_beside_a_capped_line_is_rounded_down_not_capped() {
    let sale = sale(
        "latte drinks 4 × 250.00 - 0.00 = 1000.00
         sugar none 1 × 0.01 - 0.00 = 0.01",
    );
    let programme = programme_with(|programme| {
        programme.earning.caps.points_per_receipt = Some(points("5"));
    });
    let accrual = first_day(&programme, &sale);
    assert_eq!(line_points(&accrual), ["5.00", "0.00"]);
    assert_eq!(accrual.lines[0].reason, None);
    assert_eq!(accrual.lines[1].reason, Some(Reason::RoundedDown {}));
}

#[test]
fn activation_and_expiry_follow_the_outlets_calendar() {
    let mut sale = sale("latte drinks 1 × 250.00 - 0.00 = 250.00");
    sale.outlet.zone = zone("Asia/Almaty");
    let programme = programme_with(|programme| {
        programme.earning.pending_delay = PendingDelay::NextBusinessDay { days: 10 };
        programme.earning.expiry = Expiry::MonthEnd { months: 0 };
    });
    let grant = first_day(&programme, &sale).grant();
    assert_eq!(grant.activates_at, Some(time("2026-12-01T00:00:00+05:00")));
    // Counted from the day they become spendable, or they would have expired the moment they came.
    assert_eq!(grant.expires_at, Some(time("2027-01-01T00:00:00+05:00")));
    let grant = first_day(&crate::samples::programme(), &sale).grant();
    assert_eq!(grant.activates_at, None);
    assert_eq!(grant.expires_at, Some(time("2027-05-21T00:00:00+05:00")));
}

#[test]
fn a_currency_without_a_point_value_is_refused() {
    let sale = sale("latte drinks 1 × 250.00 - 0.00 = 250.00");
    let programme = programme_with(|programme| programme.point_values.truncate(0));
    let currency = sale.outlet.currency;
    assert_eq!(
        earn(&programme, &programme.tiers[0], &sale, &[], DaySoFar::default()),
        Err(Refusal::CurrencyNotInProgramme { currency })
    );
}

#[test]
fn the_welcome_bonus_waits_for_its_trigger() {
    let programme = programme();
    let zone = programme.home_zone();
    assert_eq!(welcome(&programme, WelcomeTrigger::FirstReceipt, date("2026-11-21"), &zone), None);
    let grant = welcome(&programme, WelcomeTrigger::SignUp, date("2026-11-21"), &zone).expect("a bonus");
    assert_eq!(grant.points, points("100"));
    assert_eq!(grant.expires_at, Some(time("2026-12-22T00:00:00+05:00")));
}

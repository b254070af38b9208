//! Sums that must hold for any receipt and any way of taking it apart.

use kernel::{Currency, Money, Points, Quantity, Rate};
use loyalty::accrual::{Accrual, DaySoFar, earn};
use loyalty::programme::Programme;
use loyalty::redemption::{allowance, payable, price_capture};
use loyalty::returning::{Grace, SoldLine, plan_return, reinstatement};
use loyalty::sale::{Intake, Payment, PaymentMethod, Sale, SaleLine};
use proptest::prelude::*;

use crate::samples::{date, programme, rub, sale, time, zone};

const CATEGORIES: [Option<&str>; 3] = [None, Some("drinks"), Some("gift-cards")];

fn line() -> impl Strategy<Value = SaleLine> {
    let product = prop::sample::select(vec!["latte", "cake", "bag", "mug"]);
    (product, 0..3_usize, 1..6_i64, 0..50_000_i64, 0..=100_i64, prop::bool::weighted(0.2)).prop_map(
        |(product, category, count, price, off, is_promo)| {
            let list = count * price;
            let discount = if off > 70 { list * off / 100 } else { 0 };
            SaleLine {
                line_no: 0,
                product_code: product.into(),
                category: CATEGORIES[category].map(Into::into),
                quantity: Quantity::from_thousandths(count * 1_000),
                unit_price: Money::new(price, Currency::Rub),
                discount: Money::new(discount, Currency::Rub),
                amount: Money::new(list - discount, Currency::Rub),
                is_promo,
                is_fractional: false,
            }
        },
    )
}

fn any_sale() -> impl Strategy<Value = Sale> {
    prop::collection::vec(line(), 1..12).prop_map(with_lines)
}

fn with_lines(lines: Vec<SaleLine>) -> Sale {
    let mut sale = sale("latte none 1 × 1.00 - 0.00 = 1.00");
    sale.lines = lines;
    for (line, line_no) in sale.lines.iter_mut().zip(1..) {
        line.line_no = line_no;
    }
    let amount = sale.total().expect("one currency");
    sale.payments = vec![Payment { method: PaymentMethod::Cash, amount }];
    let intake = Intake { now: sale.sold_at, late_days_max: 1 };
    assert_eq!(sale.check(intake), []);
    sale
}

/// A programme whose point is worth `value` minor units, with that rate (millionths) and step.
fn any_programme() -> impl Strategy<Value = Programme> {
    let step = prop::sample::select(vec![1_i64, 10, 100]);
    let cap = prop::option::of(0..20_000_i64);
    (1..2_000_i64, 0..=1_000_000_i64, step, cap, any::<bool>()).prop_map(
        |(value, rate, step, cap, on_points)| {
            let mut programme = programme();
            programme.point_values[0] = Money::new(value, Currency::Rub);
            programme.tiers[0].earn_rate = Rate::from_millionths(rate);
            programme.earning.points_step = Points::from_hundredths(step);
            programme.earning.caps.points_per_day = cap.map(Points::from_hundredths);
            programme.earning.earn_on_points_paid = on_points;
            programme.redemption.step = Points::from_hundredths(1);
            programme.redemption.min_points = Points::from_hundredths(1);
            programme
        },
    )
}

/// The most points that the sale lets a member spend.
fn most(programme: &Programme, sale: &Sale) -> Points {
    let receipt = payable(programme, &sale.lines, Currency::Rub).expect("one currency");
    let available = Points::from_hundredths(1_000_000_000);
    let max = allowance(programme, available, receipt).expect("an allowance").max;
    // A single point of a low value may be worth less than a coin.
    if price_capture(programme, max, &sale.lines, Currency::Rub).is_ok() { max } else { Points::ZERO }
}

fn accrual(programme: &Programme, sale: &Sale, spent: Points) -> Accrual {
    let paid = price_capture(programme, spent, &sale.lines, Currency::Rub).expect("a price");
    earn(programme, &programme.tiers[0], sale, &paid.lines, DaySoFar::default()).expect("an accrual")
}

/// Every line with more than one piece becomes two lines of the same unit price.
fn split(sale: &Sale) -> Sale {
    let mut lines = Vec::new();
    for line in &sale.lines {
        let count = line.quantity.thousandths() / 1_000;
        let first = count / 2;
        let part = |count: i64, share: i64| {
            let list = line.unit_price.minor() * count;
            SaleLine {
                quantity: Quantity::from_thousandths(count * 1_000),
                amount: Money::new(share, Currency::Rub),
                discount: Money::new(list - share, Currency::Rub),
                ..line.clone()
            }
        };
        let share = line.amount.minor() * first / count;
        if first > 0 {
            lines.push(part(first, share));
        }
        lines.push(part(count - first, line.amount.minor() - share));
    }
    with_lines(lines)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splitting_a_line_changes_no_total(programme in any_programme(), sale in any_sale(), share in 0..=100_i64) {
        let spent = Points::from_hundredths(most(&programme, &sale).hundredths() * share / 100);
        prop_assume!(price_capture(&programme, spent, &sale.lines, Currency::Rub).is_ok());
        let (whole, parts) = (accrual(&programme, &sale, spent), accrual(&programme, &split(&sale), spent));
        prop_assert_eq!(whole.base, parts.base);
        prop_assert_eq!(whole.points, parts.points);
        prop_assert_eq!(whole.reasons, parts.reasons);
    }

    #[test]
    fn two_receipts_never_earn_more_than_one(programme in any_programme(), sale in any_sale(), at in 0..12_usize) {
        let mut programme = programme;
        programme.earning.caps.points_per_day = None;
        let (a, b) = sale.lines.split_at(at.min(sale.lines.len()));
        let earned = |lines: &[SaleLine]| {
            if lines.is_empty() { 0 } else { accrual(&programme, &with_lines(lines.to_vec()), Points::ZERO).points.hundredths() }
        };
        prop_assert!(earned(a) + earned(b) <= earned(&sale.lines));
    }

    #[test]
    fn accruals_sum_and_always_say_why(programme in any_programme(), sale in any_sale(), so_far in 0..30_000_i64) {
        let day = DaySoFar { points: Points::from_hundredths(so_far), receipts: 1 };
        let accrual = earn(&programme, &programme.tiers[0], &sale, &[], day).expect("an accrual");
        let sum: i64 = accrual.lines.iter().map(|line| line.points.hundredths()).sum();
        prop_assert_eq!(sum, accrual.points.hundredths());
        prop_assert_eq!(sum % programme.earning.points_step.hundredths(), 0);
        let base: i64 = accrual.lines.iter().map(|line| line.base.minor()).sum();
        prop_assert_eq!(base, accrual.base.minor());
        for line in &accrual.lines {
            prop_assert!(line.points.hundredths() > 0 || line.reason.is_some());
            prop_assert!(line.base.minor() > 0 || line.points.is_zero());
        }
    }

    #[test]
    fn captures_are_exact_and_within_every_line(programme in any_programme(), sale in any_sale(), share in 0..=100_i64) {
        let spent = Points::from_hundredths(most(&programme, &sale).hundredths() * share / 100);
        let Ok(price) = price_capture(&programme, spent, &sale.lines, Currency::Rub) else {
            return Ok(());
        };
        prop_assert_eq!(price.lines.iter().map(|line| line.amount.minor()).sum::<i64>(), price.amount.minor());
        prop_assert_eq!(price.lines.iter().map(|line| line.points.hundredths()).sum::<i64>(), spent.hundredths());
        for (part, line) in price.lines.iter().zip(&sale.lines) {
            prop_assert!(part.amount.minor() <= line.amount.minor());
            prop_assert!(part.amount.minor() >= 0 && part.points.hundredths() >= 0);
            prop_assert!(!programme.redemption.excluded.covers(line) || part.amount.minor() == 0);
        }
    }

    /// L7: however a receipt is returned, the parts are what it gave and took; every part is within its bounds.
    #[test]
    fn l7_returns_sum_to_the_receipt(programme in any_programme(), sale in any_sale(), picks in prop::collection::vec((0..12_usize, 1..4_i64), 0..40), share in 0..=100_i64) {
        let spent = Points::from_hundredths(most(&programme, &sale).hundredths() * share / 100);
        prop_assume!(price_capture(&programme, spent, &sale.lines, Currency::Rub).is_ok());
        let price = price_capture(&programme, spent, &sale.lines, Currency::Rub).expect("a price");
        let earned = accrual(&programme, &sale, spent);
        let mut sold: Vec<SoldLine> = sale.lines.iter().zip(&price.lines).zip(&earned.lines).map(|((line, paid), earned)| SoldLine {
            line_no: line.line_no,
            quantity: line.quantity,
            returned: Quantity::from_thousandths(0),
            is_fractional: false,
            amount: line.amount,
            paid_with_points: paid.amount,
            points_paid: paid.points,
            points_earned: earned.points,
        }).collect();
        // Random picks first, then whatever is left of every line.
        let rest = (0..sold.len()).map(|index| (index, i64::MAX));
        let (mut refund, mut paid, mut back, mut clawed) = (0, 0, 0, 0);
        let mut lots = Vec::new();
        let taken = [(Points::from_hundredths(spent.hundredths() / 3), None), (Points::from_hundredths(spent.hundredths() - spent.hundredths() / 3), Some(time("2027-01-01T00:00:00Z")))];
        let grace = Grace { on: date("2026-11-21"), zone: zone("UTC"), days: 3 };
        for (index, count) in picks.into_iter().map(|(index, count)| (index % sale.lines.len(), count * 1_000)).chain(rest) {
            let left = sold[index].quantity.thousandths() - sold[index].returned.thousandths();
            if left == 0 { continue; }
            let quantity = Quantity::from_thousandths(count.min(left));
            let plan = plan_return(&sold, &[(sold[index].line_no, quantity)]).expect("a plan");
            for part in [plan.refund.minor(), plan.paid_with_points.minor(), plan.points_back.hundredths(), plan.clawback.hundredths()] {
                prop_assert!(part >= 0);
            }
            let already = Points::from_hundredths(back);
            lots.extend(reinstatement(&taken, already, plan.points_back, &grace).expect("lots"));
            refund += plan.refund.minor();
            paid += plan.paid_with_points.minor();
            back += plan.points_back.hundredths();
            clawed += plan.clawback.hundredths();
            sold[index].returned = Quantity::from_thousandths(sold[index].returned.thousandths() + quantity.thousandths());
        }
        prop_assert_eq!(refund + paid, sale.total().expect("a total").minor());
        prop_assert_eq!(paid, price.amount.minor());
        prop_assert_eq!(back, spent.hundredths());
        prop_assert_eq!(clawed, earned.points.hundredths());
        for (points, end) in taken {
            let given: i64 = lots.iter().filter(|(_, expires_at)| *expires_at == end).map(|(points, _)| points.hundredths()).sum();
            prop_assert_eq!(given, points.hundredths(), "each lot comes back whole");
        }
    }

    /// No allowance is worth more than the receipt's share and its eligible lines.
    #[test]
    fn allowances_stay_within_their_limits(programme in any_programme(), sale in any_sale(), available in -500..500_000_i64) {
        let receipt = payable(&programme, &sale.lines, Currency::Rub).expect("one currency");
        let got = allowance(&programme, Points::from_hundredths(available), receipt).expect("an allowance");
        prop_assert!(got.max.hundredths() <= available.max(0));
        prop_assert!(got.worth.minor() * 2 <= receipt.total.minor());
        prop_assert!(got.worth.minor() <= receipt.eligible.minor());
        prop_assert!(got.worth.currency() == rub("0").currency());
    }
}

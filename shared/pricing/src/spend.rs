//! Points that a guest spends by wish, shared over the lines of a cart.
//!
//! Shared first over the products and then over the lines of each, by largest remainder, so that dividing a line
//! changes no product's share; as `loyalty` does for a till's receipt.

use kernel::Overflow;
use kernel::split::largest_remainder;

/// What is left to pay on a line of goods that may be paid for with points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payable<'a> {
    pub product: &'a str,
    /// Zero for goods that points cannot pay for.
    pub amount_minor: i64,
}

/// What points pay of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// Hundredths.
    pub points: i64,
    pub amount_minor: i64,
}

/// Shares `points` hundredths, worth `worth_minor` together, over the lines in proportion to what is left to pay on
/// them. No line is paid for more than once over; both sums come out exactly.
///
/// # Errors
/// When the points are worth more than the lines, or an amount is negative.
pub fn over_lines(points: i64, worth_minor: i64, lines: &[Payable<'_>]) -> Result<Vec<Paid>, Overflow> {
    let total =
        lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor)).ok_or(Overflow)?;
    if points < 0 || worth_minor < 0 || worth_minor > total || (worth_minor == 0 && points > 0) {
        return Err(Overflow);
    }
    let money = over_products(worth_minor, lines, &|line| lines[line].amount_minor)?;
    let units = over_products(points, lines, &|line| money[line])?;
    Ok(money.iter().zip(units).map(|(&amount_minor, points)| Paid { points, amount_minor }).collect())
}

fn over_products(
    whole: i64,
    lines: &[Payable<'_>],
    weight: &dyn Fn(usize) -> i64,
) -> Result<Vec<i64>, Overflow> {
    let mut products: Vec<(&str, i64)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match products.iter_mut().find(|(product, _)| *product == line.product) {
            Some((_, sum)) => *sum += weight(index),
            None => products.push((line.product, weight(index))),
        }
    }
    products.sort_unstable();
    let sums: Vec<i64> = products.iter().map(|(_, sum)| *sum).collect();
    let mut shared = vec![0_i64; lines.len()];
    for ((product, _), part) in products.iter().zip(largest_remainder(whole, &sums)?) {
        let own: Vec<usize> = (0..lines.len()).filter(|&index| lines[index].product == *product).collect();
        let weights: Vec<i64> = own.iter().map(|&index| weight(index)).collect();
        for (index, part) in own.into_iter().zip(largest_remainder(part, &weights)?) {
            shared[index] = part;
        }
    }
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(amounts: &[(&'a str, i64)]) -> Vec<Payable<'a>> {
        amounts.iter().map(|&(product, amount_minor)| Payable { product, amount_minor }).collect()
    }

    #[test]
    fn points_are_shared_to_the_kopeck() {
        let paid = over_lines(10_000, 10_000, &lines(&[("a", 10_000), ("b", 10_000), ("c", 10_000)]));
        let amounts: Vec<i64> = paid.expect("a share").iter().map(|paid| paid.amount_minor).collect();
        assert_eq!(amounts, [3_334, 3_333, 3_333]);
        assert_eq!(over_lines(100, 101, &lines(&[("a", 100)])), Err(Overflow));
        assert_eq!(over_lines(0, 0, &lines(&[("a", 0)])), Ok(vec![Paid::default()]));
    }

    proptest::proptest! {
        #[test]
        fn shares_are_exact_and_within_lines(amounts in proptest::collection::vec(0_i64..100_000, 1..10), part in 0_i64..=100) {
            let names = ["a", "b", "c"];
            let lines: Vec<Payable<'_>> = amounts.iter().enumerate().map(|(index, &amount_minor)| Payable { product: names[index % 3], amount_minor }).collect();
            let worth = amounts.iter().sum::<i64>() * part / 100;
            let points = worth * 3;
            let paid = over_lines(points, worth, &lines).expect("a share");
            proptest::prop_assert_eq!(paid.iter().map(|paid| paid.amount_minor).sum::<i64>(), worth);
            proptest::prop_assert_eq!(paid.iter().map(|paid| paid.points).sum::<i64>(), points);
            for (paid, line) in paid.iter().zip(&lines) {
                proptest::prop_assert!((0..=line.amount_minor).contains(&paid.amount_minor) && paid.points >= 0);
            }
        }
    }
}

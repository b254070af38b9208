//! How a whole is shared out so that the parts sum to it exactly.

use crate::Overflow;

/// Shares `whole` in proportion to `weights` by largest remainder: every part is rounded down, then the units left
/// over go one each to the parts with the largest remainders; on a tie the earlier part wins. A negative whole is
/// shared as its mirror image. Deterministic, and the parts always sum to `whole`.
///
/// # Errors
/// When a weight is negative, or there is something to share and all weights are zero.
pub fn largest_remainder(whole: i64, weights: &[i64]) -> Result<Vec<i64>, Overflow> {
    let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if weights.iter().any(|&weight| weight < 0) || (total == 0 && whole != 0) {
        return Err(Overflow);
    }
    if total == 0 {
        return Ok(vec![0; weights.len()]);
    }
    let magnitude = i128::from(whole).abs();
    let mut parts: Vec<i128> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (index, &weight) in weights.iter().enumerate() {
        let product = magnitude * i128::from(weight);
        parts.push(product / total);
        remainders.push((product % total, index));
    }
    let left_over = magnitude - parts.iter().sum::<i128>();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for &(_, index) in remainders.iter().take(usize::try_from(left_over).map_err(|_| Overflow)?) {
        parts[index] += 1;
    }
    let sign = i128::from(whole.signum());
    parts.into_iter().map(|part| i64::try_from(part * sign).map_err(|_| Overflow)).collect()
}

/// The part of `whole` that belongs to the first `done` of `total` units, cumulatively: the share of units
/// `a..b` is `cumulative(whole, b, total) - cumulative(whole, a, total)`, so however a total is taken apart, the
/// parts sum to `whole` (ledger invariant L7).
///
/// # Errors
/// When `done` is outside `0..=total` or `total` is not positive.
pub fn cumulative(whole: i64, done: i64, total: i64) -> Result<i64, Overflow> {
    if total <= 0 || done < 0 || done > total {
        return Err(Overflow);
    }
    crate::quantity::mul_div_half_up(whole, done, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_largest_remainder() {
        let rows: [(i64, &[i64], &[i64]); 6] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (-100, &[1, 1, 1], &[-34, -33, -33]),
            (1, &[1, 2], &[0, 1]),
            (0, &[0, 0], &[0, 0]),
            (10, &[0, 5], &[0, 10]),
            (29_000, &[10_000, 10_000, 10_000], &[9_667, 9_667, 9_666]),
        ];
        for (whole, weights, expected) in rows {
            assert_eq!(
                largest_remainder(whole, weights).as_deref(),
                Ok(expected),
                "{whole} over {weights:?}"
            );
        }
        assert_eq!(largest_remainder(1, &[0]), Err(Overflow));
        assert_eq!(largest_remainder(1, &[-1, 3]), Err(Overflow));
    }

    proptest::proptest! {
        #[test]
        fn parts_sum_to_the_whole(whole: i64, weights in proptest::collection::vec(0_i64..1_000_000, 1..20)) {
            proptest::prop_assume!(whole != i64::MIN && weights.iter().any(|&weight| weight > 0));
            let parts = largest_remainder(whole, &weights).expect("lawful weights");
            proptest::prop_assert_eq!(parts.iter().map(|&part| i128::from(part)).sum::<i128>(), i128::from(whole));
        }

        #[test]
        fn cumulative_parts_sum(whole in -1_000_000_i64..1_000_000, cuts in proptest::collection::vec(1_i64..50, 1..10)) {
            let total: i64 = cuts.iter().sum();
            let (mut done, mut sum, mut before) = (0, 0, 0);
            for cut in cuts {
                done += cut;
                let upto = cumulative(whole, done, total).expect("in range");
                sum += upto - before;
                before = upto;
            }
            proptest::prop_assert_eq!(sum, whole);
        }
    }
}

//! The four ways in which this programme rounds, written out.

/// `a × b ÷ c`, rounded down. All are non-negative here, so that down is towards zero.
pub(crate) fn floor(a: i64, b: i64, c: i64) -> i64 {
    narrow(i128::from(a) * i128::from(b) / i128::from(c))
}

/// `a × b ÷ c`, rounded up.
pub(crate) fn ceil(a: i64, b: i64, c: i64) -> i64 {
    let c = i128::from(c);
    narrow((i128::from(a) * i128::from(b) + c - 1) / c)
}

/// `a × b ÷ c`, a half rounded up.
pub(crate) fn half_up(a: i64, b: i64, c: i64) -> i64 {
    let c = i128::from(c);
    narrow((2 * i128::from(a) * i128::from(b) + c) / (2 * c))
}

/// Shares `whole` in proportion to `weights`: every part is rounded down, and the units left over go one each to the
/// largest remainders, the earlier part first on a tie. Nothing to share gives nothing to everyone.
pub(crate) fn share(whole: i64, weights: &[i64]) -> Vec<i64> {
    let total: i64 = weights.iter().sum();
    if whole == 0 || total == 0 {
        assert_eq!(whole, 0, "points or money to share, and nobody to take them");
        return vec![0; weights.len()];
    }
    let mut parts: Vec<i64> = weights.iter().map(|&weight| floor(whole, weight, total)).collect();
    let remainder = |index: usize| i128::from(whole) * i128::from(weights[index]) % i128::from(total);
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // A stable sort keeps the earlier part first.
    order.sort_by_key(|&index| std::cmp::Reverse(remainder(index)));
    let left_over = whole - parts.iter().sum::<i64>();
    for &index in order.iter().take(left_over as usize) {
        parts[index] += 1;
    }
    parts
}

/// The largest multiple of `step` that is not above `amount`.
pub(crate) const fn down_to(amount: i64, step: i64) -> i64 {
    amount - amount % step
}

fn narrow(wide: i128) -> i64 {
    i64::try_from(wide).expect("amounts here are far below 64 bits")
}

//! Lines as a cash register takes them (Russia, 54-FZ): every line at its final price, points as a price reduction.
//!
//! A register refuses a line whose sum is not price × quantity. Where a line's sum does not divide by its pieces, the
//! pieces are therefore put on two lines whose prices differ by one minor unit.

/// Pieces of one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    pub quantity: u32,
    pub unit_minor: i64,
}

/// Puts `quantity` pieces that cost `sum_minor` together on at most two lines, the dearer pieces first. The lines sum to
/// `sum_minor` exactly.
#[must_use]
pub fn pieces(quantity: u32, sum_minor: i64) -> Vec<Pieces> {
    let count = i64::from(quantity);
    if count == 0 {
        return Vec::new();
    }
    let (low, dearer) = (sum_minor.div_euclid(count), sum_minor.rem_euclid(count) as u32);
    let lines = [
        Pieces { quantity: dearer, unit_minor: low + 1 },
        Pieces { quantity: quantity - dearer, unit_minor: low },
    ];
    lines.into_iter().filter(|line| line.quantity > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_pieces_of_290_are_two_and_one() {
        let lines = pieces(3, 29_000);
        assert_eq!(
            lines,
            [Pieces { quantity: 2, unit_minor: 9_667 }, Pieces { quantity: 1, unit_minor: 9_666 }]
        );
        assert_eq!(pieces(2, 200), [Pieces { quantity: 2, unit_minor: 100 }]);
        assert_eq!(
            pieces(3, 1),
            [Pieces { quantity: 1, unit_minor: 1 }, Pieces { quantity: 2, unit_minor: 0 }]
        );
        assert_eq!(pieces(0, 0), []);
    }

    proptest::proptest! {
        #[test]
        fn fiscal_lines_sum_exactly(quantity in 1_u32..1_000, sum in 0_i64..100_000_000) {
            let lines = pieces(quantity, sum);
            proptest::prop_assert!(lines.len() <= 2);
            proptest::prop_assert_eq!(lines.iter().map(|line| line.quantity).sum::<u32>(), quantity);
            proptest::prop_assert_eq!(lines.iter().map(|line| line.unit_minor * i64::from(line.quantity)).sum::<i64>(), sum);
            let prices: Vec<i64> = lines.iter().map(|line| line.unit_minor).collect();
            proptest::prop_assert!(prices.iter().max().zip(prices.iter().min()).is_some_and(|(max, min)| max - min <= 1));
        }
    }
}

//! What holds for any numbers.

use feedback::game::ticket;
use feedback::statistics::{nps, rating};
use proptest::prelude::*;

proptest! {
    #[test]
    fn ratings_lie_within_their_intervals(answers in 1u64..5_000_000, share in 0u64..=1_000) {
        let stars = answers + 4 * answers * share / 1_000;
        let found = rating(answers, stars).expect("lawful");
        prop_assert!(100 <= found.low && found.low <= found.mean);
        prop_assert!(found.mean <= found.high && found.high <= 500);
    }

    /// F4: the same mean from ten times the answers is never worth less.
    #[test]
    fn more_answers_are_never_worth_less(answers in 1u64..100_000, each in 1u64..=5) {
        let (few, many) = (rating(answers, answers * each).expect("lawful"), rating(10 * answers, 10 * answers * each).expect("lawful"));
        prop_assert_eq!(few.mean, many.mean);
        prop_assert!(few.low <= many.low && many.high <= few.high);
    }

    #[test]
    fn scores_lie_within_their_intervals(p in 0u64..1_000_000, n in 0u64..1_000_000, d in 0u64..1_000_000) {
        prop_assume!(p + n + d > 0);
        let found = nps(p, n, d).expect("lawful");
        prop_assert!(-1_000 <= found.low && found.low <= found.score);
        prop_assert!(found.score <= found.high && found.high <= 1_000);
        let mirrored = nps(d, n, p).expect("lawful");
        prop_assert!((found.score + mirrored.score).abs() <= 1);
    }

    /// F2: whatever the words, a ticket is one of those that there are.
    #[test]
    fn tickets_are_those_that_there_are(tickets in 1u64..10_000_000_000, words in prop::collection::vec(any::<u64>(), 1..8)) {
        if let Some(drawn) = ticket(tickets, &words) {
            prop_assert!(drawn < tickets);
        }
    }
}

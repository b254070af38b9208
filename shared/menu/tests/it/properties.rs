//! What holds for every choice.

use menu::{ModifierChoice, select};
use proptest::prelude::*;

use crate::samples::{NOON, choice, menu};

fn modifiers() -> impl Strategy<Value = Vec<(usize, u32)>> {
    prop::collection::vec((0_usize..5, 0_u32..4), 0..6)
}

const CODES: [&str; 5] = ["cow", "oat", "vanilla", "caramel", "mint"];

proptest! {
    /// M4, M5: neither order nor splitting an entry in two changes the outcome.
    #[test]
    fn order_and_splitting_change_nothing(picked in modifiers(), free in 0_u32..4, own in any::<bool>(), turn in 0_usize..6) {
        let mut sold = menu();
        sold.groups[1].free = free;
        sold.groups[1].own_limits = own;
        let entries: Vec<(&str, u32)> = picked.iter().map(|(at, amount)| (CODES[*at], *amount)).collect();
        let plain = select(&sold, &choice("latte", Some("S"), &entries), NOON);
        let mut turned = entries.clone();
        turned.rotate_left(turn % entries.len().max(1));
        let mut split = choice("latte", Some("S"), &turned);
        split.modifiers = split
            .modifiers
            .iter()
            .flat_map(|one| {
                let half = one.amount / 2;
                [half, one.amount - half].map(|amount| ModifierChoice { amount, ..one.clone() })
            })
            .collect();
        prop_assert_eq!(plain, select(&sold, &split, NOON));
    }

    /// The price is the size's and what is charged for; nothing is charged twice, and what is free is never more than promised.
    #[test]
    fn the_price_is_the_sum_of_what_is_charged(picked in modifiers(), free in 0_u32..4) {
        let mut sold = menu();
        sold.groups[1].free = free;
        let entries: Vec<(&str, u32)> = picked.iter().map(|(at, amount)| (CODES[*at], *amount)).collect();
        if let Ok(selected) = select(&sold, &choice("latte", Some("S"), &entries), NOON) {
            let sum: i64 = selected.modifiers.iter().map(|one| one.unit_price_minor * i64::from(one.charged)).sum();
            prop_assert_eq!(selected.unit_minor, selected.base_minor + sum);
            let given: u32 = selected.modifiers.iter().map(|one| one.amount - one.charged).sum();
            prop_assert!(given <= free);
            for one in &selected.modifiers {
                prop_assert!(one.charged <= one.amount && one.amount > 0);
            }
            let milk: u32 = selected.modifiers.iter().filter(|one| one.group == "milk").map(|one| one.amount).sum();
            let syrup: u32 = selected.modifiers.iter().filter(|one| one.group == "syrup").map(|one| one.amount).sum();
            prop_assert!(milk == 1 && syrup <= 3);
        }
    }
}

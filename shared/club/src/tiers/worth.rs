//! Who is worth a look: those who have counted the least that leads anywhere.

use kernel::Money;
use loyalty::programme::Programme;
use loyalty::tiers::rules::Requirement;
use store::tiers::passes::Worth;

/// The least that any of the rules asks for, of each kind and currency.
pub(super) fn worth<'a>(all: impl Iterator<Item = &'a Programme>) -> Worth {
    let mut worth = Worth::default();
    for rules in all {
        let least = rules.least();
        worth.points = worth.points.into_iter().chain(least.points).min();
        worth.receipts = worth.receipts.into_iter().chain(least.visits.map(i64::from)).min();
        for tier in rules.tiers.iter().skip(1) {
            if let Some(tree) = tier.requirement() {
                lower(&tree, &mut worth.spend);
            }
        }
    }
    worth
}

fn lower(tree: &Requirement, spend: &mut Vec<Money>) {
    match tree {
        Requirement::Spend { amounts } => {
            for amount in amounts {
                match spend.iter_mut().find(|known| known.currency() == amount.currency()) {
                    Some(known) if known.minor() <= amount.minor() => {}
                    Some(known) => *known = *amount,
                    None => spend.push(*amount),
                }
            }
        }
        Requirement::Points { .. } | Requirement::Visits { .. } => {}
        Requirement::All { of } | Requirement::Any { of } => of.iter().for_each(|part| lower(part, spend)),
    }
}

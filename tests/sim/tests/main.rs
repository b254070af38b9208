//! A short slice of the simulation for every build, and that it can fail.

use clap::ValueEnum as _;
use sim::episode::Divergence;
use sim::play::{self, Ended, Plan};
use sim::reference::Mistake;

/// Operations from a seed that nobody has seen before.
const FRESH_OPERATIONS: u32 = 5_000;
/// Seeds of worlds with a bit of everything: kept as they are, so that a change of the product meets the same again.
const KEPT_SEEDS: [u64; 4] = [1, 2, 3, 4];
const KEPT_OPERATIONS: u32 = 400;
/// Seeds in which a deliberate mistake is looked for, and how long in each.
const MISTAKE_SEEDS: u64 = 12;
const MISTAKE_OPERATIONS: u32 = 900;
/// A mistake is shown by no more operations than this.
const SHOWN_BY_MAX: usize = 12;

fn describe(seed: u64, divergence: &Divergence) -> String {
    format!(
        "run `cargo run --release -p sim -- --seed {seed}`, which shrinks it\n{:?}\nsent: {}\nreference: {}\nproduct: {}",
        divergence.operation, divergence.about, divergence.reference, divergence.product
    )
}

fn assert_whole(plan: &Plan) {
    match play::play(plan, &mut |_| {}).expect("a product") {
        Ended::Whole(_) => {}
        Ended::Diverged { divergence, .. } => panic!("{}", describe(plan.seed, &divergence)),
    }
}

#[test]
fn a_fresh_seed_shows_no_difference() {
    let seed = u64::from(rand::random::<u32>());
    println!("seed {seed}");
    assert_whole(&Plan::new(seed, FRESH_OPERATIONS));
}

#[test]
fn kept_seeds_show_no_difference() {
    for seed in KEPT_SEEDS {
        assert_whole(&Plan { audit_every: 50, ..Plan::new(seed, KEPT_OPERATIONS) });
    }
}

#[test]
fn every_mistake_is_found_and_shown_by_few_operations() {
    for &mistake in Mistake::value_variants() {
        let found = (1..=MISTAKE_SEEDS).find_map(|seed| {
            let plan = Plan { mistake: Some(mistake), members: 12, ..Plan::new(seed, MISTAKE_OPERATIONS) };
            match play::play(&plan, &mut |_| {}).expect("a product") {
                Ended::Whole(_) => None,
                Ended::Diverged { operations, .. } => Some((plan, operations)),
            }
        });
        let (plan, operations) = found.unwrap_or_else(|| panic!("{mistake:?} was not found"));
        let (script, divergence) = play::shrink(&plan, &operations, &mut |_| {}).expect("a product");
        assert!(divergence.is_some(), "{mistake:?} is no longer shown once shrunk");
        let few = script.operations.len();
        println!("{mistake:?}: seed {}, after {} operations, shown by {few}", plan.seed, operations.len());
        assert!(few <= SHOWN_BY_MAX, "{mistake:?} takes {few} operations to show");
        let sound = Plan { mistake: None, ..plan };
        let twice = play::play_list(&sound, &script.operations).expect("a product");
        assert!(twice.is_none(), "a difference without {mistake:?}");
    }
}

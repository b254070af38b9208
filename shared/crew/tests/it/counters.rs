//! Counters equal a recount whatever happened in whatever order. The recount here is a naive one in Rust that knows what
//! was rung up and taken back, and nothing of the database.

use std::collections::BTreeMap;

use kernel::Timestamp;
use kernel::time::{DAY_MS, MINUTE_MS};
use proptest::prelude::*;
use store::kpi::counters::{self, Whose};

use crate::world::{BRAND, Ring, World, at, day};

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A sale: outlet, staff, guest, minutes after the start, lines, minutes until it becomes known.
    Sell(i64, Option<u8>, Option<i64>, i64, Vec<(u8, i64, i64)>, i64),
    /// So much of a line of an earlier sale goes back; everything of it when none is named.
    Back(prop::sample::Index, Option<(prop::sample::Index, i64)>),
    /// A guest rates an earlier sale.
    Rate(prop::sample::Index, u8),
}

const CATEGORIES: [&str; 3] = ["coffee", "bakery", "beans"];
const START: &str = "2026-11-02T04:00:00Z";
const SPLIT_MINUTES: i64 = 5;

fn step() -> impl Strategy<Value = Step> {
    let line =
        (0..3_u8, prop_oneof![(1..4_i64).prop_map(|whole| whole * 1_000), 1..2_000_i64], 0..90_000_i64);
    let sell = (
        1..=3_i64,
        prop::option::weighted(0.9, 0..2_u8),
        prop::option::weighted(0.7, 0..3_i64),
        0..40_i64,
        prop::collection::vec(line, 1..4),
        prop_oneof![Just(0_i64), 0..60_i64],
    );
    let back = (any::<prop::sample::Index>(), prop::option::of((any::<prop::sample::Index>(), 1..2_000_i64)));
    prop_oneof![
        6 => sell.prop_map(|(outlet, staff, guest, minute, lines, late)| Step::Sell(outlet, staff, guest, minute, lines, late)),
        3 => back.prop_map(|(which, part)| Step::Back(which, part)),
        1 => (any::<prop::sample::Index>(), 1..=5_u8).prop_map(|(which, stars)| Step::Rate(which, stars)),
    ]
}

/// A sale as the naive recount remembers it.
struct Sold {
    key: (i64, kernel::Date, String),
    staff: String,
    guest: Option<i64>,
    sold_at: Timestamp,
    order: usize,
    /// Category, thousandths, minor units, thousandths gone.
    lines: Vec<(&'static str, i64, i64, i64)>,
    stars: Option<u8>,
}

impl Sold {
    fn stands(&self) -> bool {
        self.lines.iter().any(|line| line.3 < line.1)
    }

    /// Money that is left of a line: what was sold less the cumulative share of what went back, half up.
    fn left_minor(line: &(&str, i64, i64, i64)) -> i64 {
        line.2 - kernel::split::cumulative(line.2, line.3, line.1).expect("in range")
    }
}

/// Whether somebody else's receipt makes this one a split.
fn is_split(all: &[Sold], one: &Sold) -> bool {
    one.guest.is_some()
        && all.iter().any(|other| {
            let gap = one.sold_at.millis() - other.sold_at.millis();
            let before = gap > 0 || (gap == 0 && other.order < one.order);
            other.order != one.order
                && other.guest == one.guest
                && (other.key.0, other.key.1) == (one.key.0, one.key.1)
                && before
                && gap <= SPLIT_MINUTES * MINUTE_MS
                && other.stands()
        })
}

type Key = (i64, String);
type Sums = BTreeMap<Key, [i64; 6]>;

fn naive(all: &[Sold]) -> (Sums, BTreeMap<(Key, &'static str), [i64; 3]>) {
    let (mut days, mut categories) = (Sums::new(), BTreeMap::new());
    for one in all.iter().filter(|one| !is_split(all, one)) {
        let key = (one.key.0, one.staff.clone());
        let items: i64 = one.lines.iter().map(|line| line.1 - line.3).sum();
        let money: i64 = one.lines.iter().map(Sold::left_minor).sum();
        let stands = i64::from(one.stands());
        let rated = one.stars.map_or(0, i64::from);
        let members = stands * i64::from(one.guest.is_some());
        let sum = days.entry(key.clone()).or_default();
        let row = [stands, items, money, members, i64::from(one.stars.is_some()), rated];
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        for category in CATEGORIES {
            let of = |line: &&(&'static str, i64, i64, i64)| line.0 == category;
            let lines: Vec<_> = one.lines.iter().filter(of).collect();
            if lines.is_empty() {
                continue;
            }
            let kept = i64::from(lines.iter().any(|line| line.3 < line.1));
            let row = [
                kept,
                lines.iter().map(|line| line.1 - line.3).sum(),
                lines.iter().map(|line| Sold::left_minor(line)).sum::<i64>(),
            ];
            let sum: &mut [i64; 3] = categories.entry((key.clone(), category)).or_default();
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
    }
    (days, categories)
}

fn play(world: &mut World, steps: &[Step]) -> Vec<Sold> {
    let mut all: Vec<Sold> = Vec::new();
    let mut now = at(START).plus_millis(100 * MINUTE_MS);
    for step in steps {
        now = now.plus_millis(MINUTE_MS);
        match step {
            Step::Sell(outlet, staff, guest, minute, lines, late) => {
                let sold_at = at(START).plus_millis(minute * MINUTE_MS);
                let staff = staff.map(|letter| format!("{outlet}{}", ["a", "b"][usize::from(letter)]));
                let lines: Vec<_> = lines
                    .iter()
                    .map(|&(category, thousandths, minor)| {
                        (CATEGORIES[usize::from(category)], thousandths, minor)
                    })
                    .collect();
                let ring = Ring {
                    outlet: *outlet,
                    staff: staff.as_deref(),
                    guest: *guest,
                    sold_at,
                    now: now.plus_millis(late * MINUTE_MS),
                    lines: lines.clone(),
                };
                let Ok(key) = world.ring(&ring) else { continue };
                all.push(Sold {
                    key,
                    staff: staff.unwrap_or_default(),
                    guest: *guest,
                    sold_at,
                    order: all.len(),
                    lines: lines
                        .into_iter()
                        .map(|(category, items, minor)| (category, items, minor, 0))
                        .collect(),
                    stars: None,
                });
            }
            Step::Back(which, part) if !all.is_empty() => {
                let one = which.get(&all).order;
                let asked = part.map(|(line, thousandths)| {
                    let line = line.index(all[one].lines.len());
                    (line, thousandths.min(all[one].lines[line].1 - all[one].lines[line].3))
                });
                let lines = asked.map(|(line, thousandths)| vec![(line as u32 + 1, thousandths)]);
                let later = now.plus_millis(DAY_MS / 24);
                if world.take_back(&all[one].key, lines, later).is_err() {
                    continue;
                }
                match asked {
                    Some((line, thousandths)) => all[one].lines[line].3 += thousandths,
                    None => all[one].lines.iter_mut().for_each(|line| line.3 = line.1),
                }
            }
            Step::Rate(which, stars) if !all.is_empty() => {
                let one = which.get(&all).order;
                let (outlet, day, number) = &all[one].key;
                let id = world.number(&format!(
                    "select id from receipts where outlet_id = {outlet} and business_date = '{day}' and number = '{number}'"
                ));
                let id = kernel::ReceiptId::from_raw(id);
                world.write(now, |tx, _| counters::insert_rating(tx, id, *stars, now)).expect("a rating");
                all[one].stars.get_or_insert(*stars);
            }
            Step::Back(..) | Step::Rate(..) => {}
        }
    }
    all
}

fn stored(world: &World) -> (Sums, BTreeMap<(Key, &'static str), [i64; 3]>) {
    let (mut days, mut categories) = (Sums::new(), BTreeMap::new());
    let (from, until) = (day("2026-10-01"), day("2026-12-01"));
    for outlet in 1..=3 {
        let whose = Whose::OutletPeople(kernel::OutletId::from_raw(outlet));
        for tally in counters::list(&world.sql, whose, from, until).expect("reads") {
            let people = tally.people.expect("of people");
            let row = [
                tally.receipts,
                tally.items,
                tally.revenue_minor,
                people.member_receipts,
                people.ratings,
                people.stars,
            ];
            days.insert((outlet, tally.staff), row);
        }
        for category in CATEGORIES {
            let of = counters::list_category(&world.sql, whose, from, until, category).expect("reads");
            for tally in of {
                let row = [tally.receipts, tally.items, tally.revenue_minor];
                categories.insert(((outlet, tally.staff), category), row);
            }
        }
    }
    days.retain(|_, row| *row != [0; 6]);
    categories.retain(|_, row| *row != [0; 3]);
    (days, categories)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counters_equal_a_recount(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::new(3, 3);
        let all = play(&mut world, &steps);
        let (mut days, mut categories) = naive(&all);
        days.retain(|_, row| *row != [0; 6]);
        categories.retain(|_, row| *row != [0; 3]);
        prop_assert_eq!(stored(&world), (days, categories));
        world.assert_counted();
    }

    /// Splitting a guest's purchase over several receipts within minutes leaves the first of them alone.
    #[test]
    fn a_split_brings_nothing(parts in 2..6_usize) {
        let mut world = World::new(1, 1);
        let start = at(START);
        for part in 0..parts as i64 {
            let sold_at = start.plus_millis(part * 10_000);
            world.ring(&Ring {
                outlet: 1, staff: Some("1a"), guest: Some(0), sold_at, now: start.plus_millis(DAY_MS), lines: vec![("coffee", 1_000, 10_000)],
            }).expect("taken");
        }
        let whose = Whose::People(BRAND);
        let tallies = counters::list(&world.sql, whose, day("2026-11-01"), day("2026-12-01")).expect("reads");
        prop_assert_eq!((tallies[0].receipts, tallies[0].items), (1, 1_000));
        world.assert_counted();
    }
}

//! Leaderboards and progress from the forbidden side: whose names, which goals, how many rows.

use crew::Refused;
use crew::boards::Boards;
use crew::leaderboard::{self, Asker, Board};
use crew::progress::{self, Viewer};
use kernel::OutletId;
use membership::staff_auth::Scope;
use merit::number::Fraction;
use store::Sql;

use crate::world::{BRAND, Ring, World, at, day, tenge};

const GOAL: &str = r#"{
  "name": {"ru": "Чеки", "kk": "Чектер", "en": "Receipts"}, "subject": "SUBJECT", "period": "week",
  "components": [{"measure": {"op": "metric", "of": {"metric": "METRIC"}}, "target": "4"}] MORE}"#;
const NOW: &str = "2026-11-24T06:00:00Z";

fn publish(world: &mut World, code: &str, subject: &str, metric: &str, more: &str) {
    let goal = GOAL.replace("SUBJECT", subject).replace("METRIC", metric).replace("MORE", more);
    world.publish(code, &goal, "2026-11-02", at("2026-11-01T06:00:00Z"));
}

fn sell(world: &mut World, outlet: i64, staff: &str, count: usize) {
    for _ in 0..count {
        let lines = vec![("coffee", 1_000, 10_000)];
        let (sold_at, now) = (at(NOW), at(NOW));
        world.ring(&Ring { outlet, staff: Some(staff), guest: None, sold_at, now, lines }).expect("taken");
    }
}

fn board(world: &World, code: &str, staff: &str, scope: &Scope, limit: usize) -> Result<Board, Refused> {
    let vault = world.secrets.vault();
    let asker = Asker { staff: world.staff_id(staff), scope, vault: &vault };
    leaderboard::load(
        &world.sql,
        BRAND,
        code,
        day("2026-11-24"),
        &asker,
        limit,
        (&mut Boards::new(), at(NOW)),
    )
}

fn outlets(ids: &[i64]) -> Scope {
    Scope::Outlets(ids.iter().map(|&id| OutletId::from_raw(id)).collect())
}

fn names(board: &Board) -> Vec<(String, Option<&str>)> {
    board.rows.iter().map(|row| (row.judged.measured.key.clone(), row.name.as_deref())).collect()
}

#[test]
fn whoever_also_worked_elsewhere_is_named_to_themselves_only() {
    let mut world = World::new(3, 0);
    publish(&mut world, "mine", "person", "receipts", "");
    sell(&mut world, 1, "1a", 2);
    sell(&mut world, 2, "1a", 1);
    sell(&mut world, 2, "2a", 1);
    let row = |code: &str, name| (code.to_owned(), name);
    let colleague = board(&world, "mine", "2a", &outlets(&[2]), 10).expect("reads");
    assert_eq!(names(&colleague), [row("1a", None), row("2a", Some("Name 2a"))]);
    let own = board(&world, "mine", "1a", &outlets(&[1]), 10).expect("reads");
    assert_eq!(names(&own), [row("1a", Some("Name 1a")), row("2a", None)]);
    let both = board(&world, "mine", "admin", &outlets(&[1, 2]), 10).expect("reads");
    assert_eq!(names(&both), [row("1a", Some("Name 1a")), row("2a", Some("Name 2a"))]);
}

/// Outlets 1 and 3 are the second franchisee's, outlet 2 is the first's.
#[test]
fn a_franchisee_reads_the_names_of_their_own() {
    let mut world = World::new(3, 0);
    publish(&mut world, "mine", "person", "receipts", "");
    for (outlet, staff) in [(1, "1a"), (2, "2a"), (3, "3a")] {
        sell(&mut world, outlet, staff, 1);
    }
    let named = |franchisee| {
        let scope = Scope::Franchisee(kernel::FranchiseeId::from_raw(franchisee));
        let board = board(&world, "mine", "admin", &scope, 10).expect("reads");
        board.rows.iter().filter_map(|row| row.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(named(1), ["Name 2a"]);
    assert_eq!(named(2), ["Name 1a", "Name 3a"]);
    let everything = board(&world, "mine", "admin", &Scope::Everything, 10).expect("reads");
    assert!(everything.rows.iter().all(|row| row.name.is_some()));
}

#[test]
fn a_board_has_so_many_rows_of_a_class_and_ones_own() {
    let mut world = World::new(3, 0);
    publish(&mut world, "mine", "person", "receipts", "");
    for (outlet, staff, count) in [(2, "2a", 4), (2, "2b", 3), (1, "1a", 2), (3, "3a", 1)] {
        sell(&mut world, outlet, staff, count);
    }
    let board = board(&world, "mine", "1a", &outlets(&[1]), 1).expect("reads");
    let rows: Vec<_> = names(&board).into_iter().map(|(code, _)| code).collect();
    assert_eq!((rows, board.total), (vec!["2a".to_owned(), "1a".to_owned()], 4));
}

#[test]
fn goals_that_hold_at_none_of_ones_outlets_are_unknown() {
    let mut world = World::new(3, 0);
    publish(&mut world, "theirs", "person", "receipts", r#", "reach": {"outlets": ["o2"]}"#);
    sell(&mut world, 2, "2a", 1);
    let refused = board(&world, "theirs", "1a", &outlets(&[1, 3]), 10).err();
    assert_eq!(refused, Some(Refused::UnknownGoal));
    assert!(board(&world, "theirs", "1a", &outlets(&[1, 2]), 10).is_ok());
    for (id, goals) in [(1, 0), (2, 1)] {
        let outlet = world.outlet(id);
        let person = Some(("2a", world.staff_id("2a")));
        let viewer = Viewer { person, outlet: &outlet, day: day("2026-11-24"), now: at(NOW) };
        assert_eq!(
            progress::load(&world.sql, &viewer, &mut Boards::new()).expect("reads").len(),
            goals,
            "at outlet {id}"
        );
    }
}

#[test]
fn of_an_outlets_groups_only_those_asked_for_compete() {
    let mut world = World::new(2, 0);
    for (group, outlet) in [("north", "o1"), ("south", "o1"), ("south", "o2")] {
        let sql: &dyn Sql = &world.sql;
        let mut members = vec![outlet.to_owned()];
        if group == "south" {
            members.push("o1".to_owned());
        }
        let early = at("2026-11-01T06:00:00Z");
        store::transaction::transaction(sql, |tx| crew::goals::set_group(tx, BRAND, group, &members, early))
            .expect("a group");
    }
    publish(&mut world, "north", "group", "receipts", r#", "reach": {"groups": ["north"]}"#);
    publish(&mut world, "all", "group", "receipts", "");
    sell(&mut world, 1, "1a", 1);
    sell(&mut world, 2, "2a", 1);
    let keys = |code| {
        let board = board(&world, code, "admin", &Scope::Everything, 10).expect("reads");
        board.rows.into_iter().map(|row| row.judged.measured.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("north"), ["north"]);
    assert_eq!(keys("all"), ["south", "north"]);
}

/// November has thirty days, and the week of the 30th one of them.
#[test]
fn a_part_of_a_month_is_a_part_of_its_plan() {
    let mut world = World::new(1, 0);
    publish(&mut world, "plan", "outlet", "revenue_to_plan", "");
    let by = kernel::StaffId::from_raw(1);
    for (month, minor) in [("2026-11-01", 3_000_000), ("2026-12-01", 6_200_000)] {
        let revenue = tenge(minor);
        world
            .write(at(NOW), |tx, moment| crew::goals::set_plan(tx, "o1", day(month), revenue, by, moment))
            .expect("planned");
    }
    sell(&mut world, 1, "1a", 7);
    let value = |world: &World, on: &str| {
        let outlet = world.outlet(1);
        let viewer = Viewer { person: None, outlet: &outlet, day: day(on), now: at(NOW) };
        progress::load(&world.sql, &viewer, &mut Boards::new()).expect("reads")[0].judged.standing.parts[0]
            .value
    };
    // 70,000 of seven days at 100,000.
    assert_eq!(value(&world, "2026-11-24"), Fraction::new(1, 10));
    let (sold_at, lines) = (at("2026-12-01T06:00:00Z"), vec![("coffee", 1_000, 130_000)]);
    let ring = Ring { outlet: 1, staff: Some("1a"), guest: None, sold_at, now: sold_at, lines };
    world.ring(&ring).expect("taken");
    // A day at 100,000 and six at 200,000.
    assert_eq!(value(&world, "2026-12-01"), Fraction::new(1, 10));
}

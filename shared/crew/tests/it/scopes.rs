//! Who sees what: progress of oneself and the outlet, leaderboards with names within the scope only, shifts.

use crew::boards::Boards;
use crew::leaderboard::{self, Asker};
use crew::progress::{self, Viewer};
use crew::shift::{self, NewShift};
use kernel::OutletId;
use kernel::time::{DAY_MS, HOUR_MS};
use membership::staff_auth::Scope;
use store::shifts::Source;

use crate::world::{BRAND, Ring, World, at, day};

const GOAL: &str = r#"{
  "name": {"ru": "Чек", "kk": "Чек", "en": "Receipt"}, "subject": "SUBJECT", "period": "day",
  "components": [{"measure": {"op": "metric", "of": {"metric": "METRIC"}}, "target": "4"}],
  "minimums": [{"of": {"metric": "receipts"}, "at_least": "1"}], "size_classes": [CLASSES]
}"#;

fn goal(subject: &str, metric: &str, classes: &str) -> String {
    GOAL.replace("SUBJECT", subject).replace("METRIC", metric).replace("CLASSES", classes)
}

fn sell(world: &mut World, staff: &str, pieces: i64, at: kernel::Timestamp) {
    let outlet = i64::from(staff.as_bytes()[0] - b'0');
    let lines = vec![("coffee", pieces * 1_000, pieces * 10_000)];
    let ring = Ring { outlet, staff: Some(staff), guest: None, sold_at: at, now: at, lines };
    world.ring(&ring).expect("taken");
}

#[test]
fn progress_is_ones_own_and_the_outlets() {
    let mut world = World::new(3, 0);
    let early = at("2026-11-01T06:00:00Z");
    world.publish("mine", &goal("person", "items_per_receipt", ""), "2026-11-02", early);
    world.publish("ours", &goal("outlet", "items_per_receipt", ""), "2026-11-02", early);
    world.publish("city", &goal("city", "items", ""), "2026-11-02", early);
    let now = at("2026-11-10T06:00:00Z");
    sell(&mut world, "1a", 2, now);
    sell(&mut world, "1b", 1, now);
    sell(&mut world, "2a", 4, now);
    let outlet = world.outlet(1);
    let person = Some(("1a", world.staff_id("1a")));
    let viewer = Viewer { person, outlet: &outlet, day: day("2026-11-10"), now };
    let seen: Vec<_> = progress::load(&world.sql, &viewer, &mut Boards::new())
        .expect("reads")
        .into_iter()
        .map(|one| {
            let value = one.judged.standing.parts[0].value.expect("a value").to_string();
            (one.code, one.own, value, one.judged.place, one.judged.of)
        })
        .collect();
    let row =
        |code: &str, own, value: &str, place, of| (code.to_owned(), own, value.to_owned(), Some(place), of);
    assert_eq!(
        seen,
        [row("city", false, "7", 1, 1), row("mine", true, "2", 1, 2), row("ours", false, "1.5", 1, 1)]
    );
    let stamp = progress::stamp(&world.sql, &viewer).expect("reads");
    sell(&mut world, "2a", 1, now);
    assert_eq!(progress::stamp(&world.sql, &viewer).expect("reads"), stamp, "others elsewhere");
    let ring =
        Ring { outlet: 2, staff: Some("1a"), guest: None, sold_at: now, now, lines: vec![("tea", 1_000, 1)] };
    world.ring(&ring).expect("taken");
    let elsewhere = progress::stamp(&world.sql, &viewer).expect("reads");
    assert_ne!(elsewhere, stamp, "their own work elsewhere");
    let stamp = elsewhere;
    sell(&mut world, "1b", 1, now);
    assert_ne!(progress::stamp(&world.sql, &viewer).expect("reads"), stamp);
}

#[test]
fn a_leaderboard_names_people_within_the_scope_only_and_compares_like_with_like() {
    let mut world = World::new(3, 0);
    let early = at("2026-11-01T06:00:00Z");
    world.publish("mine", &goal("person", "items_per_receipt", ""), "2026-11-02", early);
    world.publish("ours", &goal("outlet", "items_per_receipt", "2, 10"), "2026-11-02", early);
    let (before, now) = (at("2026-11-09T06:00:00Z"), at("2026-11-10T06:00:00Z"));
    // The day before, outlet 1 was larger than outlet 2, and outlet 3 did not trade.
    for _ in 0..2 {
        sell(&mut world, "1a", 1, before);
    }
    sell(&mut world, "2a", 1, before);
    for (staff, pieces) in [("1a", 2), ("1b", 2), ("2a", 3), ("3a", 1)] {
        sell(&mut world, staff, pieces, now);
    }
    let vault = world.secrets.vault();
    let scope = Scope::Outlets([OutletId::from_raw(1)].into());
    let asker = Asker { staff: world.staff_id("1a"), scope: &scope, vault: &vault };
    let board = leaderboard::load(
        &world.sql,
        BRAND,
        "mine",
        day("2026-11-10"),
        &asker,
        10,
        (&mut Boards::new(), now),
    )
    .expect("reads");
    let rows: Vec<_> =
        board.rows.iter().map(|row| (row.judged.place, row.name.as_deref(), row.within)).collect();
    assert_eq!(
        rows,
        [
            (Some(1), None, false),
            (Some(2), Some("Name 1a"), true),
            (Some(2), Some("Name 1b"), true),
            (Some(4), None, false)
        ]
    );
    let board = leaderboard::load(
        &world.sql,
        BRAND,
        "ours",
        day("2026-11-10"),
        &asker,
        10,
        (&mut Boards::new(), now),
    )
    .expect("reads");
    let rows: Vec<_> = board
        .rows
        .iter()
        .map(|row| (row.judged.class, row.judged.place, row.judged.measured.key.as_str()))
        .collect();
    assert_eq!(rows, [(0, Some(1), "o2"), (1, Some(1), "o1"), (255, Some(1), "o3")]);
    let nobody = leaderboard::load(
        &world.sql,
        BRAND,
        "none",
        day("2026-11-10"),
        &asker,
        10,
        (&mut Boards::new(), now),
    );
    assert!(matches!(nobody, Err(crew::Refused::UnknownGoal)));
}

#[test]
fn a_shift_counts_what_was_rung_up_in_it() {
    let mut world = World::new(1, 0);
    world.publish("shift", &goal("shift", "items", ""), "2026-11-02", at("2026-11-01T06:00:00Z"));
    let opened = at("2026-11-10T03:00:00Z");
    let outlet = world.outlet(1);
    let new = |source| NewShift { staff_code: "1a", opened_at: opened, closed_at: None, source };
    let (first, is_new) = world
        .write(opened, |tx, moment| shift::open(tx, &outlet, &new(Source::Till), moment))
        .expect("opened");
    assert!(is_new);
    let again = world.write(opened, |tx, moment| shift::open(tx, &outlet, &new(Source::Till), moment));
    assert_eq!(again.expect("the same").0, first);
    let other = NewShift { opened_at: opened.plus_millis(HOUR_MS), ..new(Source::Till) };
    let refused =
        world.write(opened.plus_millis(HOUR_MS), |tx, moment| shift::open(tx, &outlet, &other, moment));
    assert!(matches!(refused, Err(crew::Refused::ShiftOpen { .. })));
    sell(&mut world, "1a", 2, opened.plus_millis(HOUR_MS));
    sell(&mut world, "1b", 2, opened.plus_millis(HOUR_MS));
    let closed = opened.plus_millis(8 * HOUR_MS);
    world.write(closed, |tx, _| shift::close(tx, first.id, closed, closed)).expect("closed");
    let twice = world.write(closed, |tx, _| shift::close(tx, first.id, closed.plus_millis(1), closed));
    assert_eq!(twice, Err(crew::Refused::ShiftEnded));
    sell(&mut world, "1a", 2, closed);
    let viewer = Viewer {
        person: Some(("1a", world.staff_id("1a"))),
        outlet: &outlet,
        day: day("2026-11-10"),
        now: closed,
    };
    let seen = progress::load(&world.sql, &viewer, &mut Boards::new()).expect("reads");
    assert_eq!(seen[0].judged.standing.parts[0].value.expect("a value").to_string(), "2");
    let done = world.award(closed.plus_millis(2 * DAY_MS));
    assert_eq!(done.awarded, 0, "no prizes, no awards");
}

//! Shifts: when they may be, whose they are, what counts in them.

use crew::Refused;
use crew::boards::Boards;
use crew::progress::{self, Viewer};
use crew::shift::{self, NewShift};
use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use store::shifts::Source;

use crate::world::{Ring, World, at, day};

const NOW: &str = "2026-11-10T20:00:00Z";

/// Brings in a shift of 1a at an outlet, in hours before now; still open when no end is given.
fn bring(
    world: &mut World,
    outlet: i64,
    opened_at: Timestamp,
    closed_at: Option<Timestamp>,
) -> Result<bool, Refused> {
    let outlet = world.outlet(outlet);
    let new = NewShift { staff_code: "1a", opened_at, closed_at, source: Source::Import };
    world.write(at(NOW), |tx, moment| shift::open(tx, &outlet, &new, moment)).map(|(_, is_new)| is_new)
}

#[test]
fn a_shift_has_a_time_that_can_be() {
    let now = at(NOW);
    let ago = |millis: i64| now.plus_millis(-millis);
    let fine: [(i64, i64); 4] = [
        (8 * HOUR_MS, HOUR_MS),
        // As long as a shift may be, and as far ahead as a till's clock.
        (DAY_MS, 0),
        (HOUR_MS, -5 * MINUTE_MS),
        (90 * DAY_MS, 90 * DAY_MS - HOUR_MS),
    ];
    for (opened, closed) in fine {
        let mut world = World::new(1, 0);
        assert_eq!(bring(&mut world, 1, ago(opened), Some(ago(closed))), Ok(true), "{opened} to {closed}");
    }
    let refused: [(i64, i64); 5] = [
        (HOUR_MS, -5 * MINUTE_MS - 1),
        (90 * DAY_MS + 1, 90 * DAY_MS - HOUR_MS),
        (HOUR_MS, HOUR_MS),
        (HOUR_MS, 2 * HOUR_MS),
        (DAY_MS + 1, 0),
    ];
    for (opened, closed) in refused {
        let mut world = World::new(1, 0);
        let found = bring(&mut world, 1, ago(opened), Some(ago(closed)));
        assert!(matches!(found, Err(Refused::ShiftTime(_))), "{opened} to {closed}: {found:?}");
    }
    let mut world = World::new(1, 0);
    let ahead = bring(&mut world, 1, ago(-5 * MINUTE_MS - 1), None);
    assert!(matches!(ahead, Err(Refused::ShiftTime(_))), "{ahead:?}");
}

/// One person has one shift at a time, wherever it is.
#[test]
fn shifts_of_one_person_do_not_overlap() {
    let now = at(NOW);
    let hours = |ago: i64| now.plus_millis(-ago * HOUR_MS);
    let mut world = World::new(2, 0);
    assert_eq!(bring(&mut world, 1, hours(10), Some(hours(6))), Ok(true));
    assert_eq!(bring(&mut world, 1, hours(10), Some(hours(6))), Ok(false), "the same again");
    let overlapping = [
        (1, hours(10), hours(5)),
        (2, hours(10), hours(6)),
        (2, hours(7), hours(5)),
        (1, hours(11), hours(9)),
        (1, hours(9), hours(8)),
        (1, hours(12), hours(4)),
        (1, hours(6).plus_millis(-1), hours(5)),
    ];
    for (outlet, opened, closed) in overlapping {
        let found = bring(&mut world, outlet, opened, Some(closed));
        assert_eq!(found, Err(Refused::ShiftOverlap), "{opened} to {closed} at {outlet}");
    }
    assert_eq!(bring(&mut world, 2, hours(6), Some(hours(4))), Ok(true), "one begins as the other ends");
    assert_eq!(bring(&mut world, 1, hours(12), Some(hours(10))), Ok(true));
    assert_eq!(bring(&mut world, 1, hours(3), None), Ok(true));
    assert_eq!(bring(&mut world, 1, hours(2), Some(hours(1))), Err(Refused::ShiftOverlap), "it goes on");
    let elsewhere = bring(&mut world, 2, hours(3), None);
    assert!(matches!(elsewhere, Err(Refused::ShiftOpen { .. })), "{elsewhere:?}");
}

#[test]
fn whoever_left_has_no_more_shifts() {
    let mut world = World::new(1, 0);
    world.run("update staff set status = 'left' where code = '1a'");
    let now = at(NOW);
    assert_eq!(bring(&mut world, 1, now.plus_millis(-HOUR_MS), None), Err(Refused::UnknownStaff));
}

const GOAL: &str = r#"{
  "name": {"ru": "Смена", "kk": "Ауысым", "en": "Shift"}, "subject": "SUBJECT", "period": "day",
  "components": [{"measure": {"op": "metric", "of": {"metric": "METRIC"}}, "target": "4"}]
}"#;

fn publish(world: &mut World, subject: &str, metric: &str) {
    let goal = GOAL.replace("SUBJECT", subject).replace("METRIC", metric);
    world.publish("shift", &goal, "2026-11-02", at("2026-11-01T06:00:00Z"));
}

fn seen(world: &World, now: Timestamp) -> Vec<progress::Progress> {
    let outlet = world.outlet(1);
    let person = Some(("1a", world.staff_id("1a")));
    let viewer = Viewer { person, outlet: &outlet, day: day("2026-11-10"), now };
    progress::load(&world.sql, &viewer, &mut Boards::new()).expect("reads")
}

#[test]
fn what_was_rung_up_before_a_shift_is_not_the_shifts() {
    let mut world = World::new(1, 0);
    publish(&mut world, "shift", "items");
    let opened = at("2026-11-10T06:00:00Z");
    for minutes in [-120, -1, 0, 30] {
        let sold_at = opened.plus_millis(minutes * MINUTE_MS);
        let lines = vec![("coffee", 1_000, 10_000)];
        world
            .ring(&Ring { outlet: 1, staff: Some("1a"), guest: None, sold_at, now: sold_at, lines })
            .expect("taken");
    }
    bring(&mut world, 1, opened, Some(opened.plus_millis(HOUR_MS))).expect("brought in");
    let value = seen(&world, at(NOW))[0].judged.standing.parts[0].value;
    assert_eq!(value.expect("a value").to_string(), "2", "of four");
}

#[test]
fn hours_are_ones_own() {
    let mut world = World::new(1, 0);
    publish(&mut world, "person", "hours");
    let (opened, closed) = (at("2026-11-10T05:00:00Z"), at("2026-11-10T09:30:00Z"));
    let outlet = world.outlet(1);
    for (staff_code, closed_at) in [("1a", closed.plus_millis(-HOUR_MS)), ("1b", closed)] {
        let source = Source::Import;
        let new = NewShift { staff_code, opened_at: opened, closed_at: Some(closed_at), source };
        world.write(at(NOW), |tx, moment| shift::open(tx, &outlet, &new, moment)).expect("brought in");
    }
    let seen = seen(&world, at(NOW));
    let own = &seen[0].judged;
    assert_eq!(own.standing.parts[0].value.expect("a value").to_string(), "3.5");
    // Both reach the target or nearly: two people, and the colleague is ahead.
    assert_eq!((own.place, own.of), (Some(2), 2));
}

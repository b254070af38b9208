//! A period's end: awards once, corrected by reversal, points through the ledger.

use kernel::time::DAY_MS;
use kernel::{Date, Points, Timestamp};
use store::staff_cards;

use crate::world::{Ring, World, at, day};

const GOAL: &str = r#"{
  "name": {"ru": "Больше к кофе", "kk": "Кофеге қоса", "en": "More with coffee"},
  "subject": "person", "period": "week",
  "components": [{"measure": {"op": "metric", "of": {"metric": "items_per_receipt"}}, "baseline": "1", "target": "2"}],
  "minimums": [{"of": {"metric": "receipts"}, "at_least": "2"}],
  "levels": [{"at_least_percent": 50, "prizes": [{"kind": "points", "hundredths": 10000}]},
             {"at_least_percent": 100, "prizes": [{"kind": "points", "hundredths": 50000}, {"kind": "badge", "code": "upsell"}]}],
  "places": [{"up_to": 1, "prizes": [{"kind": "money", "minor": 500000, "currency": "KZT"}]}],
  "correct_days": 30
}"#;

/// Monday.
const MONDAY: &str = "2026-11-09T05:00:00Z";

fn sell(world: &mut World, staff: &str, pieces: i64, hours: i64) -> (i64, Date, String) {
    let sold_at = at(MONDAY).plus_millis(hours * DAY_MS / 24);
    let lines = vec![("coffee", pieces * 1_000, pieces * 10_000)];
    let outlet = i64::from(staff.as_bytes()[0] - b'0');
    let ring = Ring { outlet, staff: Some(staff), guest: None, sold_at, now: sold_at, lines };
    world.ring(&ring).expect("taken")
}

fn over() -> Timestamp {
    at("2026-11-16T06:00:00Z")
}

/// Staff code, prize, amount, revision: in the order of recording.
fn awards(world: &World) -> Vec<(String, String, i64, i64)> {
    let sql = "select s.code, a.prize, a.amount, a.revision from awards a join staff s on s.id = a.staff_id \
         order by a.decided_at, s.code, a.prize, a.revision";
    let mut statement = world.sql.connection().prepare(sql).expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.expect("reads").map(|row| row.expect("a row")).collect()
}

fn link(world: &mut World, code: &str, guest: i64, now: Timestamp) {
    let staff = world.staff_id(code);
    world
        .write(now, |tx, moment| {
            let id = moment.ids.next(moment.now);
            staff_cards::link(tx, id, staff, World::member(guest), moment.now)
        })
        .expect("linked");
}

fn available(world: &World, guest: i64) -> Points {
    let id = World::member(guest).raw();
    Points::from_hundredths(world.number(&format!("select available from balances where member_id = {id}")))
}

fn world() -> World {
    let mut world = World::new(2, 2);
    world.publish("upsell", GOAL, "2026-11-09", at("2026-11-07T06:00:00Z"));
    world
}

/// A rival who takes part and wins nothing: whoever is alone is not first.
fn rival(world: &mut World) {
    for hours in 0..2 {
        sell(world, "1b", 1, hours);
    }
}

#[test]
fn the_end_of_a_period_gives_once() {
    let mut world = world();
    link(&mut world, "1a", 0, at("2026-11-08T06:00:00Z"));
    for hours in 0..2 {
        sell(&mut world, "1a", 2, hours);
        sell(&mut world, "1b", 1, hours);
    }
    sell(&mut world, "2a", 3, 1);
    let early = world.award(at("2026-11-15T23:00:00+05:00"));
    assert_eq!((early.periods, early.awarded), (0, 0), "the week goes on");
    let done = world.award(over());
    assert_eq!((done.periods, done.awarded, done.posted), (1, 3, 1));
    let expected =
        [("1a", "badge:upsell", 1, 0), ("1a", "money:KZT", 500_000, 0), ("1a", "points", 50_000, 0)];
    let expected: Vec<_> =
        expected.into_iter().map(|(a, b, c, d)| (a.to_owned(), b.to_owned(), c, d)).collect();
    assert_eq!(awards(&world), expected, "1b is at nothing, 2a below the minimum");
    assert_eq!(available(&world, 0), Points::from_hundredths(50_000));
    let told: String = world
        .sql
        .connection()
        .query_row("select data from notifications where topic = 'award.given'", [], |row| row.get(0))
        .expect("told");
    assert_eq!(told, r#"{"points":"500.00","reason":"Больше к кофе"}"#);
    let again = world.award(over().plus_millis(DAY_MS));
    assert_eq!((again.periods, again.awarded, again.reversed, again.posted), (0, 0, 0, 0));
    assert_eq!(available(&world, 0), Points::from_hundredths(50_000));
    let arithmetic: String = world
        .sql
        .connection()
        .query_row("select arithmetic from awards where prize = 'points'", [], |row| row.get(0))
        .expect("reads");
    let arithmetic: serde_json::Value = serde_json::from_str(&arithmetic).expect("JSON");
    assert_eq!(arithmetic["facts"]["items_thousandths"], 4_000);
    assert_eq!(arithmetic["parts"][0]["value"], serde_json::json!(["2", "1"]));
    assert_eq!((&arithmetic["place"], &arithmetic["level"]), (&1.into(), &100.into()));
}

#[test]
fn a_late_return_corrects_by_reversal() {
    let mut world = world();
    rival(&mut world);
    link(&mut world, "1a", 0, at("2026-11-08T06:00:00Z"));
    let sold: Vec<_> = (0..2).map(|hours| sell(&mut world, "1a", 2, hours)).collect();
    world.award(over());
    assert_eq!(available(&world, 0), Points::from_hundredths(50_000));
    let later = over().plus_millis(2 * DAY_MS);
    world.take_back(&sold[0], Some(vec![(1, 1_000)]), later).expect("taken back");
    // 3 pieces on 2 receipts: half of the way.
    let done = world.award(later.plus_millis(DAY_MS));
    assert_eq!((done.reversed, done.awarded), (2, 1));
    assert_eq!(available(&world, 0), Points::from_hundredths(10_000));
    let of_points: Vec<_> =
        awards(&world).into_iter().filter(|row| row.1 == "points").map(|row| (row.2, row.3)).collect();
    assert_eq!(of_points, [(50_000, 0), (-50_000, 1), (10_000, 2)]);
    world.take_back(&sold[1], None, later.plus_millis(DAY_MS)).expect("taken back");
    world.award(later.plus_millis(3 * DAY_MS));
    assert_eq!(available(&world, 0), Points::ZERO, "below the minimum nothing is left");
    let left = world.number("select sum(amount) from awards where prize = 'money:KZT'");
    assert_eq!(left, 0, "nor of the money");
    let quiet = world.award(later.plus_millis(5 * DAY_MS));
    assert_eq!((quiet.reversed, quiet.awarded, quiet.posted), (0, 0, 0));
}

#[test]
fn a_reversal_makes_no_debt() {
    let mut world = world();
    link(&mut world, "1a", 0, at("2026-11-08T06:00:00Z"));
    let sold: Vec<_> = (0..2).map(|hours| sell(&mut world, "1a", 2, hours)).collect();
    world.award(over());
    let spent = over().plus_millis(DAY_MS);
    let member = World::member(0);
    let asked = club::prize::Prize {
        member,
        points: Points::from_hundredths(-45_000),
        event: "spent",
        reason: "test",
        expires_at: None,
    };
    world.write(spent, |tx, moment| club::prize::give(tx, &asked, moment)).expect("spent");
    for receipt in &sold {
        world.take_back(receipt, None, spent).expect("taken back");
    }
    world.award(spent.plus_millis(DAY_MS));
    assert_eq!(available(&world, 0), Points::ZERO);
    assert_eq!(world.number("select points from award_postings where points < 0"), -5_000);
}

#[test]
fn points_wait_for_a_linked_account() {
    let mut world = world();
    for hours in 0..2 {
        sell(&mut world, "1a", 2, hours);
    }
    assert_eq!(world.award(over()).posted, 0);
    link(&mut world, "1a", 1, over().plus_millis(1));
    assert_eq!(world.award(over().plus_millis(DAY_MS)).posted, 1);
    assert_eq!(available(&world, 1), Points::from_hundredths(50_000));
}

#[test]
fn a_team_shares_to_the_last_hundredth() {
    let mut world = World::new(1, 0);
    let goal = GOAL
        .replace(r#""subject": "person""#, r#""subject": "outlet", "team": "shared""#)
        .replace("50000}", "10000}");
    world.publish("team", &goal, "2026-11-09", at("2026-11-07T06:00:00Z"));
    for hours in 0..3 {
        sell(&mut world, if hours < 2 { "1a" } else { "1b" }, 2, hours);
    }
    world.award(over());
    let of_points: Vec<_> =
        awards(&world).into_iter().filter(|row| row.1 == "points").map(|row| (row.0, row.2)).collect();
    assert_eq!(of_points, [("1a".to_owned(), 6_667), ("1b".to_owned(), 3_333)]);
    assert_eq!(world.number("select count(*) from awards where prize like 'badge%'"), 2);
}

#[test]
fn payroll_reads_what_was_decided_and_its_reversals() {
    let mut world = world();
    rival(&mut world);
    let sold: Vec<_> = (0..2).map(|hours| sell(&mut world, "1a", 2, hours)).collect();
    world.award(over());
    let (from, until) = (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
    let first = crew::payroll::export(&world.sql, from, over().plus_millis(1)).expect("a table");
    let text = String::from_utf8(first.clone()).expect("text");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains(",1a,upsell,1,2026-11-09,2026-11-16,1a,5000.00,KZT,,"), "{text}");
    world.take_back(&sold[0], None, over().plus_millis(DAY_MS)).expect("taken back");
    world.award(over().plus_millis(2 * DAY_MS));
    let same = crew::payroll::export(&world.sql, from, over().plus_millis(1)).expect("a table");
    assert_eq!(same, first, "what is over does not change");
    let whole = crew::payroll::export(&world.sql, from, until).expect("a table");
    let text = String::from_utf8(whole).expect("text");
    assert!(text.contains(",-5000.00,KZT,awd_"), "{text}");
}

#[test]
fn rules_change_from_a_later_period_on() {
    let mut world = world();
    let now = at("2026-11-10T06:00:00Z");
    let goal: merit::goal::Goal = serde_json::from_str(&GOAL.replace("\"week\"", "\"day\"")).expect("a goal");
    let mut publish = |goal: &merit::goal::Goal, on: &str| {
        let new = crew::goals::NewGoal {
            brand: "crema",
            code: "upsell",
            goal,
            effective_on: Some(day(on)),
            note: "",
            by: kernel::StaffId::from_raw(1),
        };
        world.write(now, |tx, moment| crew::goals::publish(tx, &new, moment))
    };
    assert_eq!(publish(&goal, "2026-11-16"), Err(crew::Refused::OtherGoal));
    let goal: merit::goal::Goal = serde_json::from_str(GOAL).expect("a goal");
    assert_eq!(publish(&goal, "2026-11-10"), Err(crew::Refused::EffectiveOn), "today has begun");
    assert_eq!(publish(&goal, "2026-11-12").map(|(version, _)| version), Ok(2));
    let known = crew::ground::load_goal(&world.sql, "crema", "upsell").expect("known");
    let version = |text: &str| known.around(day(text)).map(|(_, version, _)| version.version);
    assert_eq!(
        [version("2026-11-08"), version("2026-11-15"), version("2026-11-16")],
        [None, Some(1), Some(2)]
    );
}

//! Ends of periods: when they are judged, how long they are corrected, who is among the winners.

use club::Moment;
use crew::Refused;
use crew::award::Done;
use crew::goals::{self, NewGoal};
use kernel::time::DAY_MS;
use kernel::{Date, StaffId, Timestamp};
use store::staff_cards;

use crate::world::{BRAND, Ring, World, at, day, tenge};

/// Pieces on receipts: two a receipt are the whole.
const GOAL: &str = r#"{
  "name": {"ru": "Больше", "kk": "Көбірек", "en": "More"}, "subject": "person", "period": "week",
  "components": [{"measure": {"op": "metric", "of": {"metric": "items_per_receipt"}}, "baseline": "1", "target": "2"}],
  "minimums": [{"of": {"metric": "receipts"}, "at_least": "2"}],
  "levels": [{"at_least_percent": 100, "prizes": [{"kind": "points", "hundredths": 10000}, {"kind": "badge", "code": "best"}]}]
  MORE}"#;

/// The week from 9 November is over at an outlet in Almaty.
const OVER: &str = "2026-11-15T19:00:00Z";
const EARLY: &str = "2026-11-07T06:00:00Z";

fn goal(more: &str) -> String {
    GOAL.replace("MORE", more)
}

fn world(outlets: i64, more: &str) -> World {
    let mut world = World::new(outlets, 2);
    world.publish("more", &goal(more), "2026-11-09", at(EARLY));
    world
}

/// So many receipts of two pieces each on the 10th, known at once.
fn sell(world: &mut World, outlet: i64, staff: Option<&str>, count: i64) -> Vec<(i64, Date, String)> {
    let from = at("2026-11-10T06:00:00Z");
    let sold = |world: &mut World, minutes: i64| {
        let sold_at = from.plus_millis(minutes * 60_000);
        let lines = vec![("coffee", 2_000, 20_000)];
        world.ring(&Ring { outlet, staff, guest: None, sold_at, now: sold_at, lines }).expect("taken")
    };
    (0..count).map(|minutes| sold(world, minutes)).collect()
}

/// Prize, amount, revision, in the order of recording.
fn awards(world: &World) -> Vec<(String, i64, i64)> {
    let sql = "select prize, amount, revision from awards order by decided_at, prize, revision";
    let mut statement = world.sql.connection().prepare(sql).expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.expect("reads").map(|row| row.expect("a row")).collect()
}

fn counts(done: &Done) -> (i64, i64, i64) {
    (done.periods, done.awarded, done.reversed)
}

#[test]
fn a_period_is_over_when_it_is_over_everywhere_and_settled() {
    // The second outlet's day ends two hours later, in Moscow.
    let (almaty, moscow) = (at(OVER), at("2026-11-15T21:00:00Z"));
    for (outlets, more, over) in [
        (1, "", almaty),
        (2, "", moscow),
        (2, r#", "reach": {"outlets": ["o1"]}"#, almaty),
        (2, r#", "settle_days": 2"#, moscow.plus_millis(2 * DAY_MS)),
    ] {
        let mut world = world(outlets, more);
        sell(&mut world, 1, Some("1a"), 2);
        assert_eq!(counts(&world.award(over.plus_millis(-1))), (0, 0, 0), "{more}");
        assert_eq!(counts(&world.award(over)), (1, 2, 0), "{more}");
    }
}

#[test]
fn results_are_corrected_for_so_many_days_and_no_longer() {
    let settled = at(OVER).plus_millis(DAY_MS);
    for (after, reversed) in [(13 * DAY_MS, 2), (15 * DAY_MS, 0)] {
        let mut world = world(1, r#", "settle_days": 1, "correct_days": 14"#);
        let sold = sell(&mut world, 1, Some("1a"), 2);
        assert_eq!(counts(&world.award(settled)), (1, 2, 0));
        world.take_back(&sold[0], None, settled.plus_millis(DAY_MS)).expect("taken back");
        assert_eq!(world.award(settled.plus_millis(after)).reversed, reversed, "{after} ms after");
    }
}

/// Taken back whole, and earned again by a receipt of the period that becomes known late.
#[test]
fn what_was_taken_back_can_be_given_again() {
    let mut world = world(1, r#", "correct_days": 30"#);
    let (over, sold) = (at(OVER), sell(&mut world, 1, Some("1a"), 2));
    world.award(over);
    world.take_back(&sold[0], None, over.plus_millis(DAY_MS)).expect("taken back");
    assert_eq!(counts(&world.award(over.plus_millis(2 * DAY_MS))), (0, 0, 2));
    let sold_at = at("2026-11-11T06:00:00Z");
    let lines = vec![("coffee", 2_000, 20_000)];
    let late =
        Ring { outlet: 1, staff: Some("1a"), guest: None, sold_at, now: over.plus_millis(2 * DAY_MS), lines };
    world.ring(&late).expect("taken");
    assert_eq!(counts(&world.award(over.plus_millis(3 * DAY_MS))), (0, 2, 0));
    let points: Vec<_> = awards(&world).into_iter().filter(|row| row.0 == "points").collect();
    let row = |amount, revision| ("points".to_owned(), amount, revision);
    assert_eq!(points, [row(10_000, 0), row(-10_000, 1), row(10_000, 2)]);
    assert_eq!(counts(&world.award(over.plus_millis(4 * DAY_MS))), (0, 0, 0));
}

#[test]
fn prizes_of_level_and_place_add_up_and_a_badge_is_one() {
    let mut world = world(
        1,
        r#", "places": [{"up_to": 1, "prizes": [{"kind": "points", "hundredths": 300}, {"kind": "badge", "code": "best"}]}]"#,
    );
    // Two who are equal are both first.
    sell(&mut world, 1, Some("1a"), 2);
    sell(&mut world, 1, Some("1b"), 2);
    world.award(at(OVER));
    let (badge, points) = (("badge:best".to_owned(), 1, 0), ("points".to_owned(), 10_300, 0));
    assert_eq!(awards(&world), [badge.clone(), badge, points.clone(), points]);
}

#[test]
fn a_winner_whom_nobody_knows_is_told_and_gets_nothing() {
    let mut world = world(1, "");
    sell(&mut world, 1, Some("9z"), 2);
    let done = world.award(at(OVER));
    assert_eq!((counts(&done), done.unknown), ((1, 0, 0), 2));
}

#[test]
fn points_of_an_award_are_good_for_a_year() {
    let mut world = world(1, "");
    let (staff, over) = (world.staff_id("1a"), at(OVER));
    world
        .write(at(EARLY), |tx, moment| {
            let id = moment.ids.next(moment.now);
            staff_cards::link(tx, id, staff, World::member(0), moment.now)
        })
        .expect("linked");
    sell(&mut world, 1, Some("1a"), 2);
    assert_eq!(world.award(over).posted, 1);
    let until = over.plus_millis(365 * DAY_MS).millis();
    assert_eq!(world.number("select expires_at from lots"), until);
}

#[test]
fn receipts_that_nobody_signed_take_no_share() {
    let mut world = World::new(1, 0);
    let team = goal("").replace(r#""subject": "person""#, r#""subject": "outlet", "team": "shared""#);
    world.publish("team", &team, "2026-11-09", at(EARLY));
    sell(&mut world, 1, Some("1a"), 1);
    sell(&mut world, 1, None, 3);
    let done = world.award(at(OVER));
    assert_eq!(done.unknown, 0);
    assert_eq!(awards(&world), [("badge:best".to_owned(), 1, 0), ("points".to_owned(), 10_000, 0)]);
}

#[test]
fn what_is_sold_where_a_goal_does_not_hold_is_not_counted() {
    let mut world = world(3, r#", "reach": {"outlets": ["o1"]}"#);
    sell(&mut world, 1, Some("1a"), 2);
    sell(&mut world, 2, Some("2a"), 5);
    assert_eq!(counts(&world.award(at(OVER))), (1, 2, 0));
    assert_eq!(
        world.number("select count(*) from awards a join staff s on s.id = a.staff_id where s.code = '1a'"),
        2
    );
}

fn end(world: &mut World, on: Option<&str>, now: Timestamp) -> Result<Date, Refused> {
    world.write(now, |tx, moment| goals::end(tx, BRAND, "more", on.map(day), moment.now))
}

#[test]
fn a_goal_ends_once_from_tomorrow_on_and_what_has_begun_is_judged() {
    let mut world = world(1, "");
    let now = at("2026-11-11T06:00:00Z");
    for on in ["2026-11-10", "2026-11-11"] {
        assert_eq!(end(&mut world, Some(on), now), Err(Refused::EffectiveOn), "{on}");
    }
    assert_eq!(end(&mut world, None, now), Ok(day("2026-11-12")));
    assert_eq!(end(&mut world, Some("2026-12-01"), now), Err(Refused::Ended));
    let goal: merit::goal::Goal = serde_json::from_str(&goal("")).expect("a goal");
    let by = StaffId::from_raw(1);
    let new = NewGoal { brand: BRAND, code: "more", goal: &goal, effective_on: None, note: "", by };
    let published = world.write(now, |tx, moment: &mut Moment<'_>| goals::publish(tx, &new, moment));
    assert_eq!(published, Err(Refused::Ended));
    sell(&mut world, 1, Some("1a"), 2);
    let later = at(OVER).plus_millis(30 * DAY_MS);
    assert_eq!(counts(&world.award(later)), (1, 2, 0), "the week that had begun, and none after it");
}

#[test]
fn a_goal_begins_with_a_whole_period() {
    let mut world = World::new(1, 0);
    world.publish("more", &goal(""), "2026-11-11", at(EARLY));
    sell(&mut world, 1, Some("1a"), 2);
    assert_eq!(counts(&world.award(at(OVER))), (0, 0, 0), "the week had begun");
    assert_eq!(counts(&world.award(at(OVER).plus_millis(7 * DAY_MS))), (1, 0, 0));
}

#[test]
fn what_makes_no_sense_is_not_published_or_planned() {
    let mut world = World::new(1, 0);
    let now = at(EARLY);
    let mut goal: merit::goal::Goal = serde_json::from_str(&goal("")).expect("a goal");
    goal.components.clear();
    let by = StaffId::from_raw(1);
    let new = NewGoal { brand: BRAND, code: "more", goal: &goal, effective_on: None, note: "", by };
    let refused = world.write(now, |tx, moment: &mut Moment<'_>| goals::publish(tx, &new, moment));
    assert!(matches!(refused, Err(Refused::Rules(_))), "{refused:?}");
    let month = day("2026-11-01");
    let roubles = kernel::Money::new(1, kernel::Currency::Rub);
    let plan = |world: &mut World, revenue| {
        world.write(now, |tx, moment| goals::set_plan(tx, "o1", month, revenue, by, moment))
    };
    assert_eq!(plan(&mut world, roubles), Err(Refused::PlanCurrency));
    assert_eq!(plan(&mut world, tenge(1)), Ok(()));
}

/// A staff code may be anything that a till sends.
#[test]
fn no_cell_of_payroll_is_a_formula() {
    let mut world = World::new(1, 0);
    let money = goal("").replace(
        r#"{"kind": "badge", "code": "best"}"#,
        r#"{"kind": "money", "minor": 100, "currency": "KZT"}"#,
    );
    world.publish("more", &money, "2026-11-09", at(EARLY));
    world.staff(900, "=1+1", 1);
    sell(&mut world, 1, Some("=1+1"), 2);
    world.award(at(OVER));
    let table = crew::payroll::export(&world.sql, at(EARLY), at("2027-01-01T00:00:00Z")).expect("a table");
    let text = String::from_utf8(table).expect("text");
    assert!(text.contains(",'=1+1,more,"), "{text}");
    assert!(!text.contains(",=1"), "{text}");
}

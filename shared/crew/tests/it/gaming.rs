//! What would be won without work: by parting shifts, by choosing plans and groups afterwards, by being alone, by linking
//! late. And what is won though nobody knew whose it was.

use crew::Refused;
use crew::boards::Boards;
use crew::leaderboard::{self, Asker};
use crew::shift::{self, NewShift};
use kernel::Timestamp;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use membership::staff_auth::Scope;
use store::shifts::Source;
use store::staff_cards;

use crate::world::{BRAND, Ring, World, at, day, tenge};

const GOAL: &str = r#"{
  "name": {"ru": "Цель", "kk": "Мақсат", "en": "Goal"}, "subject": "SUBJECT", "period": "PERIOD",
  "components": [{"measure": {"op": "metric", "of": {"metric": "METRIC"}}, "target": "1", "cap_percent": 300}],
  "levels": [{"at_least_percent": 100, "prizes": [{"kind": "points", "hundredths": 10000}]}],
  "places": [{"up_to": 1, "prizes": [{"kind": "badge", "code": "first"}]}]
}"#;

fn goal(subject: &str, period: &str, metric: &str) -> String {
    GOAL.replace("SUBJECT", subject).replace("PERIOD", period).replace("METRIC", metric)
}

fn early() -> Timestamp {
    at("2026-10-20T06:00:00Z")
}

fn sell(world: &mut World, staff: &str, guest: Option<i64>, sold_at: Timestamp) {
    let outlet = i64::from(staff.as_bytes()[0] - b'0');
    let ring = Ring {
        outlet,
        staff: Some(staff),
        guest,
        sold_at,
        now: sold_at,
        lines: vec![("tea", 1_000, 90_000)],
    };
    world.ring(&ring).expect("taken");
}

/// Codes and prizes of the awards that stand.
fn standing(world: &World) -> Vec<(String, String)> {
    let sql = "select s.code, a.prize from awards a join staff s on s.id = a.staff_id \
         group by s.code, a.prize having sum(a.amount) > 0 order by s.code, a.prize";
    let mut statement = world.sql.connection().prepare(sql).expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("reads").map(|row| row.expect("a row")).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(code, prize)| (code.to_owned(), prize.to_owned())).collect()
}

fn bring_in(world: &mut World, from: Timestamp, minutes: i64, now: Timestamp) {
    let outlet = world.outlet(1);
    let closed_at = Some(from.plus_millis(minutes * MINUTE_MS));
    let new = NewShift { staff_code: "1a", opened_at: from, closed_at, source: Source::Import };
    world.write(now, |tx, moment| shift::open(tx, &outlet, &new, moment)).expect("brought in");
}

#[test]
fn a_day_parted_into_many_shifts_wins_once() {
    let mut world = World::new(1, 0);
    world.publish("shift", &goal("shift", "day", "receipts"), "2026-11-02", early());
    let start = at("2026-11-10T03:00:00Z");
    for hour in 0..3 {
        sell(&mut world, "1a", None, start.plus_millis(hour * HOUR_MS + MINUTE_MS));
        bring_in(&mut world, start.plus_millis(hour * HOUR_MS), 2, start.plus_millis(12 * HOUR_MS));
    }
    world.award(at("2026-11-12T06:00:00Z"));
    assert_eq!(world.number("select count(*) from awards"), 1);
    assert_eq!(standing(&world), pairs(&[("1a", "points")]));
}

#[test]
fn a_shift_that_is_remembered_after_days_is_measured_by_no_goal() {
    let mut world = World::new(1, 0);
    world.publish("shift", &goal("shift", "day", "receipts"), "2026-11-02", early());
    let start = at("2026-11-10T03:00:00Z");
    sell(&mut world, "1a", None, start.plus_millis(MINUTE_MS));
    bring_in(&mut world, start, 60, start.plus_millis(3 * DAY_MS + 1));
    world.award(at("2026-11-14T06:00:00Z"));
    assert_eq!(standing(&world), []);
}

#[test]
fn a_plan_must_be_whole_and_is_not_set_when_the_month_is_over() {
    let mut world = World::new(3, 0);
    let goal =
        goal("franchisee", "month", "revenue_to_plan").replace("\"target\": \"1\",", "\"target\": \"10\",");
    world.publish("plan", &goal, "2026-11-01", early());
    let plan = |world: &mut World, outlet: &str, month: &str, now: &str| {
        let by = kernel::StaffId::from_raw(1);
        let money = tenge(10_000);
        world.write(at(now), |tx, moment| crew::goals::set_plan(tx, outlet, day(month), money, by, moment))
    };
    // Outlet 2 is the first franchisee's, 1 and 3 are the second's; 3 trades in roubles and does not trade at all here.
    plan(&mut world, "o2", "2026-11-05", "2026-10-25T06:00:00Z").expect("set");
    sell(&mut world, "2a", None, at("2026-11-10T06:00:00Z"));
    sell(&mut world, "1a", None, at("2026-11-10T06:00:00Z"));
    let late = plan(&mut world, "o1", "2026-11-30", "2026-12-01T06:00:00Z");
    assert_eq!(late, Err(Refused::PlanMonth), "whoever knows the revenue sets no plan");
    assert_eq!(plan(&mut world, "o1", "2028-12-01", "2026-11-30T06:00:00Z"), Err(Refused::PlanMonth));
    let viewer_of = |world: &World, id: i64| {
        let outlet = world.outlet(id);
        let viewer = crew::progress::Viewer {
            person: None,
            outlet: &outlet,
            day: day("2026-11-10"),
            now: at("2026-11-10T09:00:00Z"),
        };
        let seen = crew::progress::load(&world.sql, &viewer, &mut Boards::new()).expect("reads");
        seen[0].judged.standing.parts[0].value.map(|value| value.to_string())
    };
    assert_eq!(viewer_of(&world, 2), Ok("9".to_owned()));
    assert_eq!(viewer_of(&world, 1), Err(merit::Gap::NothingYet), "no plan, no value");
    plan(&mut world, "o1", "2026-11-30", "2026-11-30T06:00:00Z").expect("set");
    assert_eq!(viewer_of(&world, 1), Ok("9".to_owned()));
    // A quarter has three months.
    let quarter = goal.replace("month", "quarter");
    world.publish("quarter", &quarter, "2026-10-21", early());
    let days = merit::period::Period::Quarter.around(day("2026-11-10"));
    let ground = crew::ground::Ground::load(&world.sql, BRAND, day("2026-11-10")).expect("reads");
    let quarter: merit::goal::Goal = serde_json::from_str(&quarter).expect("a goal");
    let judged = crew::judge::judge(&world.sql, &ground, &quarter, days).expect("reads");
    assert!(judged.iter().all(|one| one.standing.score.is_err()), "two months have no plan");
}

#[test]
fn a_period_is_judged_by_the_groups_of_its_first_day() {
    let mut world = World::new(3, 0);
    world.publish("group", &goal("group", "week", "receipts"), "2026-11-09", early());
    let set = |world: &mut World, outlets: &[&str], now: &str| {
        let outlets: Vec<String> = outlets.iter().map(|&code| code.to_owned()).collect();
        world.write(at(now), |tx, moment| crew::goals::set_group(tx, BRAND, "ring", &outlets, moment.now))
    };
    assert_eq!(set(&mut world, &["o1"], "2026-11-08T06:00:00Z"), Ok(day("2026-11-09")));
    sell(&mut world, "1a", None, at("2026-11-10T06:00:00Z"));
    sell(&mut world, "2a", None, at("2026-11-10T06:00:00Z"));
    // In the middle of the week, and when it is over.
    set(&mut world, &["o2"], "2026-11-11T06:00:00Z").expect("set");
    set(&mut world, &["o2"], "2026-11-16T00:00:00Z").expect("set");
    world.award(at("2026-11-16T06:00:00Z"));
    assert_eq!(standing(&world), pairs(&[("1a", "points")]));
    sell(&mut world, "1a", None, at("2026-11-18T06:00:00Z"));
    sell(&mut world, "2a", None, at("2026-11-18T06:00:00Z"));
    world.award(at("2026-11-23T06:00:00Z"));
    assert_eq!(standing(&world), pairs(&[("1a", "points"), ("2a", "points")]));
}

#[test]
fn whoever_is_alone_is_not_first() {
    let mut world = World::new(2, 0);
    world.publish("alone", &goal("person", "week", "receipts"), "2026-11-09", early());
    sell(&mut world, "1a", None, at("2026-11-10T06:00:00Z"));
    world.award(at("2026-11-16T06:00:00Z"));
    assert_eq!(standing(&world), pairs(&[("1a", "points")]));
    sell(&mut world, "1a", None, at("2026-11-17T06:00:00Z"));
    sell(&mut world, "1a", None, at("2026-11-17T07:00:00Z"));
    sell(&mut world, "1b", None, at("2026-11-17T06:00:00Z"));
    world.award(at("2026-11-23T06:00:00Z"));
    assert_eq!(standing(&world), pairs(&[("1a", "badge:first"), ("1a", "points"), ("1b", "points")]));
}

#[test]
fn linking_after_the_award_takes_back_what_ones_own_purchases_won() {
    let mut world = World::new(1, 1);
    world.publish("own", &goal("person", "week", "receipts"), "2026-11-09", early());
    sell(&mut world, "1a", Some(0), at("2026-11-10T06:00:00Z"));
    let over = at("2026-11-16T06:00:00Z");
    world.award(over);
    assert_eq!(standing(&world), pairs(&[("1a", "points")]), "nobody knows yet");
    let (staff, linked) = (world.staff_id("1a"), over.plus_millis(MINUTE_MS));
    world
        .write(linked, |tx, moment| {
            let id = moment.ids.next(moment.now);
            staff_cards::link(tx, id, staff, World::member(0), moment.now)
        })
        .expect("linked");
    let done = world.award(linked.plus_millis(MINUTE_MS));
    assert_eq!((done.reversed, done.posted), (1, 0), "before the points that waited go out");
    assert_eq!(standing(&world), []);
}

#[test]
fn a_winner_who_becomes_known_later_gets_it_then() {
    let mut world = World::new(1, 0);
    world.publish("late", &goal("person", "week", "receipts"), "2026-11-09", early());
    let at_till = |staff| Ring {
        outlet: 1,
        staff: Some(staff),
        guest: None,
        sold_at: at("2026-11-10T06:00:00Z"),
        now: at("2026-11-10T06:00:00Z"),
        lines: vec![("tea", 1_000, 100)],
    };
    world.ring(&at_till("new")).expect("taken");
    let over = at("2026-11-16T06:00:00Z");
    assert_eq!(world.award(over).unknown, 1);
    world.staff(900, "new", 1);
    assert_eq!(world.award(over.plus_millis(2 * HOUR_MS)).awarded, 1);
    assert_eq!(world.award(over.plus_millis(4 * HOUR_MS)).awarded, 0);
    assert_eq!(standing(&world), pairs(&[("new", "points")]));
}

#[test]
fn ones_own_row_is_always_there_and_a_board_is_judged_once_for_all_who_look() {
    let mut world = World::new(4, 0);
    world.publish("mine", &goal("person", "week", "receipts"), "2026-11-09", early());
    let now = at("2026-11-10T06:00:00Z");
    for (count, staff) in [(3, "1a"), (2, "1b"), (1, "2a"), (1, "3a")] {
        for _ in 0..count {
            sell(&mut world, staff, None, now);
        }
    }
    let vault = world.secrets.vault();
    // Of colleagues behind the first, as many as the limit; oneself besides.
    let scope = Scope::Outlets([1, 2, 3].map(kernel::OutletId::from_raw).into());
    let asker = Asker { staff: world.staff_id("3a"), scope: &scope, vault: &vault };
    let mut boards = Boards::new();
    let board = |world: &World, boards: &mut Boards, now| {
        let board = leaderboard::load(&world.sql, BRAND, "mine", day("2026-11-10"), &asker, 1, (boards, now));
        let board = board.expect("reads");
        let rows = board.rows.iter().map(|row| (row.judged.place, row.judged.standing.volume));
        (rows.collect::<Vec<_>>(), board.as_of)
    };
    assert_eq!(board(&world, &mut boards, now), (vec![(Some(1), 3), (Some(2), 2), (Some(3), 1)], now));
    sell(&mut world, "3a", None, now);
    let soon = now.plus_millis(leaderboard::FRESH_MS - 1);
    assert_eq!(board(&world, &mut boards, soon).1, now, "as it was");
    let later = now.plus_millis(leaderboard::FRESH_MS);
    assert_eq!(board(&world, &mut boards, later), (vec![(Some(1), 3), (Some(2), 2), (Some(2), 2)], later));
}

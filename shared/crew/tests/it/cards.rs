//! Staff's own discount: limited, proven by a code that works once, apart from goals.

use crew::Refused;
use crew::card::{self, Asked};
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{StaffId, Timestamp};
use store::staff_cards::{self, Rules};
use store::transaction::transaction;

use crate::world::{Ring, World, at, day, tenge};

const NOW: &str = "2026-11-10T06:00:00Z";

fn rules(own_hand: bool) -> Rules {
    Rules {
        id: 1,
        currency: kernel::Currency::Kzt,
        version: 0,
        effective_from: at("2026-11-01T00:00:00Z"),
        percent: 30,
        day_uses: 2,
        month_uses: 3,
        day_discount_minor: 50_000,
        month_discount_minor: 100_000,
        own_hand,
    }
}

fn world() -> World {
    let mut world = World::new(1, 1);
    let by = StaffId::from_raw(1);
    world
        .write(at(NOW), |tx, moment| staff_cards::insert_rules(tx, &rules(false), by, moment.now))
        .expect("rules");
    world
}

fn code(world: &mut World, staff: &str, now: Timestamp) -> String {
    let id = world.staff_id(staff);
    let card = world.write(now, |tx, _| card::issue(tx, id, now)).expect("a card");
    card::code(&card, &world.secrets, now).expect("a code").0
}

fn take(
    world: &mut World,
    code: &str,
    rung_by: &str,
    amount: i64,
    number: &str,
    now: Timestamp,
) -> Result<i64, Refused> {
    let outlet = world.outlet(1);
    let date = now.date_in(&outlet.zone);
    let asked =
        Asked { code, outlet: &outlet, business_date: date, rung_by: Some(rung_by), amount: tenge(amount) };
    let mut moment = club::Moment { now, ids: &mut world.ids };
    let secrets = &world.secrets;
    transaction(&world.sql, |tx| card::take(tx, &asked, number, secrets, &mut moment))
        .map(|(used, _)| used.discount_minor)
}

#[test]
fn a_discount_is_proven_limited_and_taken_once() {
    let mut world = world();
    let now = at(NOW);
    let first = code(&mut world, "1a", now);
    assert_eq!(take(&mut world, &first, "1a", 100_000, "1", now), Err(Refused::OwnHand));
    assert_eq!(take(&mut world, &first, "1b", 100_000, "1", now), Ok(30_000));
    assert_eq!(take(&mut world, &first, "1b", 100_000, "1", now), Ok(30_000), "the same again");
    assert_eq!(take(&mut world, &first, "1b", 90_000, "1", now), Err(Refused::UseConflict));
    assert_eq!(take(&mut world, &first, "1b", 100_000, "2", now), Err(Refused::CodeSpent));
    let later = now.plus_millis(MINUTE_MS);
    let second = code(&mut world, "1a", later);
    assert_eq!(take(&mut world, &second, "1b", 100_000, "2", later), Ok(20_000), "what the day leaves");
    let third = later.plus_millis(MINUTE_MS);
    let text = code(&mut world, "1a", third);
    assert!(matches!(take(&mut world, &text, "1b", 100_000, "3", third), Err(Refused::CardLimit { .. })));
    let tomorrow = now.plus_millis(DAY_MS);
    let text = code(&mut world, "1a", tomorrow);
    assert_eq!(take(&mut world, &text, "1b", 100_000, "4", tomorrow), Ok(30_000));
    let after = now.plus_millis(2 * DAY_MS);
    let text = code(&mut world, "1a", after);
    assert!(
        matches!(take(&mut world, &text, "1b", 100_000, "5", after), Err(Refused::CardLimit { .. })),
        "the month's times"
    );
    assert!(take(&mut world, &first, "1b", 100_000, "6", after).is_err(), "an old code");
}

#[test]
fn a_voided_discount_is_over_and_one_of_goods_that_were_kept_is_not_voided() {
    let mut world = world();
    let now = at(NOW);
    let first = code(&mut world, "1a", now);
    assert_eq!(take(&mut world, &first, "1b", 100_000, "1", now), Ok(30_000));
    let outlet = world.outlet(1);
    let void = |world: &mut World, number: &str| {
        world.write(now, |tx, _| card::void(tx, &outlet, day("2026-11-10"), number, now)).map(drop)
    };
    void(&mut world, "1").expect("voided");
    void(&mut world, "1").expect("the same again");
    assert_eq!(take(&mut world, &first, "1b", 100_000, "1", now), Err(Refused::UseConflict));
    let later = now.plus_millis(MINUTE_MS);
    let second = code(&mut world, "1a", later);
    assert_eq!(take(&mut world, &second, "1b", 100_000, "2", later), Ok(30_000), "the limit came back");
    let lines = vec![("coffee", 1_000, 70_000)];
    let ring = Ring { outlet: 1, staff: Some("1b"), guest: None, sold_at: now, now, lines };
    world.ring_as(&ring, "2", day("2026-11-10")).expect("taken");
    assert_eq!(void(&mut world, "2"), Err(Refused::SaleStands));
    world.take_back(&(1, day("2026-11-10"), "2".to_owned()), None, later).expect("taken back");
    void(&mut world, "2").expect("voided");
}

#[test]
fn a_blocked_card_gives_nothing_and_its_old_codes_stay_dead() {
    let mut world = world();
    let now = at(NOW);
    let text = code(&mut world, "1a", now);
    let staff = world.staff_id("1a");
    world.write(now, |tx, _| card::set_active(tx, staff, false, now)).expect("blocked");
    assert_eq!(take(&mut world, &text, "1b", 1_000, "1", now), Err(Refused::CardInactive));
    world.write(now, |tx, _| card::set_active(tx, staff, true, now)).expect("unblocked");
    assert!(matches!(take(&mut world, &text, "1b", 1_000, "1", now), Err(Refused::Code { .. })));
}

#[test]
fn what_is_bought_with_a_discount_counts_for_nobody_whichever_comes_first() {
    let mut world = world();
    let now = at(NOW);
    let ring = Ring {
        outlet: 1,
        staff: Some("1b"),
        guest: None,
        sold_at: now,
        now,
        lines: vec![("coffee", 1_000, 70_000)],
    };
    let count = |world: &World| {
        world.assert_counted();
        world.number("select coalesce(sum(receipts), 0) from kpi_days")
    };
    world.ring_as(&ring, "1", day("2026-11-10")).expect("taken");
    assert_eq!(count(&world), 1);
    let text = code(&mut world, "1a", now);
    take(&mut world, &text, "1b", 100_000, "1", now).expect("taken");
    assert_eq!(count(&world), 0);
    let later = now.plus_millis(MINUTE_MS);
    let text = code(&mut world, "1a", later);
    take(&mut world, &text, "1b", 10_000, "2", later).expect("taken");
    world.ring_as(&ring, "2", day("2026-11-10")).expect("taken");
    assert_eq!(count(&world), 0);
}

/// A till says which business day it is; whoever rings up cannot say it to have another day's limits.
#[test]
fn a_till_names_no_other_days_limits() {
    let mut world = world();
    let outlet = world.outlet(1);
    // Outlet 1 is five hours ahead of UTC: 23:30, 00:30, 05:30, 06:00, 11:00 there.
    let rows = [
        ("2026-11-10T18:30:00Z", "2026-11-10", Ok("2026-11-10")),
        ("2026-11-10T18:30:00Z", "2026-11-09", Ok("2026-11-10")),
        ("2026-11-10T18:30:00Z", "2026-11-11", Ok("2026-11-10")),
        ("2026-11-10T19:30:00Z", "2026-11-10", Ok("2026-11-10")),
        ("2026-11-10T19:30:00Z", "2026-11-11", Ok("2026-11-11")),
        ("2026-11-11T00:30:00Z", "2026-11-10", Ok("2026-11-10")),
        ("2026-11-11T01:00:00Z", "2026-11-10", Ok("2026-11-11")),
        ("2026-11-10T06:00:00Z", "2026-11-12", Err(Refused::BusinessDate)),
        ("2026-11-10T06:00:00Z", "2026-11-08", Err(Refused::BusinessDate)),
    ];
    for (index, (now, date, counted)) in rows.into_iter().enumerate() {
        // Each is the first of a fresh card.
        let now = at(now);
        world.sql.connection().execute("delete from staff_card_uses", []).expect("cleared");
        let shown = code(&mut world, "1a", now);
        let asked = Asked {
            code: &shown,
            outlet: &outlet,
            business_date: day(date),
            rung_by: Some("1b"),
            amount: tenge(10_000),
        };
        let mut moment = club::Moment { now, ids: &mut world.ids };
        let number = format!("n{index}");
        let secrets = &world.secrets;
        world.sql.connection().execute("delete from spent_codes", []).expect("cleared");
        let taken = transaction(&world.sql, |tx| card::take(tx, &asked, &number, secrets, &mut moment));
        let found = taken.map(|_| {
            world
                .sql
                .connection()
                .query_row("select counted_on from staff_card_uses", [], |row| row.get::<_, String>(0))
                .expect("one")
        });
        assert_eq!(found, counted.map(str::to_owned), "{now} {date}");
    }
}

#[test]
fn three_dates_are_one_days_limit() {
    let mut world = world();
    let outlet = world.outlet(1);
    let mut now = at(NOW);
    let taken = ["2026-11-09", "2026-11-10", "2026-11-11"].map(|date| {
        now = now.plus_millis(2 * MINUTE_MS);
        let shown = code(&mut world, "1a", now);
        let asked = Asked {
            code: &shown,
            outlet: &outlet,
            business_date: day(date),
            rung_by: Some("1b"),
            amount: tenge(10_000),
        };
        let mut moment = club::Moment { now, ids: &mut world.ids };
        let secrets = &world.secrets;
        transaction(&world.sql, |tx| card::take(tx, &asked, date, secrets, &mut moment)).is_ok()
    });
    assert_eq!(taken, [true, true, false], "two a day, whatever the till calls it");
}

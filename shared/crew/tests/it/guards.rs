//! What does not count: sales to oneself, split receipts, a colleague's discount, what went back.

use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{Date, Timestamp};
use store::kpi::counters::{self, Tally, Whose};
use store::staff_cards;

use crate::world::{Ring, World, at, day};

fn ring(guest: Option<i64>, sold_at: Timestamp) -> Ring<'static> {
    let now = sold_at.plus_millis(DAY_MS);
    Ring { outlet: 1, staff: Some("1a"), guest, sold_at, now, lines: vec![("coffee", 2_000, 30_000)] }
}

fn tally(world: &World) -> Option<Tally> {
    let whose = Whose::Person("1a");
    let tallies = counters::list(&world.sql, whose, day("2026-11-01"), day("2026-12-01")).expect("reads");
    tallies.into_iter().next()
}

/// Receipts, pieces in thousandths, receipts with a member.
fn counted(world: &World) -> (i64, i64, i64) {
    world.assert_counted();
    tally(world)
        .map_or((0, 0, 0), |of| (of.receipts, of.items, of.people.map_or(0, |people| people.member_receipts)))
}

#[test]
fn a_sale_to_oneself_does_not_count_whenever_it_becomes_known_who_one_is() {
    let mut world = World::new(1, 2);
    let start = at("2026-11-10T06:00:00Z");
    world.ring(&ring(Some(0), start)).expect("taken");
    assert_eq!(counted(&world), (1, 2_000, 1));
    let staff = world.staff_id("1a");
    let linked = start.plus_millis(2 * DAY_MS);
    world
        .write(linked, |tx, moment| {
            let id = moment.ids.next(moment.now);
            staff_cards::link(tx, id, staff, World::member(0), moment.now)
        })
        .expect("linked");
    assert_eq!(counted(&world), (0, 0, 0), "one's own purchase, before the link");
    world.ring(&ring(Some(0), linked.plus_millis(MINUTE_MS))).expect("taken");
    world.write(linked, |tx, moment| staff_cards::unlink(tx, staff, moment.now)).expect("unlinked");
    world.ring(&ring(Some(0), linked.plus_millis(30 * MINUTE_MS))).expect("taken");
    assert_eq!(counted(&world), (0, 0, 0), "with the link and after it");
    world.ring(&ring(Some(1), linked.plus_millis(2 * MINUTE_MS))).expect("taken");
    assert_eq!(counted(&world), (1, 2_000, 1), "another guest's");
    let colleague = Ring { staff: Some("1b"), ..ring(Some(0), linked.plus_millis(60 * MINUTE_MS)) };
    world.ring(&colleague).expect("taken");
    let of_colleague =
        counters::list(&world.sql, Whose::Person("1b"), day("2026-11-01"), day("2026-12-01")).expect("reads");
    assert_eq!(of_colleague[0].receipts, 1, "rung up by a colleague, it is a sale");
}

#[test]
fn a_late_receipt_splits_the_one_after_it_and_its_return_joins_them_again() {
    let mut world = World::new(1, 1);
    let start = at("2026-11-10T06:00:00Z");
    let second = world.ring(&ring(Some(0), start.plus_millis(4 * MINUTE_MS))).expect("taken");
    assert_eq!(counted(&world), (1, 2_000, 1));
    let first = world.ring(&ring(Some(0), start)).expect("taken");
    assert_eq!(counted(&world), (1, 2_000, 1), "the later one is a split of the earlier");
    world.take_back(&first, Some(vec![(1, 1_000)]), start.plus_millis(2 * DAY_MS)).expect("taken back");
    assert_eq!(counted(&world), (1, 1_000, 1), "a part of the first");
    world.take_back(&first, None, start.plus_millis(2 * DAY_MS)).expect("taken back");
    assert_eq!(counted(&world), (1, 2_000, 1), "the first is gone, the second counts");
    world.take_back(&second, None, start.plus_millis(2 * DAY_MS)).expect("taken back");
    assert_eq!(counted(&world), (0, 0, 0));
}

#[test]
fn minutes_later_or_anonymous_is_another_visit() {
    let mut world = World::new(1, 1);
    let start = at("2026-11-10T06:00:00Z");
    world.ring(&ring(Some(0), start)).expect("taken");
    world.ring(&ring(Some(0), start.plus_millis(5 * MINUTE_MS + 1))).expect("taken");
    world.ring(&ring(None, start)).expect("taken");
    world.ring(&ring(None, start)).expect("taken");
    assert_eq!(counted(&world), (4, 8_000, 2));
}

#[test]
fn a_first_receipt_soon_after_joining_is_a_sign_up_until_it_goes_back() {
    let mut world = World::new(1, 2);
    let start = at("2026-11-10T06:00:00Z");
    world.run(&format!(
        "update members set joined_at = {} where id = 1000",
        start.plus_millis(-DAY_MS).millis()
    ));
    let first = world.ring(&ring(Some(0), start)).expect("taken");
    world.ring(&ring(Some(0), start.plus_millis(DAY_MS))).expect("taken");
    world.ring(&ring(Some(1), start.plus_millis(DAY_MS))).expect("taken");
    let sign_ups = |world: &World| {
        world.assert_counted();
        tally(world).and_then(|of| of.people).map_or(0, |people| people.sign_ups)
    };
    assert_eq!(sign_ups(&world), 1, "the second receipt is none, nor a member's of long ago");
    world.take_back(&first, None, start.plus_millis(2 * DAY_MS)).expect("taken back");
    assert_eq!(sign_ups(&world), 0);
}

#[test]
fn a_return_takes_back_from_the_day_of_the_sale() {
    let mut world = World::new(1, 1);
    let start = at("2026-11-10T06:00:00Z");
    let sold = world.ring(&ring(Some(0), start)).expect("taken");
    world.take_back(&sold, Some(vec![(1, 500)]), start.plus_millis(5 * DAY_MS)).unwrap_err();
    world.take_back(&sold, Some(vec![(1, 1_000)]), start.plus_millis(5 * DAY_MS)).expect("taken back");
    let on = |from: Date, until: Date| {
        let tallies = counters::list(&world.sql, Whose::Person("1a"), from, until).expect("reads");
        tallies.first().map_or((0, 0), |of| (of.items, of.revenue_minor))
    };
    assert_eq!(on(day("2026-11-10"), day("2026-11-11")), (1_000, 15_000));
    assert_eq!(on(day("2026-11-11"), day("2026-12-01")), (0, 0));
}

#[test]
fn a_guests_answer_is_a_rating_of_whoever_served() {
    let mut world = World::new(1, 1);
    world.ring(&ring(Some(0), at("2026-11-10T06:00:00Z"))).expect("taken");
    world.run(
        "insert into feedback_rules (id, brand, version, effective_from, rules, created_by, created_at, note) \
         values (1, 'crema', 1, 0, '{}', 1, 0, 'test'); \
         insert into feedback_requests (id, receipt_id, member_id, outlet_id, rules_id, outlet_type, ask_at, until_at, \
         status, asked_at) select 1, id, member_id, outlet_id, 1, 'cafe', 0, 1, 'answered', 0 from receipts; \
         insert into feedback_answers (request_id, member_id, outlet_id, staff_code, business_date, hour, stars, answered_at) \
         select 1, member_id, outlet_id, staff_code, business_date, 11, 4, 1 from receipts",
    );
    let people = tally(&world).and_then(|of| of.people).expect("of people");
    assert_eq!((people.ratings, people.stars), (1, 4));
    world.assert_counted();
}

#[test]
fn the_database_refuses_to_rewrite_what_is_written_once() {
    let mut world = World::new(1, 1);
    let sold = world.ring(&ring(Some(0), at("2026-11-10T06:00:00Z"))).expect("taken");
    assert_eq!(sold.0, 1);
    world.run("insert into kpi_ratings (receipt_id, stars, rated_at) select id, 5, 0 from receipts");
    for text in ["update kpi_ratings set stars = 1", "delete from kpi_ratings"] {
        let refused = world.sql.connection().execute_batch(text).expect_err("refused");
        assert!(refused.to_string().contains("append-only"), "{text}: {refused}");
    }
    world.assert_counted();
}

//! The job that asks.

use care::ask::{self, Bounds};
use feedback::rules::Quiet;
use kernel::StaffId;
use kernel::time::MINUTE_MS;

use crate::world::{ANNA, BORIS, OTHER_MANAGER, SILENT, SUPPORT, World, at, example, hours, noon};

const ASKED: &str = "select count(*) from notifications where topic = 'feedback.request'";

#[test]
fn a_receipt_is_asked_about_once() {
    let mut world = World::new();
    let receipt = world.sell(11, Some(ANNA), noon());
    world.sell(11, None, noon());
    let early = world.run(noon().plus_millis(MINUTE_MS));
    assert_eq!((early.looked_at, early.planned, early.asked), (2, 1, 0), "the delay has not passed");
    assert_eq!(ask::due_at(&world.sql).expect("lawful"), Some(noon().plus_millis(20 * MINUTE_MS)));
    let done = world.run(hours(1));
    assert_eq!((done.planned, done.asked), (0, 1), "a receipt met again is planned once");
    for later in [1, 2, 30] {
        let again = world.run(hours(later));
        assert_eq!((again.asked, again.skipped, again.failed), (0, 0, 0));
    }
    assert_eq!(world.number(ASKED), 1);
    let data = world.text("select data from notifications");
    assert_eq!(data, r#"{"outlet":"ala-1"}"#, "nothing in it opens the question");
    let data = world.told();
    let dedupe = world.text("select dedupe from notifications");
    assert_eq!(dedupe, format!("feedback.request:{receipt}"));
    let token = data.split("/f/").nth(1).expect("lawful");
    assert!(token.len() <= 60, "fits Telegram's start parameter: {token}");
    let id = care::signer(&world.secrets).open(token).expect("lawful");
    assert_eq!(id, world.number("select id from feedback_requests"));
}

#[test]
fn nobody_is_asked_who_should_not_be() {
    let mut world = World::new();
    world.sell(11, Some(SILENT), noon());
    let returned = world.sell(11, Some(BORIS), noon());
    world.run(noon());
    world.give_back(returned);
    world.sell(11, Some(ANNA), noon());
    world.sell(11, Some(ANNA), noon());
    let done = world.run(hours(1));
    assert_eq!((done.asked, done.skipped), (1, 3), "one of the two visits, by the cap");
    let why = world.text(
        "select group_concat(skipped, ' ') from (select skipped from feedback_requests where skipped is not null order by 1)",
    );
    assert_eq!(why, "capped no_consent returned");
    // Eight days later the cap lets another through; an erased guest is not asked.
    let later = hours(24 * 8);
    world.sell(11, Some(ANNA), later.plus_millis(-30 * MINUTE_MS));
    world.sell(11, Some(BORIS), later.plus_millis(-30 * MINUTE_MS));
    world
        .sql
        .connection()
        .execute("update members set status = 'erased' where id = 102", [])
        .expect("lawful");
    let done = world.run(later);
    assert_eq!((done.asked, done.skipped), (1, 1));
    assert_eq!(world.number(ASKED), 2);
}

#[test]
fn nobody_is_asked_about_themselves() {
    let mut world = World::new();
    // Whoever serves as 'bar' was linked to Boris once; the manager of outlet 12 is Anna; support is nobody's colleague.
    world
        .sql
        .connection()
        .execute_batch(
            "insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
             values (9, 'bar', x'00', 'barista', 'active', 0, 0);",
        )
        .expect("lawful");
    world.link(StaffId::from_raw(9), BORIS, Some(hours(-100)));
    world.link(OTHER_MANAGER.staff, ANNA, None);
    world.sell(11, Some(BORIS), noon());
    world.sell(12, Some(ANNA), noon());
    let done = world.run(hours(1));
    assert_eq!((done.asked, done.skipped), (0, 2));
    assert_eq!(world.number("select count(*) from feedback_requests where skipped = 'staff'"), 2);
    // At another outlet they are guests like any other.
    world.sell(11, Some(ANNA), noon());
    assert_eq!(world.run(hours(1)).asked, 1);
    world.link(SUPPORT.staff, SILENT, None);
    world.sell(11, Some(SILENT), noon());
    world.run(hours(1));
    let why = world.text("select skipped from feedback_requests where member_id = 103");
    assert_eq!(why, "no_consent");
}

#[test]
fn a_purchase_with_a_colleagues_discount_is_not_asked_about() {
    let mut world = World::new();
    let receipt = world.sell(11, Some(BORIS), noon());
    world.run(noon());
    // Known only after the question was planned.
    let text = format!("insert into kpi_excluded (receipt_id, reason) values ({receipt}, 'staff_card')");
    world.sql.connection().execute_batch(&text).expect("lawful");
    let done = world.run(hours(1));
    assert_eq!((done.asked, done.skipped), (0, 1));
}

#[test]
fn late_receipts_and_history_are_left_alone() {
    let mut world = World::new();
    world.sell(11, Some(ANNA), hours(-48));
    let done = world.run(noon());
    assert_eq!(done.planned, 0, "before the first run's look back, and too late besides");
}

#[test]
fn a_run_may_stop_anywhere() {
    let mut world = World::new();
    for minute in 0..25 {
        let member = if minute % 2 == 0 { ANNA } else { BORIS };
        world.sell(11, Some(member), noon().plus_millis(minute * 1_000));
    }
    let bounds = Bounds { receipts_per_slice: 4, slices_per_run: 2 };
    let mut runs = 0;
    loop {
        let done = world.run_within(hours(1), bounds);
        runs += 1;
        if !done.more {
            break;
        }
        assert!(runs < 20, "the job gets on: {done:?}");
    }
    assert!(runs > 2, "it was stopped: {runs}");
    assert_eq!(world.number("select count(*) from feedback_requests"), 25);
    assert_eq!(world.number(ASKED), 2, "one for each guest, by the cap");
}

#[test]
fn nobody_is_woken() {
    let mut rules = example();
    rules.requests.quiet = Some(Quiet { from_hour: 22, until_hour: 9 });
    let mut world = World::with(&rules);
    world.sell(11, Some(ANNA), at("2026-11-21T21:55:00+05:00"));
    let night = world.run(at("2026-11-21T23:30:00+05:00"));
    assert_eq!((night.planned, night.asked), (1, 0));
    assert_eq!(ask::due_at(&world.sql).expect("lawful"), Some(at("2026-11-22T09:00:00+05:00")));
    // A run that comes only in the next night leaves it for the morning after.
    let second = world.run(at("2026-11-22T23:30:00+05:00"));
    assert_eq!((second.asked, second.skipped), (0, 0));
    assert_eq!(ask::due_at(&world.sql).expect("lawful"), Some(at("2026-11-23T09:00:00+05:00")));
    assert_eq!(world.run(at("2026-11-23T09:00:00+05:00")).asked, 1);
}

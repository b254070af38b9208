//! How soon tickets were dealt with.

use care::guest;
use care::report;
use care::teams::Wanted;
use care::tickets::{self, Actor, Command};
use feedback::ticket::{Desk, Outcome, Priority};
use kernel::{MemberId, Timestamp};
use store::tickets::NewTicket;
use store::tickets::report::{Asked, By, Sums};

use crate::teams::{made, people, put, wanted};
use crate::world::{ADMIN, ANNA, BORIS, MANAGER, SUPPORT, World, hours, noon, stars};

const CLOSE: Command<'_> =
    Command::Close { outcome: Outcome::Explained, changed_process: false, lesson: None, in_kind: None };

fn sums(world: &World, by: By, actor: Actor, now: Timestamp) -> Vec<Sums> {
    let desk = actor.viewer().expect("lawful").desk;
    let opened = (hours(-24), hours(24 * 30));
    let asked = Asked { staff: actor.staff, desk, opened, now, brand: Some("north"), outlet: None };
    report::of_tickets(&world.sql, by, &asked).expect("lawful")
}

fn act(world: &mut World, ticket: i64, actor: Actor, command: &Command<'_>, now: Timestamp) {
    world
        .write(now, |tx, personal, moment| tickets::act(tx, ticket, actor, command, personal, moment))
        .expect("lawful");
}

fn low(world: &mut World, member: kernel::MemberId, now: Timestamp) -> i64 {
    let request = world.asked(11, member, now);
    world.submit(request, &stars(1), now).expect("lawful").ticket.expect("a ticket")
}

/// Answers are due after twelve hours, the end after seventy-two.
#[test]
fn what_came_due_is_what_is_divided_by() {
    let mut rules = crate::world::example();
    rules.requests.cap = 100;
    rules.routing.retain(|route| route.topic == "low");
    let mut world = World::with(&rules);
    let ids: Vec<i64> = (0..5).map(|hour| low(&mut world, ANNA, hours(hour))).collect();
    act(&mut world, ids[0], MANAGER, &Command::Answer("Простите"), hours(6));
    let early = &sums(&world, By::Outlet, MANAGER, hours(7))[0];
    assert_eq!((early.tickets, early.answers_due, early.answered_in_time), (5, 1, 1), "none is due yet");
    assert_eq!((early.closings_due, early.closed_in_time), (0, 0));
    act(&mut world, ids[1], MANAGER, &CLOSE, hours(8));
    let later = &sums(&world, By::Outlet, MANAGER, hours(9))[0];
    assert_eq!((later.answers_due, later.answered_in_time), (2, 1), "closed without a word");
    assert_eq!((later.closings_due, later.closed_in_time), (1, 1));
    let end = &sums(&world, By::Outlet, MANAGER, hours(200))[0];
    assert_eq!((end.answers_due, end.answered_in_time), (5, 1), "one of five, not one of one");
    assert_eq!((end.closings_due, end.closed_in_time, end.overdue), (5, 1, 4));
}

#[test]
fn reopening_is_no_pardon() {
    let mut world = World::new();
    let ticket = low(&mut world, ANNA, noon());
    act(&mut world, ticket, MANAGER, &CLOSE, hours(100));
    act(&mut world, ticket, MANAGER, &Command::Reopen("ещё раз"), hours(101));
    let open = &sums(&world, By::Outlet, MANAGER, hours(101))[0];
    assert_eq!((open.closings_due, open.closed_in_time), (1, 0));
    act(&mut world, ticket, MANAGER, &CLOSE, hours(102));
    let closed = &sums(&world, By::Outlet, MANAGER, hours(103))[0];
    assert_eq!((closed.closings_due, closed.closed_in_time, closed.reopened), (1, 0, 1));
}

#[test]
fn tickets_about_no_outlet_count_for_those_who_see_them() {
    let mut world = World::new();
    world
        .write(noon(), |tx, personal, moment| guest::open(tx, BORIS, None, "Приложение", personal, moment))
        .expect("lawful");
    low(&mut world, ANNA, noon());
    for by in [By::Outlet, By::Franchisee, By::City] {
        let keys: Vec<String> = sums(&world, by, SUPPORT, hours(1)).into_iter().map(|row| row.key).collect();
        assert_eq!((keys.len(), keys.iter().filter(|key| key.is_empty()).count()), (2, 1), "{by:?} {keys:?}");
        assert_eq!(sums(&world, by, MANAGER, hours(1)).len(), 1, "{by:?}");
    }
    let brand = sums(&world, By::Brand, SUPPORT, hours(1));
    assert_eq!((brand.len(), brand[0].key.as_str(), brand[0].tickets), (1, "north", 2));
    assert_eq!(sums(&world, By::Topic, SUPPORT, hours(1)).len(), 2);
    assert_eq!(MANAGER.viewer().expect("lawful").desk, Desk::OutletManager);
}

#[test]
fn teams_of_one_code_are_counted_by_brand_and_owner() {
    let mut world = World::new();
    let south = "insert into brands (code, name, default_region, card_prefix, created_at) values ('south', 'S', 'KZ', '22', 0); \
                 insert into members (id, brand, language, status, tier, joined_at, changed_at) \
                 values (201, 'south', 'ru', 'active', 'silver', 0, 0)";
    world.sql.connection().execute_batch(south).expect("lawful");
    let from_south = MemberId::from_raw(201);
    let support = people(&[SUPPORT]);
    let chain = made(&mut world, "quality", None, Desk::OutletManager, &support);
    let of_one = made(&mut world, "quality", Some("f1"), Desk::OutletManager, &people(&[MANAGER]));
    let theirs = Wanted { brand: "south", ..wanted("quality", None, Desk::OutletManager, &support) };
    let souths = put(&mut world, ADMIN, &theirs).expect("lawful").team.id;
    for (member, team) in
        [(ANNA, Some(chain)), (ANNA, Some(of_one)), (from_south, Some(souths)), (from_south, None)]
    {
        let new = NewTicket {
            request: None,
            member,
            outlet: None,
            desk: Desk::Support,
            team,
            topic: "message",
            priority: Priority::Normal,
            visit: None,
            stars: None,
            nps: None,
            opened_at: noon(),
            answer_due_at: noon(),
            close_due_at: noon(),
        };
        store::tickets::insert(&world.sql, &new).expect("lawful");
    }
    let opened = (hours(-24), hours(24));
    let asked =
        Asked { staff: SUPPORT.staff, desk: Desk::Support, opened, now: noon(), brand: None, outlet: None };
    let keys = |asked: &Asked<'_>| {
        let rows = report::of_tickets(&world.sql, By::Team, asked).expect("lawful");
        let mut keys: Vec<_> = rows.into_iter().map(|row| (row.key, row.tickets)).collect();
        keys.sort();
        keys
    };
    let row = |key: &str| (key.to_owned(), 1);
    assert_eq!(keys(&asked), [row(""), row("north/quality"), row("north/quality@f1"), row("south/quality")]);
    assert_eq!(keys(&Asked { brand: Some("south"), ..asked }), [row(""), row("south/quality")]);
}

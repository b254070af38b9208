//! Points do not go round in a circle: who gives none to whom.

use care::Refusal;
use care::guest;
use care::tickets::{self, Actor, Command, Seen};
use feedback::ticket::{Act, OverLimit, Refused};
use kernel::{MemberId, Points};
use store::tickets::Filter;
use store::tickets::thread::{self, NewEvent};

use crate::world::{ADMIN, ANNA, BORIS, MANAGER, OWNER, SUPPORT, World, hours, noon, stars};

const FIFTY: Command<'_> =
    Command::Compensate { points: Points::from_hundredths(5_000), reason: "Простите" };
const FOR_SUPPORT: Refusal = Refusal::Ticket(Refused::ForSupport);

fn act(world: &mut World, ticket: i64, actor: Actor, command: &Command<'_>) -> Result<Seen, Refusal> {
    world.write(hours(3), |tx, personal, moment| tickets::act(tx, ticket, actor, command, personal, moment))
}

fn low(world: &mut World, member: MemberId) -> i64 {
    let request = world.asked(11, member, noon());
    world.submit(request, &stars(1), hours(1)).expect("lawful").ticket.expect("a ticket")
}

fn is_listed(world: &World, ticket: i64, actor: Actor) -> bool {
    let viewer = actor.viewer().expect("lawful");
    let listed = store::tickets::list(&world.sql, viewer, &Filter::default(), i64::MAX, 10).expect("lawful");
    listed.iter().any(|one| one.id == ticket)
}

#[test]
fn nobody_is_staff_to_their_own_ticket() {
    for (actor, until) in [(MANAGER, None), (MANAGER, Some(hours(2))), (SUPPORT, Some(noon())), (ADMIN, None)]
    {
        let mut world = World::new();
        let ticket = low(&mut world, ANNA);
        assert!(is_listed(&world, ticket, actor));
        world.link(actor.staff, ANNA, until);
        assert!(!is_listed(&world, ticket, actor), "{actor:?} {until:?}");
        for command in [&FIFTY, &Command::Comment("x"), &Command::Assign(None)] {
            assert_eq!(act(&mut world, ticket, actor, command), Err(Refusal::UnknownTicket), "{actor:?}");
        }
        let to = Command::Assign(Some(actor.staff));
        let colleague = if actor == SUPPORT { ADMIN } else { SUPPORT };
        assert_eq!(act(&mut world, ticket, colleague, &to), Err(Refusal::UnfitAssignee));
        assert_eq!(world.available(ANNA), 0);
    }
}

#[test]
fn a_colleague_is_compensated_by_support_alone() {
    let mut world = World::new();
    let ticket = low(&mut world, BORIS);
    act(&mut world, ticket, MANAGER, &FIFTY).expect("a guest like any other");
    // Somebody else's account, and no longer.
    world.link(OWNER.staff, BORIS, Some(hours(2)));
    assert_eq!(act(&mut world, ticket, MANAGER, &FIFTY), Err(FOR_SUPPORT));
    act(&mut world, ticket, SUPPORT, &FIFTY).expect("lawful");
    assert_eq!(world.available(BORIS), 10_000);
}

#[test]
fn what_was_not_bought_or_came_back_is_compensated_by_support_alone() {
    let mut world = World::new();
    let unasked = world
        .write(noon(), |tx, personal, moment| {
            guest::open(tx, ANNA, Some("ala-1"), "Холодно", personal, moment)
        })
        .expect("lawful")
        .ticket
        .id;
    assert!(is_listed(&world, unasked, MANAGER));
    for actor in [MANAGER, OWNER] {
        assert_eq!(act(&mut world, unasked, actor, &FIFTY), Err(FOR_SUPPORT), "no purchase is known");
    }
    assert_eq!(world.number("select count(*) from feedback_budgets"), 0, "nothing is left behind");
    act(&mut world, unasked, SUPPORT, &FIFTY).expect("lawful");

    let ticket = low(&mut world, BORIS);
    let receipt = world.number("select receipt_id from feedback_requests where status = 'answered'");
    world.give_all_back(receipt);
    assert_eq!(act(&mut world, ticket, MANAGER, &FIFTY), Err(FOR_SUPPORT), "all of it came back");
    act(&mut world, ticket, SUPPORT, &FIFTY).expect("lawful");
    assert_eq!(world.number("select coalesce(sum(amount), 0) from postings"), 0, "L1");
}

#[test]
fn tickets_about_no_outlet_have_a_budget_in_each_brand() {
    let mut world = World::new();
    let open = |world: &mut World| {
        world.write(noon(), |tx, personal, moment| guest::open(tx, ANNA, None, "x", personal, moment))
    };
    let ticket = open(&mut world).expect("lawful").ticket.id;
    let other = "insert into feedback_budgets (budget, subject, period, spent) values ('outlet', 'none:south', '2026-11', 300000)";
    world.sql.connection().execute_batch(other).expect("lawful");
    act(&mut world, ticket, SUPPORT, &FIFTY).expect("another brand's is spent");
    let own = "update feedback_budgets set spent = 300000 where subject = 'none:north'";
    assert_eq!(world.sql.connection().execute(own, []), Ok(1));
    let over = act(&mut world, ticket, SUPPORT, &FIFTY).unwrap_err();
    assert!(matches!(over, Refusal::OverLimit(OverLimit::Outlet { .. })), "{over}");
}

#[test]
fn a_long_thread_shows_its_end() {
    let mut world = World::new();
    let ticket = low(&mut world, ANNA);
    world
        .write(hours(2), |tx, _, moment| {
            (0..club::member::words::THREAD_MAX).try_for_each(|_| {
                let event = NewEvent {
                    id: moment.ids.next(moment.now),
                    ticket,
                    act: Act::GuestWrote,
                    at: moment.now,
                    by: None,
                    assignee: None,
                    body_sealed: None,
                    points: None,
                    outcome: None,
                    team: None,
                };
                thread::insert(tx, &event)
            })
        })
        .expect("lawful");
    let seen = act(&mut world, ticket, MANAGER, &Command::Comment("последнее")).expect("lawful");
    let last = seen.thread.last().and_then(|line| line.text.clone());
    assert_eq!(last.as_deref(), Some("последнее"));
    assert!(seen.thread.windows(2).all(|pair| pair[0].event.id < pair[1].event.id), "oldest first");
}

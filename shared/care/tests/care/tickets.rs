//! A low answer, what staff see and do, what the guest sees.

use care::Refusal;
use care::guest;
use care::tickets::{self, Actor, Command, Seen};
use feedback::answer::Answer;
use feedback::ticket::{Act, Outcome, OverLimit, Refused, State};
use kernel::{Points, Timestamp};
use store::tickets::Filter;

use crate::world::{
    ADMIN, ANNA, BORIS, MANAGER, OTHER_MANAGER, OWNER, SUPPORT, World, bytes, hours, noon, stars,
};
use club::personal::Personal;

fn act(
    world: &mut World,
    ticket: i64,
    actor: Actor,
    command: &Command<'_>,
    now: Timestamp,
) -> Result<Seen, Refusal> {
    world.write(now, |tx, personal, moment| tickets::act(tx, ticket, actor, command, personal, moment))
}

fn low(world: &mut World) -> i64 {
    let request = world.asked(11, ANNA, noon());
    let answer =
        Answer { text: Some("Долго ждали".to_owned()), tags: vec!["slow".to_owned()], ..stars(2) };
    world.submit(request, &answer, hours(1)).expect("lawful").ticket.expect("a ticket")
}

fn sees(world: &World, ticket: i64, actor: Actor) -> bool {
    let personal = Personal { secrets: &world.secrets, random: &bytes };
    let read = tickets::read(&world.sql, ticket, actor, personal);
    let listed =
        store::tickets::list(&world.sql, actor.viewer().expect("lawful"), &Filter::default(), i64::MAX, 10);
    let is_listed = listed.expect("lawful").iter().any(|one| one.id == ticket);
    assert_eq!(read.is_ok(), is_listed, "a list shows what can be read");
    is_listed
}

fn points(text: &str) -> Points {
    Points::parse(text).expect("lawful")
}

#[test]
fn a_low_answer_is_a_ticket_of_its_outlet_at_once() {
    let mut world = World::new();
    let request = world.asked(11, ANNA, noon());
    assert_eq!(
        world.submit(request, &stars(0), noon()).map(|_| ()).unwrap_err().to_string(),
        "the answer does not fit the questions"
    );
    assert_eq!(world.number("select count(*) from feedback_answers"), 0);
    let ticket = world.submit(request, &stars(1), hours(1)).expect("lawful").ticket.expect("lawful");
    assert_eq!(world.submit(request, &stars(5), hours(1)), Err(Refusal::Answered), "a link works once");
    assert!(sees(&world, ticket, MANAGER) && sees(&world, ticket, OWNER));
    assert!(sees(&world, ticket, SUPPORT) && sees(&world, ticket, ADMIN));
    assert!(!sees(&world, ticket, OTHER_MANAGER), "another outlet's");
    let good = world.asked(12, BORIS, hours(2));
    assert_eq!(world.submit(good, &stars(5), hours(3)).expect("lawful").ticket, None);
    assert_eq!(world.submit(good + 1, &stars(5), hours(3)), Err(Refusal::UnknownRequest));
}

#[test]
fn what_is_about_the_manager_is_not_the_managers() {
    let mut world = World::new();
    let request = world.asked(11, ANNA, noon());
    let answer = Answer { tags: vec!["rude".to_owned()], ..stars(3) };
    let ticket = world.submit(request, &answer, hours(1)).expect("lawful").ticket.expect("lawful");
    assert!(!sees(&world, ticket, MANAGER), "routed to the franchisee's desk");
    assert!(sees(&world, ticket, OWNER) && sees(&world, ticket, SUPPORT));
}

#[test]
fn an_expired_question_takes_no_answer() {
    let mut world = World::new();
    let request = world.asked(11, ANNA, noon());
    assert_eq!(world.submit(request, &stars(1), hours(24 * 5)), Err(Refusal::Expired));
}

#[test]
fn compensations_end_up_in_the_ledger_within_their_limits() {
    let mut world = World::new();
    let ticket = low(&mut world);
    let give = |text: &str| Command::Compensate { points: points(text), reason: "Простите нас" };
    let over = act(&mut world, ticket, MANAGER, &give("200.01"), hours(2)).unwrap_err();
    assert!(matches!(over, Refusal::OverLimit(OverLimit::Ticket { .. })), "{over}");
    assert_eq!(world.available(ANNA), 0, "a refusal leaves nothing behind");
    assert_eq!(world.number("select count(*) from feedback_budgets"), 0);
    act(&mut world, ticket, MANAGER, &give("150.00"), hours(2)).expect("lawful");
    assert_eq!(world.available(ANNA), 15_000);
    let over = act(&mut world, ticket, MANAGER, &give("50.01"), hours(2)).unwrap_err();
    assert!(matches!(over, Refusal::OverLimit(OverLimit::Ticket { left, .. }) if left == points("50.00")));
    // The role above may go on to its own limit, and all of it to the guest's.
    act(&mut world, ticket, SUPPORT, &give("450.00"), hours(2)).expect("lawful");
    let over = act(&mut world, ticket, SUPPORT, &give("0.01"), hours(2)).unwrap_err();
    assert!(matches!(over, Refusal::OverLimit(OverLimit::Guest { .. })), "{over}");
    assert_eq!(world.available(ANNA), 60_000);
    assert_eq!(
        world.number("select count(*) from entries where event like 'ticket:%' and kind = 'adjustment'"),
        2
    );
    assert_eq!(world.number("select coalesce(sum(amount), 0) from postings"), 0, "L1");
    assert_eq!(world.text("select note from entries limit 1"), "Простите нас");
    let other = act(&mut world, ticket, OTHER_MANAGER, &give("1.00"), hours(2)).unwrap_err();
    assert_eq!(other, Refusal::UnknownTicket);
}

#[test]
fn a_ticket_goes_its_way() {
    let mut world = World::new();
    let ticket = low(&mut world);
    let fit = act(&mut world, ticket, OWNER, &Command::Assign(Some(OTHER_MANAGER.staff)), hours(2));
    assert_eq!(fit.unwrap_err(), Refusal::UnfitAssignee);
    let seen =
        act(&mut world, ticket, OWNER, &Command::Assign(Some(MANAGER.staff)), hours(2)).expect("lawful");
    assert_eq!((seen.ticket.state, seen.ticket.assignee), (State::Assigned, Some(MANAGER.staff)));
    assert_eq!((seen.text.as_deref(), seen.head.guest.as_str()), (Some("Долго ждали"), "•••"));
    act(&mut world, ticket, MANAGER, &Command::Comment("смена Алии"), hours(2)).expect("lawful");
    act(&mut world, ticket, MANAGER, &Command::Answer("Разберёмся"), hours(3)).expect("lawful");
    let own = world
        .write(hours(4), |tx, personal, moment| guest::write(tx, ANNA, ticket, "Спасибо", personal, moment))
        .expect("lawful");
    assert_eq!(own.ticket.state, State::Assigned, "whoever answered has it again");
    let texts: Vec<&str> = own.thread.iter().filter_map(|line| line.text.as_deref()).collect();
    assert_eq!(texts, ["Разберёмся", "Спасибо"], "no words among colleagues");
    let stranger =
        world.write(hours(4), |tx, personal, moment| guest::write(tx, BORIS, ticket, "?", personal, moment));
    assert_eq!(stranger.unwrap_err(), Refusal::UnknownTicket);
    let close =
        |lesson| Command::Close { outcome: Outcome::Fixed, changed_process: true, lesson, in_kind: None };
    let refused = act(&mut world, ticket, MANAGER, &close(None), hours(5)).unwrap_err();
    assert_eq!(refused, Refusal::Ticket(Refused::NoLesson));
    let seen =
        act(&mut world, ticket, MANAGER, &close(Some("второй бариста в обед")), hours(5)).expect("lawful");
    assert!(seen.ticket.changed_process && seen.ticket.state == State::Closed);
    let late = act(&mut world, ticket, MANAGER, &Command::Comment("x"), hours(6)).unwrap_err();
    assert_eq!(late, Refusal::Ticket(Refused::Closed), "F3");
    // The guest's words take it up again.
    world
        .write(hours(7), |tx, personal, moment| guest::write(tx, ANNA, ticket, "Опять", personal, moment))
        .expect("lawful");
    let acts = world.text("select group_concat(act, ' ') from (select act from ticket_events order by id)");
    assert_eq!(acts, "opened assigned commented answered guest_wrote closed reopened guest_wrote");
    let told = world.text("select group_concat(topic, ' ') from (select topic from notifications where topic like 'ticket%' order by id)");
    assert_eq!(told, "ticket.answer ticket.closed");
    assert!(world.sql.connection().execute("delete from ticket_events", []).is_err(), "append-only");
    assert!(Act::parse("opened").is_ok());
}

#[test]
fn guests_write_without_being_asked() {
    let mut world = World::new();
    let mut open = |outlet, words: &str| {
        world.write(noon(), |tx, personal, moment| guest::open(tx, ANNA, outlet, words, personal, moment))
    };
    let urgent = open(Some("ala-1"), "Кажется, я отравился").expect("lawful").ticket;
    assert_eq!((urgent.topic.as_str(), urgent.desk.code()), ("safety", "support"));
    let plain = open(Some("ala-1"), "Где салфетки?").expect("lawful").ticket;
    assert_eq!((plain.topic.as_str(), plain.desk.code()), ("message", "outlet_manager"));
    assert_eq!(open(Some("nowhere"), "?").unwrap_err(), Refusal::UnknownOutlet);
    let chain = open(None, "Про приложение").expect("lawful").ticket;
    assert!(matches!(open(None, "ещё"), Err(Refusal::Limited { .. })), "three a day");
    assert!(sees(&world, plain.id, MANAGER) && !sees(&world, plain.id, OTHER_MANAGER));
    assert!(!sees(&world, chain.id, MANAGER) && !sees(&world, chain.id, OWNER));
    assert!(sees(&world, chain.id, SUPPORT));
}

#[test]
fn nothing_is_called_compensated_that_was_not() {
    let mut world = World::new();
    let ticket = low(&mut world);
    let close = |in_kind| Command::Close {
        outcome: Outcome::Compensated,
        changed_process: false,
        lesson: None,
        in_kind,
    };
    for in_kind in [None, Some("  ")] {
        let refused = act(&mut world, ticket, MANAGER, &close(in_kind), hours(2)).unwrap_err();
        assert_eq!(refused, Refusal::Ticket(Refused::NothingGiven));
    }
    let sql = "update tickets set state = 'closed', closed_at = 1, outcome = 'compensated'";
    assert!(world.sql.connection().execute(sql, []).is_err(), "the database refuses it too");
    let seen = act(&mut world, ticket, MANAGER, &close(Some("Новый капучино")), hours(2)).expect("lawful");
    assert_eq!((seen.ticket.in_kind, seen.ticket.compensated), (true, points("0.00")));
    let own =
        world.write(hours(3), |tx, personal, _| guest::read(tx, ANNA, ticket, personal)).expect("lawful");
    let last = own.thread.last().and_then(|line| line.text.as_deref());
    assert_eq!(last, Some("Новый капучино"), "the guest reads what was said to be given");
    // What was given stays given when the ticket is taken up again; points by the ledger are enough as well.
    act(&mut world, ticket, MANAGER, &Command::Reopen("ещё"), hours(3)).expect("lawful");
    act(&mut world, ticket, MANAGER, &close(None), hours(4)).expect("lawful");
    let request = world.asked(11, BORIS, hours(5));
    let other = world.submit(request, &stars(1), hours(6)).expect("lawful").ticket.expect("a ticket");
    let give = Command::Compensate { points: points("10.00"), reason: "Простите нас" };
    act(&mut world, other, MANAGER, &give, hours(7)).expect("lawful");
    act(&mut world, other, MANAGER, &close(None), hours(7)).expect("lawful");
    let asked = store::tickets::report::Asked {
        staff: MANAGER.staff,
        desk: MANAGER.viewer().expect("lawful").desk,
        opened: (noon(), hours(24)),
        now: hours(8),
        brand: None,
        outlet: None,
    };
    let sums =
        care::report::of_tickets(&world.sql, store::tickets::report::By::Team, &asked).expect("lawful");
    let sums = &sums[0];
    assert_eq!((sums.tickets, sums.with_points, sums.in_kind, sums.compensated), (2, 1, 1, points("10.00")));
}

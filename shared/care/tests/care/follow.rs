//! Staff are told, once each thing, and of their own tickets only.

use care::follow::{Reader, Reading, TOLD_MAX, What};
use care::guest;
use care::tickets::{self, Actor, Command};
use kernel::Timestamp;
use kernel::time::{DAY_MS, SECOND_MS};
use store::tickets::follow::{Narrowed, Waiting, count_waiting};

use crate::world::{ANNA, BORIS, MANAGER, OTHER_MANAGER, SUPPORT, World, hours, noon, stars};

fn reader(actor: Actor, place: Option<&str>) -> Reader {
    Reader::new(actor.viewer().expect("lawful"), Narrowed::default(), place)
}

fn read(world: &World, reader: &mut Reader, now: Timestamp) -> Reading {
    reader.read(&world.sql, now).expect("lawful")
}

fn told(reading: &Reading) -> Vec<(What, i64)> {
    reading.news.iter().map(|news| (news.what, news.ticket.id)).collect()
}

fn open(world: &mut World, member: kernel::MemberId, words: &str, now: Timestamp) -> i64 {
    let own = world
        .write(now, |tx, personal, moment| guest::open(tx, member, Some("ala-1"), words, personal, moment));
    own.expect("lawful").ticket.id
}

fn act(world: &mut World, ticket: i64, actor: Actor, command: &Command<'_>, now: Timestamp) {
    world
        .write(now, |tx, personal, moment| tickets::act(tx, ticket, actor, command, personal, moment))
        .expect("lawful");
}

#[test]
fn a_ticket_is_told_when_it_is_there_and_when_something_happens_to_it() {
    let mut world = World::new();
    let first = open(&mut world, ANNA, "Где салфетки?", noon());
    let (mut manager, mut other) = (reader(MANAGER, None), reader(OTHER_MANAGER, None));
    let begun = read(&world, &mut manager, noon());
    assert!(begun.begins);
    assert_eq!(told(&begun), [(What::Ticket, first)]);
    assert_eq!(told(&read(&world, &mut other, noon())), []);
    assert_eq!(told(&read(&world, &mut manager, noon())), [], "once");

    let request = world.asked(11, BORIS, hours(1));
    let second = world.submit(request, &stars(1), hours(1)).expect("lawful").ticket.expect("a ticket");
    let safety = open(&mut world, ANNA, "Кажется, я отравился", hours(1));
    let news = read(&world, &mut manager, hours(1));
    assert!(!news.begins);
    assert_eq!(told(&news), [(What::Ticket, second)], "what is support's is not the manager's");
    let heard = news.news.last().map(|news| news.place.clone()).expect("news");
    act(&mut world, first, SUPPORT, &Command::Comment("займитесь"), hours(2));
    assert_eq!(told(&read(&world, &mut manager, hours(2))), [(What::Ticket, first)]);
    // Whoever comes back hears what they missed and nothing twice.
    let mut back = reader(MANAGER, Some(&heard));
    assert_eq!(told(&read(&world, &mut back, hours(2))), [(What::Ticket, first)]);
    assert_eq!(told(&read(&world, &mut other, hours(2))), []);
    let mut support = reader(SUPPORT, None);
    let all: Vec<i64> = told(&read(&world, &mut support, hours(2))).into_iter().map(|told| told.1).collect();
    assert_eq!(all, [first, second, safety], "oldest first");
}

#[test]
fn time_runs_out_aloud() {
    let mut world = World::new();
    // Urgent: an answer within the hour, the end within the day.
    let ticket = open(&mut world, ANNA, "отравился", noon());
    let mut support = reader(SUPPORT, None);
    read(&world, &mut support, noon());
    assert_eq!(told(&read(&world, &mut support, hours(1))), [], "the last moment");
    let past = hours(1).plus_millis(6 * SECOND_MS);
    assert_eq!(told(&read(&world, &mut support, past)), [(What::Overdue, ticket)]);
    assert_eq!(told(&read(&world, &mut support, hours(2))), [], "once");
    act(&mut world, ticket, SUPPORT, &Command::Answer("Звоним"), hours(3));
    assert_eq!(told(&read(&world, &mut support, hours(3))), [(What::Ticket, ticket)]);
    let waiting = count_waiting(&world.sql, hours(4)).expect("lawful");
    assert_eq!(waiting, Waiting { unclosed: 1, unanswered: 0, overdue: 0, urgent: 0 });
    assert_eq!(told(&read(&world, &mut support, hours(24))), []);
    assert_eq!(told(&read(&world, &mut support, hours(25))), [(What::Overdue, ticket)]);
    let waiting = count_waiting(&world.sql, hours(25)).expect("lawful");
    assert_eq!(waiting, Waiting { unclosed: 1, unanswered: 0, overdue: 1, urgent: 1 });
}

#[test]
fn nobody_misses_anything_however_they_come_back() {
    let mut world = World::new();
    let ids = world.tickets(TOLD_MAX + 20, noon());
    let now = hours(3);
    let mut late = reader(MANAGER, Some(&format!("0-{}", now.millis())));
    let first = read(&world, &mut late, now);
    assert_eq!(first.news.len() as i64, TOLD_MAX);
    let second = read(&world, &mut late, now);
    let heard: Vec<i64> = told(&first).into_iter().chain(told(&second)).map(|told| told.1).collect();
    assert_eq!(heard, ids);
    // The connection broke in the middle of the beginning: it begins anew.
    let mut begun = reader(MANAGER, None);
    let begin = read(&world, &mut begun, now);
    let mut broken = reader(MANAGER, Some(&begin.news[3].place));
    assert!(read(&world, &mut broken, now).begins);
    // No place, one of a day ago, and one of tomorrow.
    for place in ["", "x", "5", "-5-5", "1-99999999999999999999", "4294967296-5"] {
        assert!(read(&world, &mut reader(MANAGER, Some(place)), now).begins, "{place}");
    }
    for at in [now.plus_millis(-DAY_MS - 1), now.plus_millis(1)] {
        let place = format!("3-{}", at.millis());
        assert!(read(&world, &mut reader(MANAGER, Some(&place)), now).begins, "{place}");
    }
    // More ran out of their time at once than is told at once.
    let place = format!("{}-{}", ids.len(), hours(11).millis());
    assert!(read(&world, &mut reader(MANAGER, Some(&place)), hours(13)).begins);
}

#[test]
fn a_feed_is_narrowed() {
    let mut world = World::new();
    let mine = open(&mut world, ANNA, "один", noon());
    open(&mut world, ANNA, "два", noon());
    act(&mut world, mine, MANAGER, &Command::Assign(None), noon());
    let viewer = MANAGER.viewer().expect("lawful");
    for (narrowed, expected) in [
        (Narrowed { assignee: Some(MANAGER.staff), ..Narrowed::default() }, 1),
        (Narrowed { outlet: Some("ala-1".to_owned()), ..Narrowed::default() }, 2),
        (Narrowed { outlet: Some("msk-9".to_owned()), ..Narrowed::default() }, 0),
    ] {
        let mut reader = Reader::new(viewer, narrowed.clone(), None);
        assert_eq!(read(&world, &mut reader, noon()).news.len(), expected, "{narrowed:?}");
        let mut late = Reader::new(viewer, narrowed, Some(&format!("0-{}", noon().millis())));
        assert_eq!(read(&world, &mut late, noon()).news.len(), expected);
    }
}

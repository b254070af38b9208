//! Told once, whatever goes wrong.

use kernel::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use kernel::{MemberId, NotificationId};
use messaging::outcome::TRIES_MAX;
use messaging::{Channel, Topic};
use post::{Refusal, desk};
use store::deliveries::Status;

use crate::carriers::{self, Desk, Does, FCM, RUSTORE, SMS, TOKEN};
use crate::telling::{answer, delivery, intend, status, tick};
use crate::world::World;

#[test]
fn a_carrier_in_trouble_is_tried_again_then_left_for_another_way() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    desk.set(FCM, Does::NotSent);
    let id = intend(&mut world, anna, Topic::TicketAnswer, r#"{"ticket":"T-1"}"#, 10 * DAY_MS);
    tick(&mut world, &desk);
    let first = delivery(&world, id);
    assert_eq!((first.status, first.tries), (Status::Queued, 1));
    let wait = first.due_at.millis() - world.now.millis();
    assert!((5 * SECOND_MS..=10 * SECOND_MS).contains(&wait), "{wait}");
    for _ in 0..200 {
        world.wait(MINUTE_MS);
        tick(&mut world, &desk);
        if status(&world, id).0 != Status::Queued {
            break;
        }
    }
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    assert_eq!(desk.calls(FCM), TRIES_MAX as usize, "the breaker's waits are no tries");
}

#[test]
fn what_no_way_took_is_dead_and_a_person_sends_it_again() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    desk_of.set(SMS, Does::Answers(422, String::new()));
    let id = answer(&mut world, anna);
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, id), (Status::Dead, Some(Channel::Sms)));
    assert_eq!(delivery(&world, id).code.as_deref(), Some("exhausted"));
    let named = NotificationId::from_raw(id);
    let carriers = carriers::all();
    let requeue = |world: &mut World| world.tx(|tx, _, moment| desk::requeue(tx, named, &carriers, moment));
    world.wait(2 * DAY_MS);
    requeue(&mut world).unwrap();
    desk_of.heal();
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)), "also when its time was over");
    let id_of = |call: usize| desk_of.bodies(SMS)[call]["id"].clone();
    assert_ne!(id_of(0), id_of(1), "the gateway would take the same id for a repetition");
    assert_eq!(requeue(&mut world), Err(Refusal::NotFailed));
    let unknown = world.tx(|tx, _, moment| desk::requeue(tx, NotificationId::from_raw(1), &carriers, moment));
    assert_eq!(unknown, Err(Refusal::Unknown));
}

#[test]
fn death_between_call_and_record_tells_nobody_twice() {
    let mut world = World::new();
    let desk = Desk::default();
    let (anna, bolat) = (world.member(1), world.member(2));
    world.link(anna, Channel::PushFcm, "token-a");
    world.link(bolat, Channel::PushRustore, "token-b");
    let (to_anna, to_bolat) = (answer(&mut world, anna), answer(&mut world, bolat));
    // The token first: it is another call.
    tick(&mut world, &desk);
    assert_eq!(status(&world, to_anna).0, Status::Sent);
    let (again_anna, again_bolat) = (answer(&mut world, anna), answer(&mut world, bolat));
    world.wait(MINUTE_MS);
    desk.dies.set(true);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tick(&mut world, &desk)));
    assert!(died.is_err());
    desk.dies.set(false);
    let calls = desk.asked.borrow().len();
    tick(&mut world, &desk);
    assert_eq!(desk.asked.borrow().len(), calls, "while the lease runs, nobody else is at it");
    world.wait(2 * MINUTE_MS);
    tick(&mut world, &desk);
    // FCM replaces by tag: told again it is shown once. RuStore would show it twice.
    assert_eq!(status(&world, again_anna).0, Status::Sent);
    assert_eq!(status(&world, again_bolat).0, Status::Unconfirmed);
    assert_eq!(status(&world, to_bolat).0, Status::Sent);
    let tag = |call: usize| desk.bodies(FCM)[call]["message"]["android"]["notification"]["tag"].clone();
    assert_eq!(tag(1), tag(2), "under the same tag");
}

#[test]
fn silence_of_a_carrier_that_knows_no_ids_is_for_a_person() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushRustore, "token-a");
    desk.set(RUSTORE, Does::Silent);
    let id = answer(&mut world, anna);
    let done = tick(&mut world, &desk);
    assert_eq!(status(&world, id).0, Status::Unconfirmed);
    assert_eq!(done.complaints.len(), 1);
    world.wait(DAY_MS);
    tick(&mut world, &desk);
    assert_eq!((desk.calls(RUSTORE), desk.calls(SMS)), (1, 0), "neither again nor another way");
}

#[test]
fn one_bad_intent_stops_no_other() {
    let mut world = World::new();
    let desk = Desk::default();
    let (anna, bolat) = (world.member(1), world.member(2));
    world.link(anna, Channel::PushFcm, "token-a");
    world.link(bolat, Channel::PushFcm, "token-b");
    let bad = intend(&mut world, anna, Topic::FeedbackRequest, r#"{"outlet":5}"#, DAY_MS);
    let evil =
        intend(&mut world, bolat, Topic::FeedbackRequest, r#"{"outlet":"o1","url":"javascript:1"}"#, DAY_MS);
    let good = answer(&mut world, anna);
    let done = tick(&mut world, &desk);
    for id in [bad, evil] {
        assert_eq!(
            (status(&world, id).0, delivery(&world, id).code.as_deref()),
            (Status::Dead, Some("unsayable"))
        );
    }
    assert_eq!(status(&world, good).0, Status::Sent);
    assert_eq!(done.complaints.len(), 2);
}

#[test]
fn a_token_is_exchanged_once_and_anew_when_it_is_refused() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    for _ in 0..3 {
        answer(&mut world, anna);
        world.wait(MINUTE_MS);
        tick(&mut world, &desk);
    }
    assert_eq!((desk.calls(FCM), desk.calls(TOKEN)), (3, 1));
    let sealed = "select count(*) from message_providers where token_sealed is not null and instr(token_sealed, 't') <> 1";
    assert_eq!(world.count(sealed), 1);
    desk.set(FCM, Does::Answers(401, "{}".to_owned()));
    let id = answer(&mut world, anna);
    let done = tick(&mut world, &desk);
    assert_eq!(status(&world, id).0, Status::Queued, "the message is not to blame");
    assert_eq!(done.complaints.len(), 1);
    desk.heal();
    world.wait(6 * MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!((status(&world, id).0, desk.calls(TOKEN)), (Status::Sent, 2));
}

#[test]
fn slower_is_obeyed_by_all_messages_of_a_carrier() {
    let mut world = World::new();
    let desk = Desk::default();
    let members: Vec<MemberId> = (1..=3).map(|number| world.member(number)).collect();
    for (number, &member) in members.iter().enumerate() {
        world.link(member, Channel::PushFcm, &format!("token-{number}"));
    }
    desk.set(FCM, Does::Answers(429, "{}".to_owned()));
    let first = answer(&mut world, members[0]);
    tick(&mut world, &desk);
    assert_eq!((status(&world, first).0, delivery(&world, first).tries), (Status::Queued, 0), "no try");
    desk.heal();
    answer(&mut world, members[1]);
    world.wait(30 * SECOND_MS);
    tick(&mut world, &desk);
    assert_eq!(desk.calls(FCM), 1, "a minute has not passed");
    world.wait(31 * SECOND_MS);
    tick(&mut world, &desk);
    assert_eq!(desk.calls(FCM), 3);
}

#[test]
fn a_request_whose_first_address_is_dead_does_not_count_against_itself() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.link(anna, Channel::PushRustore, "token-b");
    desk.set(FCM, carriers::unregistered());
    let ask = intend(&mut world, anna, Topic::FeedbackRequest, crate::telling::FEEDBACK, DAY_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, ask), (Status::Sent, Some(Channel::PushRustore)), "today, by the other way");
}

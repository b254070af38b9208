//! What people see of messages that reached nobody, and which of them they may have told again.

use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{NotificationId, Timestamp};
use membership::profile::Email;
use messaging::{Channel, Kind, Topic};
use post::carry::Carriers;
use post::{Refusal, desk};
use store::deliveries::desk::{Filter, list_unsent};
use store::deliveries::{Delivery, Status};
use store::message_settings;
use store::message_settings::MessageSettings;

use crate::carriers::{self, Desk, Does, FCM, SMS};
use crate::telling::{FEEDBACK, delivery, intend, status, tick, tick_with};
use crate::world::World;

const TIER: &str = r#"{"tier":"base","ends_on":"2026-12-01","grace_days":0}"#;
const ORDER: &str = r#"{"order":"17","reason":"guest"}"#;

fn reasons(world: &World, id: i64) -> String {
    delivery(world, id).reasons.text()
}

fn all(status: Status) -> Filter {
    let (from, until) = (Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX));
    Filter { status, topic: None, channel: None, from, until }
}

fn listed(world: &World, filter: Filter) -> Vec<i64> {
    list_unsent(&world.sql, filter, None, 99).unwrap().iter().map(|each| each.id).collect()
}

fn requeue(world: &mut World, id: i64, carriers: &Carriers) -> Result<(), Refusal> {
    world.tx(|tx, _, moment| desk::requeue(tx, NotificationId::from_raw(id), carriers, moment))
}

/// A night that is longer than the message is of use: no call was made, and still a person sees it, and why.
#[test]
fn what_expired_in_the_night_is_seen_with_the_reason_of_each_channel() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.chat(anna, "700000001");
    let no_chat = MessageSettings { off: vec![Kind::Telegram], ..MessageSettings::default() };
    world.tx(|tx, _, moment| message_settings::save(tx, anna, &no_chat, moment.now)).unwrap();
    world.now = Timestamp::parse("2026-11-25T23:30:00+05:00").unwrap();
    let night = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, 8 * HOUR_MS);
    tick(&mut world, &desk_of);
    assert_eq!(
        status(&world, night),
        (Status::Expired, Some(Channel::PushFcm)),
        "the way that it would have gone"
    );
    assert_eq!(
        reasons(&world, night),
        "push_fcm:quiet_hours push_rustore:no_address telegram:off email:no_address sms:not_worth"
    );
    assert_eq!(listed(&world, all(Status::Expired)), [night]);
    assert_eq!(requeue(&mut world, night, &carriers::all()), Err(Refusal::Outdated("over")));
    assert!(desk_of.asked.borrow().is_empty());
}

/// An outage of ours: no run came while it was of use.
#[test]
fn what_expired_in_an_outage_is_told_again_where_it_is_news_still() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let email = Email::parse("anna@example.com").unwrap();
    world
        .tx(|tx, personal, moment| post::contacts::offer_mailbox(tx, anna, &email, personal, moment))
        .unwrap();
    let code = world.count("select max(id) from notifications");
    let [order, award, tier, ask] = [
        (Topic::OrderCancelled, ORDER),
        (Topic::AwardGiven, r#"{"points":"100","reason":"r"}"#),
        (Topic::TierEnding, TIER),
        (Topic::FeedbackRequest, FEEDBACK),
    ]
    .map(|(topic, data)| intend(&mut world, anna, topic, data, HOUR_MS));
    world.wait(2 * HOUR_MS);
    tick(&mut world, &desk_of);
    for id in [code, order, award, tier, ask] {
        assert_eq!(status(&world, id).0, Status::Expired);
    }
    assert_eq!(
        reasons(&world, order),
        "push_fcm:late push_rustore:no_address telegram:no_address email:no_address sms:other_first"
    );
    assert!(reasons(&world, code).ends_with("email:late sms:not_meant"), "{}", reasons(&world, code));
    let carriers = carriers::all();
    for (id, refusal) in [(code, "one_time_code"), (tier, "over"), (ask, "over")] {
        assert_eq!(requeue(&mut world, id, &carriers), Err(Refusal::Outdated(refusal)));
        assert_eq!(status(&world, id).0, Status::Expired, "and nothing has happened");
    }
    for id in [order, award] {
        requeue(&mut world, id, &carriers).unwrap();
        let again = delivery(&world, id);
        assert_eq!((again.expires_at, again.reasons.text()), (world.now.plus_millis(DAY_MS), String::new()));
    }
    assert_eq!(listed(&world, all(Status::Expired)), [ask, tier, code]);
    tick(&mut world, &desk_of);
    world.wait(MINUTE_MS);
    tick(&mut world, &desk_of);
    assert_eq!([order, award].map(|id| status(&world, id).0), [Status::Sent; 2]);
    assert_eq!(requeue(&mut world, order, &carriers), Err(Refusal::NotFailed), "told once");
}

#[test]
fn what_is_dead_in_time_is_told_again_and_not_for_longer_than_it_was_of_use() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    desk_of.set(FCM, carriers::unregistered());
    desk_of.set(SMS, Does::Answers(422, String::new()));
    let sms_first = MessageSettings { preferred: Some(Kind::Sms), ..MessageSettings::default() };
    world.tx(|tx, _, moment| message_settings::save(tx, anna, &sms_first, moment.now)).unwrap();
    let tier = intend(&mut world, anna, Topic::TierEnding, TIER, 5 * DAY_MS);
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, tier).0, Status::Dead);
    assert_eq!(
        reasons(&world, tier),
        "push_fcm:no_address push_rustore:no_address telegram:no_address email:no_address sms:given_up",
        "the device is forgotten by now"
    );
    let before = delivery(&world, tier).expires_at;
    requeue(&mut world, tier, &carriers::all()).unwrap();
    assert_eq!(delivery(&world, tier).expires_at, before);
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, tier).0, Status::Dead);
    world.wait(5 * DAY_MS);
    assert_eq!(requeue(&mut world, tier, &carriers::all()), Err(Refusal::Outdated("over")));
}

#[test]
fn a_carrier_that_the_deployment_lacks_is_a_reason() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let none = Carriers { fcm: None, sms: None, ..carriers::all() };
    let id = intend(&mut world, anna, Topic::TicketClosed, r#"{"ticket":"T-1"}"#, DAY_MS);
    tick_with(&mut world, &desk_of, &none);
    assert_eq!(
        (status(&world, id).0, reasons(&world, id)),
        (
            Status::Dead,
            "push_fcm:no_carrier push_rustore:no_address telegram:no_address email:no_address sms:no_carrier"
                .to_owned()
        )
    );
}

#[test]
fn pages_go_on_where_they_ended_whatever_is_told_again_meanwhile() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let mut made = Vec::new();
    for number in 0..9 {
        let member = world.member(number);
        world.link(member, Channel::PushFcm, &format!("token-{number}"));
        // Three of them end at the same moment.
        for _ in 0..3 {
            made.push(intend(&mut world, member, Topic::OrderCancelled, ORDER, 1));
        }
        made.push(intend(&mut world, member, Topic::FeedbackRequest, FEEDBACK, 1));
        world.wait(HOUR_MS);
        tick(&mut world, &desk_of);
    }
    made.reverse();
    let page = |world: &World, filter, after: Option<&Delivery>| {
        let after = after.map(|last| (last.settled_at.unwrap(), last.id));
        list_unsent(&world.sql, filter, after, 5).unwrap()
    };
    let (mut seen, mut last): (Vec<i64>, Option<Delivery>) = (Vec::new(), None);
    loop {
        let found = page(&world, all(Status::Expired), last.as_ref());
        if found.is_empty() {
            break;
        }
        seen.extend(found.iter().map(|each| each.id));
        last = found.into_iter().next_back();
        if let Some(last) = last.as_ref().filter(|last| last.topic == Topic::OrderCancelled) {
            requeue(&mut world, last.id, &carriers::all()).unwrap();
        }
    }
    assert_eq!(seen, made, "each once, the latest first");
    let questions = Filter { topic: Some(Topic::FeedbackRequest), ..all(Status::Expired) };
    assert_eq!(listed(&world, questions).len(), 9);
    let by = |channel| Filter { channel: Some(channel), ..questions };
    assert_eq!([Channel::PushFcm, Channel::Sms].map(|channel| listed(&world, by(channel)).len()), [9, 0]);
    let first = delivery(&world, *made.last().unwrap()).created_at;
    let until = |hours: i64| Filter { until: first.plus_millis(hours * HOUR_MS), ..questions };
    assert_eq!([0, 1, 3].map(|hours| listed(&world, until(hours)).len()), [0, 1, 3]);
    let between = Filter { from: first.plus_millis(2 * HOUR_MS), ..until(4) };
    assert_eq!(listed(&world, between).len(), 2);
    assert_eq!(listed(&world, all(Status::Dead)), Vec::<i64>::new());
}

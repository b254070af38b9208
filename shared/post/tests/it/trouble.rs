//! Trouble that people have to hear of, and that keeps nobody from being told.

use std::cell::Cell;

use club::Moment;
use club::personal::Personal;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{NotificationId, Timestamp};
use messaging::channel::Lane;
use messaging::outcome::MISCONFIGURED_TRIES_MAX;
use messaging::{Channel, Kind, Topic};
use partner::{Answer, Exchange, Fault, Request};
use post::carry::Carriers;
use post::desk;
use post::outbox::{self, Bounds, CALLS_PER_BATCH, Ground};
use store::deliveries::{Status, desk as failed};
use store::message_settings::MessageSettings;
use store::{jobs, message_settings};

use crate::carriers::{self, Desk, Does, FCM, SMS};
use crate::telling::{FEEDBACK, answer, delivery, intend, status, tick};
use crate::world::{World, random};

#[test]
fn a_revoked_key_is_complained_about_and_another_way_taken() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    desk.set(FCM, Does::Answers(401, "{}".to_owned()));
    let id = intend(&mut world, anna, Topic::AccountHeld, "{}", DAY_MS);
    let began = world.now;
    let mut done = tick(&mut world, &desk);
    assert_eq!(done.complaints.len(), 1);
    while status(&world, id).0 == Status::Queued {
        assert!(world.now.millis() - began.millis() < HOUR_MS, "{done:?}");
        world.wait(MINUTE_MS);
        done = tick(&mut world, &desk);
    }
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    assert_eq!(desk.calls(FCM), MISCONFIGURED_TRIES_MAX as usize);
    assert_eq!(
        world.count("select count(*) from contacts where status = 'active'"),
        1,
        "the device is not to blame"
    );
}

#[test]
fn what_a_carrier_held_up_until_it_was_of_no_use_is_shown() {
    let mut world = World::new();
    let desk = Desk::default();
    let (anna, bolat) = (world.member(1), world.member(2));
    world.link(anna, Channel::PushFcm, "token-a");
    world.link(bolat, Channel::PushFcm, "token-b");
    let never = intend(&mut world, bolat, Topic::FeedbackRequest, FEEDBACK, MINUTE_MS);
    world.wait(2 * MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, never).0, Status::Expired, "nobody is to blame");
    // The carrier slows us down, and the second message is not even tried.
    desk.set(FCM, Does::Answers(429, "{}".to_owned()));
    intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, DAY_MS);
    tick(&mut world, &desk);
    let waits = intend(&mut world, bolat, Topic::FeedbackRequest, FEEDBACK, MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!(delivery(&world, waits).code.as_deref(), Some("carrier_waits"));
    world.wait(2 * MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, waits).0, Status::Dead);
    let since = Timestamp::from_millis(0);
    let count = |status| failed::count_unsent(&world.sql, status, since, 9).unwrap();
    assert_eq!([Status::Dead, Status::Unconfirmed, Status::Expired].map(count), [1, 0, 1]);
}

#[test]
fn an_answer_that_nobody_reads_is_shown_to_whoever_wrote_it() {
    let mut world = World::new();
    let desk_of = Desk::default();
    let anna = world.member(1);
    let none = MessageSettings { off: Kind::ALL.to_vec(), ..MessageSettings::default() };
    world.tx(|tx, _, moment| message_settings::save(tx, anna, &none, moment.now)).unwrap();
    let id = answer(&mut world, anna);
    let ask = intend(
        &mut world,
        anna,
        Topic::TierEnding,
        r#"{"tier":"base","ends_on":"2026-12-01","grace_days":0}"#,
        DAY_MS,
    );
    tick(&mut world, &desk_of);
    assert_eq!(
        (status(&world, id).0, delivery(&world, id).code.as_deref()),
        (Status::Dead, Some("unwanted"))
    );
    assert_eq!(status(&world, ask).0, Status::Withheld, "what only the service had to say");
    // Should the guest want it after all, the words are still there.
    world.tx(|tx, _, _| message_settings::erase(tx, anna)).unwrap();
    let carriers = carriers::all();
    world.tx(|tx, _, moment| desk::requeue(tx, NotificationId::from_raw(id), &carriers, moment)).unwrap();
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    assert!(desk_of.bodies(SMS)[0]["text"].as_str().unwrap().contains("Мы разобрались."));
}

/// A run as the timers make it.
fn run(
    world: &mut World,
    partners: &dyn Exchange,
    carriers: &Carriers,
    lane: Lane,
    clock: &dyn Fn() -> Timestamp,
) {
    let personal = Personal { secrets: &world.secrets, random: &random };
    let ground = Ground { sql: &world.sql, partners, personal, carriers, clock };
    let mut moment = Moment { now: world.now, ids: &mut world.ids };
    outbox::run(&ground, &mut moment, lane, Bounds::STANDARD).unwrap();
}

#[test]
fn a_carrier_that_cannot_be_used_is_said_with_the_job_once() {
    let mut world = World::new();
    let desk = Desk::default();
    let complaints = vec!["fcm_service_account: not JSON".to_owned()];
    let carriers = Carriers { fcm: None, complaints, ..carriers::all() };
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let now = world.now;
    run(&mut world, &desk, &carriers, Lane::Telegram, &|| now);
    let job = |world: &World, name| jobs::load(&world.sql, name).unwrap();
    let noted = job(&world, outbox::TELEGRAM).unwrap();
    assert_eq!((noted.last_done, noted.last_error.as_deref()), (0, Some("fcm_service_account: not JSON")));
    world.wait(MINUTE_MS);
    run(&mut world, &desk, &carriers, Lane::Telegram, &|| now);
    assert_eq!(job(&world, outbox::TELEGRAM).unwrap().last_started_at, noted.last_started_at, "written once");
    let id = answer(&mut world, anna);
    run(&mut world, &desk, &carriers, Lane::Direct, &|| now);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)), "and the others go on");
}

/// Every call takes seconds.
struct Slow<'a> {
    now: &'a Cell<Timestamp>,
}

impl Exchange for Slow<'_> {
    fn exchange(&self, _: &Request) -> Result<Answer, Fault> {
        self.now.set(self.now.get().plus_millis(2_000));
        Ok(Answer {
            status: 200,
            headers: Vec::new(),
            body: br#"{"provider_id":"s","status":"accepted"}"#.to_vec(),
        })
    }
}

#[test]
fn leases_of_a_long_run_are_counted_from_when_they_are_taken() {
    let mut world = World::new();
    let now = Cell::new(world.now);
    // More than one batch, and each lasts longer than a lease.
    for number in 0..40 {
        let member = world.member(number);
        answer(&mut world, member);
    }
    let slow = Slow { now: &now };
    run(&mut world, &slow, &carriers::all(), Lane::Direct, &|| now.get());
    assert_eq!(world.count("select count(*) from deliveries where status = 'sent'"), 40);
    let batches = "select count(distinct at) from delivery_tries";
    assert_eq!(world.count(batches), 2);
    let ended =
        |which: &str| world.count(&format!("select {which}(at) from delivery_tries")) - world.now.millis();
    assert_eq!(
        [ended("min"), ended("max")],
        [32 * 2_000, 40 * 2_000],
        "each is recorded by the time at which it was over, and the second began then"
    );
    let noted = jobs::load(&world.sql, outbox::DIRECT).unwrap().unwrap();
    assert_eq!(noted.last_started_at, Some(world.now), "by which the timer knows whose duration it measured");
}

/// Whoever waits for the answer is cut off after half a minute, and a call may take ten seconds.
#[test]
fn a_run_by_hand_is_one_batch_and_says_whether_there_is_more() {
    let mut world = World::new();
    let desk = Desk::default();
    for number in 0..40 {
        let member = world.member(number);
        answer(&mut world, member);
    }
    let (carriers, now) = (carriers::all(), world.now);
    let mut by_hand = || {
        let personal = Personal { secrets: &world.secrets, random: &random };
        let ground =
            Ground { sql: &world.sql, partners: &desk, personal, carriers: &carriers, clock: &|| now };
        let mut moment = Moment { now, ids: &mut world.ids };
        outbox::run(&ground, &mut moment, Lane::Direct, Bounds::BY_HAND).unwrap()
    };
    let [first, second] = [by_hand(), by_hand()].map(|done| (done.sent, done.more));
    assert_eq!([first, second], [(CALLS_PER_BATCH, true), (40 - CALLS_PER_BATCH, false)]);
}

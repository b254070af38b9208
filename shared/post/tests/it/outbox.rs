//! Told once, the right way, at the right hour.

use club::lifecycle::NOTIFICATIONS_KEPT_MS;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{MemberId, NotificationId, Timestamp};
use messaging::{Channel, Topic};
use post::outbox::Done;
use store::contacts::Status as ContactStatus;
use store::deliveries::{self, Status, tries};
use store::message_settings::MessageSettings;
use store::{contacts, message_settings, notifications};

use crate::carriers::{Desk, Does, EMAIL, FCM, SMS, TELEGRAM, unregistered};
use crate::telling::{FEEDBACK, answer, delivery, intend, status, tick};
use crate::world::World;

#[test]
fn push_comes_before_a_text_message_and_once() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let id = answer(&mut world, anna);
    let done = tick(&mut world, &desk);
    assert_eq!((done.planned, done.called, done.sent, done.failed), (1, 1, 1, 0));
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::PushFcm)));
    let body = &desk.bodies(FCM)[0];
    assert_eq!(body["message"]["token"], "token-a");
    assert_eq!(body["message"]["notification"]["title"], "Мы ответили на ваше обращение");
    assert!(body["message"]["notification"]["body"].as_str().unwrap().ends_with("Мы разобрались."));
    assert_eq!(body["message"]["data"]["id"], NotificationId::from_raw(id).to_string());
    world.wait(DAY_MS);
    assert_eq!(tick(&mut world, &desk), Done::default(), "nothing is told twice");
    assert_eq!(world.count("select count(*) from notifications where body_sealed is not null"), 0);
}

#[test]
fn a_dead_device_is_forgotten_and_the_next_way_taken() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    let device = world.link(anna, Channel::PushFcm, "token-a");
    desk.set(FCM, unregistered());
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)), "in the same run");
    let gone = contacts::load(&world.sql, device.raw()).unwrap().unwrap();
    assert_eq!((gone.status, gone.reason.as_deref()), (ContactStatus::Dead, Some("unreachable")));
    let outcomes: Vec<String> =
        tries::list(&world.sql, id, 9).unwrap().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, ["accepted", "unreachable"]);
    assert_eq!(desk.bodies(SMS)[0]["kind"], "service");
    // A request is not worth a text message: it ends here.
    let ask = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, DAY_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, ask), (Status::Withheld, None));
}

#[test]
fn nothing_is_shown_at_night_by_the_guests_clock() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.now = Timestamp::parse("2026-11-25T23:30:00+05:00").unwrap();
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(delivery(&world, id).due_at, Timestamp::parse("2026-11-26T09:00:00+05:00").unwrap());
    // In Lisbon it is evening: who travels is reached there.
    let travels = MessageSettings { zone: Some("Europe/Lisbon".to_owned()), ..MessageSettings::default() };
    world.tx(|tx, _, moment| message_settings::save(tx, anna, &travels, moment.now)).unwrap();
    let second = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, second).0, Status::Sent);
    world.now = Timestamp::parse("2026-11-26T08:59:59+05:00").unwrap();
    message_settings_cleared(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id).0, Status::Queued);
    world.wait(SECOND_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id).0, Status::Sent);
}

fn message_settings_cleared(world: &mut World, member: MemberId) {
    world.tx(|tx, _, _| message_settings::erase(tx, member)).unwrap();
}

#[test]
fn requests_made_together_do_not_come_together() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    for _ in 0..3 {
        intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, 10 * DAY_MS);
    }
    tick(&mut world, &desk);
    assert_eq!(desk.calls(FCM), 1);
    world.wait(DAY_MS - HOUR_MS);
    tick(&mut world, &desk);
    assert_eq!(desk.calls(FCM), 1);
    world.wait(2 * HOUR_MS);
    tick(&mut world, &desk);
    assert_eq!(desk.calls(FCM), 2);
}

#[test]
fn what_is_of_no_more_use_dies() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let late = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, HOUR_MS);
    world.wait(HOUR_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, late).0, Status::Expired);
    desk.set(FCM, Does::NotSent);
    let tried = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, 12 * SECOND_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, tried).0, Status::Queued);
    world.wait(MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!((status(&world, tried).0, desk.calls(FCM)), (Status::Dead, 1), "people see what was tried");
    assert_eq!(delivery(&world, tried).code.as_deref(), Some("too_late"));
}

#[test]
fn a_code_goes_to_its_mailbox_at_any_hour_and_nowhere_else() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.now = Timestamp::parse("2026-11-25T23:30:00+05:00").unwrap();
    let email = membership::profile::Email::parse("anna@example.com").unwrap();
    world
        .tx(|tx, personal, moment| post::contacts::offer_mailbox(tx, anna, &email, personal, moment))
        .unwrap();
    tick(&mut world, &desk);
    assert_eq!((desk.calls(EMAIL), desk.calls(FCM), desk.calls(SMS)), (1, 0, 0));
    assert_eq!(desk.bodies(EMAIL)[0]["to"][0], "anna@example.com");
    assert_eq!(desk.bodies(EMAIL)[0]["subject"], "Daily: код подтверждения");
}

#[test]
fn a_blocked_member_hears_of_the_block_alone() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.change("update members set status = 'blocked'");
    let held = intend(&mut world, anna, Topic::AccountHeld, "{}", DAY_MS);
    let ask = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, DAY_MS);
    tick(&mut world, &desk);
    assert_eq!((status(&world, held).0, status(&world, ask).0), (Status::Sent, Status::Withheld));
    assert_eq!(delivery(&world, ask).code.as_deref(), Some("member_inactive"));
}

#[test]
fn a_bot_tells_it_and_a_chat_that_is_shut_is_left() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.chat(anna, "700000001");
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Telegram)));
    let body = &desk.bodies(TELEGRAM)[0];
    assert_eq!(body["chat_id"], 700_000_001);
    assert!(body["text"].as_str().unwrap().starts_with("<b>Мы ответили на ваше обращение</b>"));
    let url = desk.asked.borrow()[0].url.clone();
    assert_eq!(url, "http://telegram/bot6000000001:AA/sendMessage");
    let shut = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
    desk.set(TELEGRAM, Does::Answers(403, shut.to_owned()));
    world.wait(MINUTE_MS);
    let second = answer(&mut world, anna);
    tick(&mut world, &desk);
    // The other outbox goes on with it.
    tick(&mut world, &desk);
    assert_eq!(status(&world, second), (Status::Sent, Some(Channel::Sms)));
    assert_eq!(world.count("select count(*) from telegram_links where blocked_at is not null"), 1);
    let slow = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#;
    world.change("update telegram_links set blocked_at = null");
    desk.set(TELEGRAM, Does::Answers(429, slow.to_owned()));
    world.wait(MINUTE_MS);
    let third = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(delivery(&world, third).due_at, world.now.plus_millis(5 * SECOND_MS));
}

#[test]
fn what_was_told_long_ago_is_deleted_and_what_waits_is_not() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    answer(&mut world, anna);
    tick(&mut world, &desk);
    desk.set(FCM, Does::NotSent);
    let waits = intend(&mut world, anna, Topic::TicketAnswer, r#"{"ticket":"T-1"}"#, 900 * DAY_MS);
    tick(&mut world, &desk);
    world.wait(NOTIFICATIONS_KEPT_MS + DAY_MS);
    let before = world.now.plus_millis(-NOTIFICATIONS_KEPT_MS);
    world.tx(|tx, _, _| deliveries::delete_before(tx, before, 100)).unwrap();
    world.tx(|tx, _, _| notifications::delete_before(tx, before, 100)).unwrap();
    assert_eq!(world.count("select count(*) from notifications"), 1);
    assert_eq!(world.count("select count(*) from deliveries"), 1);
    assert_eq!(delivery(&world, waits).status, Status::Queued);
}

#[test]
fn an_answer_whose_words_are_gone_is_told_without_them() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    let id = answer(&mut world, anna);
    world.tx(|tx, _, _| notifications::forget_body(tx, id)).unwrap();
    tick(&mut world, &desk);
    assert_eq!(desk.bodies(FCM)[0]["message"]["notification"]["body"], "Мы ответили на ваше обращение");
}

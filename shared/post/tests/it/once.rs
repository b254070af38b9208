//! What may have been told goes no other way, and what happened meanwhile counts.

use std::cell::RefCell;

use club::Moment;
use club::personal::Personal;
use kernel::MemberId;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use messaging::channel::Lane;
use messaging::{Channel, Kind, Topic};
use partner::{Answer, Exchange, Fault, Request};
use post::outbox::{self, Bounds, Done, Ground};
use store::deliveries::Status;
use store::message_settings::MessageSettings;
use store::{Sql, message_settings};

use crate::carriers::{self, Desk, Does, FCM, SMS, TELEGRAM};
use crate::telling::{answer, delivery, intend, status, tick};
use crate::world::{World, random};

fn prefer(world: &mut World, member: MemberId, kind: Kind) {
    let first = MessageSettings { preferred: Some(kind), ..MessageSettings::default() };
    world.tx(|tx, _, moment| message_settings::save(tx, member, &first, moment.now)).unwrap();
}

#[test]
fn a_way_that_may_have_told_it_is_asked_again_and_no_other() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    desk.set(SMS, Does::Silent);
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Queued, Some(Channel::Sms)));
    // A cheaper way appears, and another that the guest puts first.
    world.link(anna, Channel::PushFcm, "token-a");
    world.link(anna, Channel::PushRustore, "token-b");
    prefer(&mut world, anna, Kind::Push);
    desk.heal();
    world.wait(MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    let bodies = desk.bodies(SMS);
    assert_eq!((bodies.len(), &bodies[0]["id"]), (2, &bodies[1]["id"]), "under a key that the gateway knows");
    assert_eq!(desk.calls(FCM), 0);
}

#[test]
fn what_may_have_been_told_is_for_a_person_when_its_way_ends() {
    // The carrier fails until its tries are over; the guest does not want it there any more; it comes too late.
    for case in 0..3 {
        let mut world = World::new();
        let desk = Desk::default();
        let anna = world.member(1);
        world.link(anna, Channel::PushFcm, "token-a");
        desk.set(FCM, Does::Silent);
        let id = intend(&mut world, anna, Topic::TicketAnswer, r#"{"ticket":"T-1"}"#, 10 * HOUR_MS);
        tick(&mut world, &desk);
        desk.set(FCM, Does::NotSent);
        match case {
            0 => {}
            1 => {
                let off = MessageSettings { off: vec![Kind::Push], ..MessageSettings::default() };
                world.tx(|tx, _, moment| message_settings::save(tx, anna, &off, moment.now)).unwrap();
            }
            _ => world.wait(11 * HOUR_MS),
        }
        for _ in 0..200 {
            world.wait(MINUTE_MS);
            tick(&mut world, &desk);
            if status(&world, id).0 != Status::Queued {
                break;
            }
        }
        assert_eq!((status(&world, id).0, desk.calls(SMS)), (Status::Unconfirmed, 0), "{case}");
    }
}

#[test]
fn an_address_that_is_gone_was_not_told() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    desk.set(FCM, Does::Silent);
    let id = answer(&mut world, anna);
    tick(&mut world, &desk);
    desk.set(FCM, carriers::unregistered());
    world.wait(MINUTE_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
}

/// Something happens while a call is under way.
struct Meanwhile<'a, F: Fn(&dyn Sql)> {
    sql: &'a dyn Sql,
    happens: F,
    answer: RefCell<Option<(u16, &'static str)>>,
}

impl<F: Fn(&dyn Sql)> Exchange for Meanwhile<'_, F> {
    fn exchange(&self, _: &Request) -> Result<Answer, Fault> {
        (self.happens)(self.sql);
        let (status, body) = self.answer.borrow_mut().take().expect("one call");
        Ok(Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }
}

const TAKEN: &str = r#"{"ok":true,"result":{"message_id":5,"date":1,"chat":{"id":1,"type":"private"}}}"#;
const SHUT: &str = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;

fn telegram_run(world: &mut World, answer: (u16, &'static str), happens: impl Fn(&dyn Sql)) {
    let (carriers, now) = (carriers::all(), world.now);
    let partners = Meanwhile { sql: &world.sql, happens, answer: RefCell::new(Some(answer)) };
    let personal = Personal { secrets: &world.secrets, random: &random };
    let ground =
        Ground { sql: &world.sql, partners: &partners, personal, carriers: &carriers, clock: &|| now };
    let mut moment = Moment { now, ids: &mut world.ids };
    let mut done = Done::default();
    outbox::plan(&ground, &mut moment, Bounds::STANDARD, &mut done).unwrap();
    outbox::dispatch(&ground, &mut moment, Lane::Telegram, Bounds::STANDARD, &mut done).unwrap();
}

#[test]
fn nothing_is_kept_of_a_chat_that_was_unlinked_while_it_was_told() {
    let mut world = World::new();
    let anna = world.member(1);
    world.chat(anna, "700000001");
    let id = answer(&mut world, anna);
    telegram_run(&mut world, (200, TAKEN), |sql| {
        store::telegram::links::delete_of_member(sql, anna).unwrap();
    });
    assert_eq!(status(&world, id).0, Status::Sent);
    for table in ["telegram_threads", "telegram_sayings"] {
        assert_eq!(world.count(&format!("select count(*) from {table}")), 0, "{table}");
    }
}

#[test]
fn a_chat_that_is_shut_does_not_shut_the_one_that_came_after_it() {
    let mut world = World::new();
    let anna = world.member(1);
    world.chat(anna, "700000001");
    answer(&mut world, anna);
    telegram_run(&mut world, (403, SHUT), |sql| {
        sql.execute("update telegram_links set chat_index = x'02'", &[]).unwrap();
    });
    assert_eq!(world.count("select count(*) from telegram_links where blocked_at is null"), 1);
}

#[test]
fn a_run_that_was_late_still_says_that_it_was_told() {
    let mut world = World::new();
    let anna = world.member(1);
    world.chat(anna, "700000001");
    let id = answer(&mut world, anna);
    // Another run has found the lease over in the meantime, and given it to a person.
    telegram_run(&mut world, (200, TAKEN), |sql| {
        sql.execute("update deliveries set status = 'unconfirmed', lease_id = 0, settled_at = 1", &[])
            .unwrap();
    });
    assert_eq!(status(&world, id).0, Status::Sent);
}

/// Telegram may want to be left alone for hours; a wrong number is believed for a day.
#[test]
fn a_carrier_that_wants_hours_is_gone_around() {
    let mut world = World::new();
    let desk = Desk::default();
    let (anna, bolat) = (world.member(1), world.member(2));
    world.chat(anna, "700000001");
    let wait = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":4000000000}}"#;
    desk.set(TELEGRAM, Does::Answers(429, wait.to_owned()));
    world.link(bolat, Channel::PushFcm, "token-b");
    let tier = r#"{"tier":"base","ends_on":"2026-12-01","grace_days":0}"#;
    let only = intend(&mut world, anna, Topic::TierEnding, tier, 4 * DAY_MS);
    tick(&mut world, &desk);
    let waits_ms = delivery(&world, only).due_at.millis() - world.now.millis();
    assert!((DAY_MS..DAY_MS + SECOND_MS).contains(&waits_ms), "there is no other way: {waits_ms}");
    let urgent = intend(&mut world, anna, Topic::AccountHeld, "{}", DAY_MS);
    tick(&mut world, &desk);
    world.wait(2 * SECOND_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, urgent), (Status::Sent, Some(Channel::Sms)));
    assert_eq!(desk.calls(TELEGRAM), 1);
}

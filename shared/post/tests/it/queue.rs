//! Who waits for a carrier is looked at when their turn comes, in turn, and not before.

use std::cell::Cell;

use club::Moment;
use club::personal::Personal;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use kernel::{MemberId, NotificationId};
use membership::secrets::Place;
use messaging::channel::Lane;
use messaging::{Channel, Topic};
use post::outbox::{self, Bounds, Done, Ground};
use store::deliveries::Status;
use store::port::{Rows, SqlError};
use store::{Sql, Value};

use crate::carriers::{self, Desk, Does, FCM, SMS, TELEGRAM};
use crate::telling::{answer, delivery, intend, status, tick};
use crate::world::{World, random};

/// In the statement that lists what is due, and in no other.
const DUE: &str = "lease_until <= ?2 order by due_at";
const TICK_MS: i64 = 2 * SECOND_MS;

/// Counts deliveries that are looked at.
struct Counted<'a> {
    sql: &'a dyn Sql,
    looks: &'a Cell<usize>,
}

impl Sql for Counted<'_> {
    fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let rows = self.sql.execute(statement, parameters)?;
        if statement.contains(DUE) {
            self.looks.set(self.looks.get() + rows.len());
        }
        Ok(rows)
    }
}

fn counted_tick(world: &mut World, desk: &Desk, looks: &Cell<usize>) -> Done {
    bounded_tick(world, desk, looks, Bounds::STANDARD)
}

fn bounded_tick(world: &mut World, desk: &Desk, looks: &Cell<usize>, bounds: Bounds) -> Done {
    let (carriers, now) = (carriers::all(), world.now);
    let personal = Personal { secrets: &world.secrets, random: &random };
    let sql = Counted { sql: &world.sql, looks };
    let ground = Ground { sql: &sql, partners: desk, personal, carriers: &carriers, clock: &|| now };
    let mut moment = Moment { now, ids: &mut world.ids };
    let mut done = Done::default();
    outbox::plan(&ground, &mut moment, bounds, &mut done).unwrap();
    outbox::dispatch(&ground, &mut moment, Lane::Direct, bounds, &mut done).unwrap();
    done
}

/// Members who are reached by their phone alone, each with an answer to their question.
fn crowd(world: &mut World, count: u32) -> Vec<i64> {
    let members: Vec<MemberId> = (1..=count).map(|number| world.member(number)).collect();
    members.into_iter().map(|member| answer(world, member)).collect()
}

fn names(ids: &[i64]) -> Vec<String> {
    ids.iter().map(|id| NotificationId::from_raw(*id).to_string()).collect()
}

fn sent(desk: &Desk) -> Vec<String> {
    desk.bodies(SMS).iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn whoever_waits_is_looked_at_twice_and_in_turn() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let made = crowd(&mut world, 400);
    let mut ticks = 0;
    while desk.calls(SMS) < made.len() {
        counted_tick(&mut world, &desk, &looks);
        world.wait(TICK_MS);
        ticks += 1;
        assert!(ticks < 40, "{} of {}", desk.calls(SMS), made.len());
    }
    // Fifty at once, then twenty a second.
    assert!(ticks <= 11, "{ticks} ticks: the carrier's rate is used");
    assert_eq!(sent(&desk), names(&made), "whoever came first");
    // To get a place, and when it comes.
    assert!(looks.get() <= 2 * made.len(), "{} looks for {}", looks.get(), made.len());
}

#[test]
fn newcomers_stand_behind_those_who_wait_and_the_urgent_do_not() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let mut made = crowd(&mut world, 200);
    counted_tick(&mut world, &desk, &looks);
    world.wait(TICK_MS);
    let late = world.member(900);
    made.push(answer(&mut world, late));
    let urgent = world.member(901);
    let held = intend(&mut world, urgent, Topic::AccountHeld, "{}", DAY_MS);
    counted_tick(&mut world, &desk, &looks);
    world.wait(TICK_MS);
    counted_tick(&mut world, &desk, &looks);
    assert_eq!(status(&world, held).0, Status::Sent, "somebody stands at a till");
    while desk.calls(SMS) < made.len() + 1 {
        world.wait(TICK_MS);
        counted_tick(&mut world, &desk, &looks);
    }
    let mut order = sent(&desk);
    order.retain(|id| *id != NotificationId::from_raw(held).to_string());
    assert_eq!(order.last(), names(&made).last(), "the newcomer");
    assert!(looks.get() <= 2 * made.len() + 20, "{} looks", looks.get());
}

/// A night's warnings are due at once in the morning; somebody who stands at a till does not wait for them.
#[test]
fn what_somebody_waits_for_is_the_first_of_a_crowd() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let made = crowd(&mut world, 200);
    let urgent = world.member(901);
    let held = intend(&mut world, urgent, Topic::AccountHeld, "{}", DAY_MS);
    // It is decided first how it is told, and it is told first.
    let short = Bounds { intents: 64, batches: 1 };
    bounded_tick(&mut world, &desk, &looks, short);
    assert_eq!(status(&world, held).0, Status::Sent);
    assert_eq!(sent(&desk)[1..], names(&made)[..31], "the others in turn");
    // Planned in the night, and due since before.
    bounded_tick(&mut world, &desk, &looks, Bounds { batches: 0, ..Bounds::STANDARD });
    world.change("update deliveries set due_at = 0 where status = 'queued'");
    world.wait(TICK_MS);
    let again =
        intend(&mut world, urgent, Topic::OrderCancelled, r#"{"order":"17","reason":"guest"}"#, DAY_MS);
    bounded_tick(&mut world, &desk, &looks, Bounds { batches: 1, ..Bounds::STANDARD });
    assert_eq!(status(&world, again).0, Status::Sent);
}

/// Those who waited for the morning are due since it came, and have not asked yet.
#[test]
fn whoever_was_due_long_ago_but_never_asked_is_a_newcomer_too() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let made = crowd(&mut world, 200);
    counted_tick(&mut world, &desk, &looks);
    world.wait(TICK_MS);
    let slept: Vec<i64> = (900..930)
        .map(|number| {
            let member = world.member(number);
            answer(&mut world, member)
        })
        .collect();
    bounded_tick(&mut world, &desk, &looks, Bounds { batches: 0, ..Bounds::STANDARD });
    world.change(&format!("update deliveries set due_at = 0 where notification_id >= {}", slept[0]));
    while desk.calls(SMS) < made.len() + slept.len() {
        counted_tick(&mut world, &desk, &looks);
        world.wait(TICK_MS);
    }
    assert_eq!(sent(&desk)[..made.len()], names(&made), "they push in before nobody");
}

#[test]
fn a_queue_is_no_reason_to_come_too_late() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    crowd(&mut world, 300);
    counted_tick(&mut world, &desk, &looks);
    // The queue is twelve seconds long, and this is of use for six.
    let member = world.member(900);
    let short = intend(&mut world, member, Topic::TicketClosed, r#"{"ticket":"T-1"}"#, 6 * SECOND_MS);
    for _ in 0..3 {
        world.wait(TICK_MS);
        counted_tick(&mut world, &desk, &looks);
    }
    assert_eq!(status(&world, short).0, Status::Sent);
}

/// A carrier that is down: once for each of its trials, and when it is well again.
#[test]
fn a_carrier_that_is_down_is_not_asked_by_everybody() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let made = crowd(&mut world, 300);
    desk.set(SMS, Does::NotSent);
    counted_tick(&mut world, &desk, &looks);
    let down_until = world.now.plus_millis(5 * MINUTE_MS);
    let mut trials = 0;
    while desk.calls(SMS) < 1_000 && made.iter().any(|id| status(&world, *id).0 != Status::Sent) {
        if world.now >= down_until {
            desk.heal();
        }
        trials += i64::from(counted_tick(&mut world, &desk, &looks).failed > 0);
        world.wait(TICK_MS);
    }
    assert!(trials < 12, "{trials}");
    assert_eq!(made.iter().filter(|id| status(&world, **id).0 == Status::Sent).count(), made.len());
    assert!(looks.get() <= 10 * made.len(), "{} looks for {}", looks.get(), made.len());
}

/// Whose place comes while a carrier is in trouble goes on at the front when it is well, and not behind all the others.
#[test]
fn a_short_trouble_sends_nobody_to_the_back() {
    let (mut world, desk, looks) = (World::new(), Desk::default(), Cell::new(0));
    let made = crowd(&mut world, 900);
    let is_sent = |world: &World, id: &i64| status(world, *id).0 == Status::Sent;
    for _ in 0..3 {
        counted_tick(&mut world, &desk, &looks);
        world.wait(TICK_MS);
    }
    desk.set(SMS, Does::NotSent);
    let began = made.iter().filter(|id| is_sent(&world, id)).count();
    counted_tick(&mut world, &desk, &looks);
    desk.heal();
    let before = desk.calls(SMS);
    let mut ticks = 0;
    while made.iter().any(|id| !is_sent(&world, id)) {
        world.wait(TICK_MS);
        counted_tick(&mut world, &desk, &looks);
        ticks += 1;
        assert!(ticks < 60, "{} of {}", desk.calls(SMS), made.len());
    }
    // By where they stood before, where they stand now.
    let after = sent(&desk).split_off(before);
    let place = |id: &i64| after.iter().position(|sent| *sent == NotificationId::from_raw(*id).to_string());
    let mean = |ids: &[i64]| ids.iter().filter_map(place).sum::<usize>() / ids.len();
    // Those who are called and fail wait by themselves.
    let front = mean(&made[began + 32..began + 132]);
    let [middle, back] = [mean(&made[began + 232..began + 432]), mean(&made[800..])];
    assert!(front < middle && middle < back, "{front} {middle} {back}");
    assert!(looks.get() <= 4 * made.len(), "{} looks for {}", looks.get(), made.len());
}

/// For as long as one message would be tried: then the others take another way, until it is well again.
#[test]
fn a_carrier_that_is_down_for_long_is_gone_around() {
    let mut world = World::new();
    let desk = Desk::default();
    let members: Vec<MemberId> = (1..=40).map(|number| world.member(number)).collect();
    for (number, member) in members.iter().enumerate() {
        world.link(*member, Channel::PushFcm, &format!("token-{number}"));
    }
    desk.set(FCM, Does::Answers(503, "{}".to_owned()));
    let began = world.now;
    let made: Vec<i64> = members.iter().map(|member| answer(&mut world, *member)).collect();
    tick(&mut world, &desk);
    while made.iter().any(|id| status(&world, *id).0 == Status::Queued) {
        assert!(world.now.millis() - began.millis() < 2 * HOUR_MS, "{:?}", delivery(&world, made[39]));
        world.wait(10 * SECOND_MS);
        tick(&mut world, &desk);
    }
    assert!(world.now.millis() - began.millis() < HOUR_MS, "nobody waits for hours");
    assert!(made.iter().all(|id| status(&world, *id) == (Status::Sent, Some(Channel::Sms))));
    // Well again: the next trial shows it, and push comes first as before.
    desk.heal();
    world.wait(11 * MINUTE_MS);
    let again = answer(&mut world, members[0]);
    tick(&mut world, &desk);
    assert_eq!(status(&world, again), (Status::Sent, Some(Channel::PushFcm)));
}

/// At once, also with what it refused itself: the guest has another way.
#[test]
fn a_carrier_that_wants_to_be_left_alone_for_long_is_gone_around() {
    let slow = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":43200}}"#;
    let (mut world, desk) = (World::new(), Desk::default());
    let anna = world.member(1);
    world.chat(anna, "700000001");
    desk.set(TELEGRAM, Does::Answers(429, slow.to_owned()));
    let id = answer(&mut world, anna);
    for _ in 0..2 {
        tick(&mut world, &desk);
        world.wait(TICK_MS);
    }
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
    assert_eq!(desk.calls(TELEGRAM), 1);
    // Left alone after failures, because it wishes so.
    let bolat = world.member(2);
    world.link(bolat, Channel::PushFcm, "token-b");
    world.change(&format!(
        "insert into message_providers (name, breaker_state, breaker_failures, breaker_until) \
         values ('push_fcm', 'open', 5, {})",
        world.now.plus_millis(HOUR_MS).millis()
    ));
    let id = answer(&mut world, bolat);
    for _ in 0..2 {
        tick(&mut world, &desk);
        world.wait(TICK_MS);
    }
    assert_eq!(status(&world, id), (Status::Sent, Some(Channel::Sms)));
}

/// What has no other way waits, however long that takes.
#[test]
fn without_another_way_there_is_none_to_go_around() {
    let mut world = World::new();
    let desk = Desk::default();
    let anna = world.member(1);
    world.link(anna, Channel::PushFcm, "token-a");
    world.change(&format!(
        "insert into message_providers (name, breaker_state, breaker_failures, breaker_until) \
         values ('push_fcm', 'open', 40, {})",
        world.now.plus_millis(20 * HOUR_MS).millis()
    ));
    let tier = r#"{"tier":"base","ends_on":"2026-12-01","grace_days":0}"#;
    let id = intend(&mut world, anna, Topic::TierEnding, tier, 12 * HOUR_MS);
    tick(&mut world, &desk);
    assert_eq!(status(&world, id), (Status::Queued, Some(Channel::PushFcm)));
    let due_at = delivery(&world, id).due_at;
    assert_eq!(due_at, world.now.plus_millis(12 * HOUR_MS), "and ends when it is of no more use");
}

/// Telegram says how long to wait, and means: from its answer.
#[test]
fn retry_after_counts_from_the_answer() {
    let mut world = World::new();
    let anna = world.member(1);
    world.chat(anna, "700000001");
    let id = answer(&mut world, anna);
    let slow =
        r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":5}}"#;
    let desk = Desk::default();
    desk.set(TELEGRAM, Does::Answers(429, slow.to_owned()));
    let (carriers, readings) = (carriers::all(), Cell::new(0));
    let began = world.now;
    // Every reading of the clock is three seconds after the one before.
    let clock = || {
        readings.set(readings.get() + 1);
        began.plus_millis(readings.get() * 3 * SECOND_MS)
    };
    let personal = Personal { secrets: &world.secrets, random: &random };
    let ground = Ground { sql: &world.sql, partners: &desk, personal, carriers: &carriers, clock: &clock };
    let mut moment = Moment { now: began, ids: &mut world.ids };
    let mut done = Done::default();
    outbox::plan(&ground, &mut moment, Bounds::STANDARD, &mut done).unwrap();
    let one = Bounds { batches: 1, ..Bounds::STANDARD };
    outbox::dispatch(&ground, &mut moment, Lane::Telegram, one, &mut done).unwrap();
    // Read before planning, before the batch, after its calls, and when they are recorded.
    assert_eq!(readings.get(), 4);
    let answered_at = began.plus_millis(3 * 3 * SECOND_MS);
    assert_eq!(delivery(&world, id).due_at, answered_at.plus_millis(5 * SECOND_MS));
}

/// A clock that was years ahead for a moment leaves nobody waiting for years.
#[test]
fn a_clock_that_was_wrong_is_forgotten() {
    let years = |world: &World| world.now.plus_millis(3 * 366 * DAY_MS).millis();
    for wrong in [
        "'open', 40, AHEAD, 0, 0",
        "'half_open', 9, AHEAD, 0, 0",
        "'closed', 0, 0, AHEAD000, 0",
        "'closed', 0, 0, 0, AHEAD",
    ] {
        let (mut world, desk) = (World::new(), Desk::default());
        let anna = world.member(1);
        let id = answer(&mut world, anna);
        world.change(&format!(
            "insert into message_providers (name, breaker_state, breaker_failures, breaker_until, bucket_full_at, \
             queue_until) values ('sms', {})",
            wrong.replace("AHEAD", &years(&world).to_string())
        ));
        tick(&mut world, &desk);
        assert_eq!(status(&world, id).0, Status::Sent, "{wrong}");
    }
}

/// What Telegram said to the bot of before holds for no other.
#[test]
fn a_new_bot_is_not_slowed_down_for_the_old_one() {
    let slow =
        r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":600}}"#;
    let (mut world, desk) = (World::new(), Desk::default());
    let anna = world.member(1);
    world.chat(anna, "700000001");
    desk.set(TELEGRAM, Does::Answers(429, slow.to_owned()));
    answer(&mut world, anna);
    tick(&mut world, &desk);
    desk.heal();
    world.wait(TICK_MS);
    let waits = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, waits).0, Status::Queued, "the bot is slowed down");
    let sealed = {
        let personal = world.personal();
        let place = Place { table: "telegram_bots", field: "token", row: 6_000_000_002 };
        personal.seal(place, "6000000002:BB")
    };
    let renamed = "update telegram_bots set bot_id = 6000000002, token_sealed = ?1";
    world.sql.execute(renamed, &[sealed.into()]).unwrap();
    world.wait(TICK_MS);
    let told = answer(&mut world, anna);
    tick(&mut world, &desk);
    assert_eq!(status(&world, told), (Status::Sent, Some(Channel::Telegram)));
}

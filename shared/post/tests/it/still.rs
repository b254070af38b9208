//! What tells of a state is told again only while that state lasts; what can be told no more is forgotten.

use kernel::id::format_id;
use kernel::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use kernel::{MemberId, NotificationId};
use membership::profile::Email;
use messaging::{Channel, Topic};
use post::{Refusal, desk};
use serde_json::json;
use store::deliveries::Status;

use crate::carriers::{self, Desk, Does, EMAIL, FCM, SMS};
use crate::telling::{FEEDBACK, answer, delivery, intend, status, tick};
use crate::world::World;

const OVER: Refusal = Refusal::Outdated("over");

/// A member whom nothing reaches, and what they are to be told of: tried, and dead or expired by now.
fn untold(world: &mut World, member: MemberId, topic: Topic, data: &str) -> i64 {
    let desk_of = Desk::default();
    desk_of.set(SMS, Does::Answers(422, String::new()));
    let id = intend(world, member, topic, data, 3 * DAY_MS);
    tick(world, &desk_of);
    id
}

/// Whether a person could have it told again now; nothing of that stays.
fn again(world: &mut World, id: i64) -> Result<(), Refusal> {
    world.change("savepoint before");
    let tx: &dyn store::Sql = &world.sql;
    let moment = club::Moment { now: world.now, ids: &mut world.ids };
    let done = desk::requeue(tx, NotificationId::from_raw(id), &carriers::all(), &moment);
    world.change("rollback to before");
    world.change("release before");
    done
}

/// Whatever is wrong otherwise: what it tells of lasts.
fn lasts(world: &mut World, id: i64) -> bool {
    again(world, id) != Err(OVER)
}

fn stand(world: &World, member: MemberId, standing: &str, until: &str) {
    world.change("delete from fraud_standings");
    world.change(&format!(
        "insert into fraud_standings values ({}, '{standing}', 1, 0, {until})",
        member.raw()
    ));
}

fn world() -> (World, MemberId) {
    let mut world = World::new();
    let anna = world.member(1);
    world.change(&format!(
        "insert into fraud_cases (id, brand, member_id, status, score, action, opened_at, changed_at) \
         values (1, 'daily', {}, 'open', 70, 'hold', 0, 0)",
        anna.raw()
    ));
    (world, anna)
}

#[test]
fn a_held_account_is_told_of_only_while_it_is_held() {
    let (mut world, anna) = world();
    stand(&world, anna, "hold", "null");
    let held = untold(&mut world, anna, Topic::AccountHeld, "{}");
    assert_eq!(again(&mut world, held), Ok(()));
    stand(&world, anna, "block", "null");
    assert_eq!(again(&mut world, held), Ok(()), "sterner, and stopped all the same");
    for (standing, until) in [("trusted", "null"), ("challenge", "null"), ("hold", "1")] {
        stand(&world, anna, standing, until);
        assert_eq!(again(&mut world, held), Err(OVER), "{standing}");
    }
    world.change("delete from fraud_standings");
    assert_eq!(again(&mut world, held), Err(OVER));
}

#[test]
fn an_appeal_s_outcome_is_told_only_while_it_is_that() {
    let (mut world, anna) = world();
    let won = untold(&mut world, anna, Topic::AppealDecided, r#"{"upheld":true}"#);
    let lost = untold(&mut world, anna, Topic::AppealDecided, r#"{"upheld":false}"#);
    let both = |world: &mut World| [lasts(world, won), lasts(world, lost)];
    assert_eq!(both(&mut world), [true, false]);
    stand(&world, anna, "trusted", "null");
    assert_eq!(both(&mut world), [true, false]);
    stand(&world, anna, "challenge", "null");
    assert_eq!(both(&mut world), [false, true]);
    world.change("delete from fraud_standings");
    delay(&world, anna, "one", world.now.plus_millis(DAY_MS).millis());
    assert_eq!(both(&mut world), [false, true], "points are kept back");
}

fn delay(world: &World, member: MemberId, event: &str, until: i64) {
    world.change(&format!(
        "insert into fraud_delays (event, case_id, member_id, points, until_at) \
         values ('{event}', 1, {}, 500, {until})",
        member.raw()
    ));
}

#[test]
fn what_ends_by_itself_is_not_told_when_it_has_ended() {
    let (mut world, anna) = world();
    let until = world.now.plus_millis(5 * HOUR_MS);
    stand(&world, anna, "challenge", "null");
    delay(&world, anna, "one", world.now.plus_millis(9 * DAY_MS).millis());
    let data = json!({ "until": until.to_string() }).to_string();
    let all =
        [Topic::PointsDelayed, Topic::AccountChallenged].map(|topic| untold(&mut world, anna, topic, &data));
    world.change("update deliveries set status = 'dead', settled_at = 0");
    world.link(anna, Channel::PushFcm, "token-a");
    for id in all {
        assert_eq!(again(&mut world, id), Ok(()));
    }
    // Not for longer than that, though the intent lives for days.
    world
        .tx(|tx, _, moment| desk::requeue(tx, NotificationId::from_raw(all[0]), &carriers::all(), moment))
        .unwrap();
    assert_eq!(delivery(&world, all[0]).expires_at, until);
    world.change("update deliveries set status = 'dead', settled_at = 0");
    world.change("update fraud_delays set ended = 'released', ended_at = 0");
    stand(&world, anna, "trusted", "null");
    for id in all {
        assert_eq!(again(&mut world, id), Err(OVER), "released, or trusted");
    }
    delay(&world, anna, "another", world.now.plus_millis(9 * DAY_MS).millis());
    stand(&world, anna, "challenge", "null");
    world.wait(5 * HOUR_MS);
    for id in all {
        assert_eq!(again(&mut world, id), Err(OVER), "the end that it names has come");
    }
}

#[test]
fn a_ticket_that_was_opened_again_is_not_said_to_be_closed() {
    let (mut world, anna) = world();
    let now = world.now.millis();
    world.change(&format!(
        "insert into tickets (id, member_id, desk, topic, priority, state, opened_at, answer_due_at, close_due_at, \
         closed_at, outcome) values (1, {}, 'support', 'other', 'normal', 'closed', 0, 0, 0, {now}, 'explained')",
        anna.raw()
    ));
    let data = json!({ "ticket": format_id("tkt", 1) }).to_string();
    let closed = untold(&mut world, anna, Topic::TicketClosed, &data);
    assert_eq!(again(&mut world, closed), Ok(()));
    world.change("update tickets set state = 'open', closed_at = null, outcome = null");
    assert_eq!(again(&mut world, closed), Err(OVER));
    world.change(&format!(
        "update tickets set state = 'closed', closed_at = {}, outcome = 'explained'",
        now + DAY_MS
    ));
    assert_eq!(again(&mut world, closed), Err(OVER), "its second end was told by itself");
    let nameless = untold(&mut world, anna, Topic::TicketClosed, r#"{"ticket":"T-1"}"#);
    assert_eq!(again(&mut world, nameless), Err(OVER));
}

const SEALED: &str = "select count(*) from notifications where body_sealed is not null";

/// A code is good for whoever asked for it then: dead or not, nobody is told it again.
#[test]
fn a_one_time_code_is_forgotten_with_the_end_of_its_message() {
    for does in [Does::Answers(422, String::new()), Does::Silent] {
        let (mut world, anna) = world();
        let desk_of = Desk::default();
        desk_of.set(EMAIL, does);
        let email = Email::parse("anna@example.com").unwrap();
        world
            .tx(|tx, personal, moment| post::contacts::offer_mailbox(tx, anna, &email, personal, moment))
            .unwrap();
        assert_eq!(world.count(SEALED), 1);
        for _ in 0..60 {
            tick(&mut world, &desk_of);
            world.wait(MINUTE_MS);
        }
        let ended = "select count(*) from deliveries where status in ('dead', 'unconfirmed')";
        assert_eq!((world.count(ended), world.count(SEALED)), (1, 0));
    }
}

/// A link that opens something by itself is of use as long as its message, and what a person wrote for longer.
#[test]
fn what_was_sealed_for_a_while_is_forgotten_after_it() {
    let (mut world, anna) = world();
    let desk_of = Desk::default();
    desk_of.set(SMS, Does::Answers(422, String::new()));
    desk_of.set(FCM, carriers::unregistered());
    world.link(anna, Channel::PushFcm, "token-a");
    let ask = intend(&mut world, anna, Topic::FeedbackRequest, FEEDBACK, DAY_MS);
    world.change("update notifications set body_sealed = x'00'");
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, ask).0, Status::Dead);
    let said = answer(&mut world, anna);
    tick(&mut world, &desk_of);
    assert_eq!(status(&world, said).0, Status::Dead);
    world.wait(DAY_MS);
    world.clean();
    assert_eq!(world.count(SEALED), 2, "it may be told again to the last moment");
    world.wait(HOUR_MS);
    world.clean();
    let left = format!("{SEALED} and id = {said}");
    assert_eq!((world.count(SEALED), world.count(&left)), (1, 1));
}

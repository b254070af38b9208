//! What tells of a state is told again only while that state lasts.

use kernel::id::format_id;
use kernel::time::{DAY_MS, HOUR_MS};
use kernel::{MemberId, NotificationId};
use messaging::{Channel, Topic};
use post::{Refusal, desk};
use serde_json::json;

use crate::carriers::{self, Desk, Does, SMS};
use crate::telling::{delivery, intend, tick};
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
    let mut moment = club::Moment { now: world.now, ids: &mut world.ids };
    let done = desk::requeue(tx, NotificationId::from_raw(id), &carriers::all(), &mut moment);
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

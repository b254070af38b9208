//! Staff's cards: every limit by itself, codes that are guessed, people who left, links with guest accounts.

use crew::Refused;
use crew::card::{self, Asked};
use kernel::time::{DAY_MS, MINUTE_MS};
use kernel::{MemberId, StaffId, Timestamp};
use store::staff_cards::{self, Rules};
use store::transaction::transaction;

use crate::world::{World, at, day, tenge};

const NOW: &str = "2026-11-10T06:00:00Z";

/// Generous, but for what a test makes narrow.
const RULES: Rules = Rules {
    id: 1,
    currency: kernel::Currency::Kzt,
    version: 0,
    effective_from: Timestamp::from_millis(0),
    percent: 30,
    day_uses: 100,
    month_uses: 100,
    day_discount_minor: 1_000_000,
    month_discount_minor: 10_000_000,
    own_hand: false,
};

fn world(outlets: i64, rules: &Rules) -> World {
    let mut world = World::new(outlets, 3);
    let by = StaffId::from_raw(1);
    world.write(at(NOW), |tx, moment| staff_cards::insert_rules(tx, rules, by, moment.now)).expect("rules");
    world
}

fn code(world: &mut World, staff: &str, now: Timestamp) -> String {
    let id = world.staff_id(staff);
    let card = world.write(now, |tx, _| card::issue(tx, id, now)).expect("a card");
    card::code(&card, &world.secrets, now).expect("a code").0
}

/// What a code gives for 1,000 tenge, rung up by 1b at outlet 1.
fn take(world: &mut World, code: &str, number: &str, now: Timestamp) -> Result<i64, Refused> {
    let outlet = world.outlet(1);
    let business_date = now.date_in(&outlet.zone);
    let asked = Asked { code, outlet: &outlet, business_date, rung_by: Some("1b"), amount: tenge(100_000) };
    let mut moment = club::Moment { now, ids: &mut world.ids };
    let secrets = &world.secrets;
    transaction(&world.sql, |tx| card::take(tx, &asked, number, secrets, &mut moment))
        .map(|(used, _)| used.discount_minor)
}

/// What so many takes give, a code each, on days after one another where `step_ms` is a day.
fn takes(rules: &Rules, count: i64, step_ms: i64) -> Vec<i64> {
    let mut world = world(1, rules);
    let take = |step: i64| {
        let now = at(NOW).plus_millis(step * step_ms);
        let text = code(&mut world, "1a", now);
        match take(&mut world, &text, &step.to_string(), now) {
            Ok(given) => given,
            Err(Refused::CardLimit { .. }) => 0,
            Err(other) => panic!("{other}"),
        }
    };
    (0..count).map(take).collect()
}

#[test]
fn each_limit_holds_by_itself() {
    let minute = |rules: Rules| takes(&rules, 3, MINUTE_MS);
    assert_eq!(minute(RULES), [30_000, 30_000, 30_000]);
    assert_eq!(minute(Rules { day_uses: 1, ..RULES }), [30_000, 0, 0]);
    assert_eq!(minute(Rules { month_uses: 2, ..RULES }), [30_000, 30_000, 0]);
    assert_eq!(minute(Rules { day_discount_minor: 50_000, ..RULES }), [30_000, 20_000, 0]);
    assert_eq!(minute(Rules { month_discount_minor: 40_000, ..RULES }), [30_000, 10_000, 0]);
    let daily = |rules: Rules| takes(&rules, 3, DAY_MS);
    assert_eq!(daily(Rules { day_uses: 1, day_discount_minor: 30_000, ..RULES }), [30_000; 3]);
    assert_eq!(daily(Rules { month_uses: 2, ..RULES }), [30_000, 30_000, 0]);
    assert_eq!(daily(Rules { month_discount_minor: 70_000, ..RULES }), [30_000, 30_000, 10_000]);
    // From the 10th on, every tenth day: the fourth is in the next month.
    let next = takes(&Rules { month_uses: 2, ..RULES }, 4, 10 * DAY_MS);
    assert_eq!(next, [30_000, 30_000, 0, 30_000]);
}

#[test]
fn a_void_gives_the_limit_back_once_and_at_its_own_outlet() {
    let mut world = world(2, &Rules { day_uses: 1, ..RULES });
    let now = at(NOW);
    let first = code(&mut world, "1a", now);
    take(&mut world, &first, "1", now).expect("taken");
    let (own, other, date) = (world.outlet(1), world.outlet(2), day("2026-11-10"));
    let later = now.plus_millis(MINUTE_MS);
    let void = |world: &mut World, outlet: &_, number: &str, now| {
        world.write(now, |tx, _| card::void(tx, outlet, date, number, now))
    };
    assert_eq!(void(&mut world, &other, "1", later), Err(Refused::UnknownUse), "another outlet's");
    assert_eq!(void(&mut world, &own, "2", later), Err(Refused::UnknownUse));
    let second = code(&mut world, "1a", later);
    assert!(matches!(take(&mut world, &second, "2", later), Err(Refused::CardLimit { .. })));
    assert_eq!(void(&mut world, &own, "1", later).expect("voided").voided_at, Some(later));
    let again = later.plus_millis(MINUTE_MS);
    assert_eq!(void(&mut world, &own, "1", again).expect("voided").voided_at, Some(later), "once");
    let third = code(&mut world, "1a", again);
    assert_eq!(take(&mut world, &third, "2", again), Ok(30_000));
}

#[test]
fn a_receipt_has_one_cards_discount() {
    let mut world = world(1, &RULES);
    let now = at(NOW);
    let (one, other) = (code(&mut world, "1a", now), code(&mut world, "1b", now));
    take(&mut world, &one, "1", now).expect("taken");
    assert_eq!(take(&mut world, &other, "1", now), Err(Refused::UseConflict));
}

#[test]
fn guessed_codes_make_a_card_wait() {
    let mut world = world(1, &RULES);
    let now = at(NOW);
    let staff = world.staff_id("1a");
    let right = code(&mut world, "1a", now);
    let number = staff_cards::load(&world.sql, staff).expect("reads").expect("a card").number;
    let guess = |world: &mut World| {
        world.write(now, |tx, _| card::note_wrong_code(tx, &number, now)).expect("counted");
    };
    for _ in 0..4 {
        guess(&mut world);
    }
    take(&mut world, &right, "1", now).expect("four are forgiven");
    guess(&mut world);
    let later = now.plus_millis(MINUTE_MS / 2);
    let next = code(&mut world, "1a", later);
    let refused = take(&mut world, &next, "2", later);
    assert!(matches!(refused, Err(Refused::TooManyCodes { wait_ms }) if wait_ms > 0), "{refused:?}");
    let colleague = code(&mut world, "1b", later);
    let own = take(&mut world, &colleague, "2", later);
    assert_eq!(own, Err(Refused::OwnHand), "a colleague's card does not wait");
    let after = now.plus_millis(2 * MINUTE_MS);
    let next = code(&mut world, "1a", after);
    assert_eq!(take(&mut world, &next, "2", after), Ok(30_000));
}

#[test]
fn whoever_left_has_no_card_and_a_blocked_card_shows_no_code() {
    let mut world = world(1, &RULES);
    let now = at(NOW);
    let staff = world.staff_id("1a");
    let text = code(&mut world, "1a", now);
    let blocked = world.write(now, |tx, _| card::set_active(tx, staff, false, now)).expect("blocked");
    assert_eq!(card::code(&blocked, &world.secrets, now), Err(Refused::CardInactive));
    let nobody = world.staff_id("1b");
    assert_eq!(world.write(now, |tx, _| card::set_active(tx, nobody, false, now)), Err(Refused::UnknownCard));
    world.write(now, |tx, _| card::set_active(tx, staff, true, now)).expect("unblocked");
    world.run("update staff set status = 'left' where code = '1a'");
    assert_eq!(take(&mut world, &text, "1", now), Err(Refused::CardInactive));
    let fresh = staff_cards::load(&world.sql, staff).expect("reads").expect("a card");
    let shown = card::code(&fresh, &world.secrets, now).expect("the card itself is not blocked").0;
    assert_eq!(take(&mut world, &shown, "1", now), Err(Refused::CardInactive));
    assert_eq!(world.write(now, |tx, _| card::issue(tx, staff, now)), Err(Refused::UnknownStaff));
}

fn link(world: &mut World, guest: i64, code: &str, now: Timestamp) -> Result<StaffId, Refused> {
    let member: MemberId = World::member(guest);
    let mut moment = club::Moment { now, ids: &mut world.ids };
    let secrets = &world.secrets;
    transaction(&world.sql, |tx| card::link(tx, member, code, secrets, &mut moment))
}

#[test]
fn a_person_is_one_guest_and_a_guest_one_person() {
    let mut world = world(1, &RULES);
    let now = at(NOW);
    let (first, second) = (world.staff_id("1a"), world.staff_id("1b"));
    let text = code(&mut world, "1a", now);
    assert_eq!(link(&mut world, 0, &text, now), Ok(first));
    assert_eq!(link(&mut world, 0, &text, now), Ok(first), "the same again");
    assert_eq!(link(&mut world, 1, &text, now), Err(Refused::Linked), "another guest");
    let colleague = code(&mut world, "1b", now);
    assert_eq!(link(&mut world, 0, &colleague, now), Err(Refused::Linked), "another person");
    assert_eq!(world.number("select count(*) from staff_members where unlinked_at is null"), 1);
    // A code that paid at a till is used up.
    let later = now.plus_millis(2 * MINUTE_MS);
    let colleague = code(&mut world, "1b", later);
    let outlet = world.outlet(1);
    let business_date = day("2026-11-10");
    let (code_, rung_by) = (colleague.as_str(), Some("1a"));
    let asked = Asked { code: code_, outlet: &outlet, business_date, rung_by, amount: tenge(1_000) };
    let mut moment = club::Moment { now: later, ids: &mut world.ids };
    let secrets = &world.secrets;
    transaction(&world.sql, |tx| card::take(tx, &asked, "1", secrets, &mut moment)).expect("taken");
    assert_eq!(link(&mut world, 1, &colleague, later), Err(Refused::CodeSpent));
    let after = later.plus_millis(MINUTE_MS);
    let colleague = code(&mut world, "1b", after);
    assert_eq!(link(&mut world, 1, &colleague, after), Ok(second));
}

#[test]
fn an_erased_account_makes_room_and_an_unlinked_one_is_free() {
    let mut world = world(1, &RULES);
    let now = at(NOW);
    let staff = world.staff_id("1a");
    let unlink =
        |world: &mut World, guest| world.write(now, |tx, _| card::unlink(tx, World::member(guest), now));
    assert_eq!(unlink(&mut world, 0), Err(Refused::NotLinked));
    let text = code(&mut world, "1a", now);
    link(&mut world, 0, &text, now).expect("linked");
    world.run("update members set status = 'erased' where id = 1000");
    let later = now.plus_millis(MINUTE_MS);
    let text = code(&mut world, "1a", later);
    assert_eq!(link(&mut world, 1, &text, later), Ok(staff));
    assert_eq!(unlink(&mut world, 0), Err(Refused::NotLinked));
    assert_eq!(unlink(&mut world, 1), Ok(()));
    let after = later.plus_millis(MINUTE_MS);
    let text = code(&mut world, "1a", after);
    assert_eq!(link(&mut world, 2, &text, after), Ok(staff));
}

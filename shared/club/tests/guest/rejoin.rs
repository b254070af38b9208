//! Leaving ends nothing that is held against somebody, and brings no second welcome.

use club::member::{Refusal, erase};
use fraud::Action;
use kernel::MemberId;
use kernel::time::DAY_MS;
use watch::review::{self, Outcome};

use crate::world::World;

const STAFF: kernel::StaffId = kernel::StaffId::from_raw(1);

fn world() -> World {
    let world = World::new();
    world.change(
        "insert into staff (id, code, name_sealed, role, status, created_at, changed_at) \
         values (1, 'admin', x'00', 'administrator', 'active', 0, 0)",
    );
    world
}

fn leave(world: &mut World, member: MemberId, through: erase::Through) -> Result<(), Refusal> {
    world.tx(|tx, _, moment| erase::erase(tx, member, through, moment).map(drop))
}

fn block(world: &mut World, member: MemberId) -> i64 {
    let made = world.tx(|tx, _, moment| {
        let mut moment = watch::Moment { now: moment.now, ids: &mut *moment.ids };
        review::block(tx, member, "seen", STAFF, &mut moment)
    });
    made.unwrap().case.id
}

fn welcomes(world: &World) -> i64 {
    world.count("select count(*) from entries where event like 'welcome:%'")
}

#[test]
fn who_erases_themselves_and_comes_back_is_welcomed_once_in_half_a_year() {
    let mut world = world();
    let first = world.member();
    for round in 0..2 {
        let member = world.member();
        leave(&mut world, member, erase::Through::Themselves).unwrap();
        assert_eq!(welcomes(&world), 1, "round {round}");
    }
    let again = world.member();
    assert_ne!(again, first);
    assert_eq!(welcomes(&world), 1, "the second account has none, nor the third");
    leave(&mut world, again, erase::Through::Themselves).unwrap();
    world.wait(181 * DAY_MS);
    world.member();
    assert_eq!(welcomes(&world), 2, "after half a year nobody knows them");
    let somebody_else = world.sign_in("+7 701 000 00 02").0.member;
    assert_ne!(somebody_else, again);
    assert_eq!(welcomes(&world), 3);
    world.check_ledger();
}

#[test]
fn a_blocked_account_is_erased_by_support_alone_and_its_phone_stays_blocked() {
    let mut world = world();
    let member = world.member();
    let case = block(&mut world, member);
    assert_eq!(leave(&mut world, member, erase::Through::Themselves).unwrap_err(), Refusal::UnderReview);
    leave(&mut world, member, erase::Through::Support).unwrap();
    let again = world.member();
    assert!(world.tx(|tx, _, _| watch::inline::is_held(tx, again)).unwrap(), "leaving does not end a block");
    let own = world.tx(|tx, _, moment| review::account(tx, again, moment.now)).unwrap();
    let own = own.standing.unwrap().case;
    assert_ne!(own, case, "a case of the new account");
    let view = world.tx(|tx, _, _| review::read(tx, own)).unwrap();
    assert_eq!(view.decisions[0].reference, Some(format!("case:{case}")), "which says where it comes from");
    assert_eq!(view.case.action, Action::Block.code());
    // Overturned, nothing follows the phone any more.
    world
        .tx(|tx, _, moment| {
            let outcome = Outcome::Overturn { trust_days: 0 };
            club::watching::ruling::decide(tx, own, outcome, "mistake", STAFF, moment)
        })
        .unwrap();
    leave(&mut world, again, erase::Through::Themselves).unwrap();
    let third = world.member();
    assert!(!world.tx(|tx, _, _| watch::inline::is_held(tx, third)).unwrap());
    assert_eq!(welcomes(&world), 1);
}

#[test]
fn whoever_was_found_right_after_leaving_is_not_held_again() {
    let mut world = world();
    let member = world.member();
    let case = block(&mut world, member);
    leave(&mut world, member, erase::Through::Support).unwrap();
    world
        .tx(|tx, _, moment| {
            let outcome = Outcome::Overturn { trust_days: 0 };
            club::watching::ruling::decide(tx, case, outcome, "mistake", STAFF, moment)
        })
        .unwrap();
    let again = world.member();
    assert!(!world.tx(|tx, _, _| watch::inline::is_held(tx, again)).unwrap());
}

#[test]
fn what_is_remembered_of_a_phone_is_pruned() {
    let mut world = world();
    let member = world.member();
    leave(&mut world, member, erase::Through::Themselves).unwrap();
    assert_eq!(world.count("select count(*) from fraud_leavers"), 1);
    assert_eq!(world.count("select count(*) from fraud_leavers where case_id is not null"), 0);
    for (days, left) in [(179, 1), (2, 0)] {
        world.wait(days * DAY_MS);
        let mut moment = watch::Moment { now: world.now, ids: &mut world.ids };
        watch::sweep::run(&world.sql, true, &mut moment).unwrap();
        assert_eq!(world.count("select count(*) from fraud_leavers"), left);
    }
}

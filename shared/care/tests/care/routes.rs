//! What routes give to teams, and at which desk it then is.

use care::teams::{Refused, Wanted};
use care::{guest, rules};
use feedback::fault::Fault;
use feedback::ticket::Desk;
use store::tickets as rows;

use crate::teams::{low, made, of_roles, people, publish, put, routed, wanted};
use crate::world::{ADMIN, ANNA, BORIS, MANAGER, OWNER, SUPPORT, World, hours, stars};

fn of(world: &World, ticket: i64) -> (Option<i64>, Desk) {
    let found = rows::load(&world.sql, ticket).expect("lawful").expect("a ticket");
    (found.team, found.desk)
}

/// Hours between two answers, so that no third one within sixty days is a topic of its own.
const APART: i64 = 24 * 31;

/// A low answer at outlet 11, the so many'th.
fn answered(world: &mut World, number: i64) -> (Option<i64>, Desk) {
    let request = world.asked(11, ANNA, hours(APART * number));
    let answered = world.submit(request, &stars(1), hours(APART * number + 1)).expect("lawful");
    of(world, answered.ticket.expect("a ticket"))
}

fn leaves(world: &World, staff: kernel::StaffId) {
    let left = format!("update staff set status = 'left' where id = {}", staff.raw());
    world.sql.connection().execute(&left, []).expect("lawful");
}

#[test]
fn routes_give_tickets_to_the_owners_team_and_else_to_the_chains() {
    let mut world = World::new();
    let rules = routed("low", "service");
    let index = rules.routing.iter().position(|route| route.topic == "low").expect("a route");
    match publish(&mut world, &rules) {
        Err(rules::Refused::Rules(problems)) => {
            let found: Vec<_> = problems.into_iter().map(|one| (one.pointer, one.fault)).collect();
            assert_eq!(found, [(format!("/routing/{index}/team"), Fault::Unknown)], "nobody has such a team");
        }
        other => panic!("{other:?}"),
    }
    let own = made(&mut world, "service", Some("f1"), Desk::Franchisee, &people(&[OWNER]));
    let chain = made(&mut world, "service", None, Desk::OutletManager, &of_roles(&["support"]));
    publish(&mut world, &rules).expect("lawful");
    let at_one = low(&mut world, 11, &stars(1));
    assert_eq!(of(&world, at_one), (Some(own), Desk::Franchisee), "lifted as the team says");
    let opened = "select team_id from ticket_events where act = 'opened'";
    assert_eq!(world.number(opened), own);
    let request = world.asked(12, BORIS, hours(2));
    let at_two = world.submit(request, &stars(1), hours(3)).expect("lawful").ticket.expect("a ticket");
    assert_eq!(of(&world, at_two), (Some(chain), Desk::OutletManager));

    // Who would have seen it has left: the chain's team is next, and then nobody's.
    leaves(&world, OWNER.staff);
    assert_eq!(answered(&mut world, 1), (Some(chain), Desk::OutletManager));
    leaves(&world, SUPPORT.staff);
    assert_eq!(answered(&mut world, 2), (None, Desk::OutletManager));
}

#[test]
fn what_a_guest_writes_unasked_is_routed_too() {
    let mut world = World::new();
    let rules = routed("safety", "quality");
    let quality = made(&mut world, "quality", None, Desk::Support, &people(&[SUPPORT]));
    publish(&mut world, &rules).expect("lawful");
    let words = "Кажется, я отравился";
    let own = world
        .write(hours(1), |tx, personal, moment| guest::open(tx, ANNA, None, words, personal, moment))
        .expect("lawful");
    assert_eq!((own.ticket.team, own.ticket.desk), (Some(quality), Desk::Support), "also about no outlet");
}

#[test]
fn a_franchisees_team_does_not_undo_the_lift_of_the_chains() {
    let mut world = World::new();
    let managers = people(&[MANAGER]);
    // The franchisee was first: nobody is asked to make way.
    let own = made(&mut world, "quality", Some("f1"), Desk::OutletManager, &managers);
    publish(&mut world, &routed("low", "quality")).expect("lawful");
    assert_eq!(answered(&mut world, 0), (Some(own), Desk::OutletManager), "the chain has no such team");
    let chain = made(&mut world, "quality", None, Desk::Support, &people(&[SUPPORT]));
    assert_eq!(answered(&mut world, 1), (Some(chain), Desk::Support), "the managers do not see it");

    // Nor do they once nobody takes it: the chain's people have left, or the team is given nothing any more.
    leaves(&world, SUPPORT.staff);
    assert_eq!(answered(&mut world, 2), (None, Desk::Support));
    let nobody = store::tickets::teams::Members::default();
    let ended = Wanted { is_active: false, ..wanted("quality", None, Desk::Support, &nobody) };
    put(&mut world, ADMIN, &ended).expect("lawful");
    assert_eq!(answered(&mut world, 3), (None, Desk::Support));
    // The chain's to say, active or not.
    put(&mut world, ADMIN, &Wanted { desk: Desk::OutletManager, ..ended }).expect("lawful");
    assert_eq!(answered(&mut world, 4), (Some(own), Desk::OutletManager));
}

#[test]
fn a_franchisees_team_takes_what_its_people_see_at_the_chains_desk() {
    let mut world = World::new();
    let chain = made(&mut world, "quality", None, Desk::Franchisee, &of_roles(&["support"]));
    let both = people(&[OWNER, MANAGER]);
    let low_desk = wanted("quality", Some("f1"), Desk::OutletManager, &both);
    assert_eq!(put(&mut world, OWNER, &low_desk), Err(Refused::BelowChain));
    let off = put(&mut world, OWNER, &Wanted { is_active: false, ..low_desk }).expect("given nothing");
    let owner = people(&[OWNER]);
    let own =
        put(&mut world, OWNER, &wanted("quality", Some("f1"), Desk::Franchisee, &owner)).expect("no lower");
    assert_eq!(own.team.id, off.team.id);
    publish(&mut world, &routed("low", "quality")).expect("lawful");
    assert_eq!(answered(&mut world, 0), (Some(own.team.id), Desk::Franchisee));
    leaves(&world, OWNER.staff);
    assert_eq!(answered(&mut world, 1), (Some(chain), Desk::Franchisee));
}

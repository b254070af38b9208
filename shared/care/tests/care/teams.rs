//! Teams: who makes them, what people hand them, and that they show nobody anything.

use care::follow::Reader;
use care::teams::{self, Refused, Shown, Wanted};
use care::tickets::{self, Actor, Command, Seen};
use care::{Refusal, guest, rules};
use feedback::answer::Answer;
use feedback::rules::FeedbackRules;
use feedback::ticket::{Desk, State};
use kernel::{FranchiseeId, OutletId, StaffId};
use membership::staff_auth::{Grant, Role, Scope};
use store::tickets::follow::Narrowed;
use store::tickets::teams::{self as stored, Members};
use store::tickets::{self as rows, Filter};

use crate::world::{
    ADMIN, ANNA, BORIS, BRAND, MANAGER, OTHER_MANAGER, OWNER, SUPPORT, World, example, hours, noon, stars,
};

const EVERYBODY: [Actor; 5] = [ADMIN, MANAGER, OTHER_MANAGER, OWNER, SUPPORT];

fn grant(actor: Actor) -> Grant {
    let scope = match actor.role {
        Role::OutletManager => {
            Scope::Outlets([OutletId::from_raw(if actor == MANAGER { 11 } else { 12 })].into())
        }
        Role::Franchisee => Scope::Franchisee(FranchiseeId::from_raw(1)),
        _ => Scope::Everything,
    };
    Grant::new(actor.role, scope).expect("lawful")
}

pub fn people(actors: &[Actor]) -> Members {
    Members { staff: actors.iter().map(|actor| actor.staff).collect(), roles: Vec::new() }
}

pub fn of_roles(roles: &[&str]) -> Members {
    Members { staff: Vec::new(), roles: roles.iter().map(|role| (*role).to_owned()).collect() }
}

pub fn wanted<'a>(
    code: &'a str,
    franchisee: Option<&'a str>,
    desk: Desk,
    members: &'a Members,
) -> Wanted<'a> {
    Wanted { brand: BRAND, code, franchisee, name: code, desk, members, is_active: true }
}

pub fn put(world: &mut World, by: Actor, wanted: &Wanted<'_>) -> Result<Shown, Refused> {
    world.write(noon(), |tx, _, moment| teams::put(tx, wanted, (by.staff, &grant(by)), moment))
}

pub fn made(world: &mut World, code: &str, franchisee: Option<&str>, desk: Desk, members: &Members) -> i64 {
    put(world, ADMIN, &wanted(code, franchisee, desk, members)).expect("lawful").team.id
}

pub fn act(world: &mut World, ticket: i64, actor: Actor, command: &Command<'_>) -> Result<Seen, Refusal> {
    world.write(hours(2), |tx, personal, moment| tickets::act(tx, ticket, actor, command, personal, moment))
}

pub fn low(world: &mut World, outlet: i64, answer: &Answer) -> i64 {
    let request = world.asked(outlet, ANNA, noon());
    world.submit(request, answer, hours(1)).expect("lawful").ticket.expect("a ticket")
}

fn listed(world: &World, actor: Actor, filter: &Filter<'_>) -> Vec<i64> {
    let viewer = actor.viewer().expect("lawful");
    let found = rows::list(&world.sql, viewer, filter, i64::MAX, 100).expect("lawful");
    found.iter().map(|ticket| ticket.id).collect()
}

pub fn routed(topic: &str, team: &str) -> FeedbackRules {
    let mut rules = example();
    let route = rules.routing.iter_mut().find(|route| route.topic == topic).expect("a route");
    route.team = Some(team.to_owned());
    rules
}

pub fn publish(world: &mut World, rules: &FeedbackRules) -> Result<(), rules::Refused> {
    let new =
        rules::NewVersion { brand: BRAND, rules, effective_from: None, note: "teams", by: Some(ADMIN.staff) };
    let begins = noon().plus_millis(-2 * kernel::time::HOUR_MS);
    world.write(begins, |tx, _, moment| rules::publish(tx, &new, moment)).map(drop)
}

#[test]
fn a_team_is_made_by_those_whose_it_is() {
    let mut world = World::new();
    let (of_one, chain) = (people(&[MANAGER]), people(&[SUPPORT]));
    let own = |franchisee| wanted("deliveries", franchisee, Desk::OutletManager, &of_one);
    for by in [MANAGER, OTHER_MANAGER] {
        assert_eq!(put(&mut world, by, &own(Some("f1"))), Err(Refused::NotYours));
    }
    assert_eq!(put(&mut world, OWNER, &own(Some("f2"))), Err(Refused::NotYours), "another's");
    let the_chains = wanted("quality", None, Desk::OutletManager, &chain);
    assert_eq!(put(&mut world, OWNER, &the_chains), Err(Refused::NotYours), "the chain's");
    assert_eq!(put(&mut world, ADMIN, &own(Some("f9"))), Err(Refused::UnknownFranchisee));
    let nowhere = Wanted { brand: "south", ..the_chains };
    assert_eq!(put(&mut world, ADMIN, &nowhere), Err(Refused::UnknownBrand));
    assert_eq!(world.number("select count(*) from ticket_teams"), 0);

    let first = put(&mut world, OWNER, &own(Some("f1"))).expect("lawful");
    assert_eq!((first.members.clone(), first.is_member), (Some(of_one.clone()), false));
    let again = put(&mut world, SUPPORT, &own(Some("f1"))).expect("lawful");
    assert_eq!(again.team.id, first.team.id, "one of a code and an owner");
    put(&mut world, SUPPORT, &the_chains).expect("lawful");
    let seen = |world: &World, actor: Actor| -> Vec<(String, bool, bool)> {
        let found = teams::list(&world.sql, BRAND, (actor.staff, &grant(actor)), 0, 10).expect("lawful");
        found.into_iter().map(|one| (one.team.code, one.members.is_some(), one.is_member)).collect()
    };
    let row = |code: &str, members, mine| (code.to_owned(), members, mine);
    assert_eq!(seen(&world, OWNER), [row("deliveries", true, false), row("quality", false, false)]);
    assert_eq!(seen(&world, MANAGER), [row("deliveries", false, true), row("quality", false, false)]);
    assert_eq!(seen(&world, OTHER_MANAGER), [row("quality", false, false)], "another's is not shown");
    assert_eq!(seen(&world, SUPPORT), [row("deliveries", true, false), row("quality", true, true)]);
    let by =
        "select group_concat(changed_by, ' ') from (select changed_by from ticket_team_changes order by id)";
    assert_eq!(world.text(by), "4 5", "who made it what; the same again is no change");
    assert!(world.sql.connection().execute("update ticket_team_changes set name = 'x'", []).is_err());
}

#[test]
fn members_are_those_who_would_see_its_tickets() {
    let mut world = World::new();
    let pointer = |world: &mut World, franchisee, desk, members: &Members| match put(
        world,
        ADMIN,
        &wanted("x", franchisee, desk, members),
    ) {
        Err(Refused::UnfitMember { pointer }) => pointer,
        other => panic!("{other:?}"),
    };
    let one = Some("f1");
    let manager = Desk::OutletManager;
    assert_eq!(
        pointer(&mut world, one, manager, &people(&[MANAGER, OTHER_MANAGER])),
        "/staff/1",
        "another's"
    );
    assert_eq!(pointer(&mut world, one, manager, &people(&[SUPPORT])), "/staff/0", "not its people");
    assert_eq!(
        pointer(&mut world, one, Desk::Franchisee, &people(&[OWNER, MANAGER])),
        "/staff/1",
        "below the desk"
    );
    assert_eq!(pointer(&mut world, None, Desk::Support, &of_roles(&["support", "franchisee"])), "/roles/1");
    assert_eq!(pointer(&mut world, None, manager, &of_roles(&["barista"])), "/roles/0");
    assert_eq!(pointer(&mut world, None, manager, &people(&[SUPPORT, SUPPORT])), "/staff/1", "twice");
    world.sql.connection().execute("update staff set status = 'left' where id = 5", []).expect("lawful");
    assert_eq!(pointer(&mut world, None, manager, &people(&[SUPPORT])), "/staff/0", "works here no more");
    let empty = Members::default();
    let nobody = wanted("x", None, manager, &empty);
    assert_eq!(put(&mut world, ADMIN, &nobody), Err(Refused::Nobody));
    let owner = people(&[OWNER]);
    let high = wanted("x", one, Desk::Support, &owner);
    assert_eq!(put(&mut world, ADMIN, &high), Err(Refused::UnfitDesk));
}

#[test]
fn a_team_whose_people_have_left_is_switched_off() {
    let mut world = World::new();
    let (both, one) = (people(&[SUPPORT, MANAGER]), people(&[SUPPORT]));
    let team = made(&mut world, "quality", None, Desk::OutletManager, &both);
    let leaves = |world: &World, staff: i64| {
        let left = format!("update staff set status = 'left' where id = {staff}");
        world.sql.connection().execute(&left, []).expect("lawful");
    };
    for staff in [SUPPORT.staff.raw(), MANAGER.staff.raw()] {
        leaves(&world, staff);
    }
    let active = wanted("quality", None, Desk::OutletManager, &both);
    put(&mut world, ADMIN, &active).expect("the same again changes nothing");
    let ended = Wanted { is_active: false, ..active };
    // Who is added works here, also now; nobody is named twice.
    let (far, twice) =
        (people(&[SUPPORT, Actor { staff: StaffId::from_raw(77), ..ADMIN }]), people(&[SUPPORT, SUPPORT]));
    for (members, pointer) in
        [(&far, "/staff/1"), (&twice, "/staff/1"), (&of_roles(&["barista"]), "/roles/0")]
    {
        let refused = Refused::UnfitMember { pointer: pointer.to_owned() };
        assert_eq!(put(&mut world, ADMIN, &Wanted { members, ..ended }), Err(refused));
    }
    let off = put(&mut world, ADMIN, &ended).expect("as it is, with those who left");
    assert_eq!((off.team.id, off.team.is_active), (team, false));
    put(&mut world, ADMIN, &Wanted { members: &one, ..ended }).expect("one of them stays");
    let nobody = Members::default();
    put(&mut world, ADMIN, &Wanted { members: &nobody, ..ended }).expect("nobody does");
    assert_eq!(put(&mut world, ADMIN, &Wanted { members: &nobody, ..active }), Err(Refused::Nobody));
    let back = put(&mut world, ADMIN, &Wanted { members: &one, ..active });
    assert_eq!(back, Err(Refused::UnfitMember { pointer: "/staff/0".to_owned() }));
}

#[test]
fn a_ticket_goes_between_teams_and_people_and_its_thread_says_so() {
    let mut world = World::new();
    let deliveries =
        made(&mut world, "deliveries", Some("f1"), Desk::OutletManager, &of_roles(&["outlet_manager"]));
    let quality = made(&mut world, "quality", None, Desk::OutletManager, &people(&[SUPPORT]));
    let ticket = low(&mut world, 11, &stars(1));
    let seen = act(&mut world, ticket, OWNER, &Command::HandOver(deliveries)).expect("lawful");
    let has = |seen: &Seen| (seen.ticket.state, seen.ticket.team, seen.ticket.assignee);
    assert_eq!(has(&seen), (State::Open, Some(deliveries), None));
    assert_eq!(seen.ticket.team_name.as_deref(), Some("deliveries"), "as it is after the act");
    let of = |team| Filter { team: Some(team), ..Filter::default() };
    assert_eq!(listed(&world, MANAGER, &of(deliveries)), [ticket]);
    assert_eq!(listed(&world, MANAGER, &of(quality)), [] as [i64; 0]);

    // One of the team takes it: it is still the team's.
    let seen = act(&mut world, ticket, MANAGER, &Command::Assign(None)).expect("lawful");
    assert_eq!(has(&seen), (State::Assigned, Some(deliveries), Some(MANAGER.staff)));
    // The owner is not of the team: with them it leaves the team.
    let seen = act(&mut world, ticket, OWNER, &Command::Assign(None)).expect("lawful");
    assert_eq!(has(&seen), (State::Assigned, None, Some(OWNER.staff)));
    act(&mut world, ticket, OWNER, &Command::Answer("Смотрим")).expect("lawful");
    let seen = act(&mut world, ticket, OWNER, &Command::HandOver(quality)).expect("lawful");
    assert_eq!(has(&seen), (State::Open, Some(quality), None), "an answer does not end the work");
    assert_eq!(listed(&world, SUPPORT, &of(quality)), [ticket]);
    let line = |seen: &Seen| {
        let lines = seen.thread.iter().filter(|line| line.event.act.code() == "assigned");
        lines.map(|line| (line.event.team_name.clone(), line.event.assignee)).collect::<Vec<_>>()
    };
    let (named, nobody) = (|name: &str| Some(name.to_owned()), None);
    let expected = [
        (named("deliveries"), nobody),
        (named("deliveries"), Some(MANAGER.staff)),
        (None, Some(OWNER.staff)),
        (named("quality"), nobody),
    ];
    assert_eq!(line(&seen), expected);
    // The guest writes on: nobody has it by name.
    act(&mut world, ticket, SUPPORT, &Command::Answer("Ещё раз")).expect("lawful");
    let own = world
        .write(hours(3), |tx, personal, moment| guest::write(tx, ANNA, ticket, "И?", personal, moment))
        .expect("lawful");
    assert_eq!(own.ticket.state, State::Open);
    assert!(own.thread.iter().all(|line| line.event.team.is_none()), "not the guest's to read");
}

#[test]
fn a_team_takes_what_somebody_of_it_sees_and_shows_nobody_anything() {
    let mut world = World::new();
    let ticket = low(&mut world, 11, &stars(1));
    let refused = |world: &mut World, actor, team| {
        assert_eq!(act(world, ticket, actor, &Command::HandOver(team)).unwrap_err(), Refusal::UnfitTeam);
    };
    refused(&mut world, ADMIN, 77);
    let of_two =
        made(&mut world, "deliveries", Some("f2"), Desk::OutletManager, &of_roles(&["outlet_manager"]));
    refused(&mut world, ADMIN, of_two);
    let far = made(&mut world, "far", None, Desk::OutletManager, &people(&[OTHER_MANAGER]));
    refused(&mut world, OWNER, far);
    assert!(!listed(&world, OTHER_MANAGER, &Filter::default()).contains(&ticket));
    let quality = made(&mut world, "quality", None, Desk::Support, &people(&[SUPPORT]));
    let unseen = act(&mut world, ticket, OTHER_MANAGER, &Command::HandOver(quality)).unwrap_err();
    assert_eq!(unseen, Refusal::UnknownTicket);
    // Nobody is staff to a ticket of their own.
    world.link(SUPPORT.staff, ANNA, None);
    refused(&mut world, OWNER, quality);
    world.sql.connection().execute_batch("delete from staff_members").expect("lawful");

    // The team's desk lifts the ticket out of the sight of those below; the raise is not undone by another team.
    let seen = act(&mut world, ticket, MANAGER, &Command::HandOver(quality)).expect("lawful");
    assert_eq!(seen.ticket.desk, Desk::Support);
    let none = Filter::default();
    assert_eq!((listed(&world, MANAGER, &none), listed(&world, OWNER, &none)), (vec![], vec![]));
    assert_eq!(listed(&world, SUPPORT, &none), [ticket]);
    let own = made(&mut world, "deliveries", Some("f1"), Desk::OutletManager, &people(&[MANAGER]));
    refused(&mut world, SUPPORT, own);
    // A team that is given nothing any more keeps what it has.
    let members = people(&[SUPPORT]);
    let ended = Wanted { is_active: false, ..wanted("quality", None, Desk::Support, &members) };
    put(&mut world, ADMIN, &ended).expect("lawful");
    refused(&mut world, SUPPORT, quality);
    assert_eq!(listed(&world, SUPPORT, &Filter { team: Some(quality), ..none }), [ticket]);
}

#[test]
fn who_would_see_a_teams_ticket_is_who_does() {
    let mut world = World::new();
    world.link(OWNER.staff, BORIS, None);
    for (outlet, member, desk) in [11, 12]
        .into_iter()
        .map(Some)
        .chain([None])
        .flat_map(|outlet| [ANNA, BORIS].map(|member| (outlet, member)))
        .flat_map(|(outlet, member)| Desk::ALL.iter().map(move |desk| (outlet, member, *desk)))
    {
        let outlet = outlet.map(OutletId::from_raw);
        let new = rows::NewTicket {
            request: None,
            member,
            outlet,
            desk,
            team: None,
            topic: "x",
            priority: feedback::ticket::Priority::Normal,
            visit: None,
            stars: None,
            nps: None,
            opened_at: noon(),
            answer_due_at: noon(),
            close_due_at: noon(),
        };
        let ticket = rows::insert(&world.sql, &new).expect("lawful");
        for (index, actor) in EVERYBODY.into_iter().enumerate() {
            let team = stored::Team {
                id: ticket * 100 + index as i64,
                brand: BRAND.to_owned(),
                franchisee: None,
                franchisee_code: None,
                code: format!("t{ticket}-{index}"),
                name: "x".to_owned(),
                desk: Desk::OutletManager,
                is_active: true,
                changed_at: noon(),
            };
            let change = (team.id, actor.staff);
            stored::save(&world.sql, &team, &people(&[actor]), true, change).expect("lawful");
            let would = stored::is_seen(&world.sql, team.id, member, outlet, desk).expect("lawful");
            let viewer = actor.viewer().expect("lawful");
            let does = rows::load_seen(&world.sql, ticket, viewer).expect("lawful").is_some();
            assert_eq!(would, does, "{actor:?} {outlet:?} {member} {desk:?}");
        }
    }
}

#[test]
fn a_feed_can_be_a_teams() {
    let mut world = World::new();
    let quality = made(&mut world, "quality", None, Desk::OutletManager, &people(&[SUPPORT]));
    let narrowed = Narrowed { team: Some(quality), ..Narrowed::default() };
    let mut reader = Reader::new(SUPPORT.viewer().expect("lawful"), narrowed, None);
    let ticket = low(&mut world, 11, &stars(1));
    assert_eq!(reader.read(&world.sql, hours(1)).expect("lawful").news, []);
    act(&mut world, ticket, MANAGER, &Command::HandOver(quality)).expect("lawful");
    let told = reader.read(&world.sql, hours(2)).expect("lawful").news;
    assert_eq!(told.iter().map(|news| news.ticket.id).collect::<Vec<_>>(), [ticket]);
    // Its time runs out: the reader is told by the same measure.
    let late = hours(24 * 20).plus_millis(-1);
    let mut reader = Reader::new(
        SUPPORT.viewer().expect("lawful"),
        Narrowed { team: Some(quality + 1), ..Narrowed::default() },
        None,
    );
    assert_eq!(reader.read(&world.sql, late).expect("lawful").news, []);
}
